"""Is this house in order?  One small check for each thing that can go wrong; `duban doctor` and /healthz show them.

A check looks, and returns its level with a figure; it changes nothing and names nobody.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from config.files import SHIPPED, load_policies
from config.settings import Settings
from engine.actions.take_lease import FOR_GOOD
from engine.reads.calendar import read_calendar
from engine.reads.health import (
    count_due_timers,
    count_lately,
    has_round,
    last_begun,
    last_done,
    latest_deadline,
    provisional_deadlines,
    read_holder,
)
from engine.reads.left_open import UNREACHED, read_left_open
from engine.reads.tallies import find_drift
from engine.reads.trust import read_holders
from engine.reads.watchdog import Lateness, read_lateness
from engine.rules.moment import Moment
from engine.rules.notice_season import is_notice_out, is_season, provisional_words
from engine.rules.outgoing import LOOPBACK
from engine.rules.plan import InputRefused
from engine.rules.text import N_, Text
from engine.rules.trust import ENOUGH, is_alone
from engine.rules.working_days import BeyondCalendar, BrokenCalendar, WorkingCalendar
from flows.channels import chats_of, mail_server_of
from flows.clock import LEASE, missed_tick
from flows.house import House
from flows.templates import message_templates, paper_templates
from models import Outcome, Sending
from models.database import open_database, open_for_a_look, reading, sessions_of, size_of
from models.failures import is_held, took_too_long
from models.locks import Lock, read_lock
from models.schema import revisions
from notifications.senders import SendFailed
from notifications.senders.smtp import SmtpSender

MEGABYTE, GIGABYTE = 1_000_000, 1_000_000_000
LITTLE_SPACE, NO_SPACE = GIGABYTE, GIGABYTE // 10  #: bytes free in DUBAN_HOME
CALENDAR_RESERVE = timedelta(days=366)  #: how far past the last deadline the calendar should reach
SHOWN_CODES = 3  #: of the measures concerned
DAILY_GRACE = timedelta(hours=3)  #: that a planned daily run may be late
PREFECT_WITHIN = 2  #: seconds
LONGEST = 3.0  #: seconds of all checks, when somebody locks what they look at


class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"  #: deserves a look; nothing is lost
    BAD = "bad"  #: something does not happen that should


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found."""

    name: str  #: a word that monitors may rely on
    level: Level
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a check looks at."""

    house: House
    session: Session  #: only reads
    moment: Moment
    calendar: WorkingCalendar
    lateness: Lateness

    def local(self, at: datetime) -> str:
        """Return a moment as people of the house write it."""
        return f"{at.astimezone(ZoneInfo(self.house.zone)):%Y-%m-%d %H:%M}"


Finding = tuple[Level, Text]


def check_schema(house: House) -> Finding:
    """Look whether the database answers, and has the tables that this Duban works with."""
    kind = house.engine.dialect.name
    if kind == "sqlite" and not Path(house.engine.url.database or "").exists():
        return Level.BAD, N_("there is no Duban in {home} yet; run duban init", home=house.home)
    present, newest = revisions(house.engine)
    if present is None:
        return Level.BAD, N_("{kind}, not set up yet; run duban init", kind=kind)
    if present != newest:
        told = N_(
            "{kind}, schema {present}, but this Duban needs {newest}; run duban init",
            kind=kind,
            present=present,
            newest=newest,
        )
        return Level.BAD, told
    return Level.OK, N_("{kind}, schema {present}", kind=kind, present=present)


def check_locks(ground: Ground) -> Finding:
    """Look whether anybody keeps the others from writing."""
    lock = read_lock(ground.house.engine)
    return (Level.OK, N_("nobody keeps others waiting")) if lock is None else (Level.WARN, lock_text(lock))


def lock_text(lock: Lock) -> Text:
    """Say what is locked, by whom, and what that means."""
    if lock.process is None:
        return N_(
            "another process is writing for longer than {seconds} s: whatever changes something waits for it",
            seconds=lock.seconds,
        )
    return N_(
        "table {table} is locked by process {process} ({program}) for {seconds} s: whatever needs it waits; "
        "end that process if it hangs",
        table=lock.table,
        process=lock.process,
        program=lock.program or "?",
        seconds=lock.seconds,
    )


def check_calendar(ground: Ground) -> Finding:
    """Look whether the calendar reaches past the last deadline."""
    last, deadline = ground.calendar.last, latest_deadline(ground.session)
    if last < max(ground.moment.on, deadline or ground.moment.on):
        return Level.BAD, N_(
            "ends on {last}, the last deadline is {deadline}", last=last, deadline=deadline or ground.moment.on
        )
    if deadline is None:
        return Level.OK, N_("known until {last}", last=last)
    reaches = last >= deadline + CALENDAR_RESERVE
    if (waiting := _provisional(ground)) is not None:
        return waiting
    told = N_("known until {last}, the last deadline is {deadline}", last=last, deadline=deadline)
    return Level.OK if reaches else Level.WARN, told


def _provisional(ground: Ground) -> Finding | None:
    """Tell, in December, which deadlines lie in years whose notice is not known; and at any time in this one."""
    on = ground.moment.on
    found = provisional_deadlines(ground.session, ground.calendar)
    told = {year: codes for year, codes in found.items() if is_season(on) or year <= on.year}
    if not told:
        return None
    years = tuple(
        N_(
            "{count} with {what} ({codes})",
            count=len(codes),
            what=provisional_words(year, on),
            codes=codes[:SHOWN_CODES],
        )
        for year, codes in told.items()
    )
    level = Level.WARN if any(is_notice_out(year, on) for year in told) else Level.OK
    return level, N_("known until {last}; {years}", last=ground.calendar.last, years=years)


def check_clock(ground: Ground) -> Finding:
    """Look who ticks."""
    holder = read_holder(ground.session, LEASE)
    if holder is None:
        return Level.WARN, N_("nobody has ever ticked; duban serve does, or duban deploy")
    if holder.until == FOR_GOOD:
        return Level.OK, N_("{holder} has it, by duban deploy", holder=holder.name)
    if holder.until < ground.moment.at:
        told = N_("nobody ticks; {holder} did until {time}", holder=holder.name, time=ground.local(holder.until))
        return Level.WARN, told
    return Level.OK, N_("{holder} has it until {time}", holder=holder.name, time=ground.local(holder.until))


def check_daily_run(ground: Ground) -> Finding:
    """Look whether the daily run was done when it was planned, whoever starts it."""
    now, zone = ground.moment.at, ZoneInfo(ground.house.zone)
    begun, done = (find(ground.session, "daily", now) for find in (last_begun, last_done))
    if begun is None:
        is_needed = has_round(ground.session)
        return (Level.WARN, N_("it has never run")) if is_needed else (Level.OK, N_("there is no round yet"))
    cron = ground.house.policies.schedule.crons.get("daily")
    if cron is None:
        return Level.WARN, N_("schedule.yaml does not start it; last begun {time}", time=ground.local(begun.started_at))
    owed = missed_tick(cron, zone, now - DAILY_GRACE, begun.started_at)
    if owed is not None:
        return Level.BAD, N_(
            "that of {owed} was not done; last begun {time}",
            owed=ground.local(owed),
            time=ground.local(begun.started_at),
        )
    if begun.state is Outcome.FAILED:
        return Level.BAD, N_("that of {time} failed; it is tried again", time=ground.local(begun.started_at))
    if begun.state is Outcome.RUNNING:
        is_long = now - begun.started_at > DAILY_GRACE
        told = N_("under way since {time}", time=ground.local(begun.started_at))
        return Level.WARN if is_long else Level.OK, told
    assert done is not None
    return Level.OK, N_("last done {time}", time=ground.local(done.finished_at or done.started_at))


def check_timers(ground: Ground) -> Finding:
    """Look whether deadlines are looked at when they should be."""
    count, oldest = count_due_timers(ground.session, ground.moment.on)
    if oldest is None:
        return Level.OK, N_("nothing is due")
    if oldest > ground.moment.on:
        return Level.OK, N_("{count} came after the run of today; the next one looks at them", count=count)
    overlooked = ground.lateness.overlooked
    told = N_("{count} are due, the oldest since {day}", count=count, day=oldest)
    return Level.BAD if overlooked else Level.OK, told


def check_stuck(ground: Ground) -> Finding:
    """Look for deadlines that could not be handled."""
    stuck = ground.lateness.stuck
    return Level.BAD if stuck else Level.OK, N_("{count} set aside in the last seven days", count=stuck)


def check_outbox(ground: Ground) -> Finding:
    """Look whether what was said arrives."""
    waiting = ground.lateness.undelivered
    lately = count_lately(ground.session, ground.moment.on, Sending.FAILED, Sending.PERHAPS)
    told = N_(
        "{waiting} wait longer than a day; of the last seven days {given_up} were given up, {perhaps} perhaps sent",
        waiting=waiting,
        given_up=lately[Sending.FAILED],
        perhaps=lately[Sending.PERHAPS],
    )
    return Level.BAD if waiting else Level.WARN if any(lately.values()) else Level.OK, told


def check_tallies(ground: Ground) -> Finding:
    """Look whether the kept counters say what counting says."""
    drift = find_drift(ground.session)
    if drift:
        return Level.BAD, N_("{count} kept counts differ from the measures", count=len(drift))
    return Level.OK, N_("the kept counts are those of the measures")


def check_disk(ground: Ground) -> Finding:
    """Look whether there is room to write."""
    home = ground.house.home.absolute()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    told = N_(
        "{free} free where DUBAN_HOME lies; the database takes {size}",
        free=_size(free),
        size=_size(size_of(ground.session)),
    )
    return Level.BAD if free < NO_SPACE else Level.WARN if free < LITTLE_SPACE else Level.OK, told


def check_prefect(_ground: Ground) -> Finding:
    """Look whether the Prefect server answers that the runs go through."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        return Level.OK, N_("not used: PREFECT_API_URL is not set")
    try:
        with build_opener(ProxyHandler({})).open(f"{address.rstrip('/')}/health", timeout=PREFECT_WITHIN):
            return Level.OK, N_("{address} answers", address=address)
    except (URLError, OSError, ValueError) as error:
        return Level.BAD, N_("{address} does not answer: {problem}", address=address, problem=str(error))


def check_mail(ground: Ground) -> Finding:
    """Look whether what is said leaves Duban."""
    channels = ground.house.settings.channels
    robots = tuple(chats_of(ground.house.settings))
    told = N_("channels: {channels}", channels=channels)
    if robots:
        told = N_("channels: {channels}; group robots: {robots}", channels=channels, robots=robots)
    if "smtp" in channels and (server := mail_server_of(ground.house.settings)) is not None:
        try:
            SmtpSender(server).greet()
        except SendFailed as failed:
            return Level.BAD, failed.text
    return Level.WARN if set(channels) == {"inbox"} and not robots else Level.OK, told


def check_address(ground: Ground) -> Finding:
    """Look whether links lead somewhere."""
    settings = ground.house.settings
    if settings.address is not None:
        return Level.OK, N_("links begin with {address}", address=settings.address)
    is_for_others = "smtp" in settings.channels or (
        settings.listen_at is not None and settings.listen_at[0] not in LOOPBACK
    )
    told = N_("DUBAN_ADDRESS is not set: mails carry no links, those on pages begin with this machine's own address")
    return Level.WARN if is_for_others else Level.OK, told


def check_templates(ground: Ground) -> Finding:
    """Look whether the office's own templates hold: of messages, and of papers."""
    templates, faults = message_templates(ground.house.settings)
    papers, wrong = paper_templates(ground.house.settings)
    faults += wrong
    if faults:
        first = faults[0]
        told = N_(
            "{count} are not used: {file}, row {row}: {problem}",
            count=len(faults),
            file=first.place.file,
            row=first.place.row or 1,
            problem=first.message,
        )
        return Level.BAD, told
    return Level.OK, N_("{count} of your own", count=len(templates.own) + len(papers))


#: By name, in the order of showing.
def check_trust(ground: Ground) -> Finding:
    """Look whether two people hold trust, and can come in to confirm what takes two."""
    holders = read_holders(ground.session)
    able = sum(not holder.is_shut_out for holder in holders.values())
    if not holders:
        return Level.OK, N_("nobody holds trust yet; a ledger names the first two")
    if is_alone(holders):
        return Level.WARN, N_("runs with one: only one person holds trust, and acts without a second person's word")
    if able < ENOUGH:
        return Level.BAD, N_("of those who hold trust all but one are shut out: nothing can be confirmed")
    return Level.OK, N_("{count} people hold trust", count=able)


def check_people(ground: Ground) -> Finding:
    """Look whether anything waits for people who are shut out."""
    left = read_left_open(ground.session, ground.moment.on)
    count = sum(one.count for one in left)
    if left:
        told = N_(
            "{count} open matters wait for {people} people who are shut out; duban person hand-over gives them to "
            "others",
            count=count,
            people=len(left),
        )
        return Level.BAD, told
    return Level.OK, N_("nothing waits for anybody who is shut out")


def check_reach(ground: Ground) -> Finding:
    """Look whether anything waits for people whom nothing reaches: no e-mail, and never a way in."""
    if left := read_left_open(ground.session, ground.moment.on, UNREACHED):
        told = N_(
            "{count} open matters wait for {people} people whom nothing reaches, without e-mail or a way in; duban "
            "lint names them",
            count=sum(one.count for one in left),
            people=len(left),
        )
        return Level.BAD, told
    return Level.OK, N_("everybody for whom something waits can be reached")


CHECKS: dict[str, Callable[[Ground], Finding]] = {
    "locks": check_locks,
    "calendar": check_calendar,
    "clock": check_clock,
    "daily_run": check_daily_run,
    "timers": check_timers,
    "stuck": check_stuck,
    "outbox": check_outbox,
    "trust": check_trust,
    "people": check_people,
    "reach": check_reach,
    "tallies": check_tallies,
    "mail": check_mail,
    "address": check_address,
    "templates": check_templates,
    "prefect": check_prefect,
    "disk": check_disk,
}
SLOW = frozenset(
    {"calendar", "reach", "tallies", "mail", "templates", "prefect"}
)  #: not for monitors that ask every few seconds
WITHOUT_DATABASE = frozenset({"mail", "templates", "prefect"})


def examine(settings: Settings) -> Iterator[Check]:
    """Yield every check of an installation that may be broken in any way; nothing is made or changed."""
    try:
        policies = load_policies(settings.config_folder)
        yield Check(name="config", level=Level.OK, text=N_("the policy files are valid"))
    except InputRefused as refused:
        fault = refused.faults[0]
        told = N_(
            "{file}, row {row}: {problem}", file=fault.place.file, row=fault.place.row or 1, problem=fault.message
        )
        yield Check(name="config", level=Level.BAD, text=told)
        policies = load_policies(SHIPPED)
    engine = open_database(settings.database)
    try:
        house = House(settings=settings, policies=policies, engine=engine, sessions=sessions_of(engine))
        yield from run_checks(house, house.now())
    finally:
        engine.dispose()


def run_checks(house: House, moment: Moment, *, only_quick: bool = False) -> Iterator[Check]:
    """Yield what each check finds, in a few seconds also where the database is locked.

    A check that somebody keeps from looking says so.  A database that does not answer ends it: nothing more can be
    looked at.
    """
    engine = open_for_a_look(house.engine.url)
    house = replace(house, engine=engine, sessions=sessions_of(engine))
    try:
        level, text = check_schema(house)
        yield Check(name="database", level=level, text=text)
        if level is Level.BAD:
            return
        with reading(house.sessions) as session:
            try:
                calendar = read_calendar(session)
                lateness = read_lateness(session, moment, calendar)
            except (BeyondCalendar, BrokenCalendar) as lacking:
                yield Check(name="calendar", level=Level.BAD, text=lacking.text)
                return
            ground = Ground(house=house, session=session, moment=moment, calendar=calendar, lateness=lateness)
            chosen = {name: check for name, check in CHECKS.items() if not (only_quick and name in SLOW)}
            yield from _look(ground, chosen)
    except OperationalError as error:
        is_locked = is_held(error) or took_too_long(error)
        told = _locked(engine) if is_locked else N_("does not answer: {problem}", problem=_first_line(error))
        yield Check(name="database", level=Level.BAD, text=told)
    except (SQLAlchemyError, OSError) as error:
        yield Check(name="database", level=Level.BAD, text=N_("does not answer: {problem}", problem=_first_line(error)))
    finally:
        engine.dispose()


def _look(ground: Ground, checks: Mapping[str, Callable[[Ground], Finding]]) -> Iterator[Check]:
    """Yield what checks find; after LONGEST those that need the database are left out."""
    until = time.monotonic() + LONGEST
    for name, check in checks.items():
        try:
            if time.monotonic() > until and name not in WITHOUT_DATABASE:
                level, text = Level.WARN, N_("not looked at: the others took too long")
            else:
                level, text = check(ground)
        except OperationalError as error:
            if not (is_held(error) or took_too_long(error)):
                raise
            ground.session.rollback()
            level, text = Level.BAD, _locked(ground.house.engine)
        yield Check(name=name, level=level, text=text)


def _locked(engine: Engine) -> Text:
    """Say that somebody keeps us from the database, and who."""
    lock = read_lock(engine) if engine.dialect.name == "postgresql" else None  # SQLite does not tell who it is
    if lock is None:
        return N_("locked by another process: whoever reads or writes waits until it ends; stop it if it hangs")
    return lock_text(lock)


def _first_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:200]


def _size(count: int) -> str:
    """Return a number of bytes as people write it."""
    if count >= GIGABYTE:
        return f"{count / GIGABYTE:,.1f} GB"
    return f"{count / MEGABYTE:,.1f} MB"

"""Runs the checks: of a house, or of an installation that may be broken in any way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from config.files import SHIPPED, load_policies
from config.settings import Settings
from engine.reads.calendar import read_calendar
from engine.reads.watchdog import read_lateness
from engine.rules.moment import Moment
from engine.rules.plan import InputRefused
from engine.rules.text import N_, Text
from engine.rules.working_days import BeyondCalendar, BrokenCalendar
from flows.checks.deadlines import (
    check_calendar,
    check_clock,
    check_daily_run,
    check_stuck,
    check_tallies,
    check_timers,
)
from flows.checks.finding import Check, Finding, Ground, Level
from flows.checks.machine import check_disk, check_locks, check_prefect, check_schema, lock_text
from flows.checks.messages import check_address, check_mail, check_outbox, check_templates
from flows.checks.people import check_people, check_reach, check_trust
from flows.house import House
from models.database import open_database, open_for_a_look, reading, sessions_of
from models.failures import is_held, took_too_long
from models.locks import read_lock

LONGEST = 3.0  #: seconds of all checks, when somebody locks what they look at
#: By name, in the order of showing.
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
#: Not for monitors that ask every few seconds.
SLOW = frozenset({"calendar", "reach", "tallies", "mail", "templates", "prefect"})
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

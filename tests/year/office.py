"""The office of a seeded year: one installation with a clock that the year moves, and a killer that strikes at a write.

Everything that happens goes through `act` (what a person does) or `run` (what runs by itself); both are written into
the trace, which is the same for the same seed.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, event, select

from config.files import load_policies
from config.settings import Settings
from documents.kinds import KINDS
from engine.actions.desk import Desk, one_request
from engine.actions.fill_calendar import fill_calendar
from engine.actions.keep_answer import Keyed, take_key
from engine.rules.moment import Moment
from engine.rules.refusal import Refusal
from engine.rules.working_days import WorkingCalendar
from flows.channels import mail_server_of
from flows.house import House
from intake.calendar.official_calendar import official_days
from models import Base, Delivery, Event, Person, Sending
from models.database import open_database, reading, sessions_of
from models.schema import upgrade
from notifications.senders.inbox import InboxSender
from tests.year.mail_server import MailServer, YearSender

ZONE = "Asia/Shanghai"
BEGINS = date(2025, 3, 3)
CALENDAR = date(2024, 12, 1), date(2027, 6, 30)
REMEMBERED = 12  #: steps that a failure tells
WITHOUT_EVENT = frozenset(
    {"trigger", "remind", "address"}
)  #: which may find that nothing is left to do, or only tell somebody
#: Counts the rows of every table.
COUNTED = " UNION ALL ".join(
    f"SELECT '{name}', count(*) FROM \"{name}\""  # noqa: S608 - our own tables
    for name in Base.metadata.tables
)
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


class Killed(BaseException):
    """The process is no more: nothing that handles errors may handle this."""


class Broken(AssertionError):  # noqa: N818 - it is the promise that is broken
    """A promise is broken: which, where, and what happened before."""

    def __init__(self, promise: str, told: str) -> None:
        super().__init__(told)
        self.promise = promise


class Killer:
    """Strikes at the Nth write, just before the Nth commit, just after it, or at the mail server."""

    def __init__(self) -> None:
        self.place, self.left = "", 0

    def arm(self, place: str, left: int) -> None:
        """Strike when `place` (write, commit, committed, before, after) is passed for the `left`th time."""
        self.place, self.left = place, left

    def rest(self) -> None:
        self.place = ""

    def passes(self, place: str) -> None:
        if place != self.place:
            return
        self.left -= 1
        if self.left <= 0:
            self.rest()
            raise Killed(place)

    def watch(self, engine: Engine, sessions: Any) -> None:
        """Listen to what an open database is told."""

        def write(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if self.place == "write" and _WRITES.match(statement):
                self.passes("write")

        event.listen(engine, "before_cursor_execute", write)
        event.listen(engine, "commit", lambda _connection: self.passes("commit"))
        event.listen(sessions, "after_commit", lambda _session: self.passes("committed"))


def make_template(url: str) -> None:
    """Fill an empty database with the schema and the calendar: once, to be copied."""
    engine = open_database(url)
    upgrade(engine)
    with sessions_of(engine).begin() as session:
        fill_calendar(session, official_days(*CALENDAR), moment=moment_of(datetime(2025, 3, 1, tzinfo=UTC)))
    engine.dispose()


def moment_of(at: datetime) -> Moment:
    return Moment(at=at.astimezone(UTC), on=at.astimezone(ZoneInfo(ZONE)).date())


@dataclass(frozen=True, slots=True, kw_only=True)
class YearHouse(House):
    """A house that reads its calendar once, until somebody edits it: a day of the year asks for it twenty times."""

    kept: list[WorkingCalendar] = field(default_factory=list)

    def calendar(self) -> WorkingCalendar:
        if not self.kept:
            self.kept.append(House.calendar(self))
        return self.kept[0]


class Office:
    """One house, open; `dice` is the only source of chance."""

    def __init__(self, home: Path, url: str, seed: int) -> None:
        self.seed, self.dice, self.url = seed, Random(seed), url  # noqa: S311 - a game, not a secret
        self.now = self.at(BEGINS, 8, 0)
        self.killer = Killer()
        self.pick = Random(f"{seed} looks")  # noqa: S311 - of who looks: looking must change nothing
        self.is_astray = False  #: the clock was set back today
        self.kills = self.steps = self.refusals = 0
        self._journal: list[tuple[str, int, int, bytes]] = []
        self._repeats: list[str] = []
        self._doubled: list[str] = []
        self._numbers: dict[str, int] = {}
        self.done: dict[str, int] = {}  #: how often what was done
        self.last: deque[str] = deque(maxlen=REMEMBERED)
        self._trace = hashlib.sha256()
        home.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(
            home=home,
            database_url=url,
            language="zh_CN",
            channels=("inbox", "smtp"),
            smtp_host="mail.office.example",
            smtp_security="none",
            smtp_from="duban@office.example",
            address="https://duban.office.example",
        )
        self.policies = load_policies(home / "config")
        self.server = MailServer(
            dice=self.dice, now=lambda: self.now, pass_time=self.pass_minutes, interrupt=self.killer.passes
        )
        self.house = self._open()

    def _open(self) -> YearHouse:
        engine = open_database(self.url)
        sessions = sessions_of(engine)
        self.killer.watch(engine, sessions)
        return YearHouse(
            settings=self.settings,
            policies=self.policies,
            engine=engine,
            sessions=sessions,
            clock=lambda _zone: self.moment,
        )

    def reopen(self) -> None:
        """Start the process anew, after a kill."""
        self.house.engine.dispose()
        self.house = self._open()

    def close(self) -> None:
        self.house.engine.dispose()
        shutil.rmtree(self.settings.home, ignore_errors=True)

    # Time

    @staticmethod
    def at(day: date, hour: int, minute: int) -> datetime:
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)

    @property
    def moment(self) -> Moment:
        return moment_of(self.now)

    @property
    def today(self) -> date:
        return self.moment.on

    def pass_minutes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    # What is done

    def note(self, line: str) -> None:
        """Write a step into the trace."""
        self.steps += 1
        told = f"{self.steps} {self.now.astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M} {line}"
        self.last.append(told)
        self._trace.update(told.encode())

    def digest(self) -> str:
        """Return the digest of the trace so far."""
        return self._trace.hexdigest()

    def act(
        self, person: str, name: str, action: Callable[..., Any], /, *args: Any, clicks: int = 1, **kwargs: Any
    ) -> bool:
        """Let somebody send a form, perhaps twice; say whether that was acknowledged.

        The form bears a key, as on the pages.  Who is not answered, because the process was killed, sends it once more.
        """
        words = " ".join([*map(_word, args), *(f"{key}={_word(value)}" for key, value in kwargs.items())])
        told = f"{person} {name} {words}"
        form = Keyed(person=self._number_of(person), key=f"form-{self.steps}", fingerprint=told.encode())
        before, _ = self._newest_event()
        counted: dict[str, int] | None = None  #: after it was acknowledged
        for click in range(1, clicks + 2):
            try:
                with one_request(self.house.sessions) as session:
                    desk = Desk(session=session, moment=self.moment, calendar=self.house.calendar(), person=person)
                    is_first = take_key(session, form, self.moment)
                    if is_first:
                        action(desk, *args, **kwargs)
            except Killed as killed:
                self._died(told, killed)
                continue
            except Refusal as refusal:
                self.refusals += 1
                self.note(f"{told}: {type(refusal).__name__}")
                break
            finally:
                self.killer.rest()
                if name.endswith("day"):
                    self.house.kept.clear()
            self.note(f"{told}: {'done' if is_first else 'done before'}")
            if counted is None:
                self.done[name] = self.done.get(name, 0) + 1
                if name not in WITHOUT_EVENT:
                    self._journal.append((told, before, *self._newest_event()))
                counted = self._counts() if clicks > 1 else {}
            elif counted and (now := self._counts()) != counted:
                changed = {table: (counted[table], count) for table, count in now.items() if count != counted[table]}
                self._doubled.append(f"{told}, clicked twice, changed {changed} the second time")
            if click >= clicks:
                break
        return counted is not None

    def _number_of(self, person: str) -> int:
        if person not in self._numbers:
            with reading(self.house.sessions) as session:
                self._numbers[person] = session.scalars(select(Person.id).where(Person.code == person)).one()
        return self._numbers[person]

    def take_doubled(self) -> list[str]:
        taken, self._doubled = self._doubled, []
        return taken

    def _newest_event(self) -> tuple[int, bytes]:
        with reading(self.house.sessions) as session:
            found = session.execute(select(Event.id, Event.hash).order_by(Event.id.desc()).limit(1)).first()
        return (found.id, found.hash) if found else (0, b"")

    def take_journal(self) -> list[tuple[str, int, int, bytes]]:
        """Return what was acknowledged since: what, the newest event before and after it, and that one's hash."""
        taken, self._journal = self._journal, []
        return taken

    def run(self, name: str, work: Callable[[House, Moment], Any]) -> Any:
        """Let something run by itself; killed, it is started again some minutes later."""
        while True:
            try:
                report = work(self.house, self.moment)
            except Killed as killed:
                self._died(f"run {name}", killed)
                self.pass_minutes(self.dice.randint(1, 45))
                continue
            except Refusal as refusal:
                self.refusals += 1
                self.note(f"run {name}: {type(refusal).__name__}")
                return None
            finally:
                self.killer.rest()
            self.done[name] = self.done.get(name, 0) + 1
            self.note(f"run {name}: done")
            return report

    def repeat(self, name: str, work: Callable[[House, Moment], Any]) -> None:
        """Start a run again for the same moment, and keep what that has changed.

        A delivery may leave something to say itself, that one has failed: that is said first.
        """
        if name == "deliver":
            self.run(f"{name} the news of it", work)
        before = self._counts()
        self.run(f"{name} again", work)
        changed = {table: (count, before[table]) for table, count in self._counts().items() if count != before[table]}
        self._repeats += [f"{name}, started again, changed {changed}"] if changed else []

    def _counts(self) -> dict[str, int]:
        with self.house.engine.connect() as connection:
            found = {str(name): int(count) for name, count in connection.exec_driver_sql(COUNTED)}
        return found | {"mails": len(self.server.taken)}

    def take_repeats(self) -> list[str]:
        taken, self._repeats = self._repeats, []
        return taken

    def _died(self, what: str, killed: Killed) -> None:
        """Start the process anew; what it had handed over and not recorded goes out again."""
        self.kills += 1
        self.reopen()
        with reading(self.house.sessions) as session:
            self.server.perhaps.update(
                session.scalars(select(Delivery.message_id).where(Delivery.state == Sending.SENDING))
            )
        self.note(f"{what}: killed at {killed}")


def _word(value: Any) -> str:
    return str(getattr(value, "value", value)).replace("\n", " ")[:60]


@contextmanager
def fake_surroundings(office: Office) -> Iterator[None]:
    """Put the office's mail server where the settings name one, and a quick printer in the place of the real one.

    What is on paper is no subject of the year; that something is printed is.
    """

    def senders(settings: Settings) -> Mapping[str, Any]:
        return {"inbox": InboxSender(), "smtp": YearSender(office.server, mail_server_of(settings))}

    def write(path: Path, *_: Any) -> None:
        path.write_text("printed", encoding="utf-8")

    kinds = {
        key: replace(kind, write=write, monthly=(".docx",) if kind.monthly and kind.is_signed else ())
        for key, kind in KINDS.items()
    }
    with ExitStack() as stack:
        logging.disable(logging.CRITICAL)  # runs that are cut short are what is played
        stack.callback(logging.disable, logging.NOTSET)
        stack.enter_context(patch("flows.deliver.senders_of", senders))
        stack.enter_context(patch.dict(KINDS, kinds))
        yield

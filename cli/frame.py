"""What every command stands on: the house opened once, the moment, who acts; and how its troubles are answered.

The only place of the command line that reads settings and the clock.  Heavy libraries are imported when a command
runs, so that a help page stays quick.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cli.output import Screen
from cli.troubles import Trouble, trouble_of
from engine.rules.moment import Moment
from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config.settings import Settings
    from engine.actions.desk import Desk
    from engine.rules.working_days import WorkingCalendar
    from flows.house import House
    from models.locks import Lock


DATABASES = ("sqlite:", "postgresql:", "postgresql+psycopg:")  #: how the address of one that Duban runs on begins


WAITING = N_("the database is locked by another process that is writing; waiting for it, a minute at most")


def waiting_text(lock: Lock | None) -> Text:
    """Say who is waited for; None: the database does not tell."""
    if lock is None:
        return WAITING
    told = {"process": lock.process or "?", "program": lock.program, "seconds": lock.seconds}
    if lock.table:
        return N_(
            "process {process} ({program}) has locked the table {table} for {seconds} s; waiting for it, a minute at "
            "most",
            table=lock.table,
            **told,
        )
    return N_(
        "process {process} ({program}) has held what is needed for {seconds} s; waiting for it, a minute at most",
        **told,
    )


class Told(Exception):  # noqa: N818 - carries a trouble out that standard output knows already
    """A command ends with a trouble; its JSON, where asked for, has been printed."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One command under way."""

    house: House
    screen: Screen
    moment: Moment
    round: str | None  #: code, as `--round` gave it

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that only reads."""
        from models.database import reading

        with reading(self.house.sessions) as session:
            yield session

    @contextmanager
    def desk(self, person: str) -> Iterator[Desk]:
        """Give the desk of `person`; what was done is committed at the end, all or nothing."""
        with self.house.sessions.begin() as session:
            yield self.house.desk(session, person, self.moment, self.round)

    def calendar(self, session: Session) -> WorkingCalendar:
        """Return the working days on record."""
        from engine.reads.calendar import read_calendar

        return read_calendar(session)

    def at(self, moment: datetime) -> str:
        """Return a moment as people read it: local time, to the minute."""
        return f"{moment.astimezone(ZoneInfo(self.house.zone)):%Y-%m-%d %H:%M}"

    def round_id(self, session: Session) -> int:
        """Return the round's number.  Raises NotFound."""
        from engine.actions.desk import find_round

        return find_round(session, self.round).id


@contextmanager
def open_frame(
    *,
    json: bool = False,
    as_of: date | None = None,
    round_code: str | None = None,
    founding: bool = False,
    passing: bool = False,
    makes_config: bool = False,
    blank: Mapping[str, Any] | None = None,
) -> Iterator[Frame]:
    """Open the house for one command.

    `founding` makes what is not there yet; with `passing` in a folder that is gone afterwards.  The folder of
    policies must be there, unless the command `makes_config`.

    Whatever goes wrong becomes `Told`; with `json` its faults are printed first, as `errors` beside what is `blank`.
    """
    with answering(json=json, blank=blank) as screen:
        from engine.now import moment_on
        from flows.house import open_house
        from flows.log_file import logging_to

        settings = load_settings(config_may_lack=makes_config)
        with ExitStack() as stack:
            if not _is_founded(settings):
                if not founding:
                    raise NotFound(
                        N_(
                            "there is no Duban in {home} yet; run duban init, or import a notice or a ledger",
                            home=settings.home,
                        )
                    )
                if passing:
                    elsewhere = Path(stack.enter_context(TemporaryDirectory(prefix="duban-")))
                    settings = settings.model_copy(update={"home": elsewhere, "config": settings.config_folder})
            stack.enter_context(logging_to(settings.home, settings.log))
            house = open_house(settings, upgrade=founding, on_wait=lambda lock: screen.aside(waiting_text(lock)))
            stack.callback(house.engine.dispose)
            moment = house.now() if as_of is None else moment_on(as_of, house.zone)
            if as_of is not None:
                expect_reach(house, as_of)
            yield Frame(house=house, screen=screen, moment=moment, round=round_code)


def expect_reach(house: House, day: date, ahead: timedelta = timedelta()) -> None:
    """Refuse a day for which nothing can be counted, with the time `ahead` of it.  Raises InputRefused."""
    from engine.rules.working_days import BeyondCalendar, BrokenCalendar

    try:
        house.calendar().expect_reach(day, ahead)
    except BrokenCalendar:
        return  # it is mended for a day, too
    except BeyondCalendar as beyond:
        place = Place(file="--as-of")
        raise InputRefused((Fault(place=place, value=day.isoformat(), message=beyond.text),)) from beyond


@contextmanager
def answering(*, json: bool, blank: Mapping[str, Any] | None = None) -> Iterator[Screen]:
    """Give the screen; turn whatever goes wrong into `Told`."""
    screen = Screen(as_json=json)
    try:
        yield screen
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        trouble = trouble_of(error, home_folder())
        screen.answer({**(blank or {}), "errors": trouble.entries(screen.tongue)})
        raise Told(trouble) from error


def load_settings(*, config_may_lack: bool = False) -> Settings:
    """Read the settings from the environment; an empty one counts as not set."""
    from config.settings import Settings

    settings = Settings()
    if not settings.database.startswith(DATABASES):
        message = N_("an address such as sqlite:///duban.db or postgresql+psycopg://duban@host/duban was expected")
        raise InputRefused((Fault(place=Place(file="DUBAN_DATABASE_URL"), value=settings.database, message=message),))
    if settings.config and not settings.config.is_dir() and not config_may_lack:
        message = N_("there is no such folder; duban init --with-config makes it")
        raise InputRefused((Fault(place=Place(file="DUBAN_CONFIG"), value=str(settings.config), message=message),))
    return settings


def home_folder() -> Path:
    """Return DUBAN_HOME even when the settings as a whole are broken: for the log."""
    return Path(os.environ.get("DUBAN_HOME") or "duban-data")


def _is_founded(settings: Settings) -> bool:
    """Say whether there is a database; a server is asked when it is opened."""
    if not settings.database.startswith("sqlite:"):
        return True
    name = settings.database.removeprefix("sqlite:///").partition("?")[0]
    return Path(name).exists()

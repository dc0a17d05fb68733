"""A house: everything an entry point opens once and hands down (settings, policies, database, calendar).

Opened by the command line, the clock, the Prefect flows and the demo; nothing below them reads settings.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.files import Policies, load_policies, load_policy
from config.settings import Settings
from engine.actions.desk import Desk
from engine.actions.fill_calendar import fill_calendar
from engine.actions.import_target import ImportGround
from engine.now import read_clock
from engine.reads.calendar import read_calendar
from engine.rules.moment import Moment
from engine.rules.plan import InputRefused
from engine.rules.refusal import NotReady
from engine.rules.round_dates import RoundRules, parse_round_rules
from engine.rules.text import N_
from engine.rules.working_days import WorkingCalendar
from models import WorkingDay
from models.database import Sessions, open_database, reading, sessions_of
from models.locks import Lock
from models.schema import upgrade as upgrade_schema
from models.waits import bound_waits

log = logging.getLogger(__name__)
ROUND = "round.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One installation, open."""

    settings: Settings
    policies: Policies
    engine: Engine
    sessions: Sessions
    clock: Callable[[str], Moment] = read_clock  #: the present moment, with its date in a zone

    @property
    def home(self) -> Path:
        """The folder of the database, documents and outgoing mail."""
        return self.settings.home

    @property
    def zone(self) -> str:
        """The zone in which deadlines are dates."""
        return self.policies.schedule.zone

    @property
    def language(self) -> str:
        """The language of documents, and of people who have not chosen one."""
        return self.settings.language

    @property
    def address(self) -> str:
        """How people reach the workplace: for links that are passed on."""
        return self.settings.address or f"http://{self.settings.listen}"

    def now(self) -> Moment:
        """Read the clock."""
        return self.clock(self.zone)

    def round_rules(self) -> RoundRules:
        """Return what round.yaml says now: it may be changed in the workplace while other processes run.

        A file that was spoiled by hand meanwhile changes nothing until it is mended.
        """
        folder = self.settings.config_folder
        if not (folder / ROUND).exists():
            return self.policies.round
        try:
            return load_policy(folder, ROUND, parse_round_rules)[1]
        except InputRefused as refused:
            log.warning("round.yaml is faulty; what it said before holds", extra={"fault": str(refused.faults[0])})
            return self.policies.round

    def calendar(self) -> WorkingCalendar:
        """Read the calendar of working days."""
        with reading(self.sessions) as session:
            return read_calendar(session)

    def desk(
        self, session: Session, person: str, moment: Moment, round_code: str | None = None, *, is_proved: bool = True
    ) -> Desk:
        """Return the desk of `person` in an open session; `is_proved`: who they are was shown of late."""
        return Desk(
            session=session,
            moment=moment,
            calendar=read_calendar(session),
            person=person,
            round=round_code,
            is_proved=is_proved,
        )

    def import_ground(
        self,
        moment: Moment,
        *,
        round_code: str | None = None,
        feedback_on: date | None = None,
        actor: int | None = None,
    ) -> ImportGround:
        """Return what an import needs besides its files; the policies as their files stand now.

        Raises InputRefused for a faulty policy file.
        """
        policies = load_policies(self.settings.config_folder)
        return ImportGround(
            moment=moment,
            calendar=self.calendar(),
            rules=policies.round,
            zone=self.zone,
            lifecycle=dict(policies.lifecycle),
            ladder=dict(policies.ladder),
            actor=actor,
            round=round_code,
            feedback_on=feedback_on,
        )


def open_house(
    settings: Settings, *, upgrade: bool = True, on_wait: Callable[[Lock | None], None] | None = None
) -> House:
    """Open the installation in DUBAN_HOME, making what is needed; with `upgrade` also the schema.

    `on_wait` hears when somebody else has kept us waiting for a while, and who, where the database tells; with it a
    minute is waited in all.

    Raises NotReady when the folder or the database cannot be used, InputRefused for a faulty policy file.
    """
    policies = load_policies(settings.config_folder)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotReady(
            N_("the folder {folder} cannot be used: {problem}", folder=settings.home, problem=error.strerror)
        ) from None
    if not os.access(settings.home, os.W_OK):
        raise NotReady(N_("the folder {folder} cannot be written", folder=settings.home))
    engine = open_database(settings.database, partial(on_wait, None) if on_wait else None)
    if on_wait is not None and engine.dialect.name == "postgresql":
        bound_waits(engine, on_wait)
    house = House(settings=settings, policies=policies, engine=engine, sessions=sessions_of(engine))
    try:
        if upgrade:
            upgrade_schema(engine)
        _reach_far_enough(house)
    except OperationalError as error:
        engine.dispose()
        raise NotReady(N_("the database cannot be used: {problem}", problem=str(error.orig).strip())) from None
    return house


def _reach_far_enough(house: House) -> None:
    """Fill the calendar up to as many years ahead as config/round.yaml wants; most often nothing is to be done."""
    moment, rules = house.now(), house.policies.round
    wanted = date(moment.on.year + rules.years_ahead, 12, 31)
    newest = select(WorkingDay.day).order_by(WorkingDay.day.desc()).limit(1)
    with reading(house.sessions) as session:
        last = session.scalar(newest)
    if last is not None and last >= wanted:
        return
    from intake.calendar.official_calendar import official_days  # noqa: PLC0415 - heavy, and needed once a year

    first = date(rules.first_year, 1, 1) if last is None else date(last.year + 1, 1, 1)
    with house.sessions.begin() as session:
        fill_calendar(session, official_days(first, wanted), moment=moment)

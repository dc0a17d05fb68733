"""The story harness: a small house with a round, a day that the story moves, and what was said and climbed.

The house: the committee (coordinator lin, leading group zhao, leader qian, supervisor jian), unit one (owners wang and
sun, head li), unit two (verifier zhou, head he, plain member tang), and the audit office (verifier wu).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, select

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.decide_trust import confirm_request
from engine.actions.desk import Desk, one_request
from engine.actions.judge_verification import pass_verification
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.actions.sweep_deadlines import SweepReport, sweep_deadlines
from engine.reads.trust import read_holders
from engine.rules.moment import Moment
from engine.rules.trust import TrustState, confirmers
from engine.rules.vocabulary import AnyWait, Role, Slip, State, UnitKind, WaitsFor
from engine.rules.working_days import WorkingCalendar
from intake.calendar.official_calendar import official_days
from models import Escalation, Event, Fate, Measure, Notification, OtherTimer, Person, Round, Timer, TrustRequest
from models.database import sessions_of
from tests.factories import FEEDBACK, at, build_measure, build_person, build_round, build_unit

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@cache
def real_calendar() -> WorkingCalendar:
    """Return the country's working days; from 2027 on they are provisional."""
    return WorkingCalendar.from_rows(official_days(date(2020, 1, 1), date(2032, 12, 31)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLine:
    """One row of the outbox, as a story reads it."""

    on: date
    to: str
    kind: str
    slip: Slip
    measure: str | None
    role: Role
    waits_for: AnyWait | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RungLine:
    """One settled rung, as a story reads it."""

    waits_for: WaitsFor
    version: int
    rung: int
    fate: Fate
    planned_on: date
    climbed_on: date


class World:
    """A house, a round, and a day."""

    def __init__(self, engine: Engine, *, on: date = FEEDBACK) -> None:
        self.engine = engine
        self.sessions = sessions_of(engine)
        self.calendar = real_calendar()
        self.moment: Moment = at(on)
        self.expected_errors: list[str] = []  #: ERROR lines that the story is about
        with self.sessions.begin() as session:
            committee = build_unit(session, name="局党委", kind=UnitKind.COMMITTEE)
            one, two = build_unit(session, name="一处"), build_unit(session, name="二处")
            audit = build_unit(session, name="审计处", kind=UnitKind.DEPARTMENT)
            self.units = {unit.name: unit.id for unit in (committee, one, two, audit)}
            people = [
                build_person(session, Role.COORDINATOR, code="lin", name="林联络", unit_id=committee.id),
                build_person(session, Role.LEADING_GROUP, code="zhao", name="赵书记", unit_id=committee.id),
                build_person(session, code="qian", name="钱副局长", unit_id=committee.id),
                build_person(session, Role.SUPERVISOR, code="jian", name="简纪检", unit_id=committee.id),
                build_person(session, code="wang", name="王经办", unit_id=one.id),
                build_person(session, code="sun", name="孙经办", unit_id=one.id),
                build_person(session, Role.UNIT_HEAD, code="li", name="李处长", unit_id=one.id),
                build_person(session, Role.VERIFIER, code="zhou", name="周核验", unit_id=two.id),
                build_person(session, Role.UNIT_HEAD, code="he", name="何处长", unit_id=two.id),
                build_person(session, code="tang", name="唐科员", unit_id=two.id),
                build_person(session, Role.VERIFIER, code="wu", name="吴核验", unit_id=audit.id),
            ]
            self.people = {person.code: person.id for person in people}
            self.round = build_round(session).id

    @property
    def today(self) -> date:
        """The story's day."""
        return self.moment.on

    def at(self, day: date, *, hour: int = 9) -> World:
        """Set the day, without a sweep."""
        self.moment = at(day, hour=hour)
        return self

    def skip_to(self, day: date) -> World:
        """Let the days pass with nothing running: an outage."""
        assert day > self.today, "an outage takes time"
        return self.at(day)

    def measure(self, code: str = "1-01", **overrides: Any) -> str:
        """Add a measure as of today: owned by wang of unit one, led by qian, assigned; return its code."""
        ids = {"owner": "wang", "lead": "qian"} | {
            name: overrides.pop(name) for name in ("owner", "lead") if name in overrides
        }
        plain = {f"{name}_id": self.people[who] if who else None for name, who in ids.items()}
        plain |= {"code": code, "unit_id": self.units["一处"]}
        with self.sessions.begin() as session:
            round_ = session.get_one(Round, self.round)
            build_measure(session, round_, calendar=self.calendar, on=self.today, **plain | overrides)
        return code

    @contextmanager
    def desk(self, person: str) -> Iterator[Desk]:
        """Give the desk of `person` today; its transaction commits at the end."""
        with one_request(self.sessions) as session:
            yield Desk(session=session, moment=self.moment, calendar=self.calendar, person=person)

    def act(
        self,
        person: str,
        action: Callable[Concatenate[Desk, Given], Answer],
        /,
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Answer:
        """Let `person` carry out one action in a transaction of its own."""
        with self.desk(person) as desk:
            return action(desk, *args, **kwargs)

    def confirm_trust(self) -> None:
        """Let whoever may confirm everything that waits for a second person."""
        with self.sessions() as session:
            holders = read_holders(session)
            waiting = session.scalars(select(TrustRequest).where(TrustRequest.state == TrustState.WAITING)).all()
            codes = {number: code for code, number in self.people.items()}
            answers = [(codes[min(confirmers(one.asked, holders) & codes.keys())], one.id) for one in waiting]
        for person, number in answers:
            self.act(person, confirm_request, number)

    def sweep(self, *, batch: int = 1000) -> SweepReport:
        """Run the sweep now."""
        return sweep_deadlines(self.sessions, moment=self.moment, calendar=self.calendar, batch=batch)

    def fast_forward(self, until: date) -> SweepReport:
        """Sweep on every calendar day after today, up to and with `until`; return what all of them did."""
        total = SweepReport()
        while self.today < until:
            self.at(self.today + timedelta(days=1))
            done = self.sweep()
            for field in fields(SweepReport):
                setattr(total, field.name, getattr(total, field.name) + getattr(done, field.name))
        return total

    # What became of it

    def get(self, code: str) -> Measure:
        """Return the measure as it is stored."""
        with self.sessions() as session:
            return session.scalars(select(Measure).where(Measure.code == code)).one()

    def said(self, *, to: str | None = None, kind: str | None = None, code: str | None = None) -> list[SaidLine]:
        """Return what was written to the outbox, in order."""
        query = (
            select(Notification, Person.code, Measure.code, OtherTimer.waits_for)
            .join(Person, Person.id == Notification.person_id)
            .outerjoin(Measure, Measure.id == Notification.measure_id)
            .outerjoin(OtherTimer, OtherTimer.id == Notification.other_timer_id)
            .order_by(Notification.id)
        )
        with self.sessions() as session:
            lines = [
                SaidLine(
                    on=row.on,
                    to=who,
                    kind=row.kind,
                    slip=row.slip,
                    measure=which,
                    role=row.role,
                    waits_for=row.waits_for or other,
                    data=row.data,
                )
                for row, who, which, other in session.execute(query)
            ]
        return [
            line
            for line in lines
            if to in {None, line.to} and kind in {None, line.kind} and code in {None, line.measure}
        ]

    def heard(self, to: str, waits_for: AnyWait | None = None) -> list[tuple[date, Slip]]:
        """Return day and slip of every rung that spoke to `to`."""
        return [
            (line.on, line.slip)
            for line in self.said(to=to, kind="rung")
            if waits_for is None or line.waits_for is waits_for
        ]

    def rungs(self, code: str, waits_for: WaitsFor | None = None) -> list[RungLine]:
        """Return every settled rung of a measure, in order."""
        query = (
            select(Escalation)
            .join(Measure, Measure.id == Escalation.measure_id)
            .where(Measure.code == code)
            .order_by(Escalation.climbed_on, Escalation.waits_for, Escalation.deadline_version, Escalation.rung)
        )
        with self.sessions() as session:
            return [
                RungLine(
                    waits_for=row.waits_for,
                    version=row.deadline_version,
                    rung=row.rung,
                    fate=row.fate,
                    planned_on=row.planned_on,
                    climbed_on=row.climbed_on,
                )
                for row in session.scalars(query)
                if waits_for is None or row.waits_for is waits_for
            ]

    def timers(self, code: str) -> dict[WaitsFor, Timer]:
        """Return what a measure waits for."""
        query = select(Timer).join(Measure, Measure.id == Timer.measure_id).where(Measure.code == code)
        with self.sessions() as session:
            return {timer.waits_for: timer for timer in session.scalars(query)}

    def events(self, code: str) -> list[str]:
        """Return the kinds of a measure's events, in order."""
        query = select(Event.kind).join(Measure, Measure.id == Event.measure_id).where(Measure.code == code)
        with self.sessions() as session:
            return list(session.scalars(query.order_by(Event.id)))

    # Shortcuts along the main line

    def in_progress(self, code: str = "1-01", **overrides: Any) -> str:
        """Add a measure that wang has accepted today."""
        self.measure(code, **overrides)
        self.act("wang", accept_measure, code)
        return code

    def submitted(self, code: str = "1-01", *, verifier: str | None = "wu", **overrides: Any) -> str:
        """Add a measure that wang has handed in with evidence, and `verifier` was asked to check."""
        self.in_progress(code, **overrides)
        self.act("wang", attach_evidence, code, name="会议纪要.pdf", sha256="ab" * 32)
        self.act("wang", submit_measure, code)
        if verifier:
            self.act("lin", start_verification, [code], verifier=verifier)
        return code

    def verified(self, code: str = "1-01", **overrides: Any) -> str:
        """Add a measure that wu has passed."""
        self.submitted(code, **overrides)
        self.act("wu", pass_verification, code)
        assert self.get(code).state is State.VERIFIED
        return code

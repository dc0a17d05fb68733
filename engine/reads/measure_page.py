"""What is known of measures: the list, and one measure's page with everything that hangs on it.

`duban measure list` and `duban measure show` print it.  A constant number of statements; changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from engine.rules.progress import OWED, is_overdue
from engine.rules.refusal import NotFound
from engine.rules.text import N_
from engine.rules.vocabulary import MeasureClass, State, WaitsFor
from engine.rules.working_days import WorkingCalendar
from models import (
    CoUnit,
    Event,
    Evidence,
    Extension,
    Finding,
    Measure,
    Person,
    ProgressReport,
    Round,
    Timer,
    Unit,
    Verification,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLine:
    """One measure in a list."""

    code: str
    text: str
    measure_class: MeasureClass
    state: State
    unit: str | None
    lead: str | None
    owner: str | None
    due: date | None
    percent: int
    is_overdue: bool  #: still to be handed in, and the last working day for it is over


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFilter:
    """Which measures are listed; what is None does not narrow."""

    state: State | None = None
    unit: str | None = None  #: the responsible unit's name
    person: str | None = None  #: code or name of the owner or the responsible leader
    overdue: bool = False  #: only what is overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing that hangs on a measure: a report, evidence, a verification, an extension, an event."""

    on: date
    who: str | None  #: None: Duban itself, or read in from a file
    what: str  #: a stable word: the verdict, the ruling, the event's kind …
    text: str | None
    until: date | None = None  #: the date that was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePage:
    """One measure with everything that hangs on it; each list the oldest first."""

    line: MeasureLine
    findings: tuple[str, ...]  #: the texts from the aspect down to what the measure mends
    original_due: date | None
    deadline_version: int
    state_since: date
    accepted_on: date | None
    closed_on: date | None
    co_units: tuple[tuple[str, date | None], ...]  #: name, and when it said that its part is done
    waits: tuple[tuple[WaitsFor, date, date], ...]  #: what for, until when, and when the sweep looks next
    reports: tuple[Piece, ...]
    evidence: tuple[Piece, ...]
    verifications: tuple[Piece, ...]
    extensions: tuple[Piece, ...]
    events: tuple[Piece, ...]


def check_filter(session: Session, *, unit: str | None, person: str | None) -> None:
    """Make sure that the names exist, so that a slip of the pen is no empty list.  Raises NotFound."""
    if unit is not None and session.scalar(select(Unit.id).where(Unit.name == unit)) is None:
        raise NotFound(N_("there is no unit {unit}", unit=unit))
    of_person = or_(Person.code == person, Person.name == person)
    if person is not None and session.scalar(select(Person.id).where(of_person).limit(1)) is None:
        raise NotFound(N_("there is no person {who}", who=person))


def list_measures(
    session: Session, round_id: int, *, on: date, calendar: WorkingCalendar, only: MeasureFilter
) -> list[MeasureLine]:
    """Return the measures of a round in the order of the ledger, in one statement."""
    query = _lines_query().where(Measure.round_id == round_id).order_by(Measure.position)
    if only.state is not None:
        query = query.where(Measure.state == only.state)
    if only.unit is not None:
        query = query.where(Unit.name == only.unit)
    if only.person is not None:
        query = query.where(or_(*(column == only.person for who in (_Owner, _Lead) for column in (who.code, who.name))))
    if only.overdue:
        query = query.where(Measure.state.in_(OWED), Measure.due < on)
    lines = [_line(row, on, calendar) for row in session.execute(query)]
    return [line for line in lines if line.is_overdue] if only.overdue else lines


def read_measure(
    session: Session, round_id: int, code: str, *, on: date, calendar: WorkingCalendar
) -> MeasurePage | None:
    """Return one measure's page; None when the round has no such measure."""
    query = _lines_query().add_columns(Measure).where(Measure.round_id == round_id, Measure.code == code)
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    measure: Measure = row.Measure
    zone = ZoneInfo(session.get_one(Round, round_id).zone)
    return MeasurePage(
        line=_line(row, on, calendar),
        findings=_findings(session, measure),
        original_due=measure.original_due,
        deadline_version=measure.deadline_version,
        state_since=measure.state_since,
        accepted_on=measure.accepted_on,
        closed_on=measure.closed_on,
        co_units=_co_units(session, measure.id),
        waits=_waits(session, measure.id),
        reports=_reports(session, measure.id),
        evidence=_evidence(session, measure.id, zone),
        verifications=_verifications(session, measure.id, zone),
        extensions=_extensions(session, measure.id),
        events=_events(session, measure.id),
    )


_Owner, _Lead = aliased(Person), aliased(Person)


def _lines_query() -> Select[Any]:
    return (
        select(
            Measure.code,
            Measure.text,
            Measure.measure_class,
            Measure.state,
            Unit.name.label("unit"),
            _Lead.name.label("lead"),
            _Owner.name.label("owner"),
            Measure.due,
            Measure.percent,
        )
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(_Lead, _Lead.id == Measure.lead_id)
        .outerjoin(_Owner, _Owner.id == Measure.owner_id)
    )


def _line(row: Any, on: date, calendar: WorkingCalendar) -> MeasureLine:
    return MeasureLine(
        code=row.code,
        text=row.text,
        measure_class=row.measure_class,
        state=row.state,
        unit=row.unit,
        lead=row.lead,
        owner=row.owner,
        due=row.due,
        percent=row.percent,
        is_overdue=row.due is not None and row.due < on and is_overdue(row.state, row.due, on, calendar),
    )


def _findings(session: Session, measure: Measure) -> tuple[str, ...]:
    """Return the texts from the top down: a code such as 1.2.3 names all that stand above it."""
    own = session.get_one(Finding, measure.finding_id)
    parts = own.code.split(".")
    above = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    query = select(Finding.text).where(Finding.round_id == own.round_id, Finding.code.in_(above))
    return tuple(session.scalars(query.order_by(Finding.position)))


def _co_units(session: Session, measure: int) -> tuple[tuple[str, date | None], ...]:
    query = select(Unit.name, CoUnit.done_on).join(Unit, Unit.id == CoUnit.unit_id).where(CoUnit.measure_id == measure)
    return tuple((name, done) for name, done in session.execute(query.order_by(Unit.id)))


def _waits(session: Session, measure: int) -> tuple[tuple[WaitsFor, date, date], ...]:
    query = select(Timer.waits_for, Timer.deadline, Timer.fires_on).where(Timer.measure_id == measure)
    return tuple((kind, deadline, looks) for kind, deadline, looks in session.execute(query.order_by(Timer.deadline)))


def _reports(session: Session, measure: int) -> tuple[Piece, ...]:
    rows = session.execute(
        select(ProgressReport.on, Person.name, ProgressReport.percent, ProgressReport.text)
        .outerjoin(Person, Person.id == ProgressReport.author_id)
        .where(ProgressReport.measure_id == measure)
        .order_by(ProgressReport.id)
    )
    return tuple(Piece(on=on, who=who, what=str(percent), text=text) for on, who, percent, text in rows)


def _evidence(session: Session, measure: int, zone: ZoneInfo) -> tuple[Piece, ...]:
    rows = session.execute(
        select(Evidence.added_at, Person.name, Evidence.sha256, Evidence.name)
        .outerjoin(Person, Person.id == Evidence.added_by_id)
        .where(Evidence.measure_id == measure)
        .order_by(Evidence.id)
    )
    return tuple(
        Piece(on=at.astimezone(zone).date(), who=who, what=digest or "", text=name) for at, who, digest, name in rows
    )


def _verifications(session: Session, measure: int, zone: ZoneInfo) -> tuple[Piece, ...]:
    rows = session.execute(
        select(Verification, Person.name)
        .outerjoin(Person, Person.id == Verification.verifier_id)
        .where(Verification.measure_id == measure)
        .order_by(Verification.id)
    )
    return tuple(
        Piece(
            on=one.decided_at.astimezone(zone).date() if one.decided_at else one.requested_on,
            who=who,
            what=one.verdict.value if one.verdict else "open",
            text=one.reason,
        )
        for one, who in rows
    )


def _extensions(session: Session, measure: int) -> tuple[Piece, ...]:
    rows = session.execute(
        select(Extension, Person.name)
        .join(Person, Person.id == Extension.requested_by_id)
        .where(Extension.measure_id == measure)
        .order_by(Extension.number)
    )
    return tuple(
        Piece(on=one.requested_on, who=who, what=one.ruling.value, text=one.reason, until=one.new_due)
        for one, who in rows
    )


def _events(session: Session, measure: int) -> tuple[Piece, ...]:
    rows = session.execute(
        select(Event, Person.name)
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.measure_id == measure)
        .order_by(Event.id)
    )
    return tuple(Piece(on=one.on, who=who, what=one.kind, text=one.data.get("reason")) for one, who in rows)

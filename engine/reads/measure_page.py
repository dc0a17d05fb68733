"""What is known of one measure: its line in the ledger, and everything that hangs on it.

`duban measure show` prints it.  A constant number of statements; changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Row, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from engine.reads.in_sight import in_sight
from engine.reads.ledger_page import MeasureLine, line_of
from engine.reads.ledger_terms import LINE_COLUMNS, named
from engine.rules.progress import latest_overdue
from engine.rules.record_words import OPINION
from engine.rules.sight import Sight
from engine.rules.vocabulary import WaitsFor
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

MOST_PEOPLE = 200
#: What an event tells of people.
_PEOPLE = ("to", "from", "verifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing that hangs on a measure: a report, evidence, a verification, an extension, an event."""

    on: date
    who: str | None  #: None: Duban itself, or read in from a file
    what: str  #: a stable word: the verdict, the ruling, the event's kind …
    text: str | None
    until: date | None = None  #: the date that was asked for
    id: int | None = None  #: of evidence and verifications: to fetch them by
    data: dict[str, Any] | None = None  #: what else an event says, with names for people and units
    by: str | None = None  #: who decided
    decided_on: date | None = None
    why: str | None = None  #: it was decided so


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePage:
    """One measure with everything that hangs on it; each list the oldest first."""

    id: int
    line: MeasureLine
    findings: tuple[str, ...]  #: the texts from the aspect down to what the measure mends
    original_due: date | None
    deadline_version: int
    state_since: date
    accepted_on: date | None
    handed_in_on: date | None  #: the submission that stands
    closed_on: date | None
    co_units: tuple[tuple[str, date | None], ...]  #: name, and when it said that its part is done
    waits: tuple[tuple[WaitsFor, date, date], ...]  #: what for, until when, and when the sweep looks next
    reports: tuple[Piece, ...]
    evidence: tuple[Piece, ...]
    verifications: tuple[Piece, ...]
    extensions: tuple[Piece, ...]
    events: tuple[Piece, ...]
    opinions: tuple[Piece, ...]


def read_measure(
    session: Session, round_id: int, code: str, *, on: date, calendar: WorkingCalendar, seen_by: Sight | None = None
) -> MeasurePage | None:
    """Return one measure's page; None when the round has no such measure, or it is out of sight."""
    query = select(*LINE_COLUMNS, Measure).select_from(named(Measure.__table__))
    query = query.where(Measure.round_id == round_id, Measure.code == code, *(in_sight(seen_by) if seen_by else ()))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    measure: Measure = row.Measure
    zone = ZoneInfo(session.get_one(Round, round_id).zone)
    return MeasurePage(
        id=measure.id,
        line=line_of(row, latest_overdue(on, calendar), on, calendar),
        findings=_findings(session, measure),
        original_due=measure.original_due,
        deadline_version=measure.deadline_version,
        state_since=measure.state_since,
        accepted_on=measure.accepted_on,
        handed_in_on=measure.handed_in_on,
        closed_on=measure.closed_on,
        co_units=_co_units(session, measure.id),
        waits=_waits(session, measure.id),
        reports=_reports(session, measure.id),
        evidence=_evidence(session, measure.id, zone),
        verifications=_verifications(session, measure.id, zone),
        extensions=_extensions(session, measure.id, zone),
        events=(events := _events(session, measure.id)),
        opinions=tuple(replace(one, text=(one.data or {})["text"]) for one in events if one.what == OPINION),
    )


def find_evidence(
    session: Session, round_id: int, code: str, number: int, *, seen_by: Sight
) -> tuple[str, str | None] | None:
    """Return name and SHA-256 of a piece of evidence; None when the measure has no such piece, or is out of sight."""
    query = select(Evidence.name, Evidence.sha256).join(Measure, Measure.id == Evidence.measure_id)
    query = query.where(Measure.round_id == round_id, Measure.code == code, Evidence.id == number, *in_sight(seen_by))
    row = session.execute(query).one_or_none()
    return None if row is None else (row.name, row.sha256)


def people_of_unit(session: Session, round_id: int, code: str) -> tuple[tuple[str, str], ...]:
    """Return code and name of those who may come to own a measure: the people of its unit, at most `MOST_PEOPLE`."""
    query = select(Person.code, Person.name).join(Measure, Measure.unit_id == Person.unit_id)
    query = query.where(Measure.round_id == round_id, Measure.code == code).order_by(Person.id).limit(MOST_PEOPLE)
    return tuple(session.execute(query).tuples().all())


# Each statement is built once: a page asks a dozen of them, and building costs more than asking.
_MEASURE: BindParameter[int] = bindparam("measure")
_FINDINGS = (
    select(Finding.text)
    .where(Finding.round_id == bindparam("round"), Finding.code.in_(bindparam("above", expanding=True)))
    .order_by(Finding.position)
)
_CO_UNITS = (
    select(Unit.name, CoUnit.done_on)
    .join(Unit, Unit.id == CoUnit.unit_id)
    .where(CoUnit.measure_id == _MEASURE)
    .order_by(Unit.id)
)
_WAITS = (
    select(Timer.waits_for, Timer.deadline, Timer.fires_on).where(Timer.measure_id == _MEASURE).order_by(Timer.deadline)
)
_REPORTS = (
    select(ProgressReport.on, Person.name, ProgressReport.percent, ProgressReport.text)
    .outerjoin(Person, Person.id == ProgressReport.author_id)
    .where(ProgressReport.measure_id == _MEASURE)
    .order_by(ProgressReport.id)
)
_EVIDENCE = (
    select(Evidence.added_at, Person.name, Evidence.sha256, Evidence.name, Evidence.id)
    .outerjoin(Person, Person.id == Evidence.added_by_id)
    .where(Evidence.measure_id == _MEASURE)
    .order_by(Evidence.id)
)
_VERIFICATIONS = (
    select(
        Verification.id,
        Verification.decided_at,
        Verification.requested_on,
        Verification.verdict,
        Verification.reason,
        Person.name.label("who"),
    )
    .outerjoin(Person, Person.id == Verification.verifier_id)
    .where(Verification.measure_id == _MEASURE)
    .order_by(Verification.id)
)
_decider = aliased(Person)
_EXTENSIONS = (
    select(
        Extension.requested_on,
        Extension.ruling,
        Extension.reason,
        Extension.new_due,
        Extension.decided_at,
        Extension.decision_reason,
        Person.name.label("who"),
        _decider.name.label("decided_by"),
    )
    .join(Person, Person.id == Extension.requested_by_id)
    .outerjoin(_decider, _decider.id == Extension.decided_by_id)
    .where(Extension.measure_id == _MEASURE)
    .order_by(Extension.number)
)
_EVENTS = (
    select(Event.on, Event.kind, Event.data, Person.name.label("who"))
    .outerjoin(Person, Person.id == Event.actor_id)
    .where(Event.measure_id == _MEASURE)
    .order_by(Event.id)
)


def _rows(session: Session, query: Select[Any], measure: int) -> Sequence[Row[Any]]:
    return session.connection().execute(query, {"measure": measure}).all()


def _findings(session: Session, measure: Measure) -> tuple[str, ...]:
    """Return the texts from the top down: a code such as 1.2.3 names all that stand above it."""
    own = session.get_one(Finding, measure.finding_id)
    parts = own.code.split(".")
    above = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return tuple(session.connection().scalars(_FINDINGS, {"round": own.round_id, "above": above}))


def _co_units(session: Session, measure: int) -> tuple[tuple[str, date | None], ...]:
    return tuple((name, done) for name, done in _rows(session, _CO_UNITS, measure))


def _waits(session: Session, measure: int) -> tuple[tuple[WaitsFor, date, date], ...]:
    return tuple((kind, deadline, looks) for kind, deadline, looks in _rows(session, _WAITS, measure))


def _reports(session: Session, measure: int) -> tuple[Piece, ...]:
    rows = _rows(session, _REPORTS, measure)
    return tuple(Piece(on=on, who=who, what=str(percent), text=text) for on, who, percent, text in rows)


def _evidence(session: Session, measure: int, zone: ZoneInfo) -> tuple[Piece, ...]:
    return tuple(
        Piece(on=at.astimezone(zone).date(), who=who, what=digest or "", text=name, id=number)
        for at, who, digest, name, number in _rows(session, _EVIDENCE, measure)
    )


def _verifications(session: Session, measure: int, zone: ZoneInfo) -> tuple[Piece, ...]:
    return tuple(
        Piece(
            on=one.decided_at.astimezone(zone).date() if one.decided_at else one.requested_on,
            who=one.who,
            what=one.verdict.value if one.verdict else "open",
            text=one.reason,
            id=one.id,
        )
        for one in _rows(session, _VERIFICATIONS, measure)
    )


def _extensions(session: Session, measure: int, zone: ZoneInfo) -> tuple[Piece, ...]:
    return tuple(
        Piece(
            on=one.requested_on,
            who=one.who,
            what=one.ruling.value,
            text=one.reason,
            until=one.new_due,
            by=one.decided_by,
            decided_on=one.decided_at.astimezone(zone).date() if one.decided_at else None,
            why=one.decision_reason,
        )
        for one in _rows(session, _EXTENSIONS, measure)
    )


def _events(session: Session, measure: int) -> tuple[Piece, ...]:
    found = _rows(session, _EVENTS, measure)
    people = {data[name] for name in _PEOPLE for one in found if isinstance((data := one.data).get(name), int)}
    units = {one.data["unit"] for one in found if isinstance(one.data.get("unit"), int)}
    names = _names(session, Person.id, Person.name, people), _names(session, Unit.id, Unit.name, units)
    return tuple(
        Piece(on=one.on, who=one.who, what=one.kind, text=one.data.get("reason"), data=_named(one.data, *names))
        for one in found
    )


def _names(session: Session, number: Any, name: Any, wanted: set[int]) -> dict[int, str]:
    if not wanted:
        return {}
    return dict(session.execute(select(number, name).where(number.in_(sorted(wanted)))).tuples().all())


def _named(data: dict[str, Any], people: dict[int, str], units: dict[int, str]) -> dict[str, Any]:
    """Return what an event says, with names for numbers."""
    named = {name: people[data[name]] for name in _PEOPLE if isinstance(data.get(name), int) and data[name] in people}
    if isinstance(data.get("unit"), int) and data["unit"] in units:
        named["unit"] = units[data["unit"]]
    return {**data, **named}

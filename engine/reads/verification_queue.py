"""Submissions that wait for a verifier or for a verdict, and the last verdicts, page by page; and who could verify.

The open ones lie in an index of their own, so that a queue costs what waits, not what was ever verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from engine.reads.in_sight import in_sight
from engine.reads.work_record import present_of, read_work
from engine.rules.sight import Sight
from engine.rules.text import Text
from engine.rules.vocabulary import MeasureClass, Role, State, WaitsFor
from engine.rules.work_record import reason_of
from models import Absence, Measure, Person, RoleGrant, Timer, Unit, Verification

PAGE = 50
MOST = 200  #: up to which a queue is counted


class Queue(StrEnum):
    """What is listed."""

    MINE = "mine"  #: asked of the person, or of whom they stand in for
    WAITING = "waiting"  #: nobody verifies it yet
    UNDER_WAY = "under_way"  #: asked of somebody
    DECIDED = "decided"  #: passed, returned or voided, the last first


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationLine:
    """One verification."""

    id: int
    measure: int  #: its number in the database
    code: str
    text: str
    measure_class: MeasureClass
    unit: str | None
    owner: str | None
    lead: str | None
    verifier: str | None
    requested_on: date
    started_on: date | None
    due: date | None  #: of the measure
    deadline: date | None  #: until when the verdict is wanted
    verdict: str | None
    decided_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePart:
    """One page of a queue."""

    lines: tuple[VerificationLine, ...]
    next: int | None  #: from which verification on the next page begins; None: this is the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be asked to verify, unless they are too near to the measure."""

    code: str
    name: str
    unit: str
    open_count: int  #: that they were asked for and have not judged
    is_absent: bool
    near: Text | None  #: why they may not check the measure; None: they may, or no measure was named


_verifier, _owner, _lead = aliased(Person), aliased(Person), aliased(Person)
_DECIDED = Verification.verdict.is_not(None)
_OPEN = Verification.verdict.is_(None)


def read_queue(
    session: Session,
    round_id: int,
    queue: Queue,
    *,
    people: frozenset[int],
    seen_by: Sight,
    after: int | None = None,
) -> QueuePart:
    """Return a page of a queue, the oldest submission first, of verdicts the last; `after` ended the page before."""
    found = select(Verification.id).join(Measure, Measure.id == Verification.measure_id)
    found = found.where(Measure.round_id == round_id, *_belongs(queue, people), *in_sight(seen_by))
    ends = session.get(Verification, after) if after is not None else None
    order: tuple[Any, ...] = (Verification.requested_on, Verification.id)
    if queue is Queue.DECIDED:
        order = (Verification.decided_at.desc(), Verification.id.desc())
        if ends is not None and ends.decided_at is not None:
            found = found.where(tuple_(Verification.decided_at, Verification.id) < (ends.decided_at, ends.id))
    elif ends is not None:
        found = found.where(tuple_(Verification.requested_on, Verification.id) > (ends.requested_on, ends.id))
    page = found.order_by(*order).limit(PAGE + 1).subquery()  # sorted before the names are looked up
    rows = session.execute(_lines().join(page, page.c.id == Verification.id).order_by(*order)).all()
    lines = tuple(_line(row) for row in rows[:PAGE])
    return QueuePart(lines=lines, next=lines[-1].id if len(rows) > PAGE else None)


def count_queues(session: Session, round_id: int, *, people: frozenset[int]) -> dict[Queue, int]:
    """Return how much lies in each open queue, counted up to `MOST`."""
    counts = {
        queue: select(func.count()).select_from(
            select(Verification.id)
            .join(Measure, Measure.id == Verification.measure_id)
            .where(Measure.round_id == round_id, *_belongs(queue, people))
            .limit(MOST)
            .subquery()
        )
        for queue in (Queue.MINE, Queue.WAITING, Queue.UNDER_WAY)
    }
    row = session.execute(select(*(one.scalar_subquery() for one in counts.values()))).one()
    return dict(zip(counts, row, strict=True))


def find_verification(session: Session, round_id: int, number: int, *, seen_by: Sight) -> VerificationLine | None:
    """Return one verification; None when there is none, or its measure is out of sight."""
    query = _lines().where(Measure.round_id == round_id, Verification.id == number, *in_sight(seen_by))
    row = session.execute(query).one_or_none()
    return None if row is None else _line(row)


def read_verifiers(session: Session, on: date, *, measure: int | None = None) -> tuple[Candidate, ...]:
    """Return who may verify, the least busy first; and of `measure`, who is too near to it."""
    busy = (
        select(Verification.verifier_id, func.count().label("open"))
        .where(_OPEN, Verification.verifier_id.is_not(None))
        .group_by(Verification.verifier_id)
        .subquery()
    )
    away = select(Absence.id).where(Absence.person_id == Person.id, Absence.first_day <= on, Absence.last_day >= on)
    query = (
        select(
            Person.id, Person.unit_id, Person.code, Person.name, Unit.name, func.coalesce(busy.c.open, 0), away.exists()
        )
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(busy, busy.c.verifier_id == Person.id)
        .where(Person.id.in_(select(RoleGrant.person_id).where(RoleGrant.role == Role.VERIFIER)))
        .order_by(func.coalesce(busy.c.open, 0), Person.id)
    )
    found = None if measure is None else session.get_one(Measure, measure)
    work = None if found is None else read_work(session, found.id, present_of(found), on)

    def near(person: int, home: int) -> Text | None:
        ground = None if work is None else work.ground_of(person, home)
        return None if work is None or ground is None else reason_of(ground, work.names)

    return tuple(
        Candidate(
            code=code,
            name=name,
            unit=unit,
            open_count=count,
            is_absent=is_absent,
            near=near(person, home),
        )
        for person, home, code, name, unit, count, is_absent in session.execute(query).tuples().all()
    )


def _belongs(queue: Queue, people: frozenset[int]) -> tuple[ColumnElement[bool], ...]:
    submitted = Measure.state == State.SUBMITTED
    match queue:
        case Queue.MINE:
            return _OPEN, submitted, Verification.verifier_id.in_(people)
        case Queue.WAITING:
            return _OPEN, submitted, Verification.verifier_id.is_(None)
        case Queue.UNDER_WAY:
            return _OPEN, submitted, Verification.verifier_id.is_not(None)
        case Queue.DECIDED:
            return _DECIDED, Verification.decided_at.is_not(None)


def _lines() -> Select[Any]:
    return (
        select(
            Verification.id,
            Verification.measure_id,
            Measure.code,
            Measure.text,
            Measure.measure_class,
            Unit.name.label("unit"),
            _owner.name.label("owner"),
            _lead.name.label("lead"),
            _verifier.name.label("verifier"),
            Verification.requested_on,
            Verification.started_on,
            Measure.due,
            Timer.deadline,
            Verification.verdict,
            Verification.decided_at,
            Verification.reason,
        )
        .join(Measure, Measure.id == Verification.measure_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(_owner, _owner.id == Measure.owner_id)
        .outerjoin(_lead, _lead.id == Measure.lead_id)
        .outerjoin(_verifier, _verifier.id == Verification.verifier_id)
        .outerjoin(Timer, and_(Timer.measure_id == Measure.id, Timer.waits_for == WaitsFor.VERIFICATION))
    )


def _line(row: Any) -> VerificationLine:
    return VerificationLine(
        id=row.id,
        measure=row.measure_id,
        code=row.code,
        text=row.text,
        measure_class=row.measure_class,
        unit=row.unit,
        owner=row.owner,
        lead=row.lead,
        verifier=row.verifier,
        requested_on=row.requested_on,
        started_on=row.started_on,
        due=row.due,
        deadline=row.deadline if row.verdict is None else None,
        verdict=row.verdict.value if row.verdict else None,
        decided_at=row.decided_at,
        reason=row.reason,
    )

"""What waits for somebody, the most urgent first, in every round: also what they do in an absent person's place.

A constant number of statements; changes nothing.  Which measures these are: `engine.reads.work_parts`; what else waits:
`engine.reads.my_tasks`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from engine.reads.work_parts import WAITS, Part, find_parts
from engine.rules.access import Actor
from engine.rules.progress import latest_overdue
from engine.rules.vocabulary import State, WaitsFor
from engine.rules.working_days import BeyondCalendar, WorkingCalendar
from models import Evidence, Extension, Measure, Person, Round, Timer, Unit, Verdict, Verification
from models.extension import IS_PENDING

MOST = 50  #: lines of a pile
_ROUNDS = select(Round.id).order_by(Round.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One measure that waits for somebody."""

    part: Part
    round: str  #: its code
    code: str
    text: str
    state: State
    unit: str | None
    owner: str | None
    waits_for: WaitsFor | None
    deadline: date | None  #: of what it waits for
    due: date | None
    percent: int
    version: int
    has_evidence: bool
    instead_of: str | None  #: the absent person in whose place it waits for one
    verification: int | None  #: the last one
    returned: str | None  #: why, when the last verification returned it
    wanted: date | None  #: the due date that is asked for
    reason: str | None  #: why it is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """One part of somebody's work."""

    part: Part
    lines: tuple[Waiting, ...]
    has_more: bool


def read_my_work(
    session: Session, actor: Actor, *, on: date, calendar: WorkingCalendar, most: int = MOST
) -> tuple[Pile, ...]:
    """Return what waits for `actor`, most urgent first, pile by pile and line by line; empty piles are left out."""
    found = _found(session, actor, on, calendar, most)
    found.pop(Part.TASK, None)
    measures = {number for numbers in found.values() for number in numbers}
    if not measures:
        return ()
    rows = {row.id: row for row in session.execute(_LINES, {"measures": sorted(measures)})}
    timers = _timers(session, measures)
    names = _names(session, actor.stands_in_for)
    piles = [
        _pile(part, [(rows[number], timers[number]) for number in numbers], names, most)
        for part, numbers in found.items()
    ]
    order = list(Part)
    return tuple(sorted(piles, key=lambda pile: (*_urgency(pile.lines[0]), order.index(pile.part))))


def count_my_work(session: Session, actor: Actor, *, on: date, calendar: WorkingCalendar, most: int = MOST) -> int:
    """Return how much waits, tasks too, at most `most` of each part: for the navigation."""
    return sum(min(len(numbers), most) for numbers in _found(session, actor, on, calendar, most).values())


def _found(session: Session, actor: Actor, on: date, calendar: WorkingCalendar, most: int) -> dict[Part, list[int]]:
    rounds = session.connection().scalars(_ROUNDS).all()
    try:
        overdue_until = latest_overdue(on, calendar)
    except BeyondCalendar:  # nothing can be told late; the rest goes on
        overdue_until = date.min
    return find_parts(session, actor, rounds, overdue_until, most=most)


_MEASURES: BindParameter[int] = bindparam("measures", expanding=True)


def _lines() -> Select[Any]:
    """Return the query for what is told of measures."""
    owner = aliased(Person)
    last = select(func.max(Verification.id)).where(Verification.measure_id == Measure.id).correlate(Measure)
    has_evidence = select(Evidence.id).where(Evidence.measure_id == Measure.id).correlate(Measure).exists()
    return (
        select(
            Measure.id,
            Round.code.label("round"),
            Measure.code,
            Measure.text,
            Measure.state,
            Unit.name.label("unit"),
            Measure.owner_id,
            owner.name.label("owner"),
            Measure.due,
            Measure.percent,
            Measure.version,
            has_evidence.label("has_evidence"),
            Verification.id.label("verification"),
            Verification.verifier_id,
            Verification.verdict,
            Verification.reason.label("verdict_reason"),
            Extension.new_due.label("wanted"),
            Extension.reason,
        )
        .select_from(Measure)
        .join(Round, Round.id == Measure.round_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(owner, owner.id == Measure.owner_id)
        .outerjoin(Verification, Verification.id == last.scalar_subquery())
        .outerjoin(Extension, and_(Extension.measure_id == Measure.id, IS_PENDING))
        .where(Measure.id.in_(_MEASURES))
    )


_LINES = _lines()  # built once: that costs more than asking it
_TIMERS = select(Timer.measure_id, Timer.waits_for, Timer.deadline).where(Timer.measure_id.in_(_MEASURES))


def _timers(session: Session, measures: Iterable[int]) -> dict[int, dict[WaitsFor, date]]:
    found = defaultdict[int, dict[WaitsFor, date]](dict)
    for measure, waits_for, deadline in session.execute(_TIMERS, {"measures": sorted(measures)}):
        found[measure][waits_for] = deadline
    return found


def _pile(part: Part, found: list[tuple[Row[Any], dict[WaitsFor, date]]], names: dict[int, str], most: int) -> Pile:
    lines = sorted((_line(part, row, timers, names) for row, timers in found), key=_urgency)
    return Pile(part=part, lines=tuple(lines[:most]), has_more=len(lines) > most)


def _line(part: Part, row: Row[Any], timers: dict[WaitsFor, date], names: dict[int, str]) -> Waiting:
    deadline, waits_for = min(
        ((timers[one], one) for one in WAITS[part] if one in timers), default=(None, None), key=lambda pair: pair[0]
    )
    whose = {Part.OWN: row.owner_id, Part.VERIFY: row.verifier_id}.get(part)
    is_returned = row.state is State.IN_PROGRESS and row.verdict is Verdict.RETURNED
    return Waiting(
        part=part,
        round=row.round,
        code=row.code,
        text=row.text,
        state=row.state,
        unit=row.unit,
        owner=row.owner,
        waits_for=waits_for,
        deadline=deadline,
        due=row.due,
        percent=row.percent,
        version=row.version,
        has_evidence=row.has_evidence,
        instead_of=names.get(whose) if whose is not None else None,
        verification=row.verification,
        returned=row.verdict_reason if is_returned else None,
        wanted=row.wanted,
        reason=row.reason,
    )


def _urgency(line: Waiting) -> tuple[date, str]:
    return line.deadline or date.max, line.code


def _names(session: Session, people: frozenset[int]) -> dict[int, str]:
    if not people:
        return {}
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).tuples().all())

"""How a round went day by day: what was planned, closed and overdue; counted from the record of events.

Two statements count in the database: the measures by due date, and what has moved them across a line of the board
(`models.event.CROSSES`) by day and due date.  Only measures whose due date was ever moved go through Python one by
one.  So the cost grows with the measures and their crossings, a few of each, and not with what else is on record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from engine.rules.progress import OWED, latest_overdue
from engine.rules.vocabulary import State
from engine.rules.working_days import WorkingCalendar
from models import Event, Measure, Round
from models.event import CROSSES

_m, _e = Measure.__table__.c, Event.__table__.c
Due = date | None


class Side(Enum):
    """On which sides of the board's lines a measure can stand."""

    OWED = auto()  #: the work is not handed in
    CLOSED = auto()
    PLANNED = auto()  #: to be done, or done: everything but what was cancelled


@cache
def sides_of(state: State | None) -> frozenset[Side]:
    """Return where a measure of this state stands; None: there is no measure yet."""
    found = {Side.OWED} if state in OWED else {Side.CLOSED} if state is State.CLOSED else set[Side]()
    return frozenset(found if state in {None, State.CANCELLED} else found | {Side.PLANNED})


@dataclass(frozen=True, slots=True)
class Course:
    """What came to stand on each side, and left it: by day and due date."""

    moves: dict[Side, Counter[tuple[date, Due]]] = field(
        default_factory=lambda: {side: Counter[tuple[date, Due]]() for side in Side}
    )

    def add(self, day: date, due: Due, before: State | None, after: State | None, count: int) -> None:
        """Count measures that went from one state to another."""
        for side in sides_of(before) ^ sides_of(after):
            self.moves[side][day, due] += count if side in sides_of(after) else -count

    def count(self, side: Side, on: date, *, due_until: date | None = None) -> int:
        """Return how many stood on a side at the end of a day: all, or those with a due date until one."""
        return sum(
            count
            for (day, due), count in self.moves[side].items()
            if day <= on and (due_until is None or (due is not None and due <= due_until))
        )

    def overdue(self, on: date, calendar: WorkingCalendar) -> int:
        """Return how many were overdue at the end of a day."""
        return self.count(Side.OWED, on, due_until=latest_overdue(on, calendar))

    def closed(self, until: date) -> tuple[tuple[date, int], ...]:
        """Return from each day on how many were closed."""
        by_day = Counter[date]()
        for (day, _), count in self.moves[Side.CLOSED].items():
            by_day[day] += count if day <= until else 0
        return _summed(by_day)

    def planned(self, on: date, calendar: WorkingCalendar) -> tuple[tuple[date, int], ...]:
        """Return from each working day on how many were to be done by then, by the due dates in force on a day."""
        by_due = Counter[date]()
        for (day, due), count in self.moves[Side.PLANNED].items():
            if day <= on and due is not None:
                by_due[calendar.on_or_after(due) if calendar.covers(due) else due] += count
        return _summed(by_due)


def _summed(by_day: Counter[date]) -> tuple[tuple[date, int], ...]:
    total, found = 0, []
    for day in sorted(by_day):
        if by_day[day]:
            total += by_day[day]
            found.append((day, total))
    return tuple(found)


def read_course(session: Session, round_: Round, *, where: Sequence[ColumnElement[bool]] = ()) -> Course:
    """Return the whole course of a round: four statements.

    `where` narrows by how measures stand now.  A measure counts from the day on which it came on record.
    """
    course, zone = Course(), ZoneInfo(round_.zone)
    mine = (_m.round_id == round_.id, *where)
    kept_due = (*mine, _m.deadline_version == 1)
    began = Counter[tuple[datetime, Due, State]]()
    key = (_m.created_at, _m.due, _m.state)
    for created, due, state, count in session.execute(select(*key, func.count()).where(*kept_due).group_by(*key)):
        began[created, due, state] += count
    for row in _crossings(session, round_, kept_due):
        course.add(row.on, row.due, row.from_state, row.to_state, row.count)
        began[row.created_at, row.due, row.to_state] -= row.count  # taken back, to where it began
        began[row.created_at, row.due, row.from_state] += row.count
    for (created, due, state), count in began.items():
        course.add(created.astimezone(zone).date(), due, None, state, count)
    for before, after, day in _moved_dues(session, mine, zone):
        course.add(day, before[1], before[0], None, 1)
        course.add(day, after[1], None, after[0], 1)
    return course


def _crossings(session: Session, round_: Round, where: Sequence[ColumnElement[bool]]) -> Any:
    """Return by day, due date and moment of creation how many went from which state to which."""
    key = (_e.on, _m.created_at, _m.due, _e.from_state, _e.to_state)
    query = select(*key, func.count().label("count")).join_from(Event, Measure, _m.id == _e.measure_id)
    return session.execute(query.where(_e.round_id == round_.id, text(CROSSES), *where).group_by(*key))


Stand = tuple[State | None, Due]


def _moved_dues(
    session: Session, where: Sequence[ColumnElement[bool]], zone: ZoneInfo
) -> Iterator[tuple[Stand, Stand, date]]:
    """Yield how each measure whose due date was moved stood before and after each change, and on which day."""
    moved = select(_m.id, _m.state, _m.due, _m.created_at).where(*where, _m.deadline_version > 1)
    stands: dict[int, Stand] = {}
    created: dict[int, datetime] = {}
    for number, state, due, at in session.execute(moved):
        stands[number], created[number] = (state, due), at
    if not stands:
        return
    chosen = select(_m.id).where(*where, _m.deadline_version > 1)
    query = (
        select(_e.measure_id, _e.on, _e.changed)
        .where(_e.measure_id.in_(chosen), _e.changed.is_not(None))
        .order_by(_e.id.desc())
    )
    for number, on, changed in session.execute(query):
        if number not in stands or not changed.keys() & {"state", "due"}:
            continue
        after = stands[number]
        before = _before(after, changed)
        if before[0] is None:  # it came on record; told below, as of those that no event tells of
            continue
        yield before, after, on
        stands[number] = before
    for number, stand in stands.items():
        yield (None, None), stand, created[number].astimezone(zone).date()


def _before(after: Stand, changed: dict[str, list[Any]]) -> Stand:
    state, due = after
    if "state" in changed:
        told = changed["state"][0]
        state = State(told) if told else None
    if "due" in changed:
        told = changed["due"][0]
        due = date.fromisoformat(told) if told else None
    return state, due

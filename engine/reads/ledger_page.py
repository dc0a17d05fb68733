"""A ledger page by page: the measures that fit a filter, by due date or in the order of the ledger, from a cursor on.

A page costs what is on it, however many measures there are (`engine.reads.ledger_walks`).  Some filters cost more: what
is of a rare finding, class or word is gathered from all of it (`engine.reads.ledger_gather`); in the order of the
ledger, all that a unit or person has is sorted; and so is what somebody's unit only helps with.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zlib import crc32

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from engine.reads.ledger_terms import LINE_COLUMNS, Key, Order
from engine.reads.ledger_walks import walk_rows
from engine.rules.lateness import Lateness, lateness_of
from engine.rules.lights import Light, LightSpans
from engine.rules.progress import OWED, SETTLED, is_late, latest_overdue
from engine.rules.refusal import NotFound
from engine.rules.sight import Sight
from engine.rules.text import N_
from engine.rules.vocabulary import MeasureClass, State
from engine.rules.working_days import WorkingCalendar
from models import Person, Unit

EVERYTHING = 2**31  #: more rows than any ledger has
LARGEST = 2**63 - 1  #: of ids and positions


@dataclass(slots=True)
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
    finding: str  #: code of the finding that it mends
    original_due: date | None
    handed_in_on: date | None  #: the submission that stands
    closed_on: date | None
    is_overdue: bool  #: still to be handed in, and the last working day for it is over
    lateness: Lateness | None  #: of what is handed in; None: it is not, or nobody knows the day


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFilter:
    """Which measures are listed; what is None or empty does not narrow."""

    states: frozenset[State] = frozenset()
    unit: int | None = None  #: the responsible one
    owners: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()  #: who owns or leads them
    measure_class: MeasureClass | None = None
    due_from: date | None = None
    due_until: date | None = None
    finding: str | None = None  #: code of an aspect, problem or item: what hangs below it
    search: str | None = None  #: the beginning of a code; where none begins so, words that all stand in the text
    seen_by: Sight | None = None  #: who asks, unless they see everything

    def narrows(self) -> dict[str, Any]:
        """Return what narrows."""
        found = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        if self.seen_by is not None and self.seen_by.everything:
            del found["seen_by"]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """A part of a list."""

    lines: tuple[MeasureLine, ...]
    next: str | None  #: what to ask for the page after this one with; None: this is the last


def read_ledger_page(
    session: Session,
    round_id: int,
    *,
    on: date,
    calendar: WorkingCalendar,
    only: LedgerFilter,
    order: Order = Order.DUE,
    after: str | None = None,
    limit: int | None = None,
) -> LedgerPage:
    """Return the first `limit` measures of a round, or those `after` a page that was read before, told on a day.

    One statement; one more where a page reaches what is open-ended.  Raises NotFound for a cursor of another list.
    """
    narrows = only.narrows()
    check = _check(round_id, order, narrows)
    start = _read_cursor(after, order, check) if after is not None else None
    rows = walk_rows(session, order, start, {**narrows, "round": round_id, "limit": (limit or EVERYTHING) + 1})
    late = latest_overdue(on, calendar)
    shown = rows[:limit]
    return LedgerPage(
        lines=tuple(line_of(row, late, on, calendar) for row in shown),
        next=_cursor(shown[-1], order, check) if len(rows) > len(shown) else None,
    )


def overdue(only: LedgerFilter, on: date, calendar: WorkingCalendar) -> LedgerFilter:
    """Return the filter narrowed to what is overdue on a day."""
    last = latest_overdue(on, calendar)
    states = only.states & OWED if only.states else OWED
    until = min(last, only.due_until or last) if states else date.min
    return replace(only, states=states or OWED, due_until=until)


def with_light(only: LedgerFilter, light: Light, spans: LightSpans) -> LedgerFilter:
    """Return the filter narrowed to what has `light`: a span of due dates, so that an index leads along it.

    Narrowed to nothing where nothing of the filter can have it.
    """
    if light is Light.NONE:
        states = (only.states or frozenset(State)) - OWED
        return replace(only, states=states or frozenset({State.CANCELLED}), due_until=None if states else date.min)
    states = only.states & OWED if only.states else OWED
    first, last = spans.span(light)
    return replace(
        only,
        states=states or OWED,
        due_from=max(first or date.min, only.due_from or date.min),
        due_until=min(last or date.max, only.due_until or date.max) if states else date.min,
    )


def find_unit(session: Session, name: str) -> int:
    """Return the unit of this name.  Raises NotFound, so that a slip of the pen is no empty list."""
    found = session.scalar(select(Unit.id).where(Unit.name == name))
    if found is None:
        raise NotFound(N_("there is no unit {unit}", unit=name))
    return found


def find_people(session: Session, who: str) -> frozenset[int]:
    """Return everybody of this code or name.  Raises NotFound."""
    found = frozenset(session.scalars(select(Person.id).where(or_(Person.code == who, Person.name == who))))
    if not found:
        raise NotFound(N_("there is no person {who}", who=who))
    return found


def line_of(row: Row[Any], late: date, on: date, calendar: WorkingCalendar) -> MeasureLine:
    """Return the line of a row of `LINE_COLUMNS`, told on a day; `late` is the latest due date that is overdue then."""
    lateness = lateness_of(row, calendar, as_of=on)
    shown = [*row[: len(LINE_COLUMNS)], is_late(row.state, row.due, late), lateness]
    return MeasureLine(*shown)


# The cursor: where the last row stands, and a digest of what was asked


def _check(round_id: int, order: Order, narrows: Mapping[str, Any]) -> int:
    asked = {name: _plain(value) for name, value in narrows.items()}
    return crc32(repr((round_id, order, asked)).encode())


def _plain(value: Any) -> Any:
    if isinstance(value, Sight):
        return sorted(value.units), sorted(value.people)
    return sorted(value) if isinstance(value, frozenset) else value


def _cursor(row: Any, order: Order, check: int) -> str:
    first = row.position if order is Order.LEDGER else row.due and row.due.isoformat()
    place = [first, row.id, check, *([row.state in SETTLED] if order is Order.OPEN else [])]
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, order: Order, check: int) -> Key:
    """Return where to go on."""
    try:
        first, number, told, *stage = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if told == check and _is_number(number) and stage in ([[False], [True]] if order is Order.OPEN else [[]]):
            if order is not Order.LEDGER:
                return Key(None if first is None else date.fromisoformat(first), number, *stage)
            if _is_number(first):
                return Key(first, number)
    except (ValueError, TypeError):  # not base64, not JSON, not enough, no number, no date
        pass
    raise NotFound(N_("{cursor} leads to no page of this list; begin again without it", cursor=cursor))


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST

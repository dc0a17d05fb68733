"""The measures of a round as they stood at any moment: today's facts, with every later change taken back.

Each event carries what it changed, so the cost follows what has happened since, not how long the round has run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from engine.rules.vocabulary import MeasureClass, State
from models import Event, Measure, Round
from models.bulk import is_one_of
from models.facts import FACTS

CREATED, UPDATED = "measure:import:create", "measure:import:update"


@dataclass(slots=True, kw_only=True)
class MeasureAt:
    """One measure at a moment."""

    id: int
    code: str
    policy_id: int
    finding_id: int
    position: int
    text: str
    measure_class: MeasureClass
    lead_id: int | None
    unit_id: int | None
    owner_id: int | None
    state: State
    state_since: date
    accepted_on: date | None
    original_due: date | None
    due: date | None
    deadline_version: int
    percent: int
    reported_on: date | None
    handed_in_on: date | None
    closed_on: date | None


def measures_at(session: Session, round_id: int, until: Moment, only: Collection[str] | None = None) -> list[MeasureAt]:
    """Return the round's measures as they stood at `until`, in the order of the ledger: three statements.

    With `only`, no more than the measures of these codes.

    A round is often imported weeks after its feedback: asked for a moment before that, it shows what imports have put
    on record since, as assigned.  Later, only what was on record then.
    """
    columns = [Measure.__table__.c[name] for name in ("id", "code", "policy_id", *FACTS)]
    rows = session.execute(select(*columns).where(*of_round(session, round_id, only)).order_by(Measure.position))
    found = {row.id: MeasureAt(**row._asdict()) for row in rows}
    was_there = session.scalar(select(on_record(round_id, until)))
    for number, changed in later_changes(session, round_id, until).items():
        for name, before in changed.items():
            if name in FACTS and number in found:
                setattr(found[number], name, before)
    for number in created_later(session, round_id, until):
        if was_there:
            found.pop(number, None)
        elif number in found:
            found[number].state = State.ASSIGNED
    return sorted(found.values(), key=lambda one: one.position)


def of_round(session: Session, round_id: int, only: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a measure that it belongs to the round, and has one of these codes."""
    return (Measure.round_id == round_id, *(() if only is None else (is_one_of(session, Measure.code, only),)))


def on_record(round_id: int, until: Moment) -> ColumnElement[bool]:
    """Return the condition that the round was on record at `until`."""
    return select(Round.id).where(Round.id == round_id, Round.created_at <= until.at).exists()


def later_changes(session: Session, round_id: int, until: Moment) -> dict[int, dict[str, Any]]:
    """Return by measure and column how it stood at `until`, where that was changed later."""
    query = select(Event.measure_id, Event.changed).where(
        *happened_later(round_id, until),
        or_(Event.kind != UPDATED, on_record(round_id, until)),
        Event.changed.is_not(None),
        Event.kind != CREATED,
    )
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for number, changed in session.execute(query.order_by(Event.id.desc())).tuples():  # the earliest has the last word
        found[number] |= {name: _typed(name, before) for name, (before, _) in changed.items()}
    return found


def created_later(session: Session, round_id: int, until: Moment) -> list[int]:
    """Return the measures that came on record after `until`."""
    query = select(Event.measure_id).where(*happened_later(round_id, until), Event.kind == CREATED)
    return [number for number in session.scalars(query) if number is not None]


def happened_later(round_id: int, until: Moment) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on an event that it happened to a measure of the round after `until`."""
    return (
        Event.round_id == round_id,
        Event.on >= until.on,
        Event.at > until.at,
        Event.measure_id.is_not(None),
    )


def _typed(name: str, plain: Any) -> Any:
    """Return the value of a column from the plain JSON in which an event keeps it."""
    if plain is None or name not in FACTS:
        return plain
    kind = Measure.__table__.c[name].type.python_type
    return date.fromisoformat(plain) if kind is date else kind(plain)

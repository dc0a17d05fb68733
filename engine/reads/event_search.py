"""Events of the whole record, searched by person, kind, measure and day, page by page.

What is restricted is left out for who may not see it, as if it did not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.access import Actor
from engine.rules.sight import hidden_events
from models import Event, Measure, Person, Round

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event."""

    id: int
    at: datetime
    on: date
    kind: str
    who: str | None  #: name; None: Duban itself
    round: str | None  #: code
    measure: str | None  #: code
    data: dict[str, Any]
    hash: str  #: the first digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is searched for; what is None is not asked."""

    person: str | None = None  #: code
    kind: str | None = None
    measure: str | None = None  #: code
    first_day: date | None = None
    last_day: date | None = None


def search_events(
    session: Session, actor: Actor, sought: Sought, *, before: int | None = None
) -> tuple[tuple[EventLine, ...], int | None]:
    """Return the newest events that fit, from before the one with this number on.

    With the number of the last one, where more follow.
    """
    query = (
        select(Event, Person.name, Round.code, Measure.code)
        .outerjoin(Person, Person.id == Event.actor_id)
        .outerjoin(Round, Round.id == Event.round_id)
        .outerjoin(Measure, Measure.id == Event.measure_id)
        .where(Event.kind.not_in(hidden_events(actor)))
        .order_by(Event.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(Event.id < before)
    if sought.person:
        query = query.where(Event.actor_id.in_(select(Person.id).where(Person.code == sought.person)))
    if sought.kind:
        query = query.where(Event.kind == sought.kind)
    if sought.measure:
        query = query.where(Event.measure_id.in_(select(Measure.id).where(Measure.code == sought.measure)))
    if sought.first_day:
        query = query.where(Event.on >= sought.first_day)
    if sought.last_day:
        query = query.where(Event.on <= sought.last_day)
    lines = tuple(
        EventLine(
            id=event.id,
            at=event.at,
            on=event.on,
            kind=event.kind,
            who=name,
            round=round_,
            measure=measure,
            data=event.data,
            hash=event.hash.hex()[:12],
        )
        for event, name, round_, measure in session.execute(query).tuples()
    )
    return lines[:PAGE], lines[PAGE - 1].id if len(lines) > PAGE else None

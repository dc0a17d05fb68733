"""Up to which event the record is settled: no event below will still appear.  For whoever follows it by number.

On SQLite events appear in the order of their numbers.  On PostgreSQL a transaction takes the numbers of its events
while it works, and they appear when it commits: a later number may be there before an earlier one.  Whoever then only
remembered the last number seen would pass over events.  So: look which number is the last one visible, and then who is
writing events right now.  Everybody who took a lower number either is among those, or has ended.  Once these writers
have ended, whatever there will ever be up to that number is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import Session

from engine.rules.sight import HIDDEN_EVENTS
from engine.rules.webhooks import EVERYTHING
from models import Event, Measure, Person, Round, Unit
from models.database import Sessions, glancing

LOOKS = 10  #: at writers who were at it, before the next run is waited for
PAUSE_SECONDS = 0.2

#: Who holds the lock that every insert takes before its rows get their numbers, and keeps until its transaction ends.
_WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = 'event'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND mode = 'RowExclusiveLock' AND granted"
)
_LAST = select(func.max(Event.id))
#: What of an event's data names people and units by their numbers.
_OF_PEOPLE, _OF_UNITS = ("from", "to", "verifier"), ("unit",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTold:
    """One event, as other programs are told of it: by codes, which hold everywhere."""

    id: int
    kind: str
    at: datetime
    on: date
    round: str | None
    measure: str | None
    actor: str | None  #: sign-in name; None: Duban itself
    from_state: str | None
    to_state: str | None
    data: dict[str, Any]


def settled_until(sessions: Sessions, *, wait: Callable[[float], object], looks: int = LOOKS) -> int | None:
    """Return a number up to which the record is settled; None: somebody has been writing for too long, look later.

    `wait` pauses between looks.  Holds nobody up.
    """
    with glancing(sessions) as session:  # on PostgreSQL each statement sees what is committed by then
        last = session.scalar(_LAST) or 0
        if session.get_bind().dialect.name != "postgresql":
            return last
        writers = _writers(session)
        for _ in range(looks):
            if not writers:
                return last
            wait(PAUSE_SECONDS)
            writers &= _writers(session)
        return None if writers else last


def _writers(session: Session) -> set[str]:
    return set(session.scalars(_WRITERS))


def read_events_after(
    session: Session, after: int, *, until: int, patterns: Sequence[str], limit: int
) -> tuple[EventTold, ...]:
    """Return the first events after one and up to another whose kind fits, in the order of the record.

    What is restricted is left out, whoever asks.
    """
    query = (
        select(Event, Round.code, Measure.code, Person.code)
        .outerjoin(Round, Round.id == Event.round_id)
        .outerjoin(Measure, Measure.id == Event.measure_id)
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.id > after, Event.id <= until, Event.kind.not_in(HIDDEN_EVENTS))
        .order_by(Event.id)
        .limit(limit)
    )
    if EVERYTHING not in patterns:
        ways = [
            Event.kind.startswith(one.removesuffix(EVERYTHING), autoescape=True)
            if one.endswith(EVERYTHING)
            else Event.kind == one
            for one in patterns
        ]
        query = query.where(or_(*ways))
    rows = session.execute(query).tuples().all()
    told = _in_codes(session, [event.data for event, *_ in rows])
    return tuple(
        EventTold(
            id=event.id,
            kind=event.kind,
            at=event.at,
            on=event.on,
            round=round_,
            measure=measure,
            actor=actor,
            from_state=event.from_state.value if event.from_state else None,
            to_state=event.to_state.value if event.to_state else None,
            data=data,
        )
        for (event, round_, measure, actor), data in zip(rows, told, strict=True)
    )


def _in_codes(session: Session, told: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what events tell, with people by their sign-in names and units by theirs."""
    people = _named(session, select(Person.id, Person.code), Person.id, _numbers(told, _OF_PEOPLE))
    units = _named(session, select(Unit.id, Unit.name), Unit.id, _numbers(told, _OF_UNITS))
    by_field = dict.fromkeys(_OF_PEOPLE, people) | dict.fromkeys(_OF_UNITS, units)
    return [
        {
            name: by_field[name].get(value, value) if name in by_field and isinstance(value, int) else value
            for name, value in one.items()
        }
        for one in told
    ]


def _numbers(told: Sequence[dict[str, Any]], fields: Sequence[str]) -> set[int]:
    return {value for one in told for name in fields if isinstance(value := one.get(name), int)}


def _named(session: Session, query: Select[Any], key: Any, numbers: set[int]) -> dict[int, str]:
    return dict(session.execute(query.where(key.in_(numbers))).tuples().all()) if numbers else {}

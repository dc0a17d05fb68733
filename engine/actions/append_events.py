"""Adds events to the record: each gets its place in its chain, and its hash.  The only place that writes events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, text, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.actions.timers import slices
from engine.rules.chain import Link, next_link
from models import Event

Row = dict[str, Any]

HOUSE_LOCK = 7_318_001  #: PostgreSQL's number for "I am adding to the chain of all that concerns no measure"


def append_events(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows` (columns of Event, without seq and hash), in order.

    A constant number of statements per slice.  Whoever adds to a measure's chain holds the measure (`open_case`) or
    its due timer; when two sweepers meet at one measure, the database lets the second fail (`met_another_writer`).
    """
    if not rows:
        return
    heads = _heads(session, {row.get("measure_id") for row in rows})
    chained = []
    for row in rows:
        chain = row.get("measure_id")
        link = heads[chain] = next_link(row, heads.get(chain, Link()))
        chained.append({**_BLANK, **row, "seq": link.seq, "hash": link.hash})
    session.connection().execute(insert(Event), chained)


#: A bulk insert wants the same columns in every row.
_BLANK: Row = {
    "round_id": None,
    "measure_id": None,
    "actor_id": None,
    "from_state": None,
    "to_state": None,
    "changed": None,
}


def met_another_writer(error: IntegrityError) -> bool:
    """Return whether an insert failed because somebody else added to the same chain meanwhile: try again."""
    return "uq_event_" in str(error.orig)


def _heads(session: Session, chains: Iterable[int | None]) -> dict[int | None, Link]:
    """Return where each of `chains` stands (measure ids; None for the house); those without an event are left out."""
    wanted = set(chains)
    heads: dict[int | None, Link] = {}
    if None in wanted:
        if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer
            session.execute(text(f"SELECT pg_advisory_xact_lock({HOUSE_LOCK})"))
        last = select(Event.seq, Event.hash).where(Event.measure_id.is_(None)).order_by(Event.seq.desc()).limit(1)
        for seq, value in session.execute(last):
            heads[None] = Link(seq=seq, hash=value)
    for part in slices(sorted(one for one in wanted if one is not None)):
        newest = (
            select(Event.measure_id, func.max(Event.seq)).where(Event.measure_id.in_(part)).group_by(Event.measure_id)
        )
        query = select(Event.measure_id, Event.seq, Event.hash)
        for measure, seq, value in session.execute(query.where(tuple_(Event.measure_id, Event.seq).in_(newest))):
            heads[measure] = Link(seq=seq, hash=value)
    return heads

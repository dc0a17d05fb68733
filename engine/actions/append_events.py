"""Adds events to the record: each gets its place in its chain, and its hash.  The only place that writes events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import ScalarSelect, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.rules.chain import Link, Tale, next_link
from models import Event, Measure
from models.bulk import insert_rows, is_one_of

Row = dict[str, Any]

HOUSE_LOCK = 7_318_001  #: PostgreSQL's number for "I am adding to the chain of all that concerns no measure"


_INSERT = insert(Event).inline()  # nobody asks for their ids


def append_events(
    session: Session, rows: Sequence[Mapping[str, Any]], *, heads: Mapping[int | None, Link] | None = None
) -> dict[int | None, Link]:
    """Insert `rows` (columns of Event, without seq and hash), in order; return where their chains stand then.

    `heads` tells where some of them stand now; the others are read.  A constant number of statements per slice.
    Whoever adds to a measure's chain holds the measure (`open_case`) or its due timer; when two sweepers meet at one
    measure, the database lets the second fail (`met_another_writer`).
    """
    known = dict(heads or {})
    if unknown := {row.get("measure_id") for row in rows} - known.keys():
        known |= _heads(session, unknown)
    chained = []
    for row in rows:
        measure = row.get("measure_id")
        link = known[measure] = next_link(row, known.get(measure, Link()))
        chained.append({**_BLANK, **row, "seq": link.seq, "hash": link.hash})
    if chained:
        session.connection().execute(_INSERT, chained)
    return known


def begin_chains(session: Session, rows: Iterable[Mapping[str, Any]], *, same: Mapping[str, Any]) -> None:
    """Insert the first event of measures that are new, in bulk: `rows` tell what differs, `same` the other columns.

    The columns are those that `append_events` takes; every row tells the same ones, in the same order.
    """
    told = iter(rows)
    first = next(told, None)
    if first is None:
        return
    linked = (
        (*row.values(), link.seq, link.hash)
        for row in chain((first,), told)
        if (link := next_link({**same, **row}, Link()))
    )
    insert_rows(session, Event, (*first, "seq", "hash"), linked, same=same)


def append_alike(
    session: Session, groups: Sequence[tuple[Mapping[str, Any], Sequence[int]]], *, same: Mapping[str, Any]
) -> None:
    """Insert events that many measures have alike, in bulk: each of `groups` is what an event tells, and of whom.

    The columns are those that `append_events` takes; every group tells the same ones, in the same order, and `same`
    the others.  In the order of measures: sweepers who meet at several do not wait for each other in a circle.
    """
    if not groups:
        return
    told = [(Tale.of({**same, **event}), tuple(event.values())) for event, _ in groups]
    whose = sorted((measure, number) for number, (_, measures) in enumerate(groups) for measure in measures)
    heads = _heads(session, (measure for measure, _ in whose))

    def linked() -> Iterator[tuple[Any, ...]]:
        for measure, number in whose:
            tale, columns = told[number]
            link = heads[measure] = tale.link(measure, heads.get(measure, Link()))
            yield measure, *columns, link.seq, link.hash

    insert_rows(session, Event, ("measure_id", *groups[0][0], "seq", "hash"), linked(), same=same)


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
    if measures := sorted(one for one in wanted if one is not None):
        query = select(Measure.id, _newest(Event.seq), _newest(Event.hash))
        query = query.where(is_one_of(session, Measure.id, measures))
        for measure, seq, value in session.connection().execute(query).all():
            if seq is not None:
                heads[measure] = Link(seq=seq, hash=value)
    return heads


def _newest(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """Return what the last event of a measure says: two looks into an index, however long the chain is."""
    return select(column).where(Event.measure_id == Measure.id).order_by(Event.seq.desc()).limit(1).scalar_subquery()

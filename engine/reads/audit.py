"""Walks the whole record: every chain must be whole, tell the ledger as it stands, and fit the checkpoints.

Two passes over all events, streamed; memory does not grow with the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from engine.reads.outcomes import unfaithful_outcomes
from engine.rules.chain import GENESIS, Link, fold, next_link
from engine.rules.text import N_, Text
from models import Checkpoint, Event, Measure
from models.facts import FACTS, plain

AT_ONCE = 2000
EVENT = Event.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A checkpoint that somebody keeps elsewhere."""

    last_event_id: int
    events: int
    digest: str  #: hexadecimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """Where the record does not hold: the first event of a chain that does not fit, or a checkpoint."""

    event: int | None  #: id of the event; None where there is none any more
    measure: str | None  #: code; None for what concerns no measure
    seq: int | None
    kind: str | None
    at: datetime | None
    problem: Text


@dataclass(slots=True, kw_only=True)
class Audit:
    """What walking the record has found."""

    events: int = 0
    chains: int = 0
    checkpoints: int = 0
    broken: list[BrokenLink] = field(default_factory=list)  #: the oldest event first


Tell = Callable[[int], None]  #: hears how many events were looked at


def count_events(session: Session) -> int:
    """Return how many events there are."""
    return session.scalar(select(func.count()).select_from(Event)) or 0


def audit_record(session: Session, *, against: Anchor | None = None, tell: Tell = lambda _: None) -> Audit:
    """Walk every chain and every checkpoint."""
    audit = Audit()
    _walk_house(session, audit, tell)
    _walk_measures(session, audit, tell)
    _walk_checkpoints(session, audit, against, tell)
    for event in unfaithful_outcomes(session):
        problem = N_("the restricted entry that it vouches for is gone, or was changed")
        audit.broken.append(_broken(None, problem, event))
    audit.broken.sort(key=lambda one: (one.event is None, one.event or 0))
    return audit


def _walk_house(session: Session, audit: Audit, tell: Tell) -> None:
    rows = _events(session, EVENT.measure_id.is_(None))
    _walk(rows, None, audit, tell)


def _walk_measures(session: Session, audit: Audit, tell: Tell) -> None:
    """Walk the chains beside the ledger, both in the order of the measures."""
    chains = groupby(_events(session, EVENT.measure_id.is_not(None)), key=lambda row: row["measure_id"])
    columns = [Measure.__table__.c[name] for name in ("id", "code", *FACTS)]
    query = select(*columns).order_by(Measure.__table__.c.id).execution_options(yield_per=AT_ONCE)
    chain = next(chains, None)
    for measure in session.execute(query).mappings():
        if chain is None or chain[0] != measure["id"]:
            audit.broken.append(_broken(measure["code"], N_("the measure has no record at all")))
            continue
        told = _walk(chain[1], measure["code"], audit, tell)
        if told is not None:
            _compare(measure, told, audit)
        chain = next(chains, None)


def _events(session: Session, which: Any) -> Iterator[Mapping[str, Any]]:
    query = select(Event.__table__).where(which).order_by(EVENT.measure_id, EVENT.seq)
    yield from session.execute(query.execution_options(yield_per=AT_ONCE)).mappings()  # type: ignore[misc]


def _walk(
    rows: Iterable[Mapping[str, Any]], measure: str | None, audit: Audit, tell: Tell
) -> dict[str, tuple[Any, Mapping[str, Any]]] | None:
    """Walk one chain; return by column what it says last, and where.  None when it is broken, which is kept."""
    told: dict[str, tuple[Any, Mapping[str, Any]]] = {}
    link, is_whole = Link(), True
    for row in rows:
        audit.events += 1
        tell(1)
        if not is_whole:
            continue
        if row["seq"] != link.seq + 1:
            problem = N_("event {seq} of this chain is missing before it", seq=link.seq + 1)
            audit.broken.append(_broken(measure, problem, row))
            is_whole = False
            continue
        link = next_link(row, link)
        if link.hash != row["hash"]:
            problem = N_("it is not what was recorded: it, or the one before it, was changed")
            audit.broken.append(_broken(measure, problem, row))
            is_whole = False
        if measure is not None:
            told |= {name: (after, row) for name, (_, after) in (row["changed"] or {}).items()}
    audit.chains += bool(link.seq or not is_whole)
    return told if is_whole else None


def _compare(measure: RowMapping, told: Mapping[str, tuple[Any, Mapping[str, Any]]], audit: Audit) -> None:
    """Hold the ledger to what the record said last."""
    for name, (value, row) in told.items():
        if name not in FACTS:  # such as the units that help: they stand in a table of their own
            continue
        stands = plain(measure[name])
        if stands != value:
            problem = N_(
                "the ledger's {column} is {ledger}, the record says {record}", column=name, ledger=stands, record=value
            )
            audit.broken.append(_broken(measure["code"], problem, row))


def _walk_checkpoints(session: Session, audit: Audit, against: Anchor | None, tell: Tell) -> None:
    digest, covered, count = GENESIS, 0, 0
    found = against is None
    for checkpoint in session.scalars(select(Checkpoint).order_by(Checkpoint.last_event_id)).all():
        audit.checkpoints += 1
        digest, more = fold(digest, _hashes(session, covered, checkpoint.last_event_id, tell))
        count += more
        if (digest, count) != (checkpoint.digest, checkpoint.events):
            problem = N_(
                "the checkpoint of {day} no longer fits: it covers {then} events, there are {now}, or one is another",
                day=checkpoint.on,
                then=checkpoint.events,
                now=count,
            )
            audit.broken.append(_broken(None, problem, event=checkpoint.last_event_id))
        if against is not None and checkpoint.last_event_id == against.last_event_id:
            found = (checkpoint.digest.hex(), checkpoint.events) == (against.digest, against.events)
        digest, covered, count = checkpoint.digest, checkpoint.last_event_id, checkpoint.events
    if against is not None and not found:
        problem = N_("the anchor over {count} events is not of this record", count=against.events)
        audit.broken.append(_broken(None, problem, event=against.last_event_id))


def _hashes(session: Session, after: int, last: int, tell: Tell) -> Iterator[bytes]:
    query = select(EVENT.hash).where(EVENT.id > after, EVENT.id <= last).order_by(EVENT.id)
    for value in session.scalars(query.execution_options(yield_per=AT_ONCE)):
        tell(1)
        yield value


def _broken(
    measure: str | None, problem: Text, row: Mapping[str, Any] | None = None, *, event: int | None = None
) -> BrokenLink:
    return BrokenLink(
        event=row["id"] if row else event,
        measure=measure,
        seq=row["seq"] if row else None,
        kind=row["kind"] if row else None,
        at=row["at"] if row else None,
        problem=problem,
    )

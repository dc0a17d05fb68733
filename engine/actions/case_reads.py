"""What judging one measure needs from the database, in as few statements as can be.

Each statement costs a round trip, and building one costs Python more than running it costs the database: so they are
built once, when this module is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, and_, bindparam, func, select
from sqlalchemy.orm import Session

from engine.actions.desk import Desk, find_round
from engine.rules.chain import Link
from engine.rules.refusal import Conflict, NotFound
from engine.rules.text import N_
from engine.rules.vocabulary import WaitsFor
from models import CoUnit, Event, Evidence, Extension, Measure, Person, Policy, Round, Ruling, Timer, Verification

Pieces = tuple[tuple[int, str, str | None], ...]  #: evidence: id, name, SHA-256


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A measure, held for this transaction, and what is known with it."""

    measure: Measure
    policy_digest: str
    coordinator_may_close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a measure stands, beside its own row."""

    timers: dict[WaitsFor, tuple[date, int]]  #: wait → deadline and its version
    head: Link  #: the last event of its record
    verification: Verification | None  #: the open one
    extension: Extension | None  #: the pending one
    owner_name: str | None
    owner_unit: int | None
    co_units_waiting: int
    evidence_count: int


_NEWEST_ROUND = select(Round.code).order_by(Round.id.desc()).limit(1).scalar_subquery()
_MEASURE = (
    select(Measure, Measure.version.label("stored_version"), Policy.digest, Round.coordinator_may_close)
    .join(Round, Round.id == Measure.round_id)
    .join(Policy, Policy.id == Measure.policy_id)
    .where(Round.code == func.coalesce(bindparam("round", type_=Round.code.type), _NEWEST_ROUND))
    .where(Measure.code == bindparam("code"))
    .with_for_update(of=Measure, key_share=True)  # the sweep may go on adding rows that refer to the measure
)
_MINE: BindParameter[int] = bindparam("measure")
_TIMERS = (
    select(Timer.waits_for, Timer.deadline, Timer.deadline_version)
    .where(Timer.measure_id == _MINE)
    .order_by(Timer.fires_on, Timer.measure_id, Timer.waits_for)
    .with_for_update(of=Timer)
)
_LAST_EVENT = select(func.max(Event.seq)).where(Event.measure_id == _MINE).scalar_subquery()
_STANDING = (
    select(
        Verification,
        Extension,
        Person.name.label("owner_name"),
        Person.unit_id.label("owner_unit"),
        select(func.count())
        .where(CoUnit.measure_id == _MINE, CoUnit.done_on.is_(None))
        .scalar_subquery()
        .label("co_units_waiting"),
        select(func.count()).where(Evidence.measure_id == _MINE).scalar_subquery().label("evidence_count"),
        Event.seq,
        Event.hash,
    )
    .select_from(Measure)
    .outerjoin(Verification, and_(Verification.measure_id == Measure.id, Verification.verdict.is_(None)))
    .outerjoin(Extension, and_(Extension.measure_id == Measure.id, Extension.ruling == Ruling.PENDING))
    .outerjoin(Person, Person.id == Measure.owner_id)
    .outerjoin(Event, and_(Event.measure_id == Measure.id, Event.seq == _LAST_EVENT))
    .where(Measure.id == _MINE)
)
_PIECES = select(Evidence.id, Evidence.name, Evidence.sha256).where(Evidence.measure_id == _MINE)


def lock_measure(desk: Desk, code: str) -> Locked:
    """Hold the measure with `code` until the transaction ends.  Raises NotFound, or Conflict.

    A measure that this session read earlier, and that somebody changed meanwhile, is a conflict: the person decided
    on what no longer stands.
    """
    found = desk.session.execute(_MEASURE, {"round": desk.round, "code": code}).one_or_none()
    if found is None:
        round_ = find_round(desk.session, desk.round)
        raise NotFound(N_("there is no measure {code} in round {round}", code=code, round=round_.code))
    measure: Measure = found[0]
    if measure.version != found.stored_version:
        raise Conflict(N_("{code} was changed by somebody else meanwhile; look at it again and repeat", code=code))
    return Locked(measure=measure, policy_digest=found.digest, coordinator_may_close=found.coordinator_may_close)


def read_standing(session: Session, measure: int) -> Standing:
    """Return how a locked measure stands.  Its timers are locked as well: a sweeper is waited for, or passes by.

    Only then is the rest read, so that it holds until the transaction ends.
    """
    of_measure = {"measure": measure}
    timers = session.connection().execute(_TIMERS, of_measure).tuples()
    standing = {waits_for: (deadline, version) for waits_for, deadline, version in timers}
    row = session.execute(_STANDING, of_measure).one()
    return Standing(
        timers=standing,
        head=Link() if row.seq is None else Link(seq=row.seq, hash=row.hash),
        verification=row.Verification,
        extension=row.Extension,
        owner_name=row.owner_name,
        owner_unit=row.owner_unit,
        co_units_waiting=row.co_units_waiting,
        evidence_count=row.evidence_count,
    )


def read_pieces(session: Session, measure: int) -> Pieces:
    """Return the evidence of a measure."""
    return tuple(session.connection().execute(_PIECES, {"measure": measure}).tuples())

"""What judging one measure needs from the database, in as few statements as can be.

Each statement costs a round trip, and building one costs Python more than running it costs the database: so they are
built once, when this module is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Row, Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from engine.actions.desk import ACTOR_COLUMNS, Desk, actor_of, find_person, find_round
from engine.reads.absences import read_absences
from engine.rules.access import Actor
from engine.rules.chain import Link
from engine.rules.refusal import Conflict, NotFound
from engine.rules.text import N_
from engine.rules.vocabulary import WaitsFor
from models import (
    Absence,
    CoUnit,
    Event,
    Evidence,
    Extension,
    Measure,
    Person,
    Policy,
    RoleGrant,
    Round,
    Timer,
    Verification,
)
from models.extension import IS_PENDING

Pieces = tuple[tuple[int, str, str | None], ...]  #: evidence: id, name, SHA-256


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A measure, held for this transaction, and who asks."""

    measure: Measure
    policy_digest: str
    coordinator_may_close: bool
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVerification:
    """The verification that waits for its verdict."""

    id: int
    verifier: int | None  #: None until the coordinator triggers it
    evidence_digest: str  #: of the evidence that it is bound to
    checklist: int | None  #: number of the version that is asked; None: nothing is


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a measure stands, beside its own row."""

    timers: dict[WaitsFor, tuple[date, int]]  #: wait → deadline and its version
    head: Link  #: the last event of its record
    verification: OpenVerification | None
    extension: Extension | None  #: the pending one
    owner_name: str | None
    co_units_waiting: int
    pieces: Pieces


_TODAY: BindParameter[date] = bindparam("today")
_NEWEST_ROUND = select(Round.code).order_by(Round.id.desc()).limit(1).scalar_subquery()
#: Whether the actor stands in for anybody today.
_STANDS_IN = exists().where(Absence.first_day <= _TODAY, Absence.last_day >= _TODAY, Absence.substitute_id == Person.id)
_LOOKED_AT = (
    select(
        Measure,
        Measure.version.label("stored_version"),
        Policy.digest,
        Round.coordinator_may_close,
        _STANDS_IN.label("stands_in"),
        *ACTOR_COLUMNS,
    )
    .join(Round, Round.id == Measure.round_id)
    .join(Policy, Policy.id == Measure.policy_id)
    .join(Person, Person.code == bindparam("who"))
    .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
    .where(Round.code == func.coalesce(bindparam("round", type_=Round.code.type), _NEWEST_ROUND))
    .where(Measure.code == bindparam("code"))
)
#: Held: the sweep may go on adding rows that refer to the measure.
_ASKED = _LOOKED_AT.with_for_update(of=Measure, key_share=True)
_MINE: BindParameter[int] = bindparam("measure")
_ITS_TIMERS = (
    select(Timer.waits_for, Timer.deadline, Timer.deadline_version)
    .where(Timer.measure_id == _MINE)
    .order_by(Timer.fires_on, Timer.measure_id, Timer.waits_for)
)
_TIMERS = _ITS_TIMERS.with_for_update(of=Timer)
_LAST_EVENT = select(func.max(Event.seq)).where(Event.measure_id == _MINE).scalar_subquery()
_STANDING = (
    select(
        Verification.id.label("verification"),
        Verification.verifier_id.label("verifier"),
        Verification.evidence_digest,
        Verification.checklist_id,
        Extension.id.label("extension"),
        Person.name.label("owner_name"),
        select(func.count())
        .where(CoUnit.measure_id == _MINE, CoUnit.done_on.is_(None))
        .scalar_subquery()
        .label("co_units_waiting"),
        Event.seq,
        Event.hash,
        Evidence.id.label("piece"),
        Evidence.name.label("piece_name"),
        Evidence.sha256.label("piece_sha256"),
    )
    .select_from(Measure)
    .outerjoin(Verification, and_(Verification.measure_id == Measure.id, Verification.verdict.is_(None)))
    .outerjoin(Extension, and_(Extension.measure_id == Measure.id, IS_PENDING))
    .outerjoin(Person, Person.id == Measure.owner_id)
    .outerjoin(Event, and_(Event.measure_id == Measure.id, Event.seq == _LAST_EVENT))
    .outerjoin(Evidence, Evidence.measure_id == Measure.id)
    .where(Measure.id == _MINE)
)


def ask_for(desk: Desk, code: str, *, by_decision: bool, is_held: bool = True) -> Asked:
    """Hold the measure with `code` until the transaction ends, or only look at it.  Raises NotFound, or Conflict.

    A measure that this session read earlier, and that somebody changed meanwhile, is a conflict: the person decided
    on what no longer stands.
    """
    rows = _asked_rows(desk, code, _ASKED if is_held else _LOOKED_AT)
    measure: Measure = rows[0][0]
    if measure.version != rows[0].stored_version:
        raise changed_meanwhile(code)
    today = desk.moment.on
    absences = read_absences(desk.session, today, today) if rows[0].stands_in else ()
    return Asked(
        measure=measure,
        policy_digest=rows[0].digest,
        coordinator_may_close=rows[0].coordinator_may_close,
        actor=actor_of(desk, rows, absences, by_decision=by_decision),
    )


def changed_meanwhile(code: str) -> Conflict:
    """Return what is told to the second of two writers."""
    return Conflict(N_("{code} was changed by somebody else meanwhile; look at it again and repeat", code=code))


def _asked_rows(desk: Desk, code: str, query: Select[Any]) -> Sequence[Row[Any]]:
    session, asked = desk.session, {"round": desk.round, "code": code, "who": desk.person, "today": desk.moment.on}
    rows = session.execute(query, asked).all()
    if not rows:  # a name, then
        rows = session.execute(query, asked | {"who": find_person(session, desk.person).code}).all()
    if not rows:
        round_ = find_round(session, desk.round)
        raise NotFound(N_("there is no measure {code} in round {round}", code=code, round=round_.code))
    return rows


def read_standing(session: Session, measure: int, *, is_held: bool = True) -> Standing:
    """Return how a measure stands.  Held, its timers are locked as well: a sweeper is waited for, or passes by.

    Only then is the rest read, so that it holds until the transaction ends.
    """
    of_measure = {"measure": measure}
    connection = session.connection()
    timers = connection.execute(_TIMERS if is_held else _ITS_TIMERS, of_measure).all()
    rows = connection.execute(_STANDING, of_measure).all()
    row = rows[0]
    return Standing(
        timers={waits_for: (deadline, version) for waits_for, deadline, version in timers},
        head=Link() if row.seq is None else Link(seq=row.seq, hash=row.hash),
        verification=None
        if row.verification is None
        else OpenVerification(
            id=row.verification,
            verifier=row.verifier,
            evidence_digest=row.evidence_digest,
            checklist=row.checklist_id,
        ),
        extension=None if row.extension is None else session.get_one(Extension, row.extension),
        owner_name=row.owner_name,
        co_units_waiting=row.co_units_waiting,
        pieces=tuple((one.piece, one.piece_name, one.piece_sha256) for one in rows if one.piece is not None),
    )

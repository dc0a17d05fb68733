"""Submissions that wait for a verifier or for a verdict, and the last verdicts; and one verification with its evidence.

The open ones lie in an index of their own, so that a queue costs what waits, not what was ever verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session, aliased

from engine.reads.in_sight import in_sight
from engine.rules.sight import Sight
from engine.rules.vocabulary import State, WaitsFor
from models import Measure, Person, Timer, Unit, Verification

MOST = 200


class Queue(StrEnum):
    """What is listed."""

    MINE = "mine"  #: asked of the person, or of whom they stand in for
    WAITING = "waiting"  #: nobody verifies it yet
    UNDER_WAY = "under_way"  #: asked of somebody
    DECIDED = "decided"  #: passed, returned or voided, the last first


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationLine:
    """One verification."""

    id: int
    code: str
    text: str
    unit: str | None
    owner: str | None
    verifier: str | None
    requested_on: date
    deadline: date | None  #: until when the verdict is wanted
    verdict: str | None
    reason: str | None


_verifier, _owner = aliased(Person), aliased(Person)


def read_queue(
    session: Session, round_id: int, queue: Queue, *, people: frozenset[int], seen_by: Sight
) -> tuple[VerificationLine, ...]:
    """Return what is in a queue of a round, the oldest submission first (the last verdict first)."""
    is_open = Verification.verdict.is_(None)
    where: dict[Queue, ColumnElement[bool]] = {
        Queue.MINE: and_(is_open, Verification.verifier_id.in_(people)),
        Queue.WAITING: and_(is_open, Verification.verifier_id.is_(None)),
        Queue.UNDER_WAY: and_(is_open, Verification.verifier_id.is_not(None)),
        Queue.DECIDED: Verification.decided_at.is_not(None),
    }
    query = _lines().where(Measure.round_id == round_id, where[queue], *in_sight(seen_by))
    if queue is not Queue.DECIDED:
        query = query.where(Measure.state == State.SUBMITTED)
        order: tuple[Any, ...] = (Verification.requested_on, Verification.id)
    else:
        order = (Verification.decided_at.desc(), Verification.id.desc())
    return tuple(_line(row) for row in session.execute(query.order_by(*order).limit(MOST)))


def find_verification(session: Session, round_id: int, number: int, *, seen_by: Sight) -> VerificationLine | None:
    """Return one verification; None when there is none, or its measure is out of sight."""
    query = _lines().where(Measure.round_id == round_id, Verification.id == number, *in_sight(seen_by))
    row = session.execute(query).one_or_none()
    return None if row is None else _line(row)


def _lines() -> Select[Any]:
    return (
        select(
            Verification.id,
            Measure.code,
            Measure.text,
            Unit.name.label("unit"),
            _owner.name.label("owner"),
            _verifier.name.label("verifier"),
            Verification.requested_on,
            Timer.deadline,
            Verification.verdict,
            Verification.reason,
        )
        .join(Measure, Measure.id == Verification.measure_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(_owner, _owner.id == Measure.owner_id)
        .outerjoin(_verifier, _verifier.id == Verification.verifier_id)
        .outerjoin(Timer, and_(Timer.measure_id == Measure.id, Timer.waits_for == WaitsFor.VERIFICATION))
    )


def _line(row: Any) -> VerificationLine:
    return VerificationLine(
        id=row.id,
        code=row.code,
        text=row.text,
        unit=row.unit,
        owner=row.owner,
        verifier=row.verifier,
        requested_on=row.requested_on,
        deadline=row.deadline,
        verdict=row.verdict.value if row.verdict else None,
        reason=row.reason,
    )

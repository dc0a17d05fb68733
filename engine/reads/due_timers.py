"""The timers that are due, with what judging them needs: one query per batch, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.reads.left_open import unless_shut_out
from engine.rules.recipients import Addressed
from engine.rules.vocabulary import AnyWait
from models import Extension, Measure, Ruling, Timer, Verification
from models.base import Base
from models.failures import took_too_long

PATIENCE_MILLISECONDS = 60_000  #: how long a sweep waits for whoever is at work on a measure


class StillHeldError(Exception):
    """Somebody holds a due timer, and does not give it back."""


class DueTimer(NamedTuple):
    """One timer and the measure it belongs to: a tuple, since a sweep makes thousands."""

    fires_on: date
    measure: int  #: its number; of a wait that is no measure's, the number of its timer (engine.reads.other_waits)
    addressed: Addressed
    round: int
    policy: int
    waits_for: AnyWait
    deadline: date
    deadline_version: int
    rung: int
    code: str | None = None  #: of what is no measure


def timers_query() -> Select[tuple[object, ...]]:
    """Return the query of timers with their measures, to be narrowed by the caller."""
    return (
        select(
            Timer.fires_on,
            Timer.measure_id,
            unless_shut_out(Measure.owner_id),
            unless_shut_out(Measure.lead_id),
            Measure.unit_id,
            unless_shut_out(Verification.verifier_id),
            Extension.approver_role,
            Measure.round_id,
            Measure.policy_id,
            Timer.waits_for,
            Timer.deadline,
            Timer.deadline_version,
            Timer.rung,
        )
        .join(Measure, Measure.id == Timer.measure_id)
        .outerjoin(Verification, and_(Verification.measure_id == Timer.measure_id, Verification.verdict.is_(None)))
        .outerjoin(Extension, and_(Extension.measure_id == Timer.measure_id, Extension.ruling == Ruling.PENDING))
    )


def read_timers(
    session: Session, query: Select[tuple[object, ...]], asked: Mapping[str, object] | None = None
) -> list[DueTimer]:
    """Return what `query`, made by `timers_query`, finds; `asked` fills its places."""
    return [
        DueTimer(fires_on, measure, Addressed(owner, lead, unit, verifier, approver), *rest)
        for fires_on, measure, owner, lead, unit, verifier, approver, *rest in session.connection()
        .execute(query, asked or {})
        .all()
    ]


def take_due(session: Session, as_of: date, limit: int) -> list[DueTimer]:
    """Return, and on PostgreSQL lock, up to `limit` due timers of measures, oldest first; see `take_timers`."""
    return take_timers(session, _due(as_of, limit), of=Timer, read=read_timers)


def take_timers(
    session: Session,
    due: Select[Any],
    *,
    of: type[Base],
    read: Callable[[Session, Select[Any]], list[DueTimer]],
) -> list[DueTimer]:
    """Return what `read` makes of the query `due`; on PostgreSQL the rows `of` that table are locked.

    Those that another sweeper, or somebody at work on the subject, holds are passed by, and waited for in the end.
    Raises StillHeldError when they are not given back within a minute.
    """
    found = read(session, due.with_for_update(of=of, skip_locked=True))
    if found or session.get_bind().dialect.name != "postgresql":
        return found
    session.execute(text(f"SET LOCAL lock_timeout = {PATIENCE_MILLISECONDS}"))
    try:
        return read(session, due.with_for_update(of=of))
    except OperationalError as error:
        if not took_too_long(error):
            raise
        raise StillHeldError from error


def _due(as_of: date, limit: int) -> Select[tuple[object, ...]]:
    key = (Timer.fires_on, Timer.measure_id, Timer.waits_for)
    return timers_query().where(Timer.fires_on <= as_of).order_by(*key).limit(limit)


def measure_codes(session: Session, round_id: int) -> dict[int, str]:
    """Return id → code of a round's measures."""
    return dict(session.execute(select(Measure.id, Measure.code).where(Measure.round_id == round_id)).tuples().all())

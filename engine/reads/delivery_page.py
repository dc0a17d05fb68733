"""The outbox for who looks after it: what waits, what failed, what went out, and what was cancelled and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Delivery, Digest, Measure, Notification, Person, Said, Sending
from models.outbox import GIVEN_UP

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """One digest on one channel."""

    id: int
    on: date
    person: str  #: code
    person_name: str
    channel: str
    state: Sending
    attempts: int
    next_try_at: datetime
    error: str | None
    subject: str | None  #: as it was sent, or may have gone out
    body: str | None  #: the same
    perhaps_at: datetime | None  #: when an attempt began whose end is not known
    sent_at: datetime | None
    says: int  #: notifications in it


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledLine:
    """One notification that was no longer true when it would have been sent."""

    id: int
    on: date
    person_name: str
    kind: str
    measure: str | None  #: code
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """How much there is."""

    unbundled: int  #: notifications that wait for the next run
    by_channel: tuple[tuple[str, Sending, int], ...]
    cancelled: int  #: notifications


def count_outbox(session: Session) -> OutboxCounts:
    """Return the counts: three statements."""
    waiting = select(func.count()).where(Notification.digest_id.is_(None), Notification.state == Said.PENDING)
    by_channel = select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
    cancelled = select(func.count()).where(Notification.state == Said.CANCELLED)
    return OutboxCounts(
        unbundled=session.scalar(waiting) or 0,
        by_channel=tuple(session.execute(by_channel.order_by(Delivery.channel, Delivery.state)).tuples()),
        cancelled=session.scalar(cancelled) or 0,
    )


def count_given_up(session: Session, since: date) -> int:
    """Count the deliveries that were given up since a day, at most `PAGE`."""
    lately = select(Delivery.id).join(Digest, Digest.id == Delivery.digest_id).where(GIVEN_UP, Digest.on >= since)
    return session.scalar(select(func.count()).select_from(lately.limit(PAGE).subquery())) or 0


def read_deliveries(
    session: Session, states: tuple[Sending, ...], *, before: int | None = None
) -> tuple[DeliveryLine, ...]:
    """Return deliveries in one of `states`, the newest first, from before the one with this number on."""
    says = select(func.count()).where(Notification.digest_id == Digest.id).correlate(Digest).scalar_subquery()
    query = (
        select(Delivery, Digest.on, Person.code, Person.name, says)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Person, Person.id == Digest.person_id)
        .where(Delivery.state.in_(states))
        .order_by(Delivery.id.desc())
        .limit(PAGE)
    )
    if before is not None:
        query = query.where(Delivery.id < before)
    return tuple(
        DeliveryLine(
            id=row.id,
            on=on,
            person=code,
            person_name=name,
            channel=row.channel,
            state=row.state,
            attempts=row.attempts,
            next_try_at=row.next_try_at,
            error=row.last_error,
            subject=row.subject,
            body=row.body,
            perhaps_at=row.perhaps_at,
            sent_at=row.sent_at,
            says=count,
        )
        for row, on, code, name, count in session.execute(query).tuples()
    )


def read_cancelled(session: Session, *, before: int | None = None) -> tuple[CancelledLine, ...]:
    """Return notifications that were cancelled, the newest first, from before the one with this number on."""
    query = (
        select(Notification.id, Notification.on, Person.name, Notification.kind, Measure.code, Notification.reason)
        .join(Person, Person.id == Notification.person_id)
        .outerjoin(Measure, Measure.id == Notification.measure_id)
        .where(Notification.state == Said.CANCELLED)
        .order_by(Notification.id.desc())
        .limit(PAGE)
    )
    if before is not None:
        query = query.where(Notification.id < before)
    return tuple(
        CancelledLine(id=number, on=on, person_name=name, kind=kind, measure=measure, reason=reason)
        for number, on, name, kind, measure, reason in session.execute(query).tuples()
    )

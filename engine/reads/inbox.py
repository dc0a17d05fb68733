"""What people were told, as it was sent; and what could not be delivered, for the coordinators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Delivery, Digest, Person, Sending

#: The channel whose deliveries are the inbox.
INBOX = "inbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """One message in a person's inbox."""

    digest: int
    on: date  #: local date
    sent_at: datetime
    subject: str
    text: str  #: as it was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailure:
    """One delivery that has failed at least once and has not arrived."""

    digest: int
    on: date
    person: str
    code: str
    channel: str
    attempts: int
    error: str
    next_try_at: datetime | None  #: None: given up


def read_inbox(session: Session, person_code: str, *, limit: int) -> tuple[InboxEntry, ...]:
    """Return the newest `limit` messages that arrived in the person's inbox, the newest first."""
    rows = session.execute(
        select(Digest.id, Digest.on, Delivery.sent_at, Delivery.subject, Delivery.body)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Person, Person.id == Digest.person_id)
        .where(Person.code == person_code, Delivery.channel == INBOX, Delivery.state == Sending.SENT)
        .order_by(Delivery.sent_at.desc(), Delivery.id.desc())
        .limit(limit)
    )
    return tuple(
        InboxEntry(digest=row.id, on=row.on, sent_at=row.sent_at, subject=row.subject, text=row.body) for row in rows
    )


def read_failures(session: Session) -> tuple[DeliveryFailure, ...]:
    """Return what has failed: first what was given up, then what is tried again, each the newest first."""
    rows = session.execute(
        select(Digest.id, Digest.on, Person.name, Person.code, Delivery)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Person, Person.id == Digest.person_id)
        .where(
            Delivery.last_error.is_not(None),
            Delivery.state.in_([Sending.PENDING, Sending.SENDING, Sending.FAILED]),
        )
        .order_by(Delivery.id.desc())
    )
    failures = [
        DeliveryFailure(
            digest=row.id,
            on=row.on,
            person=row.name,
            code=row.code,
            channel=row.Delivery.channel,
            attempts=row.Delivery.attempts,
            error=row.Delivery.last_error,
            next_try_at=None if row.Delivery.state is Sending.FAILED else row.Delivery.next_try_at,
        )
        for row in rows
    ]
    return tuple(sorted(failures, key=lambda failure: failure.next_try_at is not None))

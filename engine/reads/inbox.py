"""What people were told, as it was sent; and what could not be delivered, or perhaps was, for the coordinators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, exists, func, null, or_, select
from sqlalchemy.orm import Session, aliased

from models import Delivery, Digest, GroupPost, Person, Sending
from models.outbox import PERHAPS_SENT

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
    is_perhaps_sent: bool = False  #: it may have gone out over another channel: nobody knows


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
    is_perhaps_sent: bool  #: an attempt has no known end


@dataclass(frozen=True, slots=True, kw_only=True)
class PerhapsSent:
    """One message that may have gone out, and is not sent again: it is no longer true."""

    digest: int | None  #: None: a post to a group chat
    on: date
    person: str | None
    code: str | None
    channel: str
    began_at: datetime  #: the attempt of which nobody knows the end
    subject: str | None


def read_inbox(session: Session, person_code: str, *, limit: int) -> tuple[InboxEntry, ...]:
    """Return the newest `limit` messages that arrived in the person's inbox, the newest first.

    Among them is what went out over another channel, or may have, before the inbox had it and was settled then.
    """
    elsewhere = aliased(Delivery)
    left_out = exists().where(
        elsewhere.digest_id == Delivery.digest_id, elsewhere.channel == INBOX, elsewhere.state == Sending.CANCELLED
    )
    at = func.coalesce(Delivery.sent_at, Delivery.perhaps_at)
    rows = session.execute(
        select(Digest.id, Digest.on, at.label("at"), Delivery.subject, Delivery.body, Delivery.state)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Person, Person.id == Digest.person_id)
        .where(
            Person.code == person_code,
            or_(
                and_(Delivery.channel == INBOX, Delivery.state == Sending.SENT),
                and_(Delivery.channel != INBOX, Delivery.body.is_not(None), left_out),
            ),
        )
        .order_by(at.desc(), Delivery.id.desc())
        .limit(limit)
    )
    return tuple(
        InboxEntry(
            digest=row.id,
            on=row.on,
            sent_at=row.at,
            subject=row.subject,
            text=row.body,
            is_perhaps_sent=row.state is not Sending.SENT,
        )
        for row in rows
    )


def read_perhaps_sent(session: Session, *, limit: int) -> tuple[PerhapsSent, ...]:
    """Return the newest `limit` messages, posts among them, that may have gone out and are settled, newest first."""
    rows = session.execute(
        select(Digest.id, Digest.on, Person.name, Person.code, Delivery.channel, Delivery.perhaps_at, Delivery.subject)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Person, Person.id == Digest.person_id)
        .where(PERHAPS_SENT)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    posts = session.execute(
        select(null(), GroupPost.on, null(), null(), GroupPost.channel, GroupPost.perhaps_at, null())
        .where(GroupPost.state == Sending.PERHAPS)
        .order_by(GroupPost.id.desc())
        .limit(limit)
    )
    found = [
        PerhapsSent(digest=digest, on=on, person=name, code=code, channel=channel, began_at=began_at, subject=subject)
        for digest, on, name, code, channel, began_at, subject in (*rows.tuples(), *posts.tuples())
        if began_at is not None
    ]
    return tuple(sorted(found, key=lambda one: one.began_at, reverse=True)[:limit])


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
            is_perhaps_sent=row.Delivery.perhaps_at is not None,
        )
        for row in rows
    ]
    return tuple(sorted(failures, key=lambda failure: failure.next_try_at is not None))

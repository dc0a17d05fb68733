"""Records what senders answered: sent, to be tried again, or given up and told to the coordinators.

Called by notifications.delivery after the senders have answered, and for claims whose senders never did.  "Sent" is
written only after the sender said so, and then whoever has the claim meanwhile; anything else is written only while the
claim is still the sender's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, exists, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from engine.reads.grants import read_grants
from engine.reads.still_true import Told
from engine.rules.backoff import next_try_after
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip
from models import Delivery, Digest, Notification, Person, Said, Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """One digest on one channel, claimed for one attempt."""

    id: int
    digest: int
    channel: str
    message_id: str
    attempts: int  #: with this one: no two claims of a delivery share it while both may be held
    due_at: datetime  #: when its time had come
    is_perhaps_sent: bool  #: an earlier attempt has no known end
    says: tuple[Told, ...]  #: what still holds; never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """What a sender accepted."""

    delivery: ClaimedDelivery
    subject: str
    body: str  #: the text part


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedMessage:
    """What a sender refused."""

    delivery: ClaimedDelivery
    error: str
    retry: bool  #: whether trying again can help
    is_perhaps_sent: bool = False  #: the other side may have taken it all the same


#: What becomes of a delivery that has nothing to say, or none who wants it.
PUT_ASIDE = case(
    (Delivery.perhaps_at.is_not(None), literal(Sending.PERHAPS, Delivery.state.type)),
    else_=literal(Sending.CANCELLED, Delivery.state.type),
)


def record_kept(session: Session, results: Sequence[SentMessage], moment: Moment) -> int:
    """Write what the inbox keeps, word for word: recording it is all that sending it is.  Return how much that was.

    What another sender has claimed meanwhile is left to that one.
    """
    held = _still_held(session, [one.delivery for one in results]) if results else set()
    mine = [one for one in results if one.delivery.id in held]
    record_sent(session, mine, moment)
    return len(mine)


def record_sent(session: Session, results: Sequence[SentMessage], moment: Moment) -> None:
    """Write what left with a sender, word for word.  It is a fact, whoever has the claim meanwhile."""
    if not results:
        return
    connection = session.connection()
    connection.execute(
        update(Delivery)
        .where(Delivery.id == bindparam("of"), Delivery.state != Sending.SENT)
        .values(
            state=Sending.SENT,
            subject=bindparam("said_subject"),
            body=bindparam("said_body"),
            sent_at=moment.at,
            perhaps_at=None,
            last_error=None,
        ),
        [{"of": one.delivery.id, "said_subject": one.subject, "said_body": one.body} for one in results],
    )
    _mark_said(session, results)


def _mark_said(session: Session, results: Sequence[SentMessage]) -> None:
    """Mark as sent what the digests said: all that still waited in them, and what was put aside only meanwhile."""
    connection = session.connection()
    of_these = Notification.digest_id.in_({one.delivery.digest for one in results})
    sent = update(Notification).values(state=Said.SENT, reason=None)
    connection.execute(sent.where(of_these, Notification.state == Said.PENDING))
    put_aside = Notification.state.in_([Said.CANCELLED, Said.FAILED, Said.PERHAPS])
    aside = select(Notification.id).where(of_these, put_aside)
    said = {told.id for one in results for told in one.delivery.says}.intersection(connection.scalars(aside))
    if said:
        connection.execute(sent.where(Notification.id == bindparam("of")), [{"of": one} for one in sorted(said)])


def record_failed(session: Session, failures: Sequence[FailedMessage], moment: Moment) -> int:
    """Write what failed, to be tried again later or given up; return how many were given up.

    A notification fails when no channel has accepted it and none is left to try.  The coordinators are told of every
    delivery that is given up, except of one that brought nothing but such news.
    """
    held = _still_held(session, [one.delivery for one in failures]) if failures else set()
    mine = [one for one in failures if one.delivery.id in held]
    if not mine:
        return 0
    again = {one.delivery.id: _again_at(one, moment) for one in mine}
    session.connection().execute(
        update(Delivery)
        .where(Delivery.id == bindparam("of"))
        .values(state=bindparam("now"), next_try_at=bindparam("again"), last_error=bindparam("error")),
        [
            {
                "of": one.delivery.id,
                "now": Sending.PENDING if again[one.delivery.id] else Sending.FAILED,
                "again": again[one.delivery.id] or moment.at,
                "error": one.error,
            }
            for one in mine
        ],
    )
    refused = [one.delivery.id for one in mine if not (one.is_perhaps_sent or one.delivery.is_perhaps_sent)]
    if refused:
        session.connection().execute(
            update(Delivery).where(Delivery.id.in_(refused)).values(perhaps_at=None, subject=None, body=None)
        )
    given_up = [one for one in mine if again[one.delivery.id] is None]
    if given_up:
        _fail_notifications(session, given_up)
        _tell_coordinators(session, given_up, moment)
    return len(given_up)


def record_unwanted(session: Session, deliveries: Sequence[ClaimedDelivery]) -> None:
    """Put aside deliveries that their readers do without (`engine.rules.reminder_mails`); no attempt was made."""
    if deliveries:
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_([one.id for one in deliveries]), Delivery.state == Sending.SENDING)
            .values(state=PUT_ASIDE, attempts=Delivery.attempts - 1)
            .execution_options(synchronize_session=False)
        )


def _still_held(session: Session, claimed: Sequence[ClaimedDelivery]) -> set[int]:
    """Return the deliveries that are still these senders': a claim that ran out and was taken by another is not."""
    attempts = {one.id: one.attempts for one in claimed}
    rows = session.execute(
        select(Delivery.id, Delivery.attempts)
        .where(Delivery.id.in_(list(attempts)), Delivery.state == Sending.SENDING)
        .with_for_update()
    )
    return {row.id for row in rows if row.attempts == attempts[row.id]}


def _again_at(failure: FailedMessage, moment: Moment) -> datetime | None:
    """Return when the delivery is tried again, or None when that is of no use."""
    after = next_try_after(failure.delivery.attempts) if failure.retry else None
    return moment.at + after if after is not None else None


def _fail_notifications(session: Session, given_up: Sequence[FailedMessage]) -> None:
    """Mark as failed what no channel has sent and none will."""
    other = aliased(Delivery)
    hope = exists().where(
        other.digest_id == Notification.digest_id,
        other.state != Sending.FAILED,
        other.state != Sending.CANCELLED,
        other.state != Sending.PERHAPS,
    )
    perhaps = exists().where(other.digest_id == Notification.digest_id, other.perhaps_at.is_not(None))
    kind = Notification.state.type
    session.connection().execute(
        update(Notification)
        .where(Notification.digest_id == bindparam("of"), Notification.state == Said.PENDING, ~hope)
        .values(
            state=case((perhaps, literal(Said.PERHAPS, kind)), else_=literal(Said.FAILED, kind)),
            reason=bindparam("error"),
        ),
        [{"of": one.delivery.digest, "error": one.error} for one in given_up],
    )


def _tell_coordinators(session: Session, given_up: Sequence[FailedMessage], moment: Moment) -> None:
    brings_more = exists().where(Notification.digest_id == Digest.id, Notification.kind != Notice.DELIVERY_FAILED.value)
    names = dict(
        session.execute(
            select(Digest.id, Person.name)
            .join(Person, Person.id == Digest.person_id)
            .where(Digest.id.in_({one.delivery.digest for one in given_up}), brings_more)
        )
        .tuples()
        .all()
    )
    coordinators = read_grants(session).get((Role.COORDINATOR, None), ())
    notices = [
        {
            "dedup_key": f"{Notice.DELIVERY_FAILED.value}:{one.delivery.id}:{person}",
            "person_id": person,
            "role": Role.COORDINATOR,
            "kind": Notice.DELIVERY_FAILED.value,
            "slip": Slip.YELLOW,
            "data": {"person": names[one.delivery.digest], "channel": one.delivery.channel, "error": one.error},
            "on": moment.on,
            "created_at": moment.at,
            "state": Said.PENDING,
        }
        for one in given_up
        if one.delivery.digest in names
        for person in coordinators
    ]
    if notices:
        session.connection().execute(insert(Notification), notices)

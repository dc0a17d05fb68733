"""Claims deliveries for a sender, and asks once more whether what they say still holds.

Called by notifications.delivery: claim → (render and send, outside any transaction) → record.  A claim has a time-out,
so that what a crashed sender held comes back; it goes out with the same Message-ID.  Statements do not grow with the
number of deliveries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine.actions.record_deliveries import ClaimedDelivery, FailedMessage, record_failed
from engine.reads.grants import read_grants
from engine.reads.still_true import Told, read_told, standing
from engine.rules.backoff import CLAIM_TIMEOUT, MAX_ATTEMPTS
from engine.rules.moment import Moment
from engine.rules.notices import Notice, why_cancel
from engine.rules.text import N_
from models import Delivery, Notification, Said, Sending
from models.outbox import UNDER_WAY

#: Recorded as the last error of a delivery whose senders all vanished without a word.
NO_ANSWER = N_("the sender never answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one batch took from the outbox."""

    taken: int  #: deliveries looked at; 0: nothing waits
    deliveries: tuple[ClaimedDelivery, ...]  #: to be sent now
    cancelled: int  #: notifications that were no longer true
    failed: int  #: deliveries given up because their senders never answered


def claim_deliveries(session: Session, *, moment: Moment, limit: int) -> Claim:
    """Claim up to `limit` deliveries whose time has come, the oldest first; on PostgreSQL another sender's are skipped.

    Notifications that are no longer true are cancelled with the reason; a delivery with nothing left is not sent.
    """
    rows = session.execute(
        select(Delivery.id, Delivery.digest_id, Delivery.channel, Delivery.message_id, Delivery.attempts)
        .where(UNDER_WAY, Delivery.next_try_at <= moment.at)
        .order_by(Delivery.next_try_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return Claim(taken=0, deliveries=(), cancelled=0, failed=0)
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_([row.id for row in rows]))
        .values(state=Sending.SENDING, attempts=Delivery.attempts + 1, next_try_at=moment.at + CLAIM_TIMEOUT)
        .execution_options(synchronize_session=False)
    )
    says, cancelled = _recheck(session, sorted({row.digest_id for row in rows}))
    claimed = [
        ClaimedDelivery(
            id=row.id,
            digest=row.digest_id,
            channel=row.channel,
            message_id=row.message_id,
            attempts=row.attempts + 1,
            says=tuple(says[row.digest_id]),
        )
        for row in rows
    ]
    _cancel(session, [one.id for one in claimed if not one.says])
    lost = [one for one in claimed if one.says and one.attempts > MAX_ATTEMPTS]
    record_failed(session, [FailedMessage(delivery=one, error=str(NO_ANSWER), retry=False) for one in lost], moment)
    return Claim(
        taken=len(rows),
        deliveries=tuple(one for one in claimed if one.says and one.attempts <= MAX_ATTEMPTS),
        cancelled=cancelled,
        failed=len(lost),
    )


def _recheck(session: Session, digests: Sequence[int]) -> tuple[dict[int, list[Told]], int]:
    """Return by digest what may still be said, and how many notifications were cancelled."""
    grants = read_grants(session)
    holding: list[Told] = []
    untrue: list[tuple[Told, str]] = []
    for one in read_told(session, digests):
        why = why_cancel(kind=one.kind, about_timer=one.waits_for is not None, standing=standing(one, grants))
        if why is None:
            holding.append(one)
        else:
            untrue.append((one, why))
    superseded = _superseded(holding)
    says: dict[int, list[Told]] = defaultdict(list)
    for one in holding:
        if one.id not in superseded:
            says[one.digest].append(one)
    untrue += [(one, "superseded") for one in superseded.values()]
    cancelled = [{"of": one.id, "why": why} for one, why in untrue if one.state is Said.PENDING]  # sent stays sent
    if cancelled:
        session.connection().execute(
            update(Notification)
            .where(Notification.id == bindparam("of"))
            .values(state=Said.CANCELLED, reason=bindparam("why")),
            cancelled,
        )
    return says, len(cancelled)


def _superseded(told: Sequence[Told]) -> dict[int, Told]:
    """Return the lower steps of one ladder towards one person in one digest: it would say the same twice."""
    waits: dict[object, list[Told]] = defaultdict(list)
    for one in told:
        if one.kind is Notice.RUNG:
            waits[one.digest, one.person, one.measure, one.waits_for, one.deadline_version].append(one)
    several = [(steps, max(one.rung for one in steps)) for steps in waits.values() if len(steps) > 1]
    return {one.id: one for steps, highest in several for one in steps if one.rung < highest}


def _cancel(session: Session, deliveries: Sequence[int]) -> None:
    """Put aside deliveries that have nothing left to say; no attempt was made."""
    if deliveries:
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_(deliveries))
            .values(state=Sending.CANCELLED, attempts=Delivery.attempts - 1)
            .execution_options(synchronize_session=False)
        )

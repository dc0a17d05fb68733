"""Claims deliveries for a sender, and asks once more whether what they say still holds.

Called by notifications: claim → begin → (send, outside any transaction) → record.  A claim ends some time after the
present moment, so that what a crashed sender held comes back; it goes out with the same Message-ID.  Each attempt
begins by making sure that the claim still holds; what is no longer true after an attempt whose end is not known may
have gone out, and is never called cancelled.  Statements of a claim do not grow with the number of deliveries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.orm import Session

from engine.actions.record_deliveries import PUT_ASIDE, ClaimedDelivery, FailedMessage, record_failed
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


def claim_deliveries(session: Session, *, moment: Moment, limit: int, due: datetime | None = None) -> Claim:
    """Claim up to `limit` deliveries whose time has come, the oldest first; on PostgreSQL another sender's are skipped.

    `moment` is the present, on the day of the run; `due` narrows the claim to what was due by then, such as when the
    run began.  Notifications that are no longer true are cancelled with the reason; a delivery with nothing left is not
    sent.
    """
    columns = (Delivery.id, Delivery.digest_id, Delivery.channel, Delivery.message_id, Delivery.attempts)
    rows = session.execute(
        select(*columns, Delivery.next_try_at, Delivery.perhaps_at)
        .where(UNDER_WAY, Delivery.next_try_at <= (due or moment.at))
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
            due_at=row.next_try_at,
            is_perhaps_sent=row.perhaps_at is not None,
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
        why = why_cancel(kind=one.kind, about_timer=one.is_about_timer, standing=standing(one, grants))
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
    aside = [(one, why) for one, why in untrue if one.state is Said.PENDING]  # sent stays sent
    if not aside:
        return says, 0
    perhaps_said = set(
        session.scalars(
            select(Delivery.digest_id).where(
                Delivery.digest_id.in_({one.digest for one, _ in aside}), Delivery.perhaps_at.is_not(None)
            )
        )
    )
    session.connection().execute(
        update(Notification)
        .where(Notification.id == bindparam("of"))
        .values(state=bindparam("now"), reason=bindparam("why")),
        [
            {"of": one.id, "why": why, "now": Said.PERHAPS if one.digest in perhaps_said else Said.CANCELLED}
            for one, why in aside
        ],
    )
    return says, sum(one.digest not in perhaps_said for one, _ in aside)


def _superseded(told: Sequence[Told]) -> dict[int, Told]:
    """Return the lower steps of one ladder towards one person in one digest: it would say the same twice."""
    waits: dict[object, list[Told]] = defaultdict(list)
    for one in told:
        if one.kind is Notice.RUNG:
            waits[one.digest, one.person, one.measure, one.other_timer, one.waits_for, one.deadline_version].append(one)
    several = [(steps, max(one.rung for one in steps)) for steps in waits.values() if len(steps) > 1]
    return {one.id: one for steps, highest in several for one in steps if one.rung < highest}


def _cancel(session: Session, deliveries: Sequence[int]) -> None:
    """Put aside deliveries that have nothing left to say; no attempt was made."""
    if deliveries:
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_(deliveries))
            .values(state=PUT_ASIDE, attempts=Delivery.attempts - 1)
            .execution_options(synchronize_session=False)
        )


def begin_attempt(session: Session, delivery: ClaimedDelivery, *, subject: str, body: str, at: datetime) -> bool:
    """Write that the delivery is handed to its sender now, and what it says; return False where the claim is lost.

    The claim lasts anew from `at` on.  From here until an answer is recorded the delivery may have gone out.  What an
    earlier attempt may have said stays: a later one never says more.
    """
    is_first = Delivery.perhaps_at.is_(None)
    begun = session.connection().execute(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state == Sending.SENDING, Delivery.attempts == delivery.attempts)
        .values(
            next_try_at=at + CLAIM_TIMEOUT,
            perhaps_at=func.coalesce(Delivery.perhaps_at, at),
            subject=case((is_first, subject), else_=Delivery.subject),
            body=case((is_first, body), else_=Delivery.body),
        )
    )
    return begun.rowcount == 1


def give_back(session: Session, deliveries: Sequence[ClaimedDelivery]) -> None:
    """Let others claim what was not begun; no attempt was made.  What was claimed by another meanwhile stays theirs."""
    if deliveries:
        session.connection().execute(
            update(Delivery)
            .where(
                Delivery.id == bindparam("of"),
                Delivery.state == Sending.SENDING,
                Delivery.attempts == bindparam("attempt"),
            )
            .values(state=Sending.PENDING, attempts=Delivery.attempts - 1, next_try_at=bindparam("due")),
            [{"of": one.id, "attempt": one.attempts, "due": one.due_at} for one in deliveries],
        )

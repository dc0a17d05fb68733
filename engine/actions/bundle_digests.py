"""Bundles what waits in the outbox into digests: one message per person and run.

Called by notifications.delivery, before anything is sent.  Who receives is decided here and now: the substitute of an
absent person.  A daily cap holds back all but red slips and what goes to the leading group; what is held back waits for
the next day.  Nothing is sent here.  The number of statements does not depend on how much waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from engine.rules.notices import NEVER_CAPPED, Notice
from engine.rules.stand_ins import receiver
from engine.rules.vocabulary import Slip
from models import Absence, Delivery, Digest, Notification, Said, Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """One notification that belongs to no digest yet."""

    id: int
    receiver: int
    slip: Slip


def bundle_digests(
    session: Session, *, batch: str, moment: Moment, channels: tuple[str, ...], digests_per_day: int
) -> int:
    """Put everything that waits into digests, with one delivery per channel, and return how many notifications it was.

    `batch` names the run.  Run again for the same batch it adds to a digest of which nothing was sent yet; else the
    person gets a further one, `batch`#2.
    """
    waiting = _waiting(session, moment.on)
    if not waiting:
        return 0
    full = _full(session, moment.on, digests_per_day)
    unsent, used = _digests_of_batch(session, batch)
    full -= unsent.keys()  # one more line makes no further message
    taken = [one for one in waiting if one.receiver not in full or one.slip in NEVER_CAPPED]
    if not taken:
        return 0
    receivers = sorted({one.receiver for one in taken} - unsent.keys())
    if receivers:
        unsent |= _open_digests(session, receivers, batch=batch, used=used, moment=moment, channels=channels)
    session.connection().execute(
        update(Notification).where(Notification.id == bindparam("of")).values(digest_id=bindparam("into")),
        [{"of": one.id, "into": unsent[one.receiver]} for one in taken],
    )
    return len(taken)


def _waiting(session: Session, on: date) -> list[_Waiting]:
    """Return, locked, everything that waits, each with who receives it on this day."""
    away = select(Absence.person_id, Absence.substitute_id).where(Absence.first_day <= on, Absence.last_day >= on)
    substitutes = dict(session.execute(away.order_by(Absence.id)).tuples().all())  # the latest word counts
    rows = session.execute(
        select(Notification.id, Notification.person_id, Notification.slip)
        .where(
            Notification.digest_id.is_(None),
            Notification.state == Said.PENDING,
            Notification.kind.in_([kind.value for kind in Notice]),  # a newer version's kinds wait for it
        )
        .order_by(Notification.id)
        .with_for_update()
    )
    return [_Waiting(id=row.id, receiver=receiver(row.person_id, substitutes), slip=row.slip) for row in rows]


def _full(session: Session, on: date, digests_per_day: int) -> frozenset[int]:
    """Return who has had as many digests on this day as the cap allows."""
    reached = select(Delivery.digest_id).where(Delivery.state != Sending.CANCELLED)
    counts = (
        select(Digest.person_id)
        .where(Digest.on == on, Digest.id.in_(reached))
        .group_by(Digest.person_id)
        .having(func.count() >= digests_per_day)
    )
    return frozenset(session.scalars(counts))


def _digests_of_batch(session: Session, batch: str) -> tuple[dict[int, int], Mapping[int, int]]:
    """Return by person the digest of this batch that no sender has touched yet, and how many the batch already has."""
    rows = session.execute(
        select(Digest.id, Digest.person_id, Delivery.state, Delivery.attempts)
        .join(Delivery, Delivery.digest_id == Digest.id)
        .where(or_(Digest.batch == batch, Digest.batch.startswith(f"{batch}#", autoescape=True)))
        .order_by(Digest.id)
        .with_for_update(of=Delivery)
    ).all()
    touched = {row.id for row in rows if row.state is not Sending.PENDING or row.attempts}
    used: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        used[row.person_id].add(row.id)
    unsent = {row.person_id: row.id for row in rows if row.id not in touched}
    return unsent, {person: len(digests) for person, digests in used.items()}


def _open_digests(
    session: Session,
    receivers: Sequence[int],
    *,
    batch: str,
    used: Mapping[int, int],
    moment: Moment,
    channels: tuple[str, ...],
) -> dict[int, int]:
    """Write a new digest for each receiver, and its deliveries; return the digest's id by person."""
    names = {person: f"{batch}#{used[person] + 1}" if used.get(person) else batch for person in receivers}
    connection = session.connection()
    connection.execute(
        insert(Digest),
        [
            {"batch": name, "person_id": person, "on": moment.on, "created_at": moment.at}
            for person, name in names.items()
        ],
    )
    written = session.execute(
        select(Digest.person_id, func.max(Digest.id))
        .where(Digest.batch.in_(set(names.values())))
        .group_by(Digest.person_id)
    )
    digests = {person: digest for person, digest in written.tuples() if person in names}
    connection.execute(
        insert(Delivery),
        [
            {
                "digest_id": digest,
                "channel": channel,
                "state": Sending.PENDING,
                "message_id": f"<digest-{digest}.{moment.at:%Y%m%d%H%M%S}.{channel}@duban>",
                "attempts": 0,
                "next_try_at": moment.at,
                "last_error": None,
                "subject": None,
                "body": None,
                "sent_at": None,
            }
            for digest in digests.values()
            for channel in channels
        ],
    )
    return digests

"""Bundles what goes to another address than the person's own: a message each, on every channel but the inbox.

Part of `bundle_digests`.  Such messages tell somebody at a former address that it was changed; they are rare, and
neither a cap nor a quiet time holds them back.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from models import Delivery, Digest, Notification, Sending
from models.outbox import WAITING

INBOX = "inbox"  #: the person's own: it holds the same word already


def bundle_addressed(session: Session, *, batch: str, moment: Moment, channels: tuple[str, ...]) -> int:
    """Put what waits for another address into a digest each, and return how many notifications it was."""
    waiting = session.execute(
        select(Notification.id, Notification.person_id, Notification.address)
        .where(WAITING, Notification.address.is_not(None))
        .order_by(Notification.id)
    ).all()
    if not waiting:
        return 0
    digests = [
        Digest(
            batch=f"{batch}>{row.id}", person_id=row.person_id, on=moment.on, created_at=moment.at, address=row.address
        )
        for row in waiting
    ]
    session.add_all(digests)
    session.flush()
    session.add_all(
        Delivery(
            digest_id=digest.id,
            channel=channel,
            state=Sending.PENDING,
            message_id=f"<digest-{digest.id}.{moment.at:%Y%m%d%H%M%S}.{channel}@duban>",
            attempts=0,
            next_try_at=moment.at,
        )
        for digest in digests
        for channel in channels
        if channel != INBOX or len(channels) == 1
    )
    session.flush()
    session.connection().execute(
        update(Notification).where(Notification.id == bindparam("of")).values(digest_id=bindparam("into")),
        [{"of": row.id, "into": digest.id} for row, digest in zip(waiting, digests, strict=True)],
    )
    return len(waiting)

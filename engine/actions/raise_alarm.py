"""Tells the coordinators, once a day, that Duban itself is late."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.reads.grants import read_grants
from engine.reads.watchdog import Lateness
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip
from models import Notification, Said


def raise_alarm(session: Session, lateness: Lateness, moment: Moment) -> int:
    """Write one notification for each coordinator; return how many are new today."""
    rows = [
        {
            "dedup_key": f"{Notice.OVERDUE_SWEEP.value}:{moment.on}:{person}",
            "person_id": person,
            "role": Role.COORDINATOR,
            "kind": Notice.OVERDUE_SWEEP.value,
            "slip": Slip.RED,
            "data": {
                "oldest": (lateness.oldest_timer or moment.on).isoformat(),
                "count": lateness.overlooked + lateness.stuck + lateness.undelivered,
            },
            "on": moment.on,
            "created_at": moment.at,
            "state": Said.PENDING,
        }
        for person in read_grants(session).get((Role.COORDINATOR, None), ())
    ]
    keys = [row["dedup_key"] for row in rows]
    told = set(session.scalars(select(Notification.dedup_key).where(Notification.dedup_key.in_(keys))))
    fresh = [row for row in rows if row["dedup_key"] not in told]
    if fresh:
        session.execute(insert(Notification), fresh)
    return len(fresh)

"""Tells the coordinators, once a day, that Duban itself is late."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.actions.outbox import add_notifications
from engine.reads.grants import read_grants
from engine.reads.watchdog import Lateness
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip
from models import Said


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
    return add_notifications(session, rows)

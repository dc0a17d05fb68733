"""Records what came of calling a webhook: heard, to be tried again, or given up and told to the coordinators.

Called by notifications.webhooks.  Each is a transaction of its own, so that a crash repeats one call at most.
"""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine.actions.outbox import add_notifications
from engine.reads.grants import read_grants
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip
from engine.rules.webhooks import wait_after
from models import Said, Webhook


def record_passed(session: Session, number: int, event: int, moment: Moment, *, was_sent: bool) -> bool:
    """Write that a webhook needs nothing up to `event`; return whether it may be called on: it is there, and active."""
    values = {"passed": event, "next_try_at": moment.at}
    if was_sent:
        values |= {"attempts": 0, "last_error": None, "last_sent_at": moment.at}
    done = session.connection().execute(
        update(Webhook).where(Webhook.id == number, Webhook.is_active, Webhook.passed <= event).values(values)
    )
    return done.rowcount == 1


def record_call_failed(session: Session, number: int, moment: Moment, *, error: str, status: int | None) -> bool:
    """Write that a call failed, and when it is made again; return whether the webhook was given up.

    Given up, it is paused where it stands and the coordinators are told: taken up again, it misses nothing.
    """
    webhook = session.get(Webhook, number, with_for_update=True)
    if webhook is None or not webhook.is_active:
        return False
    webhook.attempts += 1
    webhook.last_error = error
    wait = wait_after(webhook.attempts, status)
    if wait is not None:
        webhook.next_try_at = moment.at + wait
        return False
    webhook.is_active, webhook.gave_up_at = False, moment.at
    _tell_coordinators(session, webhook, moment, error)
    return True


def _tell_coordinators(session: Session, webhook: Webhook, moment: Moment, error: str) -> None:
    rows = [
        {
            "dedup_key": f"{Notice.DELIVERY_FAILED.value}:webhook:{webhook.id}:{moment.at.isoformat()}:{person}",
            "person_id": person,
            "role": Role.COORDINATOR,
            "kind": Notice.DELIVERY_FAILED.value,
            "slip": Slip.YELLOW,
            "data": {"person": webhook.url[:200], "channel": "webhook", "error": error},
            "on": moment.on,
            "created_at": moment.at,
            "state": Said.PENDING,
        }
        for person in read_grants(session).get((Role.COORDINATOR, None), ())
    ]
    add_notifications(session, rows)

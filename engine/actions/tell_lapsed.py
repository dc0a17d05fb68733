"""Whoever asked for trust hears, once, that nobody answered in time; of what an import asked, the coordinators do.

By every daily run, for what lapsed in the last month.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.ask_trust import told_of
from engine.actions.outbox import add_notifications, outbox_row
from engine.reads.grants import read_grants
from engine.reads.trust import DECIDED_SINCE
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.trust import TrustState
from engine.rules.vocabulary import Role
from models import TrustRequest


def tell_lapsed(session: Session, moment: Moment) -> int:
    """Write what is not yet said of requests that lapsed; return how much that is.  Three statements at most."""
    lapsed = session.scalars(
        select(TrustRequest)
        .where(
            TrustRequest.state == TrustState.WAITING,
            TrustRequest.expires_at <= moment.at,
            TrustRequest.expires_at > moment.at - DECIDED_SINCE,
        )
        .order_by(TrustRequest.id)
    ).all()
    if not lapsed:
        return 0
    coordinators = read_grants(session).get((Role.COORDINATOR, None), ())
    return add_notifications(
        session,
        [
            outbox_row(
                person,
                Notice.TRUST_DECIDED,
                role=Role.OWNER,
                key=f"{one.id}:lapsed",
                moment=moment,
                measure=None,
                about=None,
                data=told_of(one) | {"by": None, "how": "lapsed", "reason": None},
            )
            for one in lapsed
            for person in ([one.asked_by_id] if one.asked_by_id is not None else coordinators)
        ],
    )

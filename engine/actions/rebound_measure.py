"""A closed measure is reopened because a look-back (回头看) found the problem back (反弹)."""

from __future__ import annotations

from datetime import date

from engine.actions.case import move, open_case, settle
from engine.actions.desk import Desk
from engine.actions.outbox import tell
from engine.rules.names import action_name
from engine.rules.notices import Notice
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Measure


def rebound_measure(desk: Desk, code: str, *, due: date, reason: str) -> Measure:
    """Reopen a closed measure with a new due date, which is a new deadline version.  Raises Refusal."""
    case = open_case(desk, code)
    if due <= desk.moment.on:
        raise NotReady(N_("{action}: the new due date must lie after today", action=action_name("rebound")))
    measure = case.measure
    before = measure.due
    move(case, "rebound", reason=reason, due=due.isoformat(), before=before.isoformat() if before else None)
    measure.due = due
    measure.deadline_version += 1
    settle(case)
    key = str(measure.version)
    tell(desk, [measure.owner_id], Notice.REBOUND, role=Role.OWNER, key=key, measure=measure, reason=reason)
    lead = measure.lead_id if measure.lead_id != measure.owner_id else None
    tell(desk, [lead], Notice.REBOUND, role=Role.LEADER, key=key, measure=measure, reason=reason)
    return measure

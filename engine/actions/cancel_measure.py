"""The leading group ends a measure without close-out: cancelled, merged into another, or the risk accepted."""

from __future__ import annotations

from engine.actions.case import lapse_extension, move, open_case, settle
from engine.actions.desk import Desk
from engine.actions.keep_verification import end_verification
from engine.actions.outbox import tell
from engine.rules.notices import Notice
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Decision, Measure, Verdict

WAYS = ("cancel", "merge", "accept_risk")


def cancel_measure(desk: Desk, code: str, *, how: str, reason: str, decision: Decision | None = None) -> Measure:
    """End an open measure; `how` is cancel, merge or accept_risk.  Raises Refusal."""
    if how not in WAYS:
        raise NotReady(N_("{how} does not end a measure; expected one of: {ways}", how=how, ways=WAYS))
    case = open_case(desk, code, by_decision=decision is not None)
    move(case, how, reason=reason, decision=decision.id if decision else None)
    lapse_extension(case)
    end_verification(case, Verdict.VOIDED)
    settle(case)
    tell(
        desk,
        [case.measure.owner_id],
        Notice.CANCELLED,
        role=Role.OWNER,
        key=str(case.measure.version),
        measure=case.measure,
        how=how,
        reason=reason,
    )
    return case.measure

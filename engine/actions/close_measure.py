"""The leading group closes a verified measure (销号)."""

from __future__ import annotations

from engine.actions.case import move, open_case, settle
from engine.actions.desk import Desk
from engine.actions.outbox import tell
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role
from models import Decision, Measure


def close_measure(desk: Desk, code: str, *, decision: Decision | None = None) -> Measure:
    """Take a measure from verified to closed.

    By the leading group, by its recorded decision, or by a delegated coordinator.  Raises Refusal.
    """
    case = open_case(desk, code, by_decision=decision is not None)
    move(case, "close", decision=decision.id if decision else None)
    settle(case)
    tell(
        desk,
        [case.measure.owner_id],
        Notice.CLOSED,
        role=Role.OWNER,
        key=str(case.measure.version),
        measure=case.measure,
    )
    return case.measure

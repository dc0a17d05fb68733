"""The owner accepts a measure (签收)."""

from __future__ import annotations

from engine.actions.case import move, open_case, settle
from engine.actions.desk import Desk
from models import Measure


def accept_measure(desk: Desk, code: str) -> Measure:
    """Take a measure up.  Raises Refusal unless the owner, or who stands in for the owner, asks."""
    case = open_case(desk, code)
    move(case, "accept")
    case.measure.accepted_on = case.measure.accepted_on or desk.moment.on
    settle(case)
    return case.measure

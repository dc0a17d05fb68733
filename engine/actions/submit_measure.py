"""The owner submits a measure for verification (申请核验)."""

from __future__ import annotations

from engine.actions.case import holders, lapse_extension, move, open_case, settle
from engine.actions.desk import Desk
from engine.actions.keep_verification import open_verification
from engine.actions.outbox import tell
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, WaitsFor
from models import Measure


def submit_measure(desk: Desk, code: str) -> Measure:
    """Hand a measure in: a verification is opened, a pending extension request lapses.  Raises Refusal."""
    case = open_case(desk, code)
    move(case, "submit")
    measure = case.measure
    open_verification(case)
    lapse_extension(case)
    settle(case)
    tell(
        desk,
        holders(desk.session, Role.COORDINATOR),
        Notice.VERIFICATION_WANTED,
        role=Role.COORDINATOR,
        key=str(measure.version),
        measure=measure,
        about=(WaitsFor.VERIFICATION, measure.version),
        owner=case.owner_name,
    )
    return measure

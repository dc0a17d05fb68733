"""The owner submits a measure for verification (申请核验)."""

from __future__ import annotations

from engine.actions.case import holders, lapse_extension, move, open_case, settle
from engine.actions.desk import Desk
from engine.actions.outbox import tell
from engine.rules.evidence import evidence_digest
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, WaitsFor
from models import Measure, Verification


def submit_measure(desk: Desk, code: str) -> Measure:
    """Hand a measure in: a verification is opened, a pending extension request lapses.  Raises Refusal."""
    case = open_case(desk, code)
    move(case, "submit")
    measure, session = case.measure, desk.session
    session.add(
        Verification(
            measure_id=measure.id,
            requested_by_id=case.actor.person,
            requested_on=desk.moment.on,
            evidence_digest=evidence_digest(case.pieces),
        )
    )
    lapse_extension(case)
    settle(case)
    tell(
        desk,
        holders(session, Role.COORDINATOR),
        Notice.VERIFICATION_WANTED,
        role=Role.COORDINATOR,
        key=str(measure.version),
        measure=measure,
        about=(WaitsFor.VERIFICATION, measure.version),
        owner=case.owner_name,
    )
    return measure

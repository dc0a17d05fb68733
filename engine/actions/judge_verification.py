"""The verifier passes a measure (核验通过) or returns it (退回)."""

from __future__ import annotations

from engine.actions.answer_checklist import permit_by_checklist
from engine.actions.case import Case, move, open_case, settle
from engine.actions.desk import Desk
from engine.actions.keep_verification import end_verification
from engine.actions.outbox import tell
from engine.rules.evidence import evidence_digest
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role
from models import Measure, Verdict


def pass_verification(desk: Desk, code: str, *, reason: str | None = None) -> Measure:
    """Pass a submitted measure.  The verdict is bound to the evidence as it stands.  Raises Refusal."""
    return _judge(open_case(desk, code), "pass", Verdict.PASSED, Notice.PASSED, reason)


def return_measure(desk: Desk, code: str, *, reason: str) -> Measure:
    """Give a measure back with the reason; the due date and its ladder stand as they stood.  Raises Refusal."""
    return _judge(open_case(desk, code), "return", Verdict.RETURNED, Notice.RETURNED, reason)


def _judge(case: Case, transition: str, verdict: Verdict, notice: Notice, reason: str | None) -> Measure:
    desk, measure = case.desk, case.measure
    move(case, transition, reason=reason)
    verification = case.verification
    assert verification is not None, "a submitted measure has an open verification"
    if verdict is Verdict.PASSED:
        permit_by_checklist(desk.session, verification.id, evidence_digest(case.pieces))
    end_verification(
        case,
        verdict,
        verifier_id=verification.verifier or case.actor.person,
        reason=reason,
        evidence_digest=evidence_digest(case.pieces),
    )
    settle(case)
    tell(
        desk,
        [measure.owner_id],
        notice,
        role=Role.OWNER,
        key=str(verification.id),
        measure=measure,
        verifier=case.actor.name,
        reason=reason,
    )
    return measure

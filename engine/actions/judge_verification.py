"""The verifier passes a measure (核验通过) or returns it (退回)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.actions.answer_checklist import keep_answers, permit_by_checklist
from engine.actions.case import Case, move, open_case, permit_move, settle
from engine.actions.desk import Desk
from engine.actions.keep_verification import end_verification
from engine.actions.outbox import tell
from engine.rules.checklist import Given
from engine.rules.evidence import evidence_digest
from engine.rules.notices import Notice
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Measure, Verdict

#: How each transition ends a verification, and what the owner hears.
_ENDS = {"pass": (Verdict.PASSED, Notice.PASSED), "return": (Verdict.RETURNED, Notice.RETURNED)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answers that come with a verdict."""

    given: Mapping[str, Given]
    checklist: Mapping[str, Any]  #: asked where the verification began without one


def pass_verification(desk: Desk, code: str, *, reason: str | None = None, answered: Answered | None = None) -> Measure:
    """Pass a submitted measure.  The verdict is bound to the evidence as it stands.

    With `answered`, or where anything was answered before, every needed question must be met; without, whoever passes
    vouches for the whole, and the record says so.  Raises Refusal; then no answer is kept either.
    """
    return _judge(open_case(desk, code), "pass", reason, answered)


def return_measure(desk: Desk, code: str, *, reason: str, answered: Answered | None = None) -> Measure:
    """Give a measure back with the reason; the due date and its ladder stand as they stood.  Raises Refusal."""
    return _judge(open_case(desk, code), "return", reason, answered)


def _judge(case: Case, transition: str, reason: str | None, answered: Answered | None) -> Measure:
    verdict, notice = _ENDS[transition]
    desk, measure = case.desk, case.measure
    vouched = _ask_checklist(case, transition, reason, answered)
    move(case, transition, reason=reason, **({"vouched": True} if vouched else {}))
    verification = case.verification
    assert verification is not None, "a submitted measure has an open verification"
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


def _ask_checklist(case: Case, transition: str, reason: str | None, answered: Answered | None) -> bool:
    """Keep the answers, and refuse a pass that they do not allow; return whether it is vouched for without them."""
    verification = case.verification
    if answered is None and (verification is None or verification.checklist is None):
        return False
    permit_move(case, transition, reason=reason)  # who may not, hears no more
    if answered is not None:
        if verification is not None and verification.verifier is None:
            raise NotReady(N_("nobody was asked to verify {code} yet; a coordinator starts it", code=case.measure.code))
        keep_answers(case, answered.given, answered.checklist)
    return transition == "pass" and permit_by_checklist(case, vouches=answered is None)

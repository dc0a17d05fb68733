"""The verifier answers the checklist (核验清单); `judge_verification` asks the answers before a measure passes.

Answers hold for the evidence that they were given for: when it changes, they are asked again.  A verification keeps the
questions that it began with, whatever the checklist becomes later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from engine.actions.case import Case, open_case, permit_move, settle, work_of
from engine.actions.case_reads import OpenVerification
from engine.actions.desk import Desk, record
from engine.actions.keep_checklist import keep_checklist
from engine.actions.keep_verification import change_verification
from engine.reads.checklist_answers import read_answers, read_questions
from engine.rules.access import four_eyes
from engine.rules.checklist import Given, check_answers, permit_pass
from engine.rules.evidence import evidence_digest
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from models import ChecklistAnswer, Measure

#: Stands for the reason that will be given.
_REASON = "·"


def answer_checklist(desk: Desk, code: str, given: Mapping[str, Given], *, checklist: Mapping[str, Any]) -> Measure:
    """Keep the answers of the verifier who was asked, in the place of earlier ones; the same once more is nothing new.

    `checklist` is asked where the verification began without one.  Raises Refusal.
    """
    case, _ = open_for_verifier(desk, code)
    if keep_answers(case, given, checklist):
        settle(case)
    return case.measure


def open_for_verifier(desk: Desk, code: str) -> tuple[Case, OpenVerification]:
    """Open the measure for the verifier who was asked, or who stands in.  Raises Refusal."""
    case = open_case(desk, code)
    permit_move(case, "return", reason=_REASON)
    four_eyes(case.actor, work_of(case))  # also where a policy lets more people return than pass
    assert case.verification is not None, "what can be returned has an open verification"
    if case.verification.verifier is None:
        raise NotReady(N_("nobody was asked to verify {code} yet; a coordinator starts it", code=code))
    return case, case.verification


def keep_answers(case: Case, given: Mapping[str, Given], checklist: Mapping[str, Any]) -> bool:
    """Store what differs and say so in the record; return whether anything did.  The caller has asked who may."""
    desk, verification = case.desk, case.verification
    assert verification is not None, "answers belong to an open verification"
    session, number, digest = desk.session, verification.id, evidence_digest(case.pieces)
    if verification.checklist is None:
        change_verification(case, checklist_id=keep_checklist(session, checklist, desk.moment))
    check_answers(read_questions(session, number), given)
    wanted = {question: Given(one.answer, one.note.strip()) for question, one in given.items()}
    known = read_answers(session, number, digest)
    changed = {question: one for question, one in wanted.items() if known.get(question) != one}
    dropped = known.keys() - wanted.keys()
    if not changed and not dropped:
        return False
    of_these = ChecklistAnswer.question.in_({*changed, *dropped})
    session.execute(delete(ChecklistAnswer).where(ChecklistAnswer.verification_id == number, of_these))
    session.add_all(
        ChecklistAnswer(
            verification_id=number,
            question=question,
            answer=one.answer,
            note=one.note,
            evidence_digest=digest,
            by_id=case.actor.person,
            at=desk.moment.at,
        )
        for question, one in changed.items()
    )
    session.flush()
    told: dict[str, Any] = {question: [one.answer.value, one.note] for question, one in changed.items()}
    told |= dict.fromkeys(sorted(dropped))
    record(desk, "measure:verification:answer", actor=case.actor.person, measure=case.measure, answers=told)
    return True


def permit_by_checklist(case: Case, *, vouches: bool) -> bool:
    """Refuse a pass while the answers do not allow it; return whether somebody vouches for the whole instead.

    With `vouches` (programs and the command line, which show no questions) a verification in which nothing was ever
    answered may pass; the record says that the questions were not gone through.  Raises NotReady.
    """
    verification = case.verification
    if verification is None or verification.checklist is None:
        return False
    session = case.desk.session
    if vouches:
        anything = select(ChecklistAnswer.id).where(ChecklistAnswer.verification_id == verification.id).limit(1)
        if session.scalar(anything) is None:
            return True
    questions = read_questions(session, verification.id)
    permit_pass(questions, read_answers(session, verification.id, evidence_digest(case.pieces)))
    return False

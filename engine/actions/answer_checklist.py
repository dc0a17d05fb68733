"""The verifier answers the checklist (核验清单), and records what was found on site (现场检查).

Answers hold for the evidence that they were given for: when it changes, they are asked again.  A verification keeps the
questions that it was first answered with, whatever the checklist becomes later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.actions.case import Case, open_case, settle
from engine.actions.desk import Desk, record
from engine.reads.checklist_answers import read_answers, read_questions
from engine.rules.access import permit
from engine.rules.checklist import Given, check_answers, permit_pass
from engine.rules.evidence import evidence_digest
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from models import Checklist, ChecklistAnswer, Measure, SitePhoto, SiteVisit, Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo that was kept before, under its SHA-256."""

    name: str
    sha256: str
    size: int


def answer_checklist(desk: Desk, code: str, given: Mapping[str, Given], *, checklist: Mapping[str, Any]) -> Measure:
    """Keep the answers of the measure's verifier, in the place of earlier ones.

    `checklist` is asked where nothing was answered yet.  Raises Refusal for whoever may not pass the measure.
    """
    case, verification = _opened(desk, code)
    if verification.checklist_id is None:
        verification.checklist_id = _kept(desk, checklist)
        desk.session.flush()
    check_answers(read_questions(desk.session, verification.id), given)
    desk.session.execute(delete(ChecklistAnswer).where(ChecklistAnswer.verification_id == verification.id))
    digest = evidence_digest(case.pieces)
    desk.session.add_all(
        ChecklistAnswer(
            verification_id=verification.id,
            question=question,
            answer=one.answer,
            note=one.note.strip(),
            evidence_digest=digest,
            by_id=case.actor.person,
            at=desk.moment.at,
        )
        for question, one in given.items()
    )
    told = {question: [one.answer.value, one.note.strip()] for question, one in given.items()}
    record(desk, "measure:verification:answer", actor=case.actor.person, measure=case.measure, answers=told)
    settle(case)
    return case.measure


def record_site_visit(
    desk: Desk,
    code: str,
    *,
    on: date,
    place: str,
    present: str,
    checked: str,
    found: str,
    photos: Sequence[Photo] = (),
) -> Measure:
    """Keep the record of a visit with its photos.  Raises Refusal."""
    case, verification = _opened(desk, code)
    if not place.strip() or not found.strip():
        raise NotReady(N_("a record of a visit needs a place and what was found"))
    if on > desk.moment.on:
        raise NotReady(N_("{day} is still to come", day=on))
    visit = SiteVisit(
        verification_id=verification.id,
        on=on,
        place=place.strip()[:200],
        present=present.strip(),
        checked=checked.strip(),
        found=found.strip(),
        by_id=case.actor.person,
        at=desk.moment.at,
    )
    desk.session.add(visit)
    desk.session.flush()
    desk.session.add_all(
        SitePhoto(visit_id=visit.id, name=one.name, sha256=one.sha256, size=one.size) for one in photos
    )
    record(
        desk,
        "measure:verification:visit",
        actor=case.actor.person,
        measure=case.measure,
        on=on.isoformat(),
        place=visit.place,
        found=visit.found,
        photos=[one.sha256 for one in photos],
    )
    settle(case)
    return case.measure


def permit_by_checklist(session: Session, verification: int, digest: str) -> None:
    """Refuse a pass while the answers do not allow it.  Raises NotReady.

    A verification in which nothing was answered asks nothing: whoever passes it vouches for the whole.
    """
    questions = read_questions(session, verification)
    if questions:
        permit_pass(questions, read_answers(session, verification, digest))


def _opened(desk: Desk, code: str) -> tuple[Case, Verification]:
    """Open the measure for its verifier."""
    case = open_case(desk, code)
    permit(case.lifecycle, "return", actor=case.actor, facts=case.facts, reason="·")
    assert case.verification is not None, "what can be returned has an open verification"
    return case, desk.session.get_one(Verification, case.verification.id)


def _kept(desk: Desk, plain: Mapping[str, Any]) -> int:
    """Return the stored version with this content."""
    digest = sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    found = desk.session.scalar(select(Checklist.id).where(Checklist.digest == digest))
    if found is not None:
        return found
    kept = Checklist(digest=digest, body=dict(plain), created_at=desk.moment.at)
    desk.session.add(kept)
    desk.session.flush()
    return kept.id

"""What a verification asks, what was answered, and what was found on site."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.rules.checklist import Given, Question, parse_checklist
from models import Checklist, ChecklistAnswer, Measure, Person, SitePhoto, SiteVisit, Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLine:
    """One photo of a visit."""

    id: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """One visit."""

    on: date
    place: str
    present: str
    checked: str
    found: str
    by: str
    photos: tuple[PhotoLine, ...]


_QUESTIONS = (
    select(Checklist.body, Measure.measure_class)
    .join(Verification, Verification.checklist_id == Checklist.id)
    .join(Measure, Measure.id == Verification.measure_id)
    .where(Verification.id == bindparam("verification"))
)


def read_questions(session: Session, verification: int) -> tuple[Question, ...]:
    """Return what a verification asks, by the version that it began with; nothing where it has none."""
    row = session.connection().execute(_QUESTIONS, {"verification": verification}).one_or_none()
    return () if row is None else parse_checklist(row.body).asked_of(row.measure_class)


def read_answers(session: Session, verification: int, digest: str) -> dict[str, Given]:
    """Return the answers that were given for the evidence with this digest, by question."""
    rows = session.scalars(
        select(ChecklistAnswer).where(
            ChecklistAnswer.verification_id == verification, ChecklistAnswer.evidence_digest == digest
        )
    )
    return {row.question: Given(row.answer, row.note) for row in rows}


def read_told_answers(session: Session, round_id: int, code: str) -> dict[int, tuple[tuple[Question, Given], ...]]:
    """Return what was answered in the verifications of a measure that have ended; by verification, in the order asked.

    What a verifier notes before the verdict is theirs.
    """
    rows = session.execute(
        select(ChecklistAnswer, Checklist.id, Checklist.body)
        .join(Verification, Verification.id == ChecklistAnswer.verification_id)
        .join(Checklist, Checklist.id == Verification.checklist_id)
        .join(Measure, Measure.id == Verification.measure_id)
        .where(Measure.round_id == round_id, Measure.code == code, Verification.verdict.is_not(None))
    )
    questions: dict[int, tuple[Question, ...]] = {}
    given: dict[int, dict[str, Given]] = defaultdict(dict)
    asked: dict[int, tuple[Question, ...]] = {}
    for answer, checklist, body in rows.tuples():
        if checklist not in questions:
            questions[checklist] = parse_checklist(body).questions
        asked[answer.verification_id] = questions[checklist]
        given[answer.verification_id][answer.question] = Given(answer.answer, answer.note)
    return {
        number: tuple((one, given[number][one.id]) for one in asked[number] if one.id in given[number])
        for number in asked
    }


def read_visits(session: Session, verification: int) -> tuple[VisitLine, ...]:
    """Return the visits of a verification, the oldest first."""
    photos: dict[int, list[PhotoLine]] = defaultdict(list)
    shot = select(SitePhoto).join(SiteVisit, SiteVisit.id == SitePhoto.visit_id)
    for one in session.scalars(shot.where(SiteVisit.verification_id == verification).order_by(SitePhoto.id)):
        photos[one.visit_id].append(PhotoLine(id=one.id, name=one.name, sha256=one.sha256))
    rows = session.execute(
        select(SiteVisit, Person.name)
        .join(Person, Person.id == SiteVisit.by_id)
        .where(SiteVisit.verification_id == verification)
        .order_by(SiteVisit.id)
    )
    return tuple(
        VisitLine(
            on=visit.on,
            place=visit.place,
            present=visit.present,
            checked=visit.checked,
            found=visit.found,
            by=name,
            photos=tuple(photos[visit.id]),
        )
        for visit, name in rows
    )


def find_photo(session: Session, verification: int, number: int) -> PhotoLine | None:
    """Return one photo of a verification; None: there is none."""
    row = session.scalar(
        select(SitePhoto)
        .join(SiteVisit, SiteVisit.id == SitePhoto.visit_id)
        .where(SiteVisit.verification_id == verification, SitePhoto.id == number)
    )
    return None if row is None else PhotoLine(id=row.id, name=row.name, sha256=row.sha256)

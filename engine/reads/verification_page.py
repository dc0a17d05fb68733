"""One verification as it is worked on, printed and packed: the questions with their answers, and the evidence they saw.

What is decided shows what the verdict saw: evidence that came later is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.checklist_answers import read_questions
from engine.rules.checklist import Answer, Given, Question
from engine.rules.evidence import evidence_digest
from models import ChecklistAnswer, Event, Evidence, Person, Verdict, Verification

PASSED = "measure:state:pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, with what was answered."""

    number: int
    question: Question
    answer: Answer | None
    note: str
    by: str | None
    at: datetime | None
    is_stale: bool  #: answered for the evidence as it was before: to be answered again

    @property
    def given(self) -> Given | None:
        """The answer, where one holds."""
        return None if self.answer is None or self.is_stale else Given(self.answer, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPiece:
    """One piece of evidence."""

    id: int
    name: str
    sha256: str | None  #: None: paper that is kept elsewhere
    size: int | None
    by: str | None
    at: datetime
    is_new: bool  #: came after the verification began


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationDetail:
    """What hangs on one verification."""

    measure: int
    requested_by: str | None
    started_on: date | None
    decided_by: str | None
    decided_at: datetime | None
    is_open: bool
    has_checklist: bool  #: it began with one
    is_vouched: bool  #: passed without going through the checklist
    evidence_digest: str  #: that the verification is bound to
    is_changed: bool  #: the evidence is no longer what it is bound to
    asked: tuple[Asked, ...]
    evidence: tuple[SeenPiece, ...]


def read_verification(session: Session, number: int, *, otherwise: tuple[Question, ...] = ()) -> VerificationDetail:
    """Return what hangs on a verification; `otherwise` is asked where it began without a checklist and is open.

    The caller has asked whether its measure is in sight.  Raises NoResultFound.
    """
    verification = session.get_one(Verification, number)
    pieces = _pieces(session, verification)
    digest = evidence_digest((one.id, one.name, one.sha256) for one in pieces)
    is_open = verification.verdict is None
    questions = read_questions(session, number)
    people = {verification.requested_by_id, verification.decided_by_id} - {None}
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).tuples().all())
    return VerificationDetail(
        measure=verification.measure_id,
        requested_by=names.get(verification.requested_by_id or 0),
        started_on=verification.started_on,
        decided_by=names.get(verification.decided_by_id or 0),
        decided_at=verification.decided_at,
        is_open=is_open,
        has_checklist=verification.checklist_id is not None,
        is_vouched=_is_vouched(session, verification),
        evidence_digest=verification.evidence_digest,
        is_changed=verification.evidence_digest != digest,
        asked=_asked(session, number, questions or (otherwise if is_open else ()), digest),
        evidence=pieces,
    )


def _asked(session: Session, number: int, questions: tuple[Question, ...], digest: str) -> tuple[Asked, ...]:
    rows = session.execute(
        select(ChecklistAnswer, Person.name)
        .join(Person, Person.id == ChecklistAnswer.by_id)
        .where(ChecklistAnswer.verification_id == number)
    )
    answers = {row.question: (row, name) for row, name in rows}
    found = []
    for place, question in enumerate(questions, start=1):
        row, name = answers.get(question.id, (None, None))
        found.append(
            Asked(
                number=place,
                question=question,
                answer=row.answer if row else None,
                note=row.note if row else "",
                by=name,
                at=row.at if row else None,
                is_stale=row is not None and row.evidence_digest != digest,
            )
        )
    return tuple(found)


def _pieces(session: Session, verification: Verification) -> tuple[SeenPiece, ...]:
    query = select(Evidence, Person.name).outerjoin(Person, Person.id == Evidence.added_by_id)
    query = query.where(Evidence.measure_id == verification.measure_id)
    if verification.decided_at is not None:
        query = query.where(Evidence.added_at <= verification.decided_at)
    rows = session.execute(query.order_by(Evidence.id)).all()
    known = _bound_to(verification, [(one.id, one.name, one.sha256) for one, _ in rows])
    return tuple(
        SeenPiece(
            id=one.id,
            name=one.name,
            sha256=one.sha256,
            size=one.size,
            by=name,
            at=one.added_at,
            is_new=place >= known,
        )
        for place, (one, name) in enumerate(rows)
    )


def _bound_to(verification: Verification, pieces: list[tuple[int, str, str | None]]) -> int:
    """Return how many of the pieces, the oldest first, the verification is bound to; evidence is only ever added."""
    for count in range(len(pieces), -1, -1):
        if evidence_digest(pieces[:count]) == verification.evidence_digest:
            return count
    return len(pieces)


def _is_vouched(session: Session, verification: Verification) -> bool:
    """Say whether the record tells that whoever passed it answered for the whole."""
    if verification.verdict not in {Verdict.PASSED, Verdict.VOIDED} or verification.decided_at is None:
        return False
    query = select(Event.data).where(
        Event.measure_id == verification.measure_id, Event.kind == PASSED, Event.at == verification.decided_at
    )
    return any(data.get("vouched") for data in session.scalars(query))

"""Accountability outcomes, for those who may see them; and whether they are what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from engine.rules.access import Actor
from engine.rules.outcomes import FIELDS, RECORDED, outcome_digest
from engine.rules.sight import Place, open_place
from engine.rules.vocabulary import OutcomeKind
from models import AccountabilityOutcome, Event, Finding, Measure, Person, Unit
from models.facts import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine:
    """One outcome, with names."""

    id: int
    kind: OutcomeKind
    decided_on: date
    towards: str  #: name of the person, or of the unit
    is_unit: bool
    measure: str | None  #: code
    finding: str | None  #: code
    finding_text: str | None
    text: str
    recorded_by: str
    recorded_at: datetime


def read_outcomes(session: Session, actor: Actor, round_id: int) -> tuple[OutcomeLine, ...]:
    """Return the round's outcomes, the newest first: one statement.  Raises NotFound for who may not see any."""
    open_place(actor, Place.ACCOUNTABILITY)
    recorder = aliased(Person)
    query = (
        select(AccountabilityOutcome, Person.name, Unit.name, Measure.code, Finding.code, Finding.text, recorder.name)
        .outerjoin(Person, Person.id == AccountabilityOutcome.person_id)
        .outerjoin(Unit, Unit.id == AccountabilityOutcome.unit_id)
        .outerjoin(Measure, Measure.id == AccountabilityOutcome.measure_id)
        .outerjoin(Finding, Finding.id == AccountabilityOutcome.finding_id)
        .join(recorder, recorder.id == AccountabilityOutcome.recorded_by_id)
        .where(AccountabilityOutcome.round_id == round_id)
        .order_by(AccountabilityOutcome.decided_on.desc(), AccountabilityOutcome.id.desc())
    )
    return tuple(
        OutcomeLine(
            id=row.id,
            kind=row.kind,
            decided_on=row.decided_on,
            towards=person or unit or "",
            is_unit=person is None,
            measure=measure,
            finding=finding,
            finding_text=finding_text,
            text=row.text,
            recorded_by=by,
            recorded_at=row.recorded_at,
        )
        for row, person, unit, measure, finding, finding_text, by in session.execute(query).tuples()
    )


def unfaithful_outcomes(session: Session) -> Iterator[Any]:
    """Yield the events (id, seq, kind, at) whose outcome is gone, or no longer what was recorded."""
    query = select(Event.id, Event.seq, Event.kind, Event.at, Event.data).where(
        Event.measure_id.is_(None), Event.kind == RECORDED
    )
    for event in session.execute(query.order_by(Event.seq)).mappings():
        outcome = session.get(AccountabilityOutcome, event["data"]["outcome"])
        if outcome is None or _digest(outcome) != event["data"]["digest"]:
            yield event


def _digest(outcome: AccountabilityOutcome) -> str:
    return outcome_digest({name: plain(getattr(outcome, name)) for name in FIELDS}, outcome.seal)

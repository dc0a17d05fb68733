"""What the agenda is selected from: open measures with their rungs and last words, and the last meeting's decisions."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.rules.agenda import DecisionFacts, MeasureFacts
from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.vocabulary import OPEN_STATES, Slip, WaitsFor
from models import (
    Decision,
    DecisionKind,
    Escalation,
    Extension,
    Fate,
    Measure,
    Meeting,
    Person,
    Policy,
    ProgressReport,
    Ruling,
    StuckTimer,
    Timer,
    Unit,
)

Lead, Owner = aliased(Person), aliased(Person)


def read_measure_facts(session: Session, round_id: int, as_of: date) -> list[MeasureFacts]:
    """Return every open measure of the round: a constant number of statements."""
    books = {policy.id: parse_ladders(policy.ladder) for policy in session.scalars(select(Policy))}
    rungs, raised, words = _rungs(session, round_id), _raised(session, round_id), last_words(session, round_id)
    stuck = set(session.scalars(select(StuckTimer.measure_id).where(StuckTimer.on > as_of - timedelta(days=2))))
    rows = session.execute(
        select(
            Measure,
            Unit.name,
            Lead.name,
            Owner.name,
            Extension.new_due,
            Extension.reason,
            Extension.approver_role,
        )
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(Lead, Lead.id == Measure.lead_id)
        .outerjoin(Owner, Owner.id == Measure.owner_id)
        .outerjoin(Extension, and_(Extension.measure_id == Measure.id, Extension.ruling == Ruling.PENDING))
        .where(Measure.round_id == round_id, Measure.state.in_(OPEN_STATES))
        .order_by(Measure.position)
    )
    found = []
    for measure, unit, leader, owner, extension_to, extension_reason, extension_by in rows:
        rung = rungs.get(measure.id, -1)
        found.append(
            MeasureFacts(
                id=measure.id,
                code=measure.code,
                position=measure.position,
                text=measure.text,
                unit=unit,
                leader=leader,
                owner=owner,
                state=measure.state,
                due=measure.due,
                rung=rung,
                slip=_slip(books[measure.policy_id], rung),
                reason=words.get(measure.id),
                extension_to=extension_to,
                extension_reason=extension_reason,
                extension_by=extension_by,
                raised=frozenset(raised.get(measure.id, ())),
                is_stuck=measure.id in stuck,
            )
        )
    return found


def _slip(book: LadderBook, rung: int) -> Slip | None:
    return book.ladders[WaitsFor.DUE_DATE].rung(rung).slip if rung >= 0 else None


def _rungs(session: Session, round_id: int) -> dict[int, int]:
    """Return the highest rung climbed of each measure's present due date."""
    rows = session.execute(
        select(Escalation.measure_id, func.max(Escalation.rung))
        .join(Measure, Measure.id == Escalation.measure_id)
        .where(
            Measure.round_id == round_id,
            Escalation.waits_for == WaitsFor.DUE_DATE,
            Escalation.deadline_version == Measure.deadline_version,
            Escalation.fate == Fate.CLIMBED,
        )
        .group_by(Escalation.measure_id)
    )
    return dict(rows.tuples().all())


def _raised(session: Session, round_id: int) -> dict[int, set[WaitsFor]]:
    """Return which of each measure's standing waits a rung has brought before the leading group."""
    rows = session.execute(
        select(Escalation.measure_id, Escalation.waits_for)
        .join(Measure, Measure.id == Escalation.measure_id)
        .join(
            Timer,
            and_(
                Timer.measure_id == Escalation.measure_id,
                Timer.waits_for == Escalation.waits_for,
                Timer.deadline_version == Escalation.deadline_version,
            ),
        )
        .where(Measure.round_id == round_id, Escalation.slip == Slip.GROUP, Escalation.fate == Fate.CLIMBED)
        .distinct()
    )
    found: dict[int, set[WaitsFor]] = defaultdict(set)
    for measure, waits_for in rows:
        found[measure].add(waits_for)
    return found


def last_words(session: Session, round_id: int) -> dict[int, str]:
    """Return the text of each measure's newest progress report."""
    newest = (
        select(func.max(ProgressReport.id))
        .join(Measure, Measure.id == ProgressReport.measure_id)
        .where(Measure.round_id == round_id)
        .group_by(ProgressReport.measure_id)
    )
    query = select(ProgressReport.measure_id, ProgressReport.text).where(ProgressReport.id.in_(newest))
    return dict(session.execute(query).tuples().all())


def read_last_decisions(session: Session, round_id: int, body: str, before: date) -> list[DecisionFacts]:
    """Return what the last meeting before `before` decided, with where the measures stand now.

    Tasks of earlier meetings come along until they were due at a meeting: nothing else would ask for them.
    """
    last = session.scalar(
        select(Meeting)
        .where(
            Meeting.round_id == round_id,
            Meeting.body == body,
            Meeting.held_on < before,
            select(Decision.id).where(Decision.meeting_id == Meeting.id).exists(),
        )
        .order_by(Meeting.held_on.desc())
        .limit(1)
    )
    if last is None:
        return []
    earlier = (
        Meeting.round_id == round_id,
        Meeting.body == body,
        Meeting.held_on < last.held_on,
        Decision.kind == DecisionKind.TASK,
        Decision.due >= last.held_on,
    )
    words = last_words(session, round_id)
    rows = session.execute(
        select(Decision, Meeting.held_on, Measure.code, Measure.due, Measure.state, Unit.name, Lead.name, Owner.name)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .outerjoin(Measure, Measure.id == Decision.measure_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(Lead, Lead.id == Measure.lead_id)
        .outerjoin(Owner, Owner.id == func.coalesce(Decision.owner_id, Measure.owner_id))
        .where(or_(Meeting.id == last.id, and_(*earlier)))
        .order_by(Meeting.held_on, Decision.number)
    )
    return [
        DecisionFacts(
            held_on=held_on,
            number=decision.number,
            text=decision.text,
            kind=decision.kind.value,
            measure=decision.measure_id,
            code=code,
            unit=unit,
            leader=leader,
            owner=owner,
            due=measure_due if decision.kind is DecisionKind.EXTEND else decision.due,  # it may be extended further
            state=state,
            reason=words.get(decision.measure_id) if decision.measure_id else None,
        )
        for decision, held_on, code, measure_due, state, unit, leader, owner in rows
    ]

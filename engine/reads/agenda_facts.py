"""What the agenda is selected from: open measures with their rungs and last words, and the last meeting's decisions."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from engine.reads.house_at import names_at
from engine.reads.ledger_rows import last_reports
from engine.reads.rewind import measures_at
from engine.rules.agenda import DecisionFacts, MeasureFacts
from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.moment import Moment
from engine.rules.progress import SETTLED
from engine.rules.vocabulary import OPEN_STATES, Slip, WaitsFor
from models import (
    Decision,
    DecisionDone,
    DecisionKind,
    Escalation,
    Extension,
    Fate,
    Measure,
    Meeting,
    Policy,
    Ruling,
    StuckTimer,
    Timer,
)


def read_measure_facts(
    session: Session, round_id: int, until: Moment, *, also: frozenset[int] = frozenset()
) -> list[MeasureFacts]:
    """Return every measure of the round that was open at `until`, or is one of `also`: a constant number of statements.

    What had been brought before the leading group is told of waits that still stand.
    """
    books = {policy.id: parse_ladders(policy.ladder) for policy in session.scalars(select(Policy))}
    rungs, raised = _rungs(session, round_id, until), _raised(session, round_id, until)
    words, asked = last_reports(session, round_id, until), _asked(session, round_id, until)
    units, people = names_at(session, round_id, until)
    recent = (StuckTimer.on > until.on - timedelta(days=2), StuckTimer.on <= until.on)
    stuck = set(session.scalars(select(StuckTimer.measure_id).where(*recent)))
    found = []
    for measure in measures_at(session, round_id, until):
        if measure.state not in OPEN_STATES and measure.id not in also:
            continue
        rung = rungs.get((measure.id, measure.deadline_version), -1)
        request = asked.get(measure.id)
        found.append(
            MeasureFacts(
                id=measure.id,
                code=measure.code,
                position=measure.position,
                text=measure.text,
                unit=units.get(measure.unit_id),
                leader=people.get(measure.lead_id),
                owner=people.get(measure.owner_id),
                state=measure.state,
                due=measure.due,
                rung=rung,
                slip=_slip(books[measure.policy_id], rung),
                reason=words.get(measure.id),
                extension_to=request.new_due if request else None,
                extension_reason=request.reason if request else None,
                extension_by=request.approver_role if request else None,
                raised=frozenset(raised.get(measure.id, ())),
                is_stuck=measure.id in stuck,
            )
        )
    return found


def _slip(book: LadderBook, rung: int) -> Slip | None:
    return book.ladders[WaitsFor.DUE_DATE].rung(rung).slip if rung >= 0 else None


def _asked(session: Session, round_id: int, until: Moment) -> dict[int, Extension]:
    """Return the extension request that waited for a decision at `until`, by measure."""
    undecided = or_(Extension.ruling == Ruling.PENDING, Extension.decided_at > until.at)
    query = select(Extension).join(Measure, Measure.id == Extension.measure_id)
    rows = session.scalars(query.where(Measure.round_id == round_id, Extension.requested_on <= until.on, undecided))
    return {row.measure_id: row for row in rows}


def _rungs(session: Session, round_id: int, until: Moment) -> dict[tuple[int, int], int]:
    """Return the highest rung climbed of each due date, by measure and deadline version."""
    key = (Escalation.measure_id, Escalation.deadline_version)
    rows = session.execute(
        select(*key, func.max(Escalation.rung))
        .join(Measure, Measure.id == Escalation.measure_id)
        .where(
            Measure.round_id == round_id,
            Escalation.waits_for == WaitsFor.DUE_DATE,
            Escalation.fate == Fate.CLIMBED,
            Escalation.at <= until.at,
        )
        .group_by(*key)
    )
    return {(measure, version): rung for measure, version, rung in rows.tuples()}


def _raised(session: Session, round_id: int, until: Moment) -> dict[int, set[WaitsFor]]:
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
        .where(
            Measure.round_id == round_id,
            Escalation.slip == Slip.GROUP,
            Escalation.fate == Fate.CLIMBED,
            Escalation.at <= until.at,
        )
        .distinct()
    )
    found: dict[int, set[WaitsFor]] = defaultdict(set)
    for measure, waits_for in rows:
        found[measure].add(waits_for)
    return found


def read_last_decisions(session: Session, round_id: int, body: str, before: date, until: Moment) -> list[DecisionFacts]:
    """Return what the last meeting before `before` decided, with where the measures stood at `until`.

    Tasks of earlier meetings come along until they are marked as done, where they have an owner or a date and
    their measure is not settled: nothing else would ask for them.
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
        or_(Decision.owner_id.is_not(None), Decision.due.is_not(None)),
        or_(DecisionDone.on.is_(None), DecisionDone.on >= last.held_on),
    )
    words = last_reports(session, round_id, until)
    measures = {one.id: one for one in measures_at(session, round_id, until)}
    units, people = names_at(session, round_id, until)
    rows = session.execute(
        select(Decision, Meeting.held_on, DecisionDone)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .outerjoin(DecisionDone, and_(DecisionDone.decision_id == Decision.id, DecisionDone.on <= until.on))
        .where(or_(Meeting.id == last.id, and_(*earlier)), Decision.at <= until.at)
        .order_by(Meeting.held_on, Decision.number)
    )
    found = []
    for decision, held_on, done in rows:
        measure = measures.get(decision.measure_id)
        if held_on < last.held_on and measure is not None and measure.state in SETTLED:
            continue
        is_extension = measure is not None and decision.kind is DecisionKind.EXTEND
        found.append(
            DecisionFacts(
                held_on=held_on,
                number=decision.number,
                text=decision.text,
                kind=decision.kind.value,
                measure=decision.measure_id,
                code=measure.code if measure else None,
                unit=units.get(measure.unit_id) if measure else None,
                leader=people.get(measure.lead_id) if measure else None,
                owner=people.get(decision.owner_id or (measure.owner_id if measure else None)),
                due=measure.due if measure and is_extension else decision.due,  # it may be extended further
                state=measure.state if measure else None,
                reason=words.get(decision.measure_id) if decision.measure_id else None,
                done_on=done.on if done else None,
                note=done.note or None if done else None,
            )
        )
    return found

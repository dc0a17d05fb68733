"""Creates measures that the record does not have yet, in bulk.  Part of `import_round`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from engine.actions.append_events import append_events
from engine.actions.import_measures import MeasureGround, Wanted
from engine.rules.evidence import evidence_digest
from engine.rules.plan import MeasurePlan
from engine.rules.vocabulary import MeasureClass, State
from models import CoUnit, Evidence, Measure, ProgressReport, Round, Verification
from models.facts import CO_UNITS, changes_between, facts_of

Row = dict[str, Any]
DONE = 100


def create_measures(new: Sequence[Wanted], position: int, ground: MeasureGround) -> list[Measure]:
    """Insert `new` after `position`, with everything that hangs on them; the timers are armed by the caller.

    A constant number of statements, however many measures.
    """
    if not new:
        return []
    rows = [_row(wanted, position + offset, ground) for offset, wanted in enumerate(new, start=1)]
    query = insert(Measure).returning(Measure, sort_by_parameter_order=True)
    measures = list(ground.session.scalars(query, rows))
    _add_parts(list(zip(measures, new, strict=True)), ground)
    return measures


def due_of(plan: MeasurePlan, round_: Round) -> date | None:
    """Return the due date: the file's, none for a continuous measure, else the round's concentrated deadline."""
    if plan.due is not None or plan.measure_class is MeasureClass.CONTINUOUS:
        return plan.due
    return round_.concentrated_end


def standing(state: State, on: date) -> Row:
    """Return the columns that follow from a state which a file tells: the record begins with it."""
    return {
        "state": state,
        "state_since": on,
        "accepted_on": on if state not in {State.ASSIGNED, State.CANCELLED} else None,
        "percent": DONE if state in {State.VERIFIED, State.CLOSED} else 0,
        "closed_on": on if state is State.CLOSED else None,
    }


def _row(wanted: Wanted, position: int, ground: MeasureGround) -> Row:
    plan, moment = wanted.plan, ground.timers.moment
    due = due_of(plan, ground.round)
    return {
        "round_id": ground.round.id,
        "finding_id": wanted.finding.id,
        "policy_id": ground.round.policy_id,
        "code": wanted.code,
        "position": position,
        "text": plan.text,
        "measure_class": plan.measure_class or MeasureClass.STAGED,
        "lead_id": wanted.lead,
        "unit_id": wanted.unit,
        "owner_id": wanted.owner,
        **standing(plan.state or State.ASSIGNED, moment.on),
        "original_due": due,
        "due": due,
        "deadline_version": 1,
        "reported_on": moment.on if plan.progress else None,
        "version": 1,
        "created_at": moment.at,
    }


def _add_parts(pairs: Sequence[tuple[Measure, Wanted]], ground: MeasureGround) -> None:
    """Add what hangs on new measures: events, co-units, first reports, evidence, open verifications."""
    moment = ground.timers.moment
    by = {"actor_id": ground.actor, "on": moment.on, "at": moment.at}

    def add(table: type[Any], rows: list[Row]) -> None:
        if rows:
            ground.session.execute(insert(table), rows)

    append_events(
        ground.session,
        [
            {
                "round_id": ground.round.id,
                "measure_id": measure.id,
                "kind": "measure:import:create",
                "from_state": None,
                "to_state": measure.state,
                "data": {"due": measure.due.isoformat() if measure.due else None},
                "changed": changes_between({}, facts_of(measure) | {CO_UNITS: sorted(wanted.co_units)}),
                **by,
            }
            for measure, wanted in pairs
        ],
    )
    add(CoUnit, [{"measure_id": measure.id, "unit_id": unit} for measure, wanted in pairs for unit in wanted.co_units])
    add(
        ProgressReport,
        [
            {
                "measure_id": measure.id,
                "author_id": ground.actor,
                "percent": measure.percent,
                "text": wanted.plan.progress,
                "on": moment.on,
                "at": moment.at,
            }
            for measure, wanted in pairs
            if wanted.plan.progress
        ],
    )
    add(
        Evidence,
        [
            {"measure_id": measure.id, "name": name, "added_by_id": ground.actor, "added_at": moment.at}
            for measure, wanted in pairs
            for name in wanted.plan.evidence
        ],
    )
    open_verifications([measure for measure, _ in pairs if measure.state is State.SUBMITTED], ground)


def open_verifications(submitted: Sequence[Measure], ground: MeasureGround) -> None:
    """Let measures that come on record as submitted wait for a verifier, with the evidence that they have."""
    if submitted:
        ground.session.execute(insert(Verification), _verifications(submitted, ground))


def _verifications(submitted: Sequence[Measure], ground: MeasureGround) -> list[Row]:
    pieces: dict[int, list[tuple[int, str, str | None]]] = defaultdict(list)
    query = select(Evidence.measure_id, Evidence.id, Evidence.name, Evidence.sha256).join(Measure)
    rows = ground.session.execute(query.where(Measure.round_id == ground.round.id, Measure.state == State.SUBMITTED))
    for measure, number, name, content in rows:
        pieces[measure].append((number, name, content))
    return [
        {
            "measure_id": measure.id,
            "requested_on": ground.timers.moment.on,
            "evidence_digest": evidence_digest(pieces[measure.id]),
        }
        for measure in submitted
    ]

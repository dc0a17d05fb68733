"""Creates measures that the record does not have yet, in bulk.  Part of `import_round`.

Their ids are known beforehand and every row is made once, ready to be stored: no statement answers, and nothing is
read back (docs/performance.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from engine.actions.append_events import begin_chains
from engine.actions.import_measures import MeasureGround, Wanted
from engine.actions.timers import arm, wait_facts
from engine.rules.evidence import evidence_digest
from engine.rules.plan import MeasurePlan
from engine.rules.vocabulary import MeasureClass, State
from engine.rules.waits import WaitFacts, waits
from models import CoUnit, Evidence, Measure, ProgressReport, Round, Timer, Verification
from models.bulk import insert_rows, new_ids
from models.facts import CO_UNITS, changes_between, facts_of
from models.measure import NewMeasure

Row = dict[str, Any]
DONE = 100


def create_measures(new: Sequence[Wanted], position: int, ground: MeasureGround) -> list[NewMeasure]:
    """Insert `new` after `position`, with everything that hangs on them, and arm their timers.

    A constant number of statements per some thousand measures.
    """
    if not new:
        return []
    ids = new_ids(ground.session, Measure)
    measures = [_measure(next(ids), wanted, position + offset, ground) for offset, wanted in enumerate(new, start=1)]
    ground.session.flush()
    insert_rows(ground.session, Measure, NewMeasure._fields, measures)
    _add_parts(list(zip(measures, new, strict=True)), ground)
    insert_rows(ground.session, Timer, _TIMER, _timers(measures, ground))
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
        "handed_in_on": None,  # nobody knows the day
        "closed_on": on if state is State.CLOSED else None,
    }


def _measure(number: int, wanted: Wanted, position: int, ground: MeasureGround) -> NewMeasure:
    plan, round_, moment = wanted.plan, ground.round, ground.timers.moment
    due = due_of(plan, round_)
    return NewMeasure(
        id=number,
        round_id=round_.id,
        finding_id=wanted.finding.id,
        policy_id=round_.policy_id,
        code=wanted.code,
        position=position,
        text=plan.text,
        measure_class=plan.measure_class or MeasureClass.STAGED,
        lead_id=wanted.lead,
        unit_id=wanted.unit,
        owner_id=wanted.owner,
        **standing(plan.state or State.ASSIGNED, moment.on),
        original_due=due,
        due=due,
        deadline_version=1,
        reported_on=moment.on if plan.progress else None,
        version=1,
        created_at=moment.at,
    )


_TIMER = ("measure_id", "fires_on", "waits_for", "deadline", "deadline_version", "rung")


def _timers(measures: Iterable[NewMeasure], ground: MeasureGround) -> Iterator[tuple[Any, ...]]:
    """Yield the first timers of new measures: armed once for all that wait for the same."""
    first_of: dict[WaitFacts, list[tuple[Any, ...]]] = {}
    timers = ground.timers
    for measure in measures:
        facts = wait_facts(measure, None)
        if facts not in first_of:
            armed = (
                arm(measure, wait, timers, {})
                for wait in waits(facts, timers.books[measure.policy_id], timers.calendar)
            )
            first_of[facts] = [tuple(row[name] for name in _TIMER[1:]) for row in armed]
        for timer in first_of[facts]:
            yield measure.id, *timer


def _add_parts(pairs: Sequence[tuple[NewMeasure, Wanted]], ground: MeasureGround) -> None:
    """Add what hangs on new measures: events, co-units, first reports, evidence, open verifications."""
    session, moment = ground.session, ground.timers.moment
    begin_chains(
        session,
        (
            {
                "measure_id": one.id,
                "to_state": one.state,
                "data": {"due": one.due.isoformat() if one.due else None},
                "changed": changes_between({}, facts_of(one) | {CO_UNITS: sorted(wanted.co_units)}),
            }
            for one, wanted in pairs
        ),
        same={
            "round_id": ground.round.id,
            "kind": "measure:import:create",
            "actor_id": ground.actor,
            "on": moment.on,
            "at": moment.at,
            "from_state": None,
        },
    )
    insert_rows(
        session,
        CoUnit,
        ("measure_id", "unit_id"),
        ((one.id, unit) for one, wanted in pairs for unit in wanted.co_units),
    )
    insert_rows(
        session,
        ProgressReport,
        ("measure_id", "percent", "text"),
        ((one.id, one.percent, wanted.plan.progress) for one, wanted in pairs if wanted.plan.progress),
        same={"author_id": ground.actor, "on": moment.on, "at": moment.at},
    )
    insert_rows(
        session,
        Evidence,
        ("measure_id", "name"),
        ((one.id, name) for one, wanted in pairs for name in wanted.plan.evidence),
        same={"added_by_id": ground.actor, "added_at": moment.at},
    )
    open_verifications([one for one, _ in pairs if one.state is State.SUBMITTED], ground)


def open_verifications(submitted: Sequence[Measure | NewMeasure], ground: MeasureGround) -> None:
    """Let measures that come on record as submitted wait for a verifier, with the evidence that they have."""
    if submitted:
        ground.session.execute(insert(Verification), _verifications(submitted, ground))


def _verifications(submitted: Sequence[Measure | NewMeasure], ground: MeasureGround) -> list[Row]:
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

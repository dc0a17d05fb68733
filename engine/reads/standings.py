"""How many measures stand how at any moment: counted in the database, and only what changed later counted by hand.

Counting reads every measure of the round once; what goes through Python are the ways in which they can stand, and the
measures to which something happened since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from engine.reads.rewind import created_later, happened_later, later_changes, on_record
from engine.rules.moment import Moment
from engine.rules.progress import OWED, Standing, Standings, is_late
from engine.rules.vocabulary import State
from models import Event, Measure

_m = Measure.__table__.c


def standings_at(session: Session, round_id: int, until: Moment, latest: date) -> Standings:
    """Return how many measures stood how at `until`; overdue is what was due on `latest` or before.

    As `measures_at` tells them, moments before the import included: three statements, four when something happened
    since.  Measures that somebody changes between the statements count as they stood before.
    """
    counts, touched = _as_they_stand(session, round_id, until, latest)
    if touched:
        was_there = session.scalar(select(on_record(round_id, until)))
        changes = later_changes(session, round_id, until)
        new = set(created_later(session, round_id, until))
        for number, facts in touched.items():
            if number in new and was_there:
                continue
            stood = facts | changes.get(number, {})
            if number in new:
                stood["state"] = State.ASSIGNED
            counts[_standing(stood, latest)] += 1
    return counts


def _as_they_stand(
    session: Session, round_id: int, until: Moment, latest: date
) -> tuple[Counter[Standing], dict[int, dict[str, Any]]]:
    """Return how many stand how of those to which nothing happened since `until`; and the facts of the others by id.

    One statement, so that everybody is in one of the two.
    """
    later = _m.id.in_(select(Event.measure_id).where(*happened_later(round_id, until)))
    touched, owner, due = (case((later, column)) for column in (_m.id, _m.owner_id, _m.due))
    shown = (
        _m.finding_id,
        _m.unit_id,
        _m.state,
        _m.owner_id.is_not(None),
        and_(_m.state.in_(OWED), func.coalesce(_m.due <= latest, False)),
        touched,
        owner,
        due,
    )
    query = select(*shown, func.count()).where(_m.round_id == round_id).group_by(*shown)
    counts, facts = Counter[Standing](), dict[int, dict[str, Any]]()
    for finding, unit, state, has_owner, is_overdue, number, owner_id, due_on, count in session.execute(query):
        if number is None:
            counts[Standing(finding, unit, state, has_owner, is_overdue)] += count
        else:
            facts[number] = {
                "finding_id": finding,
                "unit_id": unit,
                "state": state,
                "owner_id": owner_id,
                "due": due_on,
            }
    return counts, facts


def _standing(facts: Mapping[str, Any], latest: date) -> Standing:
    state: State = facts["state"]
    return Standing(
        finding=facts["finding_id"],
        unit=facts["unit_id"],
        state=state,
        has_owner=facts["owner_id"] is not None,
        is_overdue=is_late(state, facts["due"], latest),
    )

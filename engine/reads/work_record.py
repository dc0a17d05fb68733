"""Who has worked on measures, read from the events of each: what `engine.rules.work_record` judges by.

Four statements for any number of measures; events that tell of no work (rungs, opinions) stay in the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from engine.reads.absences import read_absences
from engine.rules.too_near import Substitutions
from engine.rules.work_record import WORK_EVENTS, Present, Told, WorkRecord, hands_told, homes_of, units_told
from models import Event, FormerUnit, Measure, Person

_EVENTS = (
    select(
        Event.measure_id,
        Event.kind,
        Event.actor_id,
        Event.on,
        Event.from_state,
        Event.to_state,
        Event.changed,
        Event.data,
    )
    .where(or_(Event.kind.in_(sorted(WORK_EVENTS)), Event.changed.is_not(None)))
    .order_by(Event.measure_id, Event.seq)
)
_OF_ONE = _EVENTS.where(Event.measure_id == bindparam("measure"))
_OF_ROUND = _EVENTS.join(Measure, Measure.id == Event.measure_id).where(Measure.round_id == bindparam("round"))
_LEFT = (
    select(FormerUnit.person_id, FormerUnit.unit_id, FormerUnit.left_on)
    .where(FormerUnit.left_on >= bindparam("since"))
    .order_by(FormerUnit.left_on, FormerUnit.id)
)
FEW = 500  #: people that are asked for by number; else everybody is read


def present_of(measure: Measure) -> Present:
    """Return whose a measure is now."""
    since = min(measure.accepted_on or measure.state_since, measure.state_since)
    return Present(owner=measure.owner_id, lead=measure.lead_id, unit=measure.unit_id, since=since)


def read_work(session: Session, measure: int, present: Present, today: date) -> WorkRecord:
    """Return who has worked on one measure, up to `today`."""
    return _read(session, _OF_ONE, {"measure": measure}, {measure: present}, today)[measure]


def read_work_of(session: Session, presents: Mapping[int, Present], today: date) -> dict[int, WorkRecord]:
    """Return who has worked on each of these measures, some hundred at most, up to `today`."""
    return _read(session, _EVENTS.where(Event.measure_id.in_(presents)), {}, presents, today)


def read_work_of_round(
    session: Session, round_id: int, presents: Mapping[int, Present], today: date
) -> dict[int, WorkRecord]:
    """Return who has worked on each of these measures of a round, up to `today`."""
    return _read(session, _OF_ROUND, {"round": round_id}, presents, today)


def _read(
    session: Session, query: Select[Any], asked: Mapping[str, int], presents: Mapping[int, Present], today: date
) -> dict[int, WorkRecord]:
    connection = session.connection()
    told: dict[int, list[Told]] = {number: [] for number in presents}
    for row in connection.execute(query, asked):
        if row.measure_id in told:
            told[row.measure_id].append(
                Told(
                    kind=row.kind,
                    actor=row.actor_id,
                    on=row.on,
                    from_state=row.from_state,
                    to_state=row.to_state,
                    changed=row.changed,
                    data=row.data,
                )
            )
    hands = {number: hands_told(told[number], present, today) for number, present in presents.items()}
    since = min((span.first for spans in hands.values() for span in spans), default=today)
    left: dict[int, list[tuple[int, date]]] = defaultdict(list)
    for person, unit, day in connection.execute(_LEFT, {"since": since}):
        left[person].append((unit, day))
    workers = {span.whose for spans in hands.values() for span in spans}
    names, present_unit = _people(session, workers)
    homes = {person: homes_of(left.get(person, ()), present_unit[person], today) for person in workers}
    formerly = {person: homes_of(gone, None, today) for person, gone in left.items()}
    substitutions = Substitutions(read_absences(session, since, today))
    return {
        number: WorkRecord(
            hands=hands[number],
            units=units_told(told[number], hands[number], present, today, homes),
            substitutions=substitutions,
            homes=formerly,
            names=names,
            today=today,
        )
        for number, present in presents.items()
    }


def _people(session: Session, people: Collection[int]) -> tuple[dict[int, str], dict[int, int]]:
    query = select(Person.id, Person.name, Person.unit_id)
    if len(people) <= FEW:
        query = query.where(Person.id.in_(people))
    rows = session.connection().execute(query).all()
    return {row.id: row.name for row in rows}, {row.id: row.unit_id for row in rows}

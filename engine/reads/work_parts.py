"""Which measures wait for somebody, part by part: one query of a few numbers each, along an index of that person's.

Called by `engine.reads.my_work`.  A query holds no more than a page can show, so that the cost follows what somebody
has to do, not how large the ledgers are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from engine.reads.open_matters import is_task_of
from engine.rules.access import Actor
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role, State, WaitsFor
from models import CoUnit, Decision, Extension, Measure, Timer, Verification
from models.extension import IS_PENDING


class Part(StrEnum):
    """Why something waits."""

    OWN = "own"  #: to accept, report, hand in
    VERIFY = "verify"  #: asked to check
    EXTENSION = "extension"  #: asked to decide
    CO_UNIT = "co_unit"  #: the own unit helps
    CLOSE_OUT = "close_out"  #: for the leading group
    ASSIGN = "assign"  #: for coordinators: nobody owns it
    VERIFIER = "verifier"  #: for coordinators: nobody checks it
    UNIT = "unit"  #: for unit heads: overdue with somebody else of the unit
    LED = "led"  #: for responsible leaders: overdue
    TASK = "task"  #: given by the leading group: no measure (engine.reads.my_tasks)


PART_NAMES: dict[Part, Text] = {
    Part.OWN: N_("My measures"),
    Part.VERIFY: N_("To verify"),
    Part.EXTENSION: N_("Extension requests to decide"),
    Part.CO_UNIT: N_("My unit helps with"),
    Part.CLOSE_OUT: N_("Verified, to be closed out"),
    Part.ASSIGN: N_("To be assigned"),
    Part.VERIFIER: N_("Submitted, nobody verifies yet"),
    Part.UNIT: N_("Overdue in my unit"),
    Part.LED: N_("Overdue among those I lead"),
    Part.TASK: N_("Tasks from meetings"),
}
#: What each part waits for: its deadline is the earliest of these.
WAITS: dict[Part, tuple[WaitsFor, ...]] = {
    Part.OWN: (WaitsFor.ACCEPTANCE, WaitsFor.MONTHLY_REPORT, WaitsFor.DUE_DATE),
    Part.VERIFY: (WaitsFor.VERIFICATION,),
    Part.EXTENSION: (WaitsFor.EXTENSION,),
    Part.CO_UNIT: (WaitsFor.DUE_DATE,),
    Part.CLOSE_OUT: (WaitsFor.CLOSE_OUT,),
    Part.ASSIGN: (WaitsFor.ASSIGNMENT,),
    Part.VERIFIER: (WaitsFor.VERIFICATION,),
    Part.UNIT: (WaitsFor.DUE_DATE,),
    Part.LED: (WaitsFor.DUE_DATE,),
}


def find_parts(
    session: Session, actor: Actor, rounds: Sequence[int], overdue_until: date, *, most: int
) -> dict[Part, list[int]]:
    """Return the numbers of the measures (and tasks) that wait for `actor`, at most `most` and one of a part and round.

    `overdue_until` is the latest due date that is overdue (`engine.rules.progress`).
    """
    heads = {unit for role, unit in actor.grants | actor.borrowed if role is Role.UNIT_HEAD and unit is not None}
    is_of_rounds = actor.holds(Role.COORDINATOR) or actor.holds(Role.LEADING_GROUP)
    shape = Shape(
        is_head=bool(heads),
        coordinates=actor.holds(Role.COORDINATOR),
        is_group=actor.holds(Role.LEADING_GROUP),
        rounds=tuple(rounds) if is_of_rounds else (),
        most=most,
    )
    asked = {
        "people": [actor.person, *actor.stands_in_for],
        "heads": sorted(heads),
        "units": sorted({actor.unit, *heads}),
        "overdue_until": overdue_until,
        "rounds": rounds,
    }
    found = defaultdict[Part, list[int]](list)
    for part, measure in session.connection().execute(_query(shape), asked):
        found[Part(part)].append(measure)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the form of the query depends on: it is built once for each."""

    is_head: bool
    coordinates: bool
    is_group: bool
    rounds: tuple[int, ...]
    most: int


_PEOPLE = bindparam("people", expanding=True, type_=Measure.id.type)
_HEADS = bindparam("heads", expanding=True, type_=Measure.id.type)
_UNITS = bindparam("units", expanding=True, type_=Measure.id.type)
_ROUNDS = bindparam("rounds", expanding=True, type_=Measure.id.type)
_IS_OWED = Measure.state.in_((State.ASSIGNED, State.IN_PROGRESS))


@lru_cache(maxsize=64)
def _query(shape: Shape) -> Any:
    """Return the query for (part, measure), or (task, decision)."""
    found = [
        select(literal(part.value).label("part"), one.c.id.label("measure"))
        for part, query in _queries(shape)
        for one in [query.limit(shape.most + 1).subquery()]
    ]
    return union_all(*found)


def _queries(shape: Shape) -> Iterator[tuple[Part, Select[Any]]]:
    own = Measure.owner_id.in_(_PEOPLE)
    yield Part.OWN, select(Measure.id).where(own, _IS_OWED).order_by(_earliest(), Measure.id)
    yield Part.VERIFY, _open_verifications(Verification.verifier_id.in_(_PEOPLE))
    yield Part.EXTENSION, _requests(shape)
    helps = select(CoUnit.measure_id).where(CoUnit.unit_id.in_(_UNITS), CoUnit.done_on.is_(None))
    by_due = (Measure.due.is_(None), Measure.due, Measure.id)
    yield Part.CO_UNIT, select(Measure.id).where(Measure.id.in_(helps), _IS_OWED).order_by(*by_due)
    others = or_(Measure.owner_id.is_(None), Measure.owner_id.not_in(_PEOPLE))
    is_overdue = Measure.due <= bindparam("overdue_until", type_=Measure.due.type)
    late = select(Measure.id).where(Measure.round_id.in_(_ROUNDS), _IS_OWED, is_overdue, others)
    late = late.order_by(Measure.due, Measure.id)
    if shape.is_head:
        yield Part.UNIT, late.where(Measure.unit_id.in_(_HEADS))
    yield Part.LED, late.where(Measure.lead_id.in_(_PEOPLE))
    for round_ in shape.rounds:
        yield from _of_round(shape, round_)
    tasks = select(Decision.id).where(is_task_of(_PEOPLE))
    yield Part.TASK, tasks.order_by(Decision.due, Decision.id)
    if shape.coordinates:
        yield Part.VERIFIER, _open_verifications(Verification.verifier_id.is_(None))


def _of_round(shape: Shape, round_: int) -> Iterator[tuple[Part, Select[Any]]]:
    """Yield what waits for those who look after a round: each in the order of an index, which ends it early."""
    if shape.is_group:
        verified = select(Measure.id).where(Measure.round_id == round_, Measure.state == State.VERIFIED)
        yield Part.CLOSE_OUT, verified.order_by(Measure.due, Measure.id)
    if shape.coordinates:
        nobody = select(Measure.id).where(Measure.round_id == round_, Measure.owner_id.is_(None))
        in_order = (Measure.owner_id, Measure.round_id, Measure.due, Measure.id)
        yield Part.ASSIGN, nobody.where(Measure.state == State.ASSIGNED).order_by(*in_order)


def _earliest() -> Any:
    waits = select(func.min(Timer.deadline)).where(Timer.measure_id == Measure.id, Timer.waits_for.in_(WAITS[Part.OWN]))
    return waits.correlate(Measure).scalar_subquery()


def _open_verifications(whose: ColumnElement[bool]) -> Select[Any]:
    query = select(Verification.measure_id.label("id")).where(Verification.verdict.is_(None), whose)
    return query.order_by(Verification.verifier_id, Verification.requested_on, Verification.id)


def _requests(shape: Shape) -> Select[Any]:
    """Return the pending requests that are this person's to decide."""
    ways = [and_(Extension.approver_role == Role.LEADER, Measure.lead_id.in_(_PEOPLE))]
    if shape.is_group:
        ways.append(Extension.approver_role == Role.LEADING_GROUP)
    if shape.is_head:
        ways.append(and_(Extension.approver_role == Role.UNIT_HEAD, Measure.unit_id.in_(_HEADS)))
    query = select(Measure.id).join(Extension, Extension.measure_id == Measure.id).where(IS_PENDING, or_(*ways))
    is_own = func.coalesce(Measure.owner_id, 0).in_(_PEOPLE)
    return query.where(Extension.requested_by_id.not_in(_PEOPLE), ~is_own).order_by(
        Extension.requested_on, Extension.id
    )

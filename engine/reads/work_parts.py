"""Which measures wait for somebody, part by part: one query of a few numbers each, along an index of that person's.

Called by `engine.reads.my_work`.  A query holds no more than `MOST` and one, so that the cost follows what somebody has
to do, not how large the ledgers are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all

from engine.rules.access import Actor
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role, State, WaitsFor
from models import CoUnit, Extension, Measure, Timer, Verification
from models.extension import IS_PENDING

MOST = 50  #: measures of a part
_OWED = (State.ASSIGNED, State.IN_PROGRESS)


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


def parts_query(actor: Actor, rounds: Sequence[int], overdue_until: date) -> Any:
    """Return the query for (part, measure): what waits for `actor` in `rounds`.

    `overdue_until` is the latest due date that is overdue (`engine.rules.progress`).
    """
    found = [
        select(literal(part.value).label("part"), one.c.id.label("measure"))
        for part, query in _queries(actor, rounds, overdue_until)
        for one in [query.limit(MOST + 1).subquery()]
    ]
    return union_all(*found)


def _queries(actor: Actor, rounds: Sequence[int], overdue_until: date) -> Iterator[tuple[Part, Select[Any]]]:
    people, heads = {actor.person, *actor.stands_in_for}, _heads(actor)
    is_owed, is_overdue = Measure.state.in_(_OWED), Measure.due <= overdue_until
    others = or_(Measure.owner_id.is_(None), Measure.owner_id.not_in(people))
    yield Part.OWN, select(Measure.id).where(Measure.owner_id.in_(people), is_owed).order_by(_earliest(), Measure.id)
    yield Part.VERIFY, _open_verifications(Verification.verifier_id.in_(people))
    yield Part.EXTENSION, _requests(actor, people, heads)
    helps = select(CoUnit.measure_id).where(CoUnit.unit_id.in_({actor.unit, *heads}), CoUnit.done_on.is_(None))
    by_due = (Measure.due.is_(None), Measure.due, Measure.id)
    yield Part.CO_UNIT, select(Measure.id).where(Measure.id.in_(helps), is_owed).order_by(*by_due)
    late = select(Measure.id).where(is_owed, is_overdue).order_by(Measure.due, Measure.id)
    if heads:
        yield Part.UNIT, late.where(Measure.unit_id.in_(heads), others)
    yield Part.LED, late.where(Measure.lead_id.in_(people), others)
    for round_ in rounds:
        yield from _of_round(actor, round_)
    if actor.holds(Role.COORDINATOR):
        yield Part.VERIFIER, _open_verifications(Verification.verifier_id.is_(None))


def _of_round(actor: Actor, round_: int) -> Iterator[tuple[Part, Select[Any]]]:
    """Yield what waits for those who look after a round: each in the order of an index, which ends it early."""
    if actor.holds(Role.LEADING_GROUP):
        verified = select(Measure.id).where(Measure.round_id == round_, Measure.state == State.VERIFIED)
        yield Part.CLOSE_OUT, verified.order_by(Measure.due, Measure.id)
    if actor.holds(Role.COORDINATOR):
        nobody = select(Measure.id).where(Measure.round_id == round_, Measure.owner_id.is_(None))
        in_order = (Measure.owner_id, Measure.round_id, Measure.due, Measure.id)
        yield Part.ASSIGN, nobody.where(Measure.state == State.ASSIGNED).order_by(*in_order)


def _earliest() -> Any:
    waits = select(func.min(Timer.deadline)).where(Timer.measure_id == Measure.id, Timer.waits_for.in_(WAITS[Part.OWN]))
    return waits.correlate(Measure).scalar_subquery()


def _open_verifications(whose: ColumnElement[bool]) -> Select[Any]:
    query = select(Verification.measure_id.label("id")).where(Verification.verdict.is_(None), whose)
    return query.order_by(Verification.verifier_id, Verification.requested_on, Verification.id)


def _requests(actor: Actor, people: set[int], heads: set[int]) -> Select[Any]:
    """Return the pending requests that are this person's to decide."""
    ways = [and_(Extension.approver_role == Role.LEADER, Measure.lead_id.in_(people))]
    if actor.holds(Role.LEADING_GROUP):
        ways.append(Extension.approver_role == Role.LEADING_GROUP)
    if heads:
        ways.append(and_(Extension.approver_role == Role.UNIT_HEAD, Measure.unit_id.in_(heads)))
    query = select(Measure.id).join(Extension, Extension.measure_id == Measure.id).where(IS_PENDING, or_(*ways))
    own = func.coalesce(Measure.owner_id, 0).in_(people)
    return query.where(Extension.requested_by_id.not_in(people), ~own).order_by(Extension.requested_on, Extension.id)


def _heads(actor: Actor) -> set[int]:
    return {unit for role, unit in actor.grants | actor.borrowed if role is Role.UNIT_HEAD and unit is not None}

"""What waits for somebody, the most urgent first, in every round: also what they do in an absent person's place.

Each part is read along an index of that person's, and holds no more than `MOST` lines: the cost follows what somebody
has to do, not how large the ledgers are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.rules.access import Actor
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role, State, WaitsFor
from models import CoUnit, Extension, Measure, Person, Round, Timer, Unit, Verification
from models.extension import IS_PENDING

MOST = 50  #: lines of a part


class Part(StrEnum):
    """Why something waits."""

    OWN = "own"  #: to accept, report, hand in
    VERIFY = "verify"  #: asked to check
    EXTENSION = "extension"  #: asked to decide
    CO_UNIT = "co_unit"  #: the own unit helps
    CLOSE_OUT = "close_out"  #: for the leading group
    ASSIGN = "assign"  #: for coordinators: nobody owns it
    VERIFIER = "verifier"  #: for coordinators: nobody checks it


PART_NAMES: dict[Part, Text] = {
    Part.OWN: N_("My measures"),
    Part.VERIFY: N_("To verify"),
    Part.EXTENSION: N_("Extension requests to decide"),
    Part.CO_UNIT: N_("My unit helps with"),
    Part.CLOSE_OUT: N_("Verified, to be closed out"),
    Part.ASSIGN: N_("To be assigned"),
    Part.VERIFIER: N_("Submitted, nobody verifies yet"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One measure that waits for somebody."""

    part: Part
    round: str  #: its code
    code: str
    text: str
    state: State
    unit: str | None
    owner: str | None
    waits_for: WaitsFor | None
    deadline: date | None  #: of what it waits for
    due: date | None
    percent: int
    instead_of: str | None  #: the absent person in whose place it waits for one
    note: str | None = None  #: reason of a return, or of a request
    verification: int | None = None
    wanted: date | None = None  #: the due date that is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """One part of somebody's work."""

    part: Part
    lines: tuple[Waiting, ...]
    has_more: bool


_owner = aliased(Person)


def read_my_work(session: Session, actor: Actor) -> tuple[Pile, ...]:
    """Return what waits for `actor` today; parts in which nothing waits are left out."""
    names = _names(session, actor.stands_in_for)
    found = ((part, query) for part, query in _queries(actor) if query is not None)
    return tuple(pile for part, query in found if (pile := _pile(session, part, query, names)).lines)


def count_my_work(session: Session, actor: Actor) -> int:
    """Return how many lines wait, at most `MOST` of each part: for the navigation."""
    queries = [
        query.with_only_columns(Measure.id).order_by(None).limit(MOST)
        for _, query in _queries(actor)
        if query is not None
    ]
    counted = [select(func.count()).select_from(query.subquery()).scalar_subquery() for query in queries]
    if not counted:
        return 0
    total = counted[0]
    return int(session.scalar(select(sum(counted[1:], start=total))) or 0)


def _queries(actor: Actor) -> Iterator[tuple[Part, Select[Any] | None]]:
    people = {actor.person, *actor.stands_in_for}
    owed = (State.ASSIGNED, State.IN_PROGRESS)
    own_waits = (WaitsFor.ACCEPTANCE, WaitsFor.MONTHLY_REPORT, WaitsFor.DUE_DATE)
    yield Part.OWN, _lines(own_waits, Measure.owner_id.in_(people), Measure.state.in_(owed), whose=Measure.owner_id)
    verifies = Verification.verifier_id.in_(people)
    yield (
        Part.VERIFY,
        _lines((WaitsFor.VERIFICATION,), verifies, Measure.state == State.SUBMITTED, whose=Verification.verifier_id),
    )
    yield Part.EXTENSION, _lines((WaitsFor.EXTENSION,), IS_PENDING, _decides(actor, people))
    units = _units(actor)
    helps = select(CoUnit.measure_id).where(CoUnit.unit_id.in_(units), CoUnit.done_on.is_(None))
    yield Part.CO_UNIT, _lines((WaitsFor.DUE_DATE,), Measure.id.in_(helps), Measure.state.in_(owed))
    is_group, coordinates = actor.holds(Role.LEADING_GROUP), actor.holds(Role.COORDINATOR)
    closing = _lines((WaitsFor.CLOSE_OUT,), Measure.state == State.VERIFIED)
    yield Part.CLOSE_OUT, closing if is_group else None
    unowned = _lines((WaitsFor.ASSIGNMENT,), Measure.state == State.ASSIGNED, Measure.owner_id.is_(None))
    yield Part.ASSIGN, unowned if coordinates else None
    nobody = Verification.verifier_id.is_(None)
    unchecked = _lines(
        (WaitsFor.VERIFICATION,), Measure.state == State.SUBMITTED, Verification.verdict.is_(None), nobody
    )
    yield Part.VERIFIER, unchecked if coordinates else None


def _lines(waits: Iterable[WaitsFor], *where: ColumnElement[bool], whose: Any = None) -> Select[Any]:
    """Return the measures that wait, each with the earliest deadline of these waits."""
    earliest = (
        select(Timer.waits_for)
        .where(Timer.measure_id == Measure.id, Timer.waits_for.in_(tuple(waits)))
        .order_by(Timer.deadline, Timer.waits_for)
        .limit(1)
        .correlate(Measure)
        .scalar_subquery()
    )
    return (
        select(
            Round.code.label("round"),
            Measure.code,
            Measure.text,
            Measure.state,
            Unit.name.label("unit"),
            _owner.name.label("owner"),
            Timer.waits_for,
            Timer.deadline,
            Measure.due,
            Measure.percent,
            (whose if whose is not None else Measure.owner_id).label("whose"),
            func.coalesce(Extension.reason, Verification.reason).label("note"),
            Verification.id.label("verification"),
            Extension.new_due.label("wanted"),
        )
        .select_from(Measure)
        .join(Round, Round.id == Measure.round_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(_owner, _owner.id == Measure.owner_id)
        .outerjoin(Timer, and_(Timer.measure_id == Measure.id, Timer.waits_for == earliest))
        .outerjoin(Verification, and_(Verification.measure_id == Measure.id, Verification.id == _last_verification()))
        .outerjoin(Extension, and_(Extension.measure_id == Measure.id, IS_PENDING))
        .where(*where)
        .order_by(Timer.deadline.is_(None), Timer.deadline, Measure.id)
        .limit(MOST + 1)
    )


def _last_verification() -> Any:
    last = select(func.max(Verification.id)).where(Verification.measure_id == Measure.id)
    return last.correlate(Measure).scalar_subquery()


def _decides(actor: Actor, people: set[int]) -> ColumnElement[bool]:
    """Return the condition that a pending request is this person's to decide."""
    ways = [and_(Extension.approver_role == Role.LEADER, Measure.lead_id.in_(people))]
    if actor.holds(Role.LEADING_GROUP):
        ways.append(Extension.approver_role == Role.LEADING_GROUP)
    heads = {unit for role, unit in actor.grants | actor.borrowed if role is Role.UNIT_HEAD and unit is not None}
    if heads:
        ways.append(and_(Extension.approver_role == Role.UNIT_HEAD, Measure.unit_id.in_(heads)))
    return and_(or_(*ways), Extension.requested_by_id.not_in(people), func.coalesce(Measure.owner_id, 0).not_in(people))


def _units(actor: Actor) -> set[int]:
    heads = {unit for role, unit in actor.grants | actor.borrowed if role is Role.UNIT_HEAD and unit is not None}
    return {actor.unit, *heads}


def _pile(session: Session, part: Part, query: Select[Any], names: dict[int, str]) -> Pile:
    rows = session.execute(query).all()
    lines = tuple(
        Waiting(
            part=part,
            round=row.round,
            code=row.code,
            text=row.text,
            state=row.state,
            unit=row.unit,
            owner=row.owner,
            waits_for=row.waits_for,
            deadline=row.deadline,
            due=row.due,
            percent=row.percent,
            instead_of=names.get(row.whose) if part in {Part.OWN, Part.VERIFY} else None,
            note=row.note,
            verification=row.verification,
            wanted=row.wanted,
        )
        for row in rows[:MOST]
    )
    return Pile(part=part, lines=lines, has_more=len(rows) > MOST)


def _names(session: Session, people: frozenset[int]) -> dict[int, str]:
    if not people:
        return {}
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).tuples().all())

"""What waits for people who are shut out, or whom nothing reaches: nobody answers for it until others have it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from engine.reads.open_matters import IS_OPEN_TASK
from engine.rules.vocabulary import OPEN_STATES, Role, State
from models import (
    Absence,
    Account,
    ApiToken,
    Decision,
    Measure,
    Meeting,
    Person,
    RoleGrant,
    Round,
    SignIn,
    Unit,
    Verification,
)

SHUT_OUT = select(Person.id).where(Person.shut_out_at.is_not(None))
#: Those who never had a way in, and have no e-mail either: whatever they are told, nobody reads it.
UNREACHED = select(Person.id).where(
    Person.shut_out_at.is_(None),
    func.coalesce(Person.email, "") == "",
    *(~exists().where(of_theirs.person_id == Person.id) for of_theirs in (Account, SignIn, ApiToken)),
)
Whom = Collection[int] | Select[tuple[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOpen:
    """What waits for one person."""

    person: int
    code: str
    name: str
    owned: tuple[tuple[str, str], ...]  #: round and code of measures
    led: tuple[tuple[str, str], ...]
    verified: tuple[tuple[str, str], ...]  #: whose verdict is theirs to give
    tasks: tuple[tuple[str, str], ...]  #: round, and period of the meeting that gave them
    heads: tuple[str, ...]  #: units that nobody else heads
    stands_for: tuple[str, ...]  #: names of who is, or will be, away

    @property
    def count(self) -> int:
        """How much it is."""
        parts = (self.owned, self.led, self.verified, self.tasks, self.heads, self.stands_for)
        return sum(len(part) for part in parts)

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes of all measures concerned."""
        return frozenset(code for part in (self.owned, self.led, self.verified) for _, code in part)

    @property
    def owned_by_round(self) -> dict[str, tuple[str, ...]]:
        """Return the codes of what they own, by round: what is given to others at once."""
        found: dict[str, list[str]] = defaultdict(list)
        for round_, code in self.owned:
            found[round_].append(code)
        return {round_: tuple(codes) for round_, codes in found.items()}


def unless_shut_out(column: Any) -> ColumnElement[int | None]:
    """Return the person in a column, or nothing where they are shut out: nobody is told for them."""
    return case((column.in_(SHUT_OUT), None), else_=column)


def read_left_open(session: Session, on: date, people: Whom = SHUT_OUT) -> tuple[LeftOpen, ...]:
    """Return what waits for `people`: two statements, whoever they are."""
    whom = select(Person.id, Person.code, Person.name).where(Person.id.in_(people)).order_by(Person.code)
    found = session.execute(whom).all()
    if not found:
        return ()
    parts: dict[tuple[str, int], list[tuple[str, str]]] = defaultdict(list)
    for part, person, first, second in session.execute(union_all(*_parts(people, on))):
        parts[part, person].append((first, second))

    def pairs(part: str, person: int) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(parts[part, person]))

    lines = (
        LeftOpen(
            person=row.id,
            code=row.code,
            name=row.name,
            owned=pairs("owned", row.id),
            led=pairs("led", row.id),
            verified=pairs("verified", row.id),
            tasks=pairs("tasks", row.id),
            heads=tuple(first for first, _ in pairs("heads", row.id)),
            stands_for=tuple(first for first, _ in pairs("stands_for", row.id)),
        )
        for row in found
    )
    return tuple(line for line in lines if line.count)


def _parts(people: Whom, on: date) -> list[Select[Any]]:
    """Return a statement for each part: its name, the person, and two words that tell what it is."""

    def of_measures(part: str, person: Any) -> Select[Any]:
        return (
            select(literal(part), person, Round.code, Measure.code)
            .select_from(Measure)
            .join(Round, Round.id == Measure.round_id)
            .where(Measure.state.in_(OPEN_STATES), person.in_(people))
        )

    other = select(RoleGrant.unit_id).where(
        RoleGrant.role == Role.UNIT_HEAD, RoleGrant.person_id.not_in(people), RoleGrant.person_id.not_in(SHUT_OUT)
    )
    has_work = exists().where(Measure.unit_id == Unit.id, Measure.state.in_(OPEN_STATES))
    return [
        # of what has passed, nothing is asked of its owner any more
        of_measures("owned", Measure.owner_id).where(Measure.state != State.VERIFIED),
        of_measures("led", Measure.lead_id),
        of_measures("verified", Verification.verifier_id)
        .join(Verification, Verification.measure_id == Measure.id)
        .where(Verification.verdict.is_(None)),
        select(literal("tasks"), Decision.owner_id, Round.code, Meeting.period)
        .select_from(Decision)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .join(Round, Round.id == Meeting.round_id)
        .where(IS_OPEN_TASK, Decision.owner_id.in_(people)),
        select(literal("heads"), RoleGrant.person_id, Unit.name, Unit.name)
        .select_from(RoleGrant)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(
            RoleGrant.role == Role.UNIT_HEAD,
            RoleGrant.person_id.in_(people),
            RoleGrant.unit_id.not_in(other.where(RoleGrant.unit_id.is_not(None))),
            has_work,
        ),
        select(literal("stands_for"), Absence.substitute_id, Person.name, Person.code)
        .select_from(Absence)
        .join(Person, Person.id == Absence.person_id)
        .where(Absence.last_day >= on, Absence.substitute_id.in_(people)),
    ]

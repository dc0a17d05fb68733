"""Everybody with unit, granted roles and absences: a page of the list, and one person.  For the pages of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.rules.refusal import NotFound
from engine.rules.text import N_
from engine.rules.vocabulary import OPEN_STATES, Role, UnitKind
from models import Absence, Measure, Person, RoleGrant, Unit

PAGE = 50
ESCAPE = "\\"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceLine:
    """One absence that lasts, or is still to come."""

    id: int
    person: str  #: code
    person_name: str
    substitute: str  #: code
    substitute_name: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """One person of the list."""

    id: int
    code: str
    name: str
    unit: str
    email: str | None
    language: str | None
    roles: tuple[tuple[Role, str | None], ...]  #: granted; of a unit head with the name of the unit
    away: tuple[AbsenceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """One page of the list."""

    people: tuple[PersonCard, ...]
    found: int
    after: str | None  #: code of the last one, where there are more


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """One unit in the tree, each below the one that it belongs to."""

    id: int
    name: str
    kind: UnitKind
    parent: str | None
    depth: int
    people: int
    heads: tuple[str, ...]  #: names
    open_measures: int  #: that it answers for


def read_people_page(
    session: Session,
    *,
    on: date,
    search: str = "",
    unit: str | None = None,
    role: Role | None = None,
    after: str | None = None,
) -> PeoplePage:
    """Return the people that fit, by sign-in name, from the one after `after` on: four statements."""
    where = _fitting(search, unit, role)
    found = session.scalar(select(func.count()).select_from(Person).join(Unit).where(*where)) or 0
    query = _people().where(*where)
    if after:
        query = query.where(Person.code > after)
    cards = _cards(session, query.limit(PAGE + 1), on)
    return PeoplePage(people=cards[:PAGE], found=found, after=cards[PAGE - 1].code if len(cards) > PAGE else None)


def read_person(session: Session, code: str, *, on: date) -> PersonCard:
    """Return one person.  Raises NotFound."""
    cards = _cards(session, _people().where(Person.code == code), on)
    if not cards:
        raise NotFound(N_("there is no person {who}", who=code))
    return cards[0]


def read_units_tree(session: Session) -> tuple[UnitLine, ...]:
    """Return every unit, depth first, with its heads and how much it has to do: four statements."""
    units = session.execute(select(Unit.id, Unit.name, Unit.kind, Unit.parent_id).order_by(Unit.id)).all()
    people = dict(session.execute(select(Person.unit_id, func.count()).group_by(Person.unit_id)).tuples().all())
    busy = dict(
        session.execute(
            select(Measure.unit_id, func.count())
            .where(Measure.state.in_(OPEN_STATES), Measure.unit_id.is_not(None))
            .group_by(Measure.unit_id)
        )
        .tuples()
        .all()
    )
    heads: dict[int | None, list[str]] = defaultdict(list)
    granted = select(RoleGrant.unit_id, Person.name).join(Person, Person.id == RoleGrant.person_id)
    for number, name in session.execute(granted.where(RoleGrant.role == Role.UNIT_HEAD).order_by(RoleGrant.id)):
        heads[number].append(name)
    names = {row.id: row.name for row in units}
    below: dict[int | None, list[Any]] = defaultdict(list)
    for row in units:
        below[row.parent_id].append(row)
    found: list[UnitLine] = []

    def walk(parent: int | None, depth: int) -> None:
        for row in below[parent]:
            found.append(
                UnitLine(
                    id=row.id,
                    name=row.name,
                    kind=row.kind,
                    parent=names.get(row.parent_id),
                    depth=depth,
                    people=people.get(row.id, 0),
                    heads=tuple(heads[row.id]),
                    open_measures=busy.get(row.id, 0),
                )
            )
            walk(row.id, depth + 1)

    walk(None, 0)
    return tuple(found)


def read_absences_from(session: Session, on: date, people: Collection[int] | None = None) -> tuple[AbsenceLine, ...]:
    """Return the absences that last on `on` or are still to come, of `people` or of everybody."""
    substitute = aliased(Person)
    query = (
        select(Absence, Person.code, Person.name, substitute.code, substitute.name)
        .join(Person, Person.id == Absence.person_id)
        .join(substitute, substitute.id == Absence.substitute_id)
        .where(Absence.last_day >= on)
        .order_by(Absence.first_day, Absence.id)
    )
    if people is not None:
        query = query.where(Absence.person_id.in_(people))
    return tuple(
        AbsenceLine(
            id=row.id,
            person=code,
            person_name=name,
            substitute=other,
            substitute_name=other_name,
            first_day=row.first_day,
            last_day=row.last_day,
        )
        for row, code, name, other, other_name in session.execute(query).tuples()
    )


def _fitting(search: str, unit: str | None, role: Role | None) -> list[Any]:
    where: list[Any] = []
    if search.strip():
        plain = search.strip().replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
        like = [
            column.ilike(f"%{plain}%", escape=ESCAPE) for column in (Person.code, Person.name, Person.email, Unit.name)
        ]
        where.append(or_(*like))
    if unit:
        where.append(Unit.name == unit)
    if role:
        where.append(exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == role))
    return where


def _people() -> Select[Any]:
    columns = (Person.id, Person.code, Person.name, Unit.name.label("unit"), Person.email, Person.language)
    return select(*columns).join(Unit, Unit.id == Person.unit_id).order_by(Person.code)


def _cards(session: Session, query: Select[Any], on: date) -> tuple[PersonCard, ...]:
    rows = session.execute(query).all()
    numbers = [row.id for row in rows]
    roles, away = _roles(session, numbers), defaultdict(list)
    for line in read_absences_from(session, on, numbers):
        away[line.person].append(line)
    return tuple(
        PersonCard(
            id=row.id,
            code=row.code,
            name=row.name,
            unit=row.unit,
            email=row.email,
            language=row.language,
            roles=tuple(roles[row.id]),
            away=tuple(away[row.code]),
        )
        for row in rows
    )


def _roles(session: Session, people: Sequence[int]) -> dict[int, list[tuple[Role, str | None]]]:
    query = select(RoleGrant.person_id, RoleGrant.role, Unit.name).outerjoin(Unit, Unit.id == RoleGrant.unit_id)
    found: dict[int, list[tuple[Role, str | None]]] = defaultdict(list)
    for person, role, unit in session.execute(query.where(RoleGrant.person_id.in_(people)).order_by(RoleGrant.id)):
        found[person].append((role, unit))
    return found

"""Units, people and findings as they stood at any moment: imports and coordinators change them, and say what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.reads.rewind import on_record
from engine.rules.moment import Moment
from models import Event, Finding, Person, RoleGrant, Round, Unit
from models.facts import changes_between

Rows = dict[int, dict[str, Any]]  #: by id: column → value as plain JSON
Names = Mapping[int | None, str]  #: by id

NEW = "new_from"  #: in what an event changed: by table, the lowest id that it added


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseFacts:
    """Everything that a ledger shows beside its measures, each table in the order of its ids."""

    units: Rows  #: name, kind, parent_id
    people: Rows  #: code, name, unit_id, email, language, roles
    findings: Rows  #: of the round: parent_id, level, position, text
    rounds: Rows  #: the one round: title, organisation


TABLES = ("units", "people", "findings", "rounds")


def read_house(session: Session, round_id: int) -> HouseFacts:
    """Return the house and the round's findings as they stand: five statements."""
    return HouseFacts(
        units=read_units(session),
        people=read_people_facts(session),
        findings=_findings(session, round_id),
        rounds=_rows(session, Round, "title", "organisation", where=Round.id == round_id),
    )


def read_units(session: Session, *, only: int | None = None) -> Rows:
    """Return every unit by id, or `only` one."""
    return _rows(session, Unit, "name", "kind", "parent_id", where=None if only is None else Unit.id == only)


def read_people_facts(session: Session, *, only: int | None = None) -> Rows:
    """Return everybody by id, or `only` one, with the roles that they were granted, each once."""
    granted = select(RoleGrant.person_id, RoleGrant.role).order_by(RoleGrant.id)
    roles: dict[int, dict[str, None]] = defaultdict(dict)
    for person, role in session.execute(granted if only is None else granted.where(RoleGrant.person_id == only)):
        roles[person][role.value] = None
    where = None if only is None else Person.id == only
    people = _rows(session, Person, "code", "name", "unit_id", "email", "language", where=where)
    for number, person in people.items():
        person["roles"] = list(roles[number])
    return people


def _rows(session: Session, table: Any, *columns: str, where: ColumnElement[bool] | None = None) -> Rows:
    query = select(table.id, *(getattr(table, name) for name in columns)).order_by(table.id)
    if where is not None:
        query = query.where(where)
    return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in session.execute(query)}


def house_changes(before: HouseFacts, after: HouseFacts) -> dict[str, Any] | None:
    """Return what was changed: by table and id, column → [before, after]; and from which id on rows are new."""
    changed: dict[str, Any] = {}
    new: dict[str, int] = {}
    for table in TABLES:
        old: Rows = getattr(before, table)
        rows: Rows = getattr(after, table)
        added = [number for number in rows if number not in old]
        if added:
            new[table] = min(added)
        differing = {
            str(number): changes_between(old[number], row)
            for number, row in rows.items()
            if number in old and row != old[number]
        }
        if differing:
            changed[table] = differing
    if new:
        changed[NEW] = new
    return changed or None


def house_at(session: Session, round_id: int, until: Moment) -> HouseFacts:
    """Return the house as it stood at `until`; before the round came on record, as it stands."""
    house = read_house(session, round_id)
    for changed in _later(session, round_id, until):
        for table in TABLES:
            _take_back(getattr(house, table), table, changed)
    return house


def names_at(session: Session, round_id: int, until: Moment) -> tuple[Names, Names]:
    """Return the names of units and people as they stood at `until`, as `house_at` does: three statements."""
    units, people = _rows(session, Unit, "name"), _rows(session, Person, "name")
    for changed in _later(session, round_id, until):
        _take_back(units, "units", changed)
        _take_back(people, "people", changed)
    return _names(units), _names(people)


def _names(rows: Rows) -> Names:
    return {number: row["name"] for number, row in rows.items()}


def findings_at(session: Session, round_id: int, until: Moment) -> Rows:
    """Return the round's findings as they stood at `until`, as `house_at` does: two statements."""
    rows = _findings(session, round_id)
    for changed in _later(session, round_id, until):
        _take_back(rows, "findings", changed)
    return rows


def _findings(session: Session, round_id: int) -> Rows:
    return _rows(session, Finding, "parent_id", "level", "position", "text", where=Finding.round_id == round_id)


def _later(session: Session, round_id: int, until: Moment) -> list[dict[str, Any]]:
    """Return what was changed since `until`, the newest first; nothing, before the round came on record."""
    later = select(Event.changed).where(
        Event.measure_id.is_(None), Event.at > until.at, Event.on >= until.on, Event.changed.is_not(None)
    )
    return [
        changed or {} for changed in session.scalars(later.where(on_record(round_id, until)).order_by(Event.seq.desc()))
    ]


def _take_back(rows: Rows, table: str, changed: Mapping[str, Any]) -> None:
    for number, columns in changed.get(table, {}).items():
        if int(number) in rows:
            rows[int(number)] |= {name: before for name, (before, _) in columns.items()}
    first = changed.get(NEW, {}).get(table)
    if first is not None:
        for number in [one for one in rows if one >= first]:
            del rows[number]

"""A round as the ledger's three sheets hold it: units, people, and one row for each measure.

`documents.ledger_book` makes a workbook of it, for `duban ledger` and the monthly run; read back by the import, it
changes nothing.  A constant number of statements, whatever the size of the round.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.rewind import CO_UNITS, later_changes, measures_at
from engine.rules.moment import Moment
from engine.rules.vocabulary import Level, MeasureClass, Role, State, UnitKind
from models import CoUnit, Evidence, Finding, Measure, Person, ProgressReport, RoleGrant, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """One person as the sheet 人员 holds them."""

    name: str
    code: str
    unit: str
    roles: tuple[Role, ...]  #: granted ones, each once
    email: str | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """One measure as the sheet 台账 holds it."""

    code: str
    aspect: str
    problem: str
    item: str | None
    text: str
    measure_class: MeasureClass
    lead: str | None  #: name; the code where the name alone does not tell
    unit: str | None
    co_units: tuple[str, ...]
    owner: str | None  #: as `lead`
    due: date | None
    progress: str | None  #: the newest report's text
    state: State
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLedger:
    """Everything that the ledger of a round holds."""

    units: tuple[tuple[str, UnitKind, str | None], ...]  #: name, kind, name of the unit above
    people: tuple[PersonLine, ...]
    rows: tuple[MeasureRow, ...]


def read_round_ledger(session: Session, round_id: int, until: Moment) -> RoundLedger:
    """Return the ledger of a round as it stood at `until`, in the order in which it was read in."""
    unit_rows = session.execute(select(Unit.id, Unit.name, Unit.kind, Unit.parent_id).order_by(Unit.id)).all()
    units = {row.id: row.name for row in unit_rows}
    return RoundLedger(
        units=tuple((row.name, row.kind, units.get(row.parent_id)) for row in unit_rows),
        people=tuple(read_people_lines(session)),
        rows=tuple(_rows(session, round_id, until, units, _callings(session))),
    )


def read_people_lines(session: Session) -> list[PersonLine]:
    """Return everybody with what they may be asked for; two statements."""
    roles: dict[int, dict[Role, None]] = defaultdict(dict)
    for person, role in session.execute(select(RoleGrant.person_id, RoleGrant.role).order_by(RoleGrant.id)):
        roles[person][role] = None
    rows = session.execute(
        select(Person, Unit.name).join(Unit, Unit.id == Person.unit_id).order_by(Unit.id, Person.id)
    ).tuples()
    return [
        PersonLine(
            name=person.name,
            code=person.code,
            unit=unit,
            roles=tuple(roles[person.id]),
            email=person.email,
            language=person.language,
        )
        for person, unit in rows
    ]


def _callings(session: Session) -> dict[int, str]:
    """Return what to write for each person: the name where it can mean nobody else, else the code."""
    rows = session.execute(select(Person.id, Person.code, Person.name)).all()
    names, codes = Counter(row.name for row in rows), {row.code: row.id for row in rows}
    return {
        row.id: row.name if names[row.name] == 1 and codes.get(row.name, row.id) == row.id else row.code for row in rows
    }


def _rows(
    session: Session, round_id: int, until: Moment, units: Mapping[int, str], callings: Mapping[int, str]
) -> list[MeasureRow]:
    paths = _paths(session, round_id)
    reports, evidence = last_reports(session, round_id, until), _evidence(session, round_id, until)
    helping = _co_units(session, round_id, until)
    return [
        MeasureRow(
            code=row.code,
            aspect=paths[row.finding_id][Level.ASPECT],
            problem=paths[row.finding_id].get(Level.PROBLEM) or paths[row.finding_id][Level.ASPECT],
            item=paths[row.finding_id].get(Level.ITEM),
            text=row.text,
            measure_class=row.measure_class,
            lead=callings.get(row.lead_id) if row.lead_id else None,
            unit=units.get(row.unit_id) if row.unit_id else None,
            co_units=tuple(units[unit] for unit in helping.get(row.id, ())),
            owner=callings.get(row.owner_id) if row.owner_id else None,
            due=row.due,
            progress=reports.get(row.id),
            state=row.state,
            evidence=tuple(evidence.get(row.id, ())),
        )
        for row in measures_at(session, round_id, until)
    ]


def _paths(session: Session, round_id: int) -> dict[int, dict[Level, str]]:
    """Return for each finding the texts from its aspect down to itself."""
    query = select(Finding.id, Finding.parent_id, Finding.level, Finding.text).where(Finding.round_id == round_id)
    paths: dict[int, dict[Level, str]] = {}
    for row in session.execute(query.order_by(Finding.position)):  # a parent stands before its children
        paths[row.id] = {**paths.get(row.parent_id, {}), row.level: row.text}
    return paths


def last_reports(session: Session, round_id: int, until: Moment) -> dict[int, str]:
    """Return the text of each measure's newest progress report at `until`."""
    newest = (
        select(func.max(ProgressReport.id))
        .join(Measure, Measure.id == ProgressReport.measure_id)
        .where(Measure.round_id == round_id, ProgressReport.at <= until.at)
        .group_by(ProgressReport.measure_id)
    )
    query = select(ProgressReport.measure_id, ProgressReport.text).where(ProgressReport.id.in_(newest))
    return dict(session.execute(query).tuples().all())


def _evidence(session: Session, round_id: int, until: Moment) -> dict[int, list[str]]:
    query = select(Evidence.measure_id, Evidence.name).join(Measure, Measure.id == Evidence.measure_id)
    found: dict[int, list[str]] = defaultdict(list)
    mine = (Measure.round_id == round_id, Evidence.added_at <= until.at)
    for measure, name in session.execute(query.where(*mine).order_by(Evidence.id)):
        found[measure].append(name)
    return found


def _co_units(session: Session, round_id: int, until: Moment) -> dict[int, list[int]]:
    query = select(CoUnit.measure_id, CoUnit.unit_id).join(Measure, Measure.id == CoUnit.measure_id)
    found: dict[int, list[int]] = defaultdict(list)
    for measure, unit in session.execute(query.where(Measure.round_id == round_id).order_by(CoUnit.unit_id)):
        found[measure].append(unit)
    for measure, before in later_changes(session, round_id, until).items():
        if CO_UNITS in before:
            found[measure] = before[CO_UNITS]
    return found

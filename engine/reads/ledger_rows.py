"""A round as the ledger's three sheets hold it: units, people, and one row for each measure.

`documents.ledger_book` makes a workbook of it, for `duban ledger` and the monthly run; read back by the import, it
changes nothing.  A constant number of statements, whatever the size of the round.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.house_at import HouseFacts, Rows, house_at, read_people_facts, read_units
from engine.reads.rewind import later_changes, measures_at, of_round
from engine.rules.moment import Moment
from engine.rules.vocabulary import Level, MeasureClass, Role, State, UnitKind
from models import CoUnit, Evidence, Measure, ProgressReport
from models.facts import CO_UNITS


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
    original_due: date | None
    due: date | None
    handed_in_on: date | None  #: the submission that stands
    closed_on: date | None
    progress: str | None  #: the newest report's text
    state: State
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLedger:
    """Everything that the ledger of a round holds."""

    title: str  #: of the round
    organisation: str
    units: tuple[tuple[str, UnitKind, str | None], ...]  #: name, kind, name of the unit above
    people: tuple[PersonLine, ...]
    rows: tuple[MeasureRow, ...]


def read_round_ledger(
    session: Session, round_id: int, until: Moment, only: Collection[str] | None = None
) -> RoundLedger:
    """Return the ledger of a round as it stood at `until`, in the order in which it was read in.

    With `only`, no more than the measures of these codes.
    """
    house = house_at(session, round_id, until)
    names = {number: unit["name"] for number, unit in house.units.items()}
    return RoundLedger(
        title=house.rounds[round_id]["title"],
        organisation=house.rounds[round_id]["organisation"],
        units=tuple(
            (unit["name"], UnitKind(unit["kind"]), names.get(unit["parent_id"])) for unit in house.units.values()
        ),
        people=tuple(_people_lines(house.units, house.people)),
        rows=tuple(_rows(session, round_id, until, house, only)),
    )


def read_people_lines(session: Session) -> list[PersonLine]:
    """Return everybody with what they may be asked for, unit by unit: three statements."""
    return _people_lines(read_units(session), read_people_facts(session))


def _people_lines(units: Rows, people: Rows) -> list[PersonLine]:
    return [
        PersonLine(
            name=person["name"],
            code=person["code"],
            unit=units[person["unit_id"]]["name"],
            roles=tuple(Role(role) for role in person["roles"]),
            email=person["email"],
            language=person["language"],
        )
        for _, person in sorted(people.items(), key=lambda one: (one[1]["unit_id"], one[0]))
    ]


def _callings(people: Rows) -> dict[int | None, str]:
    """Return what to write for each person: the name where it can mean nobody else, else the code."""
    names = Counter(person["name"] for person in people.values())
    codes = {person["code"]: number for number, person in people.items()}
    return {
        number: one["name"] if names[one["name"]] == 1 and codes.get(one["name"], number) == number else one["code"]
        for number, one in people.items()
    }


def _rows(
    session: Session, round_id: int, until: Moment, house: HouseFacts, only: Collection[str] | None
) -> list[MeasureRow]:
    paths, callings = _paths(house.findings), _callings(house.people)
    units: dict[int | None, str] = {number: unit["name"] for number, unit in house.units.items()}
    reports, evidence = last_reports(session, round_id, until, only), _evidence(session, round_id, until, only)
    helping = _co_units(session, round_id, until, only)
    return [
        MeasureRow(
            code=row.code,
            aspect=_highest(paths[row.finding_id], Level.ASPECT, Level.PROBLEM, Level.ITEM),
            problem=_highest(paths[row.finding_id], Level.PROBLEM, Level.ASPECT, Level.ITEM),
            item=paths[row.finding_id].get(Level.ITEM),
            text=row.text,
            measure_class=row.measure_class,
            lead=callings.get(row.lead_id),
            unit=units.get(row.unit_id),
            co_units=tuple(units[unit] for unit in helping.get(row.id, ())),
            owner=callings.get(row.owner_id),
            original_due=row.original_due,
            due=row.due,
            handed_in_on=row.handed_in_on,
            closed_on=row.closed_on,
            progress=reports.get(row.id),
            state=row.state,
            evidence=tuple(evidence.get(row.id, ())),
        )
        for row in measures_at(session, round_id, until, only)
    ]


def _paths(findings: Rows) -> dict[int, dict[Level, str]]:
    """Return for each finding the texts from its aspect down to itself."""
    paths: dict[int, dict[Level, str]] = {}
    for number, row in sorted(findings.items(), key=lambda one: one[1]["position"]):  # a parent before its children
        paths[number] = {**paths.get(row["parent_id"], {}), Level(row["level"]): row["text"]}
    return paths


def _highest(path: Mapping[Level, str], *levels: Level) -> str:
    """Return the text of the first of `levels` that a path has: not every tree begins with an aspect."""
    return next(path[level] for level in levels if level in path)


def last_reports(session: Session, round_id: int, until: Moment, only: Collection[str] | None = None) -> dict[int, str]:
    """Return the text of each measure's newest progress report at `until`."""
    newest = (
        select(func.max(ProgressReport.id))
        .join(Measure, Measure.id == ProgressReport.measure_id)
        .where(*of_round(session, round_id, only), ProgressReport.at <= until.at)
        .group_by(ProgressReport.measure_id)
    )
    query = select(ProgressReport.measure_id, ProgressReport.text).where(ProgressReport.id.in_(newest))
    return dict(session.execute(query).tuples().all())


def _evidence(session: Session, round_id: int, until: Moment, only: Collection[str] | None) -> dict[int, list[str]]:
    query = select(Evidence.measure_id, Evidence.name).join(Measure, Measure.id == Evidence.measure_id)
    found: dict[int, list[str]] = defaultdict(list)
    mine = (*of_round(session, round_id, only), Evidence.added_at <= until.at)
    for measure, name in session.execute(query.where(*mine).order_by(Evidence.id)):
        found[measure].append(name)
    return found


def _co_units(session: Session, round_id: int, until: Moment, only: Collection[str] | None) -> dict[int, list[int]]:
    query = select(CoUnit.measure_id, CoUnit.unit_id).join(Measure, Measure.id == CoUnit.measure_id)
    found: dict[int, list[int]] = defaultdict(list)
    for measure, unit in session.execute(query.where(*of_round(session, round_id, only)).order_by(CoUnit.unit_id)):
        found[measure].append(unit)
    for measure, before in later_changes(session, round_id, until).items():
        if CO_UNITS in before:
            found[measure] = before[CO_UNITS]
    return found

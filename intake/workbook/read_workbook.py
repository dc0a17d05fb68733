"""Read a ledger workbook (.xlsx or .csv) into a `RoundPlan`: all of it, or every fault that it has.

Called by the import command through `read_workbook`.  The sheets 单位, 人员 and 台账 are told by name; a file with one
sheet, and a .csv, is the 台账.  Stores nothing, knows no database, and raises nothing but InputRefused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from engine.rules.ledger_layout import LEDGER, PEOPLE, UNITS, Field, Layout, key_of, without_remark
from engine.rules.plan import FindingPlan, InputRefused, Place, RoundPlan
from engine.rules.text import N_, Text
from engine.uncollected import uncollected
from intake.workbook.headings import find_headings
from intake.workbook.ledger import FILLED_DOWN, LedgerReader
from intake.workbook.open_file import open_source
from intake.workbook.people import read_people, read_units
from intake.workbook.source import Source, SourceSheet
from intake.workbook.table import SEARCHED_ROWS, Findings, Table, read_table

_LAYOUTS = (LEDGER, PEOPLE, UNITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReading:
    """A ledger that was read, and what the person who filled it in may want to know."""

    plan: RoundPlan
    notes: tuple[Text, ...]  #: columns and sheets that were not read; the year that was taken where none is told


def read_workbook(path: Path, *, year: int | None = None, feedback_on: date | None = None) -> RoundPlan:
    """Return what the workbook at `path` says.  Raises InputRefused with every fault.

    `year` is for deadlines that tell none (9月底); without it the nearest deadline above tells the year, or else the
    round's feedback.
    """
    return read_ledger(path, year=year, feedback_on=feedback_on).plan


@uncollected()
def read_ledger(path: Path, *, year: int | None = None, feedback_on: date | None = None) -> LedgerReading:
    """Return the same as `read_workbook`, with the notes."""
    found = Findings(file=path.name)
    with open_source(path) as source:
        plan = _read(source, found, year, feedback_on)
    if found.faults:
        raise InputRefused(tuple(found.faults))
    return LedgerReading(plan=plan, notes=tuple(found.notes))


def _read(source: Source, found: Findings, year: int | None, feedback_on: date | None) -> RoundPlan:
    sheets = _recognise(source, found)
    units_table = _table(sheets, UNITS, found, frozenset({Field.KIND, Field.PARENT}))
    units = read_units(units_table) if units_table else ()
    people_table = _table(sheets, PEOPLE, found, frozenset({Field.UNIT, Field.ROLES}))
    people = read_people(people_table) if people_table else ()
    findings: tuple[FindingPlan, ...] = ()
    ledger = _table(sheets, LEDGER, found, FILLED_DOWN)
    if ledger:
        known_units = frozenset(unit.name for unit in units)
        reader = LedgerReader(
            ledger, year=year, feedback_on=feedback_on, epoch_1904=source.epoch_1904, known_units=known_units
        )
        findings = reader.read()
        if reader.without_year and feedback_on:
            told = N_(
                "{count} deadlines tell no year; {year}, the year of the feedback, was taken",
                count=reader.without_year,
                year=feedback_on.year,
            )
            found.notes.append(told)
    if not (units or people or findings or found.faults):
        names = tuple(layout.name for layout in _LAYOUTS)
        found.fault(Place(file=found.file), None, N_("something to read in a sheet: {names}", names=names))
    return RoundPlan(
        kind="ledger", title=ledger.title if ledger else None, findings=findings, units=units, people=people
    )


def _table(
    sheets: dict[str, SourceSheet], layout: Layout, found: Findings, filled_down: frozenset[Field]
) -> Table | None:
    sheet = sheets.get(layout.name)
    return None if sheet is None else read_table(sheet, layout, found, filled_down=filled_down)


def _recognise(source: Source, found: Findings) -> dict[str, SourceSheet]:
    """Return the sheets by the name of their layout: told by name, else the only one left is the 台账."""
    sheets: dict[str, SourceSheet] = {}
    unknown: list[SourceSheet] = []
    for sheet in source.sheets:
        layout = None if sheet.name is None else _layout_named(sheet.name)
        if layout is None:
            unknown.append(sheet)
        elif layout.name in sheets:
            place = Place(file=found.file, sheet=sheet.name)
            other = sheets[layout.name].name
            found.fault(place, sheet.name, N_("one sheet {name}; {other} is another", name=layout.name, other=other))
        else:
            sheets[layout.name] = sheet
    if LEDGER.name not in sheets:
        # Excel adds empty sheets of its own; what looks like a ledger is meant.
        likely = [sheet for sheet in unknown if len(source.sheets) == 1 or _looks_like_ledger(sheet)]
        if len(likely) == 1:
            sheets[LEDGER.name] = likely[0]
            unknown.remove(likely[0])
        elif likely:
            names = tuple(str(sheet.name) for sheet in likely)
            message = N_(
                "one sheet with the name {name}; these may all be it: {others}", name=LEDGER.name, others=names
            )
            found.fault(Place(file=found.file, sheet=names[1]), names[1], message)
    names = tuple(str(sheet.name) for sheet in unknown)
    if names:
        found.notes.append(N_("these sheets are not read: {names}", names=names))
    return sheets


def _layout_named(name: str) -> Layout | None:
    """Return the layout with this name, or the one whose name it contains (2025年整改台账)."""
    key = key_of(name)
    for layout in _LAYOUTS:
        if {key, without_remark(key)} & {key_of(known) for known in layout.names}:
            return layout
    return next((layout for layout in _LAYOUTS if layout.name in key), None)


def _looks_like_ledger(sheet: SourceSheet) -> bool:
    headings = find_headings([values for _, values in islice(sheet.rows(), SEARCHED_ROWS)], LEDGER)
    return headings is not None and LEDGER.required <= headings.columns.keys()

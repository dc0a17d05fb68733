"""Read a ledger workbook (.xlsx or .csv) into a `RoundPlan`: all of it, or every fault that it has.

Called by the import command through `read_workbook`.  The sheets 单位, 人员 and 台账 are told by name; a file with one
sheet, and a .csv, is the 台账.  Stores nothing, knows no database, and raises nothing but InputRefused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from engine.rules.ledger_layout import LEDGER, PEOPLE, UNITS, Field, Layout, key_of, without_remark
from engine.rules.plan import InputRefused, Place, RoundPlan
from engine.rules.text import N_, Text
from engine.uncollected import uncollected
from intake.workbook.headings import find_headings
from intake.workbook.ledger import LedgerReader
from intake.workbook.ledger_rows import FILLED_DOWN
from intake.workbook.ledger_words import Known, Reading
from intake.workbook.open_file import open_source
from intake.workbook.people import read_people, read_units
from intake.workbook.source import Source, SourceSheet
from intake.workbook.table import SEARCHED_ROWS, Findings, Table, read_table

_LAYOUTS = (LEDGER, PEOPLE, UNITS)
NOTHING_KNOWN = Known()
_ENOUGH = 3  #: headings that make a sheet of any name a ledger
_ASIDE = re.compile(r"汇总|统计|示例|样表|样例|模板|说明|数据源|字典|summary|example|template")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReading:
    """A ledger that was read, and what the person who filled it in may want to know."""

    plan: RoundPlan
    notes: tuple[Text, ...]  #: columns and sheets that were not read; the year that was taken where none is told


def read_workbook(
    path: Path, *, year: int | None = None, feedback_on: date | None = None, known: Known = NOTHING_KNOWN
) -> RoundPlan:
    """Return what the workbook at `path` says.  Raises InputRefused with every fault.

    `year` is for deadlines that tell none (9月底); without it the nearest deadline above tells the year, or else the
    round's feedback.
    """
    return read_ledger(path, year=year, feedback_on=feedback_on, known=known).plan


@uncollected()
def read_ledger(
    path: Path, *, year: int | None = None, feedback_on: date | None = None, known: Known = NOTHING_KNOWN
) -> LedgerReading:
    """Return the same as `read_workbook`, with the notes; `known` is what the record knows already."""
    found = Findings(file=path.name)
    with open_source(path) as source:
        reading = Reading(known=known, year=year, feedback_on=feedback_on, epoch_1904=source.epoch_1904)
        plan = _read(source, found, reading)
    if found.faults:
        raise InputRefused(tuple(found.faults))
    return LedgerReading(plan=plan, notes=tuple(found.notes))


def _read(source: Source, found: Findings, reading: Reading) -> RoundPlan:
    if any("POA&M" in (sheet.name or "") for sheet in source.sheets):
        message = N_("a ledger: this is a FedRAMP plan of action and milestones (POA&M), which is not read")
        found.fault(Place(file=found.file), None, message)
        return RoundPlan(kind="ledger")
    lists, ledgers = _recognise(source, found)
    units_table = _table(lists, UNITS, found, frozenset({Field.KIND, Field.PARENT}))
    units = read_units(units_table) if units_table else ()
    people_table = _table(lists, PEOPLE, found, frozenset({Field.UNIT, Field.ROLES}))
    people = read_people(people_table) if people_table else ()
    reading.learn((unit.name for unit in units), (person.name for person in people))
    tables = [table for sheet in ledgers if (table := read_table(sheet, LEDGER, found, filled_down=FILLED_DOWN))]
    reader = LedgerReader(reading, several=len(tables) > 1)
    for table in tables:
        reader.read(table)
    findings = reader.plans()
    found.notes += reader.notes()
    if not (units or people or findings or found.faults):
        message = N_("something to read in a sheet: {names}", names=tuple(layout.name for layout in _LAYOUTS))
        found.fault(Place(file=found.file), None, message)
    return RoundPlan(
        kind="ledger",
        title=next((table.title for table in tables if table.title), None),
        organisation=next((table.organisation for table in tables if table.organisation), None),
        findings=findings,
        units=units,
        people=people,
    )


def _table(
    sheets: dict[str, SourceSheet], layout: Layout, found: Findings, filled_down: frozenset[Field]
) -> Table | None:
    sheet = sheets.get(layout.name)
    return None if sheet is None else read_table(sheet, layout, found, filled_down=filled_down)


def _recognise(source: Source, found: Findings) -> tuple[dict[str, SourceSheet], list[SourceSheet]]:
    """Return the lists of units and people by the name of their layout, and the sheets of the ledger.

    A sheet is told by its name.  Others that look like a ledger belong to it (a sheet for each department), unless
    one has exactly its name, or theirs says that they sum up or show an example.
    """
    lists: dict[str, SourceSheet] = {}
    ledgers: list[SourceSheet] = []
    unknown: list[SourceSheet] = []
    for sheet in source.sheets:
        layout = None if sheet.name is None else _layout_named(sheet.name)
        if layout is LEDGER:
            ledgers.append(sheet)
        elif layout is None:
            unknown.append(sheet)
        elif layout.name in lists:
            place = Place(file=found.file, sheet=sheet.name)
            other = lists[layout.name].name
            found.fault(place, sheet.name, N_("one sheet {name}; {other} is another", name=layout.name, other=other))
        else:
            lists[layout.name] = sheet
    exact = [sheet for sheet in ledgers if key_of(sheet.name or "") == key_of(LEDGER.name)]
    if exact:
        unknown += [sheet for sheet in ledgers if sheet not in exact]
        ledgers = exact
    elif len(source.sheets) == 1:
        ledgers, unknown = ledgers + unknown, []
    else:
        likely = [sheet for sheet in unknown if _looks_like_ledger(sheet)]
        unknown = [sheet for sheet in unknown if sheet not in likely]
        spare = [sheet for sheet in ledgers if not _looks_like_ledger(sheet)] if likely or len(ledgers) > 1 else []
        ledgers = [sheet for sheet in source.sheets if sheet in likely or (sheet in ledgers and sheet not in spare)]
        unknown += spare
    names = tuple(str(sheet.name) for sheet in source.sheets if sheet in unknown)
    if names:
        found.notes.append(N_("these sheets are not read: {names}", names=names))
    return lists, ledgers


def _layout_named(name: str) -> Layout | None:
    """Return the layout with this name, or the one whose name it contains (2025年整改台账)."""
    key = key_of(name)
    for layout in _LAYOUTS:
        if {key, without_remark(key)} & {key_of(known) for known in layout.names}:
            return layout
    return LEDGER if LEDGER.name in key and not _ASIDE.search(key) else None


def _looks_like_ledger(sheet: SourceSheet) -> bool:
    if _ASIDE.search(key_of(sheet.name or "")):
        return False
    headings = find_headings([values for _, values in islice(sheet.rows(), SEARCHED_ROWS)], LEDGER)
    return (
        headings is not None
        and len(headings.columns) >= _ENOUGH
        and all(group & headings.columns.keys() for group in LEDGER.one_of)
    )

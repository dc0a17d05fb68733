"""Shows faults where they stand: the rows of the sheet around them, cell by cell, with what was wrong in which.

Called by the page that previews an import; a file that cannot even be opened, and a notice, have no excerpt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.rules.ledger_layout import LEDGER, PEOPLE, UNITS, key_of, without_remark
from engine.rules.plan import Fault, InputRefused
from engine.rules.text import N_, Text
from intake.workbook.cell_values import text_of
from intake.workbook.headings import find_headings
from intake.workbook.open_file import open_source
from intake.workbook.source import SourceSheet
from intake.workbook.table import SEARCHED_ROWS

MOST_ROWS = 40  #: of one sheet
MOST_COLUMNS = 26
SHOWN = 40  #: characters of a cell


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptCell:
    """One cell, and what is wrong with it."""

    value: str
    problems: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptRow:
    """One row of the sheet."""

    row: int
    cells: tuple[ExcerptCell, ...]
    problems: tuple[Text, ...]  #: of the row as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The rows of one sheet in which something is wrong, below its headings."""

    file: str
    sheet: str | None
    headings: tuple[str, ...]
    rows: tuple[ExcerptRow, ...]
    left_out: int  #: further rows with faults


def read_excerpts(path: Path, faults: Iterable[Fault]) -> tuple[Excerpt, ...]:
    """Return by sheet the rows that have faults; nothing for a file that is no workbook."""
    of_sheet: dict[str | None, dict[int, list[Fault]]] = defaultdict(lambda: defaultdict(list))
    for fault in faults:
        if fault.place.file == path.name and fault.place.row is not None:
            of_sheet[fault.place.sheet][fault.place.row].append(fault)
    if not of_sheet:
        return ()
    try:
        with open_source(path) as source:
            found = [_excerpt(path.name, sheet, of_sheet.get(sheet.name, {})) for sheet in source.sheets]
    except InputRefused:
        return ()
    return tuple(one for one in found if one is not None)


def _excerpt(file: str, sheet: SourceSheet, wrong: dict[int, list[Fault]]) -> Excerpt | None:
    if not wrong:
        return None
    shown = set(sorted(wrong)[:MOST_ROWS])
    top: list[Sequence[object]] = []
    kept: list[tuple[int, Sequence[object]]] = []
    for row, values in sheet.rows():
        if len(top) < SEARCHED_ROWS:
            top.append(values)
        if row in shown:
            kept.append((row, values))
        if row >= max(shown) and len(top) >= SEARCHED_ROWS:
            break
    headings = _headings(top)
    width = min(MOST_COLUMNS, max(len(headings), *(len(values) for _, values in kept), 1))
    headings = (*headings, *("",) * width)[:width]
    return Excerpt(
        file=file,
        sheet=sheet.name,
        headings=headings,
        rows=tuple(_row(row, values, headings, wrong[row]) for row, values in kept),
        left_out=len(wrong) - len(kept),
    )


def _headings(top: Sequence[Sequence[object]]) -> tuple[str, ...]:
    """Return the headings by column as they are written, whichever sheet it is."""
    found = [one for layout in (LEDGER, PEOPLE, UNITS) if (one := find_headings(top, layout)) is not None]
    if not found:
        return ()
    best = max(found, key=lambda one: len(one.columns))
    rows = top[best.first : best.last + 1]
    width = max(len(row) for row in rows)

    def written(column: int) -> str:
        values = [text_of(row[column]) for row in rows if column < len(row)]
        return next((value for value in reversed(values) if value), "")

    return tuple(written(column).replace("\n", "") for column in range(width))


def _row(row: int, values: Sequence[object], headings: Sequence[str], faults: Sequence[Fault]) -> ExcerptRow:
    """Return a row with each fault at its cell; at the row where no column is told, or none of this name is shown."""
    places: dict[int, list[Text]] = defaultdict(list)
    of_row: list[Text] = []
    for fault in faults:
        column = _column(fault.place.column, headings)
        if column is not None:
            places[column].append(fault.message)
        elif fault.place.column is None:
            of_row.append(fault.message)
        else:
            of_row.append(N_("{name}: {value}", name=fault.place.column, value=fault.message))
    return ExcerptRow(
        row=row,
        cells=tuple(
            ExcerptCell(value=_short(values[column] if column < len(values) else None), problems=tuple(places[column]))
            for column in range(len(headings))
        ),
        problems=tuple(of_row),
    )


def _column(heading: str | None, headings: Sequence[str]) -> int | None:
    if heading is None:
        return None
    wanted = without_remark(key_of(heading))
    keys = [without_remark(key_of(one)) for one in headings]
    return keys.index(wanted) if wanted in keys else None


def _short(value: object) -> str:
    text = text_of(value).replace("\n", " ")
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"

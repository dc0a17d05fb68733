"""Find the headings of a sheet and hand out its rows: blank rows, totals and footnotes left out, merged cells filled.

Called by `read_workbook`, `ledger` and `people`.  Collects every fault with sheet,
row and heading as written, and goes on; it never raises for what a cell holds and decides nothing about findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from engine.rules.ledger_layout import FOOT_WORDS, MAX_ROWS, TOTAL_WORDS, Field, Layout, clean_text, key_of
from engine.rules.plan import Fault, Place
from engine.rules.text import N_, Text
from intake.workbook.cell_values import Remembered, read_text, squeeze, text_of
from intake.workbook.headings import Headings, find_headings, holds
from intake.workbook.source import SourceSheet

SEARCHED_ROWS = 40  #: where the headings are looked for
_SHOWN = 60  #: characters of a value that a fault repeats
_LONGEST_FOOTNOTE = 500
_NO_TITLE = (
    "附件",
    "附表",
    "填报",
    "填表",
    "制表",
    "单位:",
    "单位：",
    "截至",
    "As of",
)  #: what else stands above headings
_FILLED_IN_BY = re.compile(
    r"(?:填报|填表|报送|制表|整改|被巡[视察])单位\s*(?:[(（]\s*(?:盖章|公章|签章)\s*[)）])?\s*[:：]\s*([^\s:：]{2,40})"
)
_TOTALS = frozenset(key_of(word) for word in TOTAL_WORDS)
_FOOTS = frozenset(key_of(word) for word in FOOT_WORDS)


@dataclass(slots=True)
class Findings:
    """What was noticed while reading one file: faults refuse it, notes do not."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    def fault(self, place: Place, value: object, message: Text) -> None:
        """Add one fault; its value is shortened."""
        shown = text_of(value)
        if len(shown) > _SHOWN:
            shown = shown[: _SHOWN - 1] + "…"
        self.faults.append(Fault(place=place, value=shown or None, message=message))


class Record:
    """One row that holds something, by field."""

    __slots__ = ("beside", "cells", "filled", "row", "table", "told")

    def __init__(self, table: Table, row: int, cells: dict[Field, object]) -> None:
        self.table = table
        self.row = row
        self.cells = cells
        self.told: tuple[Field, ...] = ()  #: fields with a fault
        self.filled: tuple[Field, ...] = ()  #: fields whose value a merged cell above hands down
        self.beside: Sequence[object] = ()  #: what stands in the columns that nobody knows, in their order

    def text(self, field: Field) -> str:
        """Return a cell as clean text; a failed formula is told once and read as empty."""
        value = self.cells.get(field)
        if value is None:
            if self.table.sheet.without_result and field not in self.told and self.table.lacks_result(self.row, field):
                self.fault(field, N_("a value; Excel never calculated this formula: open the file there and save it"))
            return ""
        if type(value) is not str:
            return text_of(value)
        text = self.table.texts[value]
        if isinstance(text, Text):
            if field not in self.told:
                self.fault(field, text)
            return ""
        return text

    def need(self, field: Field, expected: Text) -> str:
        """Return a cell as clean text; an empty one is a fault."""
        text = self.text(field)
        if not text and field not in self.told:
            self.fault(field, expected)
        return text

    def name(self, field: Field, longest: int) -> str:
        """Return a cell that must not be longer than the database keeps it."""
        text = self.text(field)
        if len(text) > longest:
            self.fault(field, N_("at most {count} characters; there are {found}", count=longest, found=len(text)))
        return text

    def place(self, field: Field | None = None) -> Place:
        """Return where this row, or one cell of it, stands."""
        return self.table.place(self.row, field)

    def fault(self, field: Field, message: Text) -> None:
        """Tell what is wrong with one cell."""
        self.told = (*self.told, field)
        self.table.found.fault(self.place(field), self.cells.get(field), message)


@dataclass(slots=True, kw_only=True)
class Table:
    """A sheet whose headings are known."""

    sheet: SourceSheet
    layout: Layout
    found: Findings
    columns: dict[Field, int]  #: from 0
    headings: dict[Field, str]  #: as the file writes them
    title: str | None  #: what stands above the headings
    organisation: str | None = None  #: who fills the sheet in, by a line above the headings
    unknown: tuple[tuple[int, str], ...] = ()  #: columns that stand for no field, with their headings
    unread: Iterator[tuple[int, Sequence[object]]]  #: the rows below the headings
    filled_down: frozenset[Field] = frozenset()  #: fields whose merged cells hold for every row they cover
    passed_over: list[tuple[int, str]] = field(default_factory=list)  #: rows that add up or explain, as they begin
    texts: Remembered[str, str | Text] = field(default_factory=lambda: Remembered(read_text))

    def place(self, row: int | None, field: Field | None = None) -> Place:
        """Return a place in this sheet."""
        heading = None if field is None else self.headings.get(field, self.layout.heading(field))
        return Place(file=self.found.file, sheet=self.sheet.name, row=row, column=heading)

    def lacks_result(self, row: int, field: Field) -> bool:
        """Return whether the cell is a formula that was saved without its result."""
        return (row, self.columns.get(field, -1)) in self.sheet.without_result

    def records(self) -> Iterator[Record]:
        """Yield every row that holds something."""
        columns = tuple(self.columns.items())
        width = max(self.columns.values()) + 1
        unfinished = {row for row, _ in self.sheet.without_result}
        fill = _Filling(self)
        count = 0
        for row, values in self.unread:
            if len(values) < width:
                values = [*values, *(None,) * (width - len(values))]  # noqa: PLW2901 - the same row, all columns
            cells = {field: value for field, column in columns if (value := values[column]) is not None and value != ""}
            if fill.wanted:
                fill.begin(row, values)
            if not any(map(holds, cells.values())) and row not in unfinished:
                continue
            if _adds_up(cells, values, self.layout) or (not count and _numbers_columns(values)):
                self.passed_over.append((row, next(text_of(value) for value in values if holds(value))))
                continue
            if self._repeats_headings(cells):
                self.found.fault(self.place(row), None, N_("rows of data; the headings stand here a second time"))
                continue
            count += 1
            if count > MAX_ROWS:
                self.found.fault(self.place(row), None, N_("at most {count} rows", count=MAX_ROWS))
                return
            yield self._record(row, cells, values, fill)

    def _record(self, row: int, cells: dict[Field, object], values: Sequence[object], fill: _Filling) -> Record:
        record = Record(self, row, cells)
        if fill.wanted:
            record.filled = fill.into(row, cells)
        if self.unknown:
            record.beside = [values[column] if column < len(values) else None for column, _ in self.unknown]
        return record

    def _repeats_headings(self, cells: dict[Field, object]) -> bool:
        """Return whether the leading column holds its own heading."""
        leading = next((field for field in self.layout.headings if field in self.headings), None)
        value = None if leading is None else cells.get(leading)
        return leading is not None and type(value) is str and squeeze(value) == squeeze(self.headings[leading])


class _Filling:
    """Hands the value of a merged cell down to every row that it covers."""

    def __init__(self, table: Table) -> None:
        self._ranges = table.sheet.merged
        self._fields = {table.columns[field]: field for field in table.filled_down if field in table.columns}
        self._held: dict[int, tuple[int, object]] = {}
        self.wanted = bool(self._ranges and self._fields)

    def begin(self, row: int, values: Sequence[object]) -> None:
        """Take note of the merged cells that begin in this row."""
        for column, last in self._ranges.get(row, ()):
            if column in self._fields:
                self._held[column] = (last, values[column])

    def into(self, row: int, cells: dict[Field, object]) -> tuple[Field, ...]:
        """Fill the empty cells of a row from the merged cells above; return which were filled."""
        filled: tuple[Field, ...] = ()
        for column, (last, value) in tuple(self._held.items()):
            if row > last:
                del self._held[column]
            elif value is not None and self._fields[column] not in cells:
                cells[self._fields[column]] = value
                filled = (*filled, self._fields[column])
        return filled


def _numbers_columns(values: Sequence[object]) -> bool:
    """Return whether a row below the headings only numbers the columns from 1 on."""
    told = [text_of(value).strip("()（） ") for value in values if holds(value)]
    return len(told) > 2 and told == [str(number) for number in range(1, len(told) + 1)]  # noqa: PLR2004


def _adds_up(cells: dict[Field, object], values: Sequence[object], layout: Layout) -> bool:
    """Return whether the row is a total or a footnote: what its first cell, or its number, says."""
    few = sum(field in cells for field in layout.telling) <= 1
    for told in (next(filter(holds, values), None), cells.get(next(iter(layout.headings)))):
        if type(told) is not str or told.lstrip()[:1].isdigit() or len(told) > _LONGEST_FOOTNOTE:
            continue  # most rows: their first cell is a number
        key = key_of(told)
        if key in _TOTALS or (few and (key.startswith(tuple(_TOTALS)) or key.split(":")[0] in _FOOTS)):
            return True
    return False


def read_table(
    sheet: SourceSheet, layout: Layout, found: Findings, *, filled_down: frozenset[Field] = frozenset()
) -> Table | None:
    """Return the sheet as a table; None when it is blank, or when its headings are at fault (which is then told)."""
    rows = sheet.rows()
    top = list(islice(rows, SEARCHED_ROWS))
    if not any(holds(value) for _, values in top for value in values):
        return None
    headings = find_headings([values for _, values in top], layout)
    if headings is None:
        names = tuple(layout.heading(field) for field in layout.headings)
        place = Place(file=found.file, sheet=sheet.name, row=top[0][0])
        found.fault(place, None, N_("a row with headings: {names}", names=names))
        return None
    table = Table(
        sheet=sheet,
        layout=layout,
        found=found,
        columns=headings.columns,
        headings=headings.written,
        title=_title([values for _, values in top[: headings.first]]),
        unread=chain(top[headings.last + 1 :], rows),
        filled_down=filled_down,
        organisation=_organisation([values for _, values in top[: headings.first]]),
        unknown=headings.others,
    )
    return table if _headings_suffice(table, headings, top[headings.first][0]) else None


def _headings_suffice(table: Table, headings: Headings, row: int) -> bool:
    """Tell missing and double columns as faults, unknown ones as notes; return whether the rows can be read."""
    for doubled, written in headings.twice:
        place = Place(file=table.found.file, sheet=table.sheet.name, row=row, column=written)
        message = N_(
            "one column for {heading}; {other} is another",
            heading=table.layout.heading(doubled),
            other=table.headings[doubled],
        )
        table.found.fault(place, written, message)
    lacking = table.layout.required - table.columns.keys()
    lacking |= {next(iter(sorted(group))) for group in table.layout.one_of if not group & table.columns.keys()}
    missing = [name for name in table.layout.headings if name in lacking]
    for name in missing:
        table.found.fault(table.place(row, name), None, N_("this column, which is missing"))
    if headings.unknown:
        table.found.notes.append(
            N_(
                "{sheet}: these columns are not read: {names}",
                sheet=table.sheet.name or table.found.file,
                names=headings.unknown,
            )
        )
    return not missing


def _title(above: Sequence[Sequence[object]]) -> str | None:
    """Return the first text above the headings."""
    texts = (clean_text(value) for values in above for value in values if isinstance(value, str))
    return next((text for text in texts if text and not text.startswith(_NO_TITLE)), None)


def _organisation(above: Sequence[Sequence[object]]) -> str | None:
    """Return who fills the sheet in: 填报单位(盖章):云溪镇."""
    for value in (value for values in above for value in values if isinstance(value, str)):
        if found := _FILLED_IN_BY.search(" ".join(value.split())):
            return found[1].strip("_ ") or None
    return None

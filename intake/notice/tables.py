"""Writes the table of a notice (问题清单) as the lines of its text: headings and clauses, row by row.

Called by the readers of pages and Word documents.  A table is told by its headings, the same as those of a ledger; of
any other table the cells are lines, and a cell that only holds a number numbers the cell after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.rules.ledger_layout import LEDGER, Field, key_of, without_remark
from engine.rules.vocabulary import Level
from intake.notice.chinese_numbers import NUMERAL, write_number
from intake.notice.clauses import split_clauses
from intake.notice.headings import NARROW, QUOTES, name_of
from intake.notice.source import SourceLine

_NUMBER = re.compile(rf"(\d{{1,3}}|{NUMERAL})[.、]?")
_LEVELS = ((Field.ASPECT, Level.ASPECT), (Field.PROBLEM, Level.PROBLEM), (Field.ITEM, Level.ITEM))


@dataclass(slots=True, eq=False)
class Cell:
    """One cell; a merged one stands in every place that it covers."""

    lines: list[SourceLine] = field(default_factory=list)
    columns: int = 1
    rows: int = 1

    @property
    def text(self) -> str:
        """All of its lines as one."""
        return "".join(line.text for line in self.lines)


def table_lines(rows: Sequence[Sequence[Cell]]) -> list[SourceLine]:
    """Return the lines of a table."""
    lines: list[SourceLine] = []
    grid = _spread(rows)
    for number, row in enumerate(grid):
        found = _headings(row)
        if {Field.PROBLEM, Field.ITEM} & found.keys() and {Field.MEASURE, Field.PROGRESS} & found.keys():
            beside = {column: cell.text for column, cell in row.items() if column not in _own(found)}
            findings = list(_Findings(found, beside).read(grid[number + 1 :]))
            return [*lines, *findings[:-1], *(replace(last, ends=True) for last in findings[-1:])]
        lines += _join(list(rows[number]) if number < len(rows) else [])
    return lines


def _spread(rows: Sequence[Sequence[Cell]]) -> list[dict[int, Cell]]:
    """Return the cells of each row by their column, merged ones in every place."""
    grid: list[dict[int, Cell]] = [{} for _ in rows]
    for top, row in enumerate(rows):
        column = 0
        for cell in row:
            while column in grid[top]:
                column += 1
            for below in grid[top : top + cell.rows]:
                below.update(dict.fromkeys(range(column, column + cell.columns), cell))
            column += cell.columns
    return grid


def _headings(row: Mapping[int, Cell]) -> dict[Field, int]:
    fields = LEDGER.fields_by_key()
    told = ((fields.get(without_remark(key_of(cell.text))), column) for column, cell in sorted(row.items()))
    return {name: column for name, column in reversed(list(told)) if name is not None}


def _own(found: Mapping[Field, int]) -> set[int]:
    """Return the columns that become headings and clauses, or only number the rows."""
    told = {found[name] for name in (Field.CODE, *(level for level, _ in _LEVELS)) if name in found}
    return told | {found.get(Field.MEASURE, found.get(Field.PROGRESS, 0))}


def _join(cells: Sequence[Cell]) -> list[SourceLine]:
    """Return the lines of a row, a number together with what it numbers."""
    lines = [line for cell in cells for line in cell.lines]
    number = _NUMBER.fullmatch(lines[0].text.translate(NARROW)) if len(lines) > 1 else None
    if number is None:
        return lines
    mark = "." if number[1].isdecimal() else "、"
    return [SourceLine(lines[0].number, f"{number[1]}{mark}{lines[1].text}"), *lines[2:]]


class _Findings:
    """Writes rows as headings, where they change, and clauses; the other cells of a row follow each on labels."""

    def __init__(self, places: Mapping[Field, int], beside: Mapping[int, str]) -> None:
        self._places = places
        self._beside = beside
        self._measures = places.get(Field.MEASURE, places.get(Field.PROGRESS, 0))
        self._now: dict[Field, str] = {}
        self._counts: dict[Field, int] = {}

    def read(self, rows: Sequence[Mapping[int, Cell]]) -> Iterator[SourceLine]:
        """Yield the lines of `rows`."""
        above: Cell | None = None
        for row in rows:
            for name, level in _LEVELS:
                cell = row.get(self._places.get(name, -1))
                if cell is not None and cell.lines and self._is_new(name, name_of(cell.text)):
                    above = None  # measures merged over several findings belong to each
                    yield SourceLine(cell.lines[0].number, _heading(level, self._counts[name], self._now[name]))
            cell = row.get(self._measures)
            if cell is not None and cell is not above and cell.lines:
                yield from self._clauses(cell, row)
            above = cell

    def _is_new(self, name: Field, text: str) -> bool:
        if self._now.get(name) == text:
            return False
        self._now[name] = text
        self._counts[name] = self._counts.get(name, 0) + 1
        deeper = [other for other, _ in _LEVELS][[other for other, _ in _LEVELS].index(name) + 1 :]
        for one in (*deeper, Field.MEASURE):
            self._now.pop(one, None)
            self._counts.pop(one, None)
        return True

    def _labelled(self, row: Mapping[int, Cell], place: int, count: int) -> Iterator[SourceLine]:
        """Yield what stands beside a row's clause: of cells with as many parts as there are clauses, the same part."""
        for column, heading in self._beside.items():
            cell = row.get(column)
            if cell is None or not cell.lines or not heading:
                continue
            parts = [one.text for one in split_clauses(cell.lines)] or [one.text for one in cell.lines]
            text = parts[place] if len(parts) == count else cell.text
            said = re.sub("[。\\uff61]+$", "", text).replace("。", "\uff1b")
            yield SourceLine(cell.lines[0].number, f"〔{heading}〕:{said}")

    def _is_line_by_line(self, cell: Cell, row: Mapping[int, Cell]) -> bool:
        """Return whether another cell of the row has a line for each of several lines of a cell."""
        others = (row[column] for column in self._beside if column in row)
        return len(cell.lines) > 1 and any(len(other.lines) == len(cell.lines) for other in others)

    def _clauses(self, cell: Cell, row: Mapping[int, Cell]) -> Iterator[SourceLine]:
        clauses = [(one.line, one.text) for one in split_clauses(cell.lines)]
        if not clauses and self._is_line_by_line(cell, row):
            clauses = [(one.number, one.text) for one in cell.lines]
        clauses = clauses or [(cell.lines[0].number, cell.text)]
        for place, (line, text) in enumerate(clauses):
            self._counts[Field.MEASURE] = number = self._counts.get(Field.MEASURE, 0) + 1
            yield SourceLine(line, f"{write_number(number)}是{text}")
            yield from self._labelled(row, place, len(clauses))


def _heading(level: Level, number: int, text: str) -> str:
    opening, closing = next(((one, other) for one, other in QUOTES if one not in text and other not in text), ("", ""))
    said = f"{opening}{text}{closing}"
    if level is Level.ASPECT:
        return f"({write_number(number)})关于{said}问题的整改"
    return f"{number}.针对{said}的问题。" if level is Level.PROBLEM else f"({number})关于{said}的问题。"

"""Give every measure of a ledger its number: the sheet counts by measure, by problem, by aspect, or not at all.

Called by `ledger` when a sheet is read, and once for the whole file.  A number that the sheet does not write beside its
measure is derived, so the import may know the measure by its text instead (`MeasurePlan.code_told`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from engine.rules.ledger_layout import Field
from engine.rules.plan import MeasurePlan
from engine.rules.text import N_, Text
from intake.workbook.cell_values import squeeze
from intake.workbook.numbered import Parts
from intake.workbook.table import Record, Table
from intake.workbook.tree import Node

_BARE = re.compile(r"\d+")


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """One row of a sheet: its number as written, the finding it belongs to, and the measures that it holds."""

    code: str
    row: int
    aspect: Node | None
    node: Node | None  #: the problem; None where the row's finding is at fault
    finding: Node | None  #: what the measures hang below
    continues: bool  #: the row names no problem: it goes on with the one above
    is_merged: bool  #: the number stands in a merged cell that begins above
    is_lost: bool = False  #: a spreadsheet made a date of the number
    record: Record | None = None  #: kept where the measures may have to be told apart
    parts: Parts | None = None  #: what the cell of the measures numbers
    year: int | None = None  #: the year that the deadlines above told
    measures: list[MeasurePlan] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Numbering:
    """What was found out about a sheet's numbers."""

    faults: tuple[tuple[Entry, Text], ...]
    notes: tuple[Text, ...]


def number_measures(entries: Sequence[Entry], *, has_column: bool, sheet: str) -> Numbering:
    """Set the code of every measure in `entries`; return what is wrong, and what was derived."""
    if not has_column:
        for entry in entries:
            entry.measures = [replace(one, code=None, code_told=False) for one in entry.measures]
        told = N_("{sheet}: no column numbers the measures; they are known by their texts", sheet=sheet)
        return Numbering((), (told,) if entries else ())
    numbers = _numbers(entries)
    groups = [[entry for _, entry in group] for _, group in groupby(zip(numbers, entries, strict=True), key=_first)]
    by_problem = any(sum(len(entry.measures) for entry in group) > 1 for group in groups if _is_one(group))
    notes: list[Text] = []
    if by_problem:
        for group in groups:
            _number_group(group)
        example = next(group for group in groups if sum(len(entry.measures) for entry in group) > 1)
        codes = tuple(one.code for entry in example for one in entry.measures if one.code)
        told = N_(
            "{sheet}: one number stands for several measures; they are numbered on: {code} became {codes}",
            sheet=sheet,
            code=example[0].code,
            codes=codes[:4],
        )
        notes.append(told)
    by_aspect = _restarts(groups)
    if by_aspect:
        notes.append(_number_aspects(entries, sheet))
    return Numbering(tuple(_faults(groups, by_aspect=by_aspect)), tuple(notes))


def _number_aspects(entries: Sequence[Entry], sheet: str) -> Text:
    """Put the number of its aspect before every number, and tell it."""
    aspects: dict[int, int] = {}
    for entry in entries:
        number = aspects.setdefault(id(entry.aspect), len(aspects) + 1)
        _prefix(entry, f"{number}")
    return N_("{sheet}: the numbers begin anew in every aspect; the aspect's number stands before", sheet=sheet)


def _faults(groups: Sequence[Sequence[Entry]], *, by_aspect: bool) -> Iterator[tuple[Entry, Text]]:
    """Yield rows without a number, and rows whose number another has."""
    first_rows: dict[str, int] = {}
    for group in groups:
        entry = group[0]
        if not entry.code:
            yield from ((one, N_("a number of its own for every measure")) for one in group)
            continue
        key = f"{id(entry.aspect)}/{entry.code}" if by_aspect else entry.code
        row = first_rows.setdefault(key, entry.row)
        if row != entry.row and not entry.is_lost:
            yield entry, N_("a number that occurs once; row {row} has it too", row=row)
        if not _is_one(group):
            yield from ((one, N_("a number of its own for every measure")) for one in group[1:])


def keep_apart(sheets: Sequence[tuple[Table, Sequence[Entry]]]) -> list[Text]:
    """Put the sheet's name before its numbers where several sheets use the same ones.

    The same number with the same text in two sheets is a fault: a row would come on record twice.
    """
    seen: dict[tuple[str | None, str], tuple[Table, Entry]] = {}
    for table, entries in sheets:
        for entry in entries:
            for one in entry.measures:
                first, _ = seen.setdefault((one.code, squeeze(one.text)), (table, entry))
                if first is not table and one.code:
                    message = N_(
                        "a number that occurs once; the sheet {sheet} has it too", sheet=first.sheet.name or ""
                    )
                    table.found.fault(table.place(entry.row, Field.CODE), one.code, message)
    uses = Counter(code for _, entries in sheets for code in {one.code for entry in entries for one in entry.measures})
    if not any(count > 1 for code, count in uses.items() if code):
        return []
    for table, entries in sheets:
        for entry in entries:
            _prefix(entry, table.sheet.name or "")
    return [N_("several sheets use the same numbers; the sheet's name stands before each")]


def _prefix(entry: Entry, before: str) -> None:
    entry.measures = [
        replace(one, code=f"{before}-{one.code}", code_told=False) if one.code else one for one in entry.measures
    ]


def _first(pair: tuple[int, Entry]) -> int:
    return pair[0]


def _numbers(entries: Sequence[Entry]) -> list[int]:
    """Return for every row which number covers it: rows of one number follow each other."""
    nodes: dict[int, set[str]] = defaultdict(set)  #: by problem: the numbers written there
    for entry in entries:
        if entry.code and entry.node is not None:
            nodes[id(entry.node)].add(entry.code)
    single = all(len(codes) <= 1 for codes in nodes.values())
    distinct = len({entry.code for entry in entries if entry.code}) > 1
    numbers: list[int] = []
    for entry, above in zip(entries, [None, *entries], strict=False):
        same = above is not None and (
            entry.is_merged
            or (
                entry.node is above.node
                and entry.node is not None
                and single
                and ((not entry.code and entry.continues) or (entry.code == above.code != "" and distinct))
            )
        )
        if same and above is not None:
            entry.code = entry.code or above.code
        numbers.append(numbers[-1] if same else len(numbers))
    return numbers


def _is_one(group: Sequence[Entry]) -> bool:
    """Return whether one number rightly covers these rows: one finding, and a number at all."""
    return bool(group[0].code) and len({id(entry.node) for entry in group}) == 1


def _number_group(group: Sequence[Entry]) -> None:
    number = 0
    for entry in group:
        named = []
        for one in entry.measures:
            number += 1
            named.append(replace(one, code=f"{group[0].code}-{number:02d}", code_told=False))
        entry.measures = named


def _restarts(groups: Sequence[Sequence[Entry]]) -> bool:
    """Return whether bare numbers begin anew in every aspect, and are single in each."""
    codes = [(id(group[0].aspect), group[0].code) for group in groups if group[0].code]
    return len({code for _, code in codes}) < len(codes) == len(set(codes)) and all(
        _BARE.fullmatch(code) for _, code in codes
    )

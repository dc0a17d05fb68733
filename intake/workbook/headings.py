"""Find the row of headings in a sheet by what it says: below a title, in any order, in one row or in two.

Called by `table`.  Pure arithmetic over the first rows; it reads nothing and tells nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.rules.ledger_layout import Field, Layout, clean_text, key_of, without_remark

_LEAST_HEADINGS = 2  #: a row with fewer known headings is no header
_LONGEST_HEADING = 60  #: characters; what is longer is data


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """Where the headings stand and which column holds what."""

    first: int  #: index of the (upper) row of headings
    last: int  #: index of the (lower) row
    columns: dict[Field, int]  #: from 0
    written: dict[Field, str]  #: the headings as the file writes them
    unknown: tuple[str, ...]  #: headings of columns that stand for no field
    others: tuple[tuple[int, str], ...]  #: the same with their columns
    twice: tuple[tuple[Field, str], ...]  #: headings that stand for a field that another column holds already


def holds(value: object) -> bool:
    """Return whether a cell holds anything but space."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def find_headings(rows: Sequence[Sequence[object]], layout: Layout) -> Headings | None:
    """Return the headings in the row that has most of them; None when no row has two."""
    known = layout.fields_by_key()
    marked = [{column: found for column, value in enumerate(row) if (found := _field(value, known))} for row in rows]
    best = max(range(len(rows)), key=lambda index: len(set(marked[index].values())), default=None)
    if best is None or len(set(marked[best].values())) < _LEAST_HEADINGS:
        return None
    upper = lower = best
    fields = dict(marked[best])
    for other in (best + 1, best - 1, best + 2, best - 2):
        if not upper - 1 <= other <= lower + 1 or not 0 <= other < len(rows):
            continue
        if _completes(rows[other], marked[other], fields, is_below=other > lower):
            fields = fields | marked[other] if other > lower else marked[other] | fields
            upper, lower = min(upper, other), max(lower, other)
    return _assign(rows, fields, layout, upper, lower)


def _field(value: object, known: dict[str, Field]) -> Field | None:
    if not isinstance(value, str) or len(value) > _LONGEST_HEADING:
        return None
    key = key_of(value)
    return known.get(key) or known.get(without_remark(key))


def _completes(
    row: Sequence[object], marked: Mapping[int, Field], known: Mapping[int, Field], *, is_below: bool
) -> bool:
    """Return whether `row` is another part of the headings: headings only, of columns that have none or a wider one.

    A heading below another is the narrower: 牵头单位 and 配合单位 below 责任单位.
    """
    filled = {column for column, value in enumerate(row) if holds(value)}
    joined = {**known, **marked} if is_below else {**marked, **known}
    shared = known.keys() & marked.keys()
    return (
        bool(marked)
        and all(known[column] is not marked[column] for column in shared)
        and len(set(joined.values())) == len(joined)
        and (filled == set(marked) or len(marked) >= _LEAST_HEADINGS)
    )


def _assign(
    rows: Sequence[Sequence[object]], fields: dict[int, Field], layout: Layout, upper: int, lower: int
) -> Headings:
    """Give every field its column; the heading that is written beats the others that are accepted."""

    def written(column: int) -> str:
        values = [row[column] for row in rows[upper : lower + 1] if column < len(row) and holds(row[column])]
        return clean_text(str(values[-1])).replace("\n", "") if values else ""

    columns: dict[Field, int] = {}
    others: list[tuple[int, str]] = []
    twice: list[tuple[Field, str]] = []
    exact = {column for column, found in fields.items() if key_of(written(column)) == key_of(layout.heading(found))}
    for column in sorted(fields, key=lambda column: (column not in exact, column)):
        found = fields[column]
        if found not in columns:
            columns[found] = column
        elif (columns[found] in exact) == (column in exact):
            twice.append((found, written(column)))
        else:
            others.append((column, written(column)))
    width = max(len(row) for row in rows[upper : lower + 1])
    others += [(column, text) for column in range(width) if column not in fields and (text := written(column))]
    return Headings(
        first=upper,
        last=lower,
        columns=columns,
        written={found: written(column) for found, column in columns.items()},
        unknown=tuple(text for _, text in others),
        others=tuple(others),
        twice=tuple(twice),
    )

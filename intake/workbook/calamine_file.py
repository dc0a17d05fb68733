"""Open a ledger with python-calamine: .xls and .ods, which openpyxl does not read.

Called by `open_file`.  calamine leaves out blank rows and columns at the edges and counts merges from A1; both are put
back here.  Values are told as openpyxl tells them: a whole number is an int, a moment at midnight a date.  Whatever it
stumbles over becomes one refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.rules.plan import InputRefused
from engine.rules.text import N_, Text
from intake.workbook.ods_merges import Merged
from intake.workbook.source import Source, SourceSheet, refuse

_MAX_COLUMNS = 256
_WPS = frozenset({".et", ".ett", ".wps", ".dps"})
_DURATION = re.compile(r"P(?:\d+D)?T\d+H\d+M\d+(?:\.\d+)?S")


@contextmanager
def open_calamine(path: Path, merges: Callable[[Path], Mapping[str, Merged]] | None = None) -> Iterator[Source]:
    """Open a workbook as a source; `merges` finds merged cells where calamine does not.  Raises InputRefused."""
    import python_calamine  # noqa: PLC0415 - only those who have such files wait for it

    try:
        book = python_calamine.load_workbook(str(path))
        told = merges(path) if merges else {}
        sheets = tuple(_open_sheet(path, book, name, told.get(name, {})) for name in book.sheet_names)
    except InputRefused:
        raise
    except python_calamine.PasswordError:
        raise refuse(path, N_("a workbook without a password: remove it in Excel or WPS and save again")) from None
    except Exception as error:  # a damaged file can make the reader raise anything
        raise refuse(path, _damaged(path)) from error
    try:
        yield Source(sheets=sheets)
    finally:
        book.close()


def _damaged(path: Path) -> Text:
    if path.suffix.lower() in _WPS:
        return N_(
            "a workbook as .xlsx: this is a table of WPS ({kind}); save it as .xlsx there", kind=path.suffix.lower()
        )
    return N_("a workbook that is whole: this one is damaged; open it in Excel or WPS and save it again")


def _open_sheet(path: Path, book: Any, name: str, told: Mapping[int, Sequence[tuple[int, int]]]) -> SourceSheet:
    try:
        sheet = book.get_sheet_by_name(name)
    except Exception as error:
        raise refuse(path, _damaged(path), sheet=name) from error
    merged: dict[int, list[tuple[int, int]]] = {row: [*ranges] for row, ranges in told.items()}
    for (first, column), (last, _) in sheet.merged_cell_ranges or ():
        if last > first:
            merged.setdefault(first + 1, []).append((column, last + 1))
    start = sheet.start or (0, 0)

    def rows() -> Iterator[tuple[int, Sequence[object]]]:
        blank = (None,) * start[1]
        yield from ((number, ()) for number in range(1, start[0] + 1))
        for number, row in enumerate(sheet.iter_rows() if sheet.height else (), start[0] + 1):
            yield number, [*blank, *map(plain_value, row)][:_MAX_COLUMNS]

    return SourceSheet(name=name, rows=rows, merged=merged, tells_formats=False)


def plain_value(value: object) -> object:
    """Return a value as openpyxl would tell it.

    >>> plain_value(3.0), plain_value(""), plain_value(datetime(2025, 9, 3)), plain_value("PT36H00M00S")
    (3, None, datetime.date(2025, 9, 3), datetime.timedelta(days=1, seconds=43200))
    """
    if value == "":
        return None
    if type(value) is float and value.is_integer():
        return int(value)
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date()
    if type(value) is str and value.startswith("P") and _DURATION.fullmatch(value):
        hours, minutes, seconds = re.findall(r"(\d+)H(\d+)M(\d+)", value)[0]
        return timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return value

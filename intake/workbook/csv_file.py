"""Open a .csv ledger: UTF-8 with or without mark, UTF-16 with a mark, GB18030; comma, semicolon or tab.

Called by `source`.  The separator is the one that splits some line near the top into the most of the
ledger's headings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from engine.rules.ledger_layout import LEDGER, RISKY, key_of, without_remark
from engine.rules.text import N_
from intake.workbook.source import Source, SourceSheet, refuse

_SEPARATORS = (",", "\t", ";")
_SEARCHED_ROWS = 40  #: where the headings are looked for


@contextmanager
def open_csv(path: Path) -> Iterator[Source]:
    """Open a text file as a source with one sheet."""
    text = _decode(path)
    separator = max(_SEPARATORS, key=lambda mark: _headings_found(text, mark))

    def rows() -> Iterator[tuple[int, Sequence[object]]]:
        number = 0
        try:
            for number, row in enumerate(_records(text, separator), 1):
                yield number, [_unguarded(value) for value in row]
        except csv.Error as error:
            message = N_("text that can be split into columns: a quotation mark is wrong or missing")
            raise refuse(path, message, row=number + 1) from error

    yield Source(sheets=(SourceSheet(name=None, rows=rows),))


def _decode(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse(path, N_("an .xlsx workbook, or a .csv in UTF-8 or GB18030"))


def _records(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _headings_found(text: str, separator: str) -> int:
    known = LEDGER.fields_by_key()
    best = 0
    try:
        for row in islice(_records(text, separator), _SEARCHED_ROWS):
            best = max(best, sum(without_remark(key_of(value)) in known for value in row if len(value) < 40))  # noqa: PLR2004
    except csv.Error:
        pass
    return best


def _unguarded(value: str) -> str:
    """Return a value without the apostrophe that keeps a spreadsheet from running it."""
    return value[1:] if value.startswith("'") and value[1:2] in RISKY else value

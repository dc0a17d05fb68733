"""Open an .xlsx ledger with openpyxl, row by row.

Called by `source`.  openpyxl's parser of sheets is used directly, with a short way for plain texts; docs/performance.md
says what that brings.  It tells neither merged ranges nor formulas without a result, so both are looked up in the
sheet's XML beforehand, in pieces.  Whatever openpyxl stumbles over in a damaged file becomes one refusal.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from engine.rules.ledger_layout import MAX_ROWS, unescape
from engine.rules.plan import InputRefused
from engine.rules.text import N_, Text
from intake.workbook.number_formats import Shown, read_format, show
from intake.workbook.source import MAX_BYTES, Source, SourceSheet, refuse, too_large

_MAX_COLUMNS = 256  #: what stands further right is not read
_MAX_ROW = 1_048_576  #: the last row that a workbook can have
_PIECE = 1024 * 1024
_P = rb"(?:\w+:)?"  # a namespace's prefix
_BOOK, _SHEET = "xl/workbook.xml", re.compile(rb"<" + _P + rb"sheet\s")
_MERGED = re.compile(rb"<" + _P + rb"mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_NO_RESULT = re.compile(
    rb"<" + _P + rb"c\b([^>]*)>\s*<" + _P + rb"f\b(?:[^>]*/>|[^>]*>[^<]*</" + _P + rb"f>)\s*"
    rb"(<" + _P + rb"v\s*/>|<" + _P + rb"v>\s*</" + _P + rb"v>)?\s*</" + _P + rb"c>"
)
_COORDINATE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_TEXT_RESULT = re.compile(rb"\bt=[\"']str[\"']")
_PLAIN_TEXT = f"{{{SHEET_MAIN_NS}}}t"
_OTHERS = {
    "xl/workbook.bin": N_("a workbook as .xlsx: this is an .xlsb; open it and save it as .xlsx"),
    "word/document.xml": N_("a workbook: this is a Word document"),
    "content.xml": N_("a workbook as .xlsx: this is an OpenDocument file; open it and save it as .xlsx"),
}


@contextmanager
def open_xlsx(path: Path) -> Iterator[Source]:
    """Open a workbook as a source.  Raises InputRefused for anything that is not one."""
    declared = _check_archive(path)
    # The file is opened here, because openpyxl leaves it open when it stumbles.
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl does not keep (validations, extensions) is not needed
        with _damage_refused(path):
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            if len(book.sheetnames) < declared:
                raise refuse(path, _damaged())  # openpyxl passes over a sheet whose part is missing
            sheets = tuple(_open_sheet(path, book, sheet) for sheet in book.worksheets)
            epoch_1904 = book.epoch.year == 1904  # noqa: PLR2004 - the name of that calendar
        yield Source(sheets=sheets, epoch_1904=epoch_1904)


@contextmanager
def _damage_refused(path: Path) -> Iterator[None]:
    try:
        yield
    except InputRefused:
        raise
    except Exception as error:  # a damaged file can make openpyxl raise anything
        raise refuse(path, _damaged()) from error


def _damaged() -> Text:
    return N_("a workbook that is whole: this one is damaged; open it in Excel or WPS and save it again")


def _check_archive(path: Path) -> int:
    """Refuse what is no workbook, or would not fit into memory; return how many sheets it says it has."""
    with _damage_refused(path), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        names = {entry.filename for entry in entries}
        if not any(name.startswith("xl/") and name.endswith(".xml") for name in names):
            other = next((message for name, message in _OTHERS.items() if name in names), None)
            raise refuse(path, other or N_("a workbook: this archive holds none"))
        if any(entry.flag_bits & 1 for entry in entries):
            raise refuse(path, N_("a workbook without a password: remove it in Excel or WPS and save again"))
        if sum(entry.file_size for entry in entries) > MAX_BYTES:
            raise too_large(path)
        return len(_SHEET.findall(archive.read(_BOOK))) if _BOOK in names else 0


def _open_sheet(path: Path, book: Any, sheet: Any) -> SourceSheet:
    with _part_of(book, sheet) as part:
        merged, without_result = _scan(part)

    def rows() -> Iterator[tuple[int, Sequence[object]]]:
        with _damage_refused(path), _part_of(book, sheet) as part:
            expected = 1
            for number, values in _read_rows(part, book, sheet):
                if number > _MAX_ROW:
                    raise refuse(path, N_("at most {count} rows", count=MAX_ROWS), sheet=sheet.title, row=number)
                yield from ((blank, ()) for blank in range(expected, number))
                if number >= expected:
                    yield number, values
                    expected = number + 1

    return SourceSheet(name=sheet.title, rows=rows, merged=merged, without_result=without_result)


def _part_of(book: Any, sheet: Any) -> Any:
    """Open the part that a sheet is read from; openpyxl has no public name for it."""
    return book._archive.open(sheet._worksheet_path)  # noqa: SLF001


class _Parser(WorkSheetParser):
    """openpyxl's own, with a short way for plain texts: it makes eight objects for each of them."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """Return what a cell holds."""
        at = element.get("r")
        if at and element.get("t") == "inlineStr" and len(element) == 1 and len(element[0]) == 1:
            text = element[0][0]
            if text.tag == _PLAIN_TEXT:
                row, self.col_counter = coordinate_to_tuple(at)
                return {"row": row, "column": self.col_counter, "value": text.text, "style_id": 0}
        found: dict[str, Any] = super().parse_cell(element)
        return found


def _read_rows(part: Any, book: Any, sheet: Any) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield the rows that the sheet has, with their numbers."""
    parser = _Parser(
        part,
        sheet._shared_strings,  # noqa: SLF001 - what follows has no public name either
        data_only=True,
        epoch=book.epoch,
        date_formats=book._date_formats,  # noqa: SLF001
        timedelta_formats=book._timedelta_formats,  # noqa: SLF001
    )

    @cache
    def shown(style: int) -> Shown:
        """Return how a number or date of this style is shown."""
        cell = ReadOnlyCell(sheet, 1, 1, 0.0, style_id=style)
        return read_format(book._cell_styles[style].numFmtId, cell.number_format)  # noqa: SLF001

    for number, cells in parser.parse():
        values: list[object] = [None] * min(max((cell["column"] for cell in cells), default=0), _MAX_COLUMNS)
        for cell in cells:
            value = cell["value"]
            if type(value) is str:
                value = unescape(value) if "_x" in value else value
            elif value is not None and cell["style_id"]:
                value = show(value, shown(cell["style_id"]), book.epoch)
            if cell["column"] <= _MAX_COLUMNS:
                values[cell["column"] - 1] = value
        yield number, values


def _scan(part: Any) -> tuple[dict[int, list[tuple[int, int]]], frozenset[tuple[int, int]]]:
    """Return the ranges merged downward and the formulas that hold no result, reading the sheet's XML in pieces."""
    merged: dict[int, list[tuple[int, int]]] = {}
    without_result: set[tuple[int, int]] = set()
    rest = b""
    while True:
        piece = part.read(_PIECE)
        buffer = rest + piece
        cut = len(buffer) if not piece else buffer.rfind(b"row>") + 4 if b"row>" in buffer else buffer.rfind(b"<")
        rest, buffer = buffer[cut:], buffer[:cut]  # whole rows now, what is begun with the next piece
        if b"mergeCell" in buffer:
            for first_column, first, _, last in _MERGED.findall(buffer):
                if int(last) > int(first):
                    column = column_index_from_string(first_column.decode()) - 1
                    merged.setdefault(int(first), []).append((column, int(last)))
        if b"<f" in buffer or b":f" in buffer:
            for attributes, value in _NO_RESULT.findall(buffer):
                at = _COORDINATE.search(attributes)
                if at and not (value and _TEXT_RESULT.search(attributes)):
                    without_result.add((int(at[2]), column_index_from_string(at[1].decode()) - 1))
        if b"<!ENTITY" in buffer:
            message = "no workbook declares entities"
            raise ValueError(message)
        if not piece:
            return merged, frozenset(without_result)

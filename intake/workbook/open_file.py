"""Opens a ledger's file as sheets of rows, whatever its kind: told by content, not by name.

Any file that cannot be read raises InputRefused with one fault.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from engine.rules.text import N_
from intake.workbook.calamine_file import open_calamine
from intake.workbook.csv_file import open_csv
from intake.workbook.markup_file import is_markup, open_markup
from intake.workbook.ods_merges import ods_merges
from intake.workbook.source import MAX_BYTES, Source, refuse, too_large

_ZIP, _OLE = b"PK", bytes.fromhex("d0cf11e0a1b11ae1")
_BEGIN = 65_536
_ROW_END = b"</table:table-row>"
_REPEATED_ROW = re.compile(rb'number-rows-repeated="(\d+)"')
_REPEATED_CELL = re.compile(rb'number-columns-repeated="(\d+)"[^>]*office:value-type')
_MOST_REPEATED = 2_000_000  #: cells


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open `path` while the block runs.  Raises InputRefused when it is no workbook and no readable text."""
    from intake.workbook.xlsx_file import open_xlsx  # noqa: PLC0415 - openpyxl takes long to import

    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            begin = file.read(_BEGIN)
    except OSError as error:
        raise refuse(path, N_("a file that can be opened: {reason}", reason=error.strerror or str(error))) from error
    if not size:
        raise refuse(path, N_("a file that is not empty"))
    if size > MAX_BYTES:
        raise too_large(path)
    if begin.startswith(_OLE):
        opener = open_old(path)
    elif begin.startswith(_ZIP):
        opener = open_calamine(_checked(path), ods_merges) if is_open_document(path) else open_xlsx(path)
    elif is_markup(begin):
        opener = open_markup(path)
    else:
        refuse_known(path, begin)
        opener = open_csv(path)
    with opener as source:
        yield source


def open_old(path: Path) -> AbstractContextManager[Source]:
    """Open a file of Office before 2007.  Raises InputRefused when it is locked, or no workbook."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refuse(path, N_("a workbook without a password: remove it in Excel or WPS and save again"))
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise refuse(path, N_("a workbook: this is a file of an old Office of another kind; save the table as .xlsx"))
    return open_calamine(path)


def is_open_document(path: Path) -> bool:
    """Return whether an archive is a table of LibreOffice or WPS (.ods)."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except Exception:  # noqa: BLE001 - a damaged archive is refused by whoever opens it as a workbook
        return False
    return "content.xml" in names and b"opendocument.spreadsheet" in kind


def _checked(path: Path) -> Path:
    """Return `path` of an .ods that fits into memory and declares nothing that grows.  Raises InputRefused."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            content = archive.read("content.xml") if size <= MAX_BYTES else b""
    except Exception as error:  # a damaged archive can make the reader raise anything
        raise refuse(path, N_("a workbook that is whole: this one is damaged; save it again")) from error
    if size > MAX_BYTES or _cells_repeated(content) > _MOST_REPEATED:
        raise too_large(path)
    if b"<!ENTITY" in content or b"<!DOCTYPE" in content:
        raise refuse(path, N_("a file without entities of its own"))
    return path


def _cells_repeated(content: bytes) -> int:
    """Return for how many cells the rows of an .ods stand by repeating: few bytes can stand for millions."""
    cells = 0
    for row in content.split(_ROW_END):
        if b"-repeated=" in row and b"office:value-type" in row:
            repeated = _REPEATED_ROW.search(row)
            cells += (int(repeated[1]) if repeated else 1) * sum(map(int, _REPEATED_CELL.findall(row)), 1)
    return cells


def refuse_known(path: Path, begin: bytes) -> None:
    """Raise InputRefused for files that are no table, by the name of what they are."""
    if begin.lstrip().startswith(b"{") and not begin.startswith(b"{\\rtf"):
        if b"plan-of-action-and-milestones" in begin:
            raise refuse(path, N_("a ledger: this is an OSCAL plan of action and milestones, which is not read"))
        raise refuse(path, N_("a ledger: this is JSON, which is not read"))
    if begin.startswith(b"%PDF"):
        raise refuse(path, N_("a workbook: this is a PDF; save the table as .xlsx"))
    if begin.lstrip().startswith(b"<?xml"):
        raise refuse(path, N_("a workbook: this is XML of another kind; save the table as .xlsx"))

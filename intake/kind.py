"""Tells what a file is by its content: a notice (text, Word, page) or a ledger workbook (Excel, .csv)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile, ZipFile

from engine.rules.ledger_layout import LEDGER, PEOPLE, UNITS, key_of
from engine.rules.text import N_
from intake.notice.source import OLE, PDF, ZIP, decode, is_old_word, read_bytes, refuse
from intake.workbook.markup_file import XML_2003, is_markup
from intake.workbook.open_file import is_open_document, refuse_known

Kind = Literal["notice", "workbook"]
_EARLY = 20  #: lines in which a ledger's headings must stand
_BEGIN = 4096  #: bytes in which a file shows what it is
_TABLES = frozenset({".xls", ".xlsx", ".et", ".csv"})  #: a page of one of these names is a table
_ENOUGH = 3  #: headings that make a line the head of a ledger


def tell_kind(path: Path) -> Kind:
    """Return the kind of a file.  Raises InputRefused when it is neither."""
    content = read_bytes(path)
    if content.startswith(ZIP):
        return _kind_of_archive(path, content)
    if content.startswith(PDF) or is_old_word(content):
        return "notice"
    is_table = path.suffix.lower() in _TABLES and is_markup(content)
    if content.startswith(OLE) or XML_2003 in content[:_BEGIN] or is_table:
        return "workbook"
    refuse_known(path, content)
    text = decode(path, content)
    return "workbook" if any(_is_head(line) for line in text.splitlines()[:_EARLY]) else "notice"


def _kind_of_archive(path: Path, content: bytes) -> Kind:
    names = _archive_names(content)
    if any(name.startswith("xl/") for name in names) or is_open_document(path):
        return "workbook"
    if "word/document.xml" in names:
        return "notice"
    raise refuse(path, N_("this archive is neither a Word document nor an Excel workbook, or it is broken"))


def _archive_names(content: bytes) -> frozenset[str]:
    """Return the names in a zip archive; none when it is broken."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return frozenset()


def _is_head(line: str) -> bool:
    """Return whether a line holds the headings of a ledger, separated as in a .csv."""
    cells = {key_of(cell.strip().strip('"')) for cell in re.split(r"[,;\t]", line)}
    return any(len(cells & layout.fields_by_key().keys()) >= _ENOUGH for layout in (LEDGER, UNITS, PEOPLE))

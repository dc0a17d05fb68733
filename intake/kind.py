"""Tells what a file is by its content: a notice (text, Word, page) or a ledger workbook (Excel, .csv)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile, ZipFile

from engine.rules.ledger_layout import LEDGER, PEOPLE, UNITS, key_of
from engine.rules.text import N_
from intake.notice.source import PDF, ZIP, decode, is_old_word, read_bytes, refuse

Kind = Literal["notice", "workbook"]
_EARLY = 20  #: lines in which a ledger's headings must stand
_ENOUGH = 3  #: headings that make a line the head of a ledger


def tell_kind(path: Path) -> Kind:
    """Return the kind of a file.  Raises InputRefused when it is neither."""
    content = read_bytes(path)
    if content.startswith(ZIP):
        names = _archive_names(content)
        if any(name.startswith("xl/") for name in names):
            return "workbook"
        if "word/document.xml" in names:
            return "notice"
        raise refuse(path, N_("this archive is neither a Word document nor an Excel workbook, or it is broken"))
    if content.startswith(PDF) or is_old_word(content):
        return "notice"
    text = decode(path, content)
    return "workbook" if any(_is_head(line) for line in text.splitlines()[:_EARLY]) else "notice"


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

"""Turns a Word document into lines, with the numbers that Word shows but does not store in the text.

Called by `source`.  Reads paragraphs in the order of the document, those of text boxes and content
controls included; text that was struck out under tracked changes is not read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn

from engine.rules.plan import InputRefused
from engine.rules.text import N_
from intake.notice.source import MAX_BYTES, SourceLine, refuse, tidy
from intake.notice.tables import Cell, table_lines
from intake.notice.word_numbers import Numbering

_P, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_T, _TAB, _HYPHEN, _BREAKS = qn("w:t"), qn("w:tab"), qn("w:noBreakHyphen"), frozenset({qn("w:br"), qn("w:cr")})
#: Struck out, told a second time for older programs, or how the text below it is pronounced.
_UNREAD = {
    qn("w:del"),
    qn("w:moveFrom"),
    qn("w:rt"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_BODY = "word/document.xml"


def word_lines(path: Path, content: bytes) -> list[SourceLine]:
    """Return the lines of a document.  Raises InputRefused when it is damaged or none."""
    try:
        _check_archive(path, content)
        document = docx.Document(io.BytesIO(content))
        return list(_Reader(Numbering(document)).lines(document.element.body))
    except InputRefused:
        raise
    except Exception:  # noqa: BLE001 - python-docx and lxml raise many kinds for a damaged document
        raise refuse(path, N_("this document is damaged; open it in Word or WPS and save it again as .docx")) from None


def _check_archive(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    if _BODY not in {part.filename for part in parts}:
        raise refuse(path, N_("this is no Word document (.docx)"))
    if any(part.flag_bits & 1 for part in parts):
        raise refuse(path, N_("this file is locked with a password; save it without one"))
    if sum(part.file_size for part in parts) > MAX_BYTES:
        raise refuse(path, N_("the file is larger than {megabytes} MB", megabytes=MAX_BYTES // 1024**2))


class _Reader:
    """Walks a document and counts its paragraphs."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._numbers = count(1)

    def lines(self, holder: Any) -> Iterator[SourceLine]:
        """Yield the lines of whatever holds paragraphs and tables."""
        for element in holder.iterchildren():
            if element.tag == _P:
                yield from self._paragraph(element)
            elif element.tag == _TABLE:
                yield from table_lines(self._rows(element))
            elif element.tag not in _UNREAD:
                yield from self.lines(element)

    def _paragraph(self, paragraph: Any) -> Iterator[SourceLine]:
        number = next(self._numbers)
        texts = [text for text in map(tidy, _text_of(paragraph).split("\n")) if text]
        if texts:
            label = self._numbering.label(paragraph)
            yield from (SourceLine(number, text) for text in (label + texts[0], *texts[1:]))
        for inner in paragraph.iter(qn("w:txbxContent")):
            if not _is_unread(inner):
                yield from self.lines(inner)

    def _rows(self, table: Any) -> list[list[Cell]]:
        rows: list[list[Cell]] = []
        open_cells: dict[int, Cell] = {}  #: merged downwards, by column
        for row in table.iter(_ROW):
            if next(row.iterancestors(_TABLE)) is not table or _is_unread(row):
                continue
            rows.append([])
            column = 0
            for part in (one for one in row.iter(_CELL) if next(one.iterancestors(_ROW)) is row):
                properties = part.find(qn("w:tcPr"))
                width = _width(properties)
                merge = properties.find(qn("w:vMerge")) if properties is not None else None
                if merge is not None and merge.get(qn("w:val")) != "restart" and column in open_cells:
                    open_cells[column].rows += 1
                else:
                    cell = Cell(lines=list(self.lines(part)), columns=width)
                    rows[-1].append(cell)
                    open_cells[column] = cell
                column += width
        return rows


def _width(properties: Any) -> int:
    span = properties.find(qn("w:gridSpan")) if properties is not None else None
    said = str(span.get(qn("w:val"))) if span is not None else "1"
    return max(int(said), 1) if re.fullmatch("[0-9]{1,3}", said) else 1


def _is_unread(element: Any) -> bool:
    return any(above.tag in _UNREAD for above in element.iterancestors())


def _text_of(paragraph: Any) -> str:
    pieces: list[str] = []
    for part in paragraph.iter(_T, _TAB, _HYPHEN, *_BREAKS):
        # A tab stop in the paragraph's format has the tag of a tab in its text; a text box holds paragraphs of its own.
        if part.getparent().tag != qn("w:r") or next(part.iterancestors(_P)) is not paragraph or _is_unread(part):
            continue
        if part.tag == _T:
            pieces.append(re.sub(r"[\r\n]+", " ", part.text or ""))
        else:
            pieces.append("-" if part.tag == _HYPHEN else "\t" if part.tag == _TAB else "\n")
    return "".join(pieces)

"""Turns a PDF with text into lines: the lines of a page become paragraphs again, and its tables become tables.

Called by `lines`.  Every extractor puts blanks between digits and Chinese signs (2024 年 9 月 30 日): they are
taken out.  A scan holds no text and is refused as one.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from engine.rules.text import N_
from intake.notice.headings import LABEL, NARROW, marker
from intake.notice.source import SourceLine, refuse, tidy
from intake.notice.tables import Cell, table_lines

MAX_PAGES = 500
_WIDE = r"[\u2014-\u201d\u2026\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
_BLANKS = re.compile(rf"(?<={_WIDE})\s+|\s+(?={_WIDE})")
_PAGE_NUMBER = re.compile(r"\W*(?:第?\s*\d{1,4}\s*页?(?:\s*[/共]\s*\d{1,4}\s*页?)?)\W*")
_BEGINS = re.compile(r"(?:[一二三四五六七八九十]{1,3}[是要])|(?:截[至止]|附件|联系|来源)")
_FULL = 0.92  #: of the width of a page's text: a line that ends before it ends its paragraph
_FEW = 20  #: signs of all pages: fewer are the stamp on a scan


_Table = list[list[Cell]]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line as the page shows it."""

    text: str
    begins: float
    ends: float


_Part = _Row | _Table


def pdf_lines(path: Path, content: bytes) -> list[SourceLine]:
    """Return the lines of a PDF.  Raises InputRefused when it is locked, damaged, too long or a scan."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        pages, are_pictures = _read(content)
    except Exception as error:  # noqa: BLE001 - pdfminer raises many kinds for a damaged document
        if "Password" in repr(error):  # pdfplumber wraps what pdfminer raises
            raise refuse(path, N_("this file is locked with a password; save it without one")) from None
        raise refuse(path, N_("this PDF is damaged; make it anew, or save the notice as .docx")) from None
    if len(pages) > MAX_PAGES:
        message = N_("the PDF has more than {most} pages", most=MAX_PAGES)
        raise refuse(path, message)
    signs = sum(len(part.text) if isinstance(part, _Row) else _FEW for page in pages for part in page)
    if signs < _FEW and are_pictures:
        message = N_("this PDF is a scan: it holds pictures of pages and no text; ask for the file it was made from")
        raise refuse(path, message)
    return _lines(pages)


def _read(content: bytes) -> tuple[list[list[_Part]], bool]:
    """Return the parts of each page, of one page more than there may be, and whether pages hold pictures."""
    import pdfplumber  # noqa: PLC0415 - needs large libraries

    with pdfplumber.open(io.BytesIO(content), pages=list(range(1, MAX_PAGES + 2))) as document:
        pages = [list(_parts(page)) for page in document.pages]
        return pages, any(page.images for page in document.pages)


def _parts(page: Any) -> Iterator[_Part]:
    """Yield the lines and tables of a page, from above."""
    tables = [table for table in page.find_tables() if len(table.rows) > 1]
    found: list[tuple[float, _Part]] = []
    rest = page
    for table in tables:
        rows = [[_cell(text) for text in row] for row in table.extract()]
        found.append((table.bbox[1], rows))
        rest = rest.outside_bbox(table.bbox)
    for line in rest.extract_text_lines(return_chars=False):
        text = join_wide(line["text"])
        if text and not _PAGE_NUMBER.fullmatch(text):
            found.append((line["top"], _Row(text, line["x0"], line["x1"])))
    for _, part in sorted(found, key=lambda one: one[0]):
        yield part


def _cell(text: str | None) -> Cell:
    return Cell(lines=[SourceLine(1, told) for one in (text or "").split("\n") if (told := join_wide(one))])


def join_wide(text: str) -> str:
    """Return a text without the blanks that extractors put between digits and Chinese signs.

    >>> join_wide("于 2024 年 9 月 30 日前完成 AI for Science 培训")
    '于2024年9月30日前完成AI for Science培训'
    """
    return _BLANKS.sub("", tidy(text))


def _lines(pages: Sequence[Sequence[_Part]]) -> list[SourceLine]:
    """Return paragraphs and the lines of tables; they are numbered through."""
    numbers, lines = count(1), list[SourceLine]()
    rows = [part for page in pages for part in page if isinstance(part, _Row)]
    right = max((row.ends for row in rows), default=0.0)
    left = min((row.begins for row in rows), default=0.0)
    before: _Row | None = None
    for part in (part for page in pages for part in page):
        if not isinstance(part, _Row):
            number = next(numbers)
            numbered = [
                [Cell(lines=[SourceLine(number, one.text) for one in cell.lines]) for cell in row] for row in part
            ]
            lines += table_lines(numbered)
            before = None
            continue
        if before is not None and _goes_on(before, part, left, right):
            lines[-1] = SourceLine(lines[-1].number, join_wide(f"{lines[-1].text} {part.text}"))
        else:
            lines.append(SourceLine(next(numbers), part.text))
        before = part
    return lines


def _goes_on(before: _Row, row: _Row, left: float, right: float) -> bool:
    """Return whether a line goes on with the paragraph of the line before: that is full, and this begins nothing."""
    is_full = before.ends - left >= (right - left) * _FULL
    narrow = row.text.translate(NARROW)
    label = LABEL.match(narrow)
    begins = marker(row.text) is not None or _BEGINS.match(narrow) or (label is not None and ":" in label[0])
    return is_full and not (begins and before.text.endswith(tuple("。;；:：!?”")))

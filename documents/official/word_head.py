"""Sets the head of a paper (版头: the mark in red over a red line) and the record at its end (版记) in Word's terms.

Called by `documents.official.word`.
"""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.shared import Mm, Pt

from documents.official.blocks import BODY, GREY, KAITI, RED, SONG, TITLE_FACE, Head, Imprint
from documents.official.sheet import BODY_SIZE, element, leave_grid, write
from documents.official.words import wide_of

_TEXT = Mm(156)  #: width of the text
_LARGEST = 46  #: points of the mark; a long one is set smaller, so that it stays on one line
_SMALL = Pt(14)  # 四号


def add_head(document: Any, head: Head) -> None:
    """Add the mark, the number below it, and the red line across the text."""
    size = min(_LARGEST, int(_TEXT.pt / max(wide_of(head.mark), 1)))
    mark = _line(document, Pt(size * 1.35), WD_ALIGN_PARAGRAPH.CENTER)
    write(mark, head.mark, TITLE_FACE, Pt(size), colour=RED)
    _line(document, Pt(28), None)
    number = _line(document, Pt(28), None if head.opposite else WD_ALIGN_PARAGRAPH.CENTER)
    if head.opposite:
        number.paragraph_format.tab_stops.add_tab_stop(_TEXT - BODY_SIZE, WD_TAB_ALIGNMENT.RIGHT)
        write(number, "　", BODY)
    write(number, head.number or "〔　　　　〕　　号", BODY)
    if head.opposite:
        write(number, "\t", BODY)
        write(number, head.opposite, KAITI)
    _rule(_line(document, Pt(11), None), "bottom", size=12, colour=RED, space=0)
    _line(document, Pt(28), None)


def add_imprint(document: Any, imprint: Imprint) -> None:
    """Add the record below the text: between lines, in 四号 仿宋, one character from either side."""
    _line(document, Pt(28), None)
    if imprint.copies:
        copies = _record_line(document)
        copies.paragraph_format.left_indent = _SMALL * 4
        copies.paragraph_format.first_line_indent = _SMALL * -3
        write(copies, f"抄送：{imprint.copies}", BODY, _SMALL)
        _rule(copies, "top", size=8)
    printer = _record_line(document)
    printer.paragraph_format.tab_stops.add_tab_stop(_TEXT - _SMALL, WD_TAB_ALIGNMENT.RIGHT)
    printer.paragraph_format.left_indent = _SMALL
    write(printer, f"{imprint.printer}\t{imprint.printed_on}印发", BODY, _SMALL)
    _rule(printer, "top", size=6 if imprint.copies else 8)
    _rule(printer, "bottom", size=8)


def add_record(document: Any, record: str) -> None:
    """Add which version this is, small and grey, as the last line of all."""
    line = _line(document, Pt(12), None)
    line.paragraph_format.space_before = Pt(6)
    line.paragraph_format.keep_with_next, line.paragraph_format.keep_together = False, True
    write(line, record, SONG, Pt(8), colour=GREY)


def _record_line(document: Any) -> Any:
    line = _line(document, Pt(24), None)
    line.paragraph_format.right_indent = _SMALL
    line.paragraph_format.keep_together = True
    return line


def _line(document: Any, pitch: Any, align: Any) -> Any:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.line_spacing = pitch
    paragraph.paragraph_format.keep_with_next = True
    leave_grid(paragraph)
    return paragraph


def _rule(paragraph: Any, side: str, *, size: int, colour: str = "000000", space: int = 4) -> None:
    """Draw a line above or below a paragraph; `size` in eighths of a point."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - borders have no other door
    borders = properties.find(element("w:pBdr").tag)
    if borders is None:
        borders = element("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    borders.append(element(f"w:{side}", val="single", sz=str(size), space=str(space), color=colour))

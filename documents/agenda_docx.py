"""Sets an agenda as a Word document, in the national layout for official papers (GB/T 9704-2012).

Called by `documents.agenda`.  It names the official typefaces and leaves them to the reader's machine.  The same agenda
gives the same bytes: no clock, no counter, a fixed time in the archive.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from documents.agenda_paper import (
    BODY,
    HEITI,
    KAITI,
    PITCH,
    SONG,
    TITLE_FACE,
    add_page_numbers,
    fix_columns,
    keep_rows_together,
    keep_rows_whole,
    leave_grid,
    set_paper,
    set_style,
    write,
)
from documents.agenda_view import SaidAgenda, SaidLine, SaidSection
from documents.agenda_words import MARK_COLOURS

#: Widths in mm; the text is 156 mm wide.
LINE_WIDTHS = (17, 35, 28, 30, 24, 22)
FIGURE_WIDTHS = (42, 16, 20, 42, 16, 20)
ASPECT_WIDTHS = (72, 21, 21, 21, 21)
_TABLE_SIZE, _TABLE_PITCH = Pt(10.5), Pt(15)


def agenda_docx(agenda: SaidAgenda, as_of: date) -> bytes:
    """Return the Word document's bytes."""
    document = Document()
    set_paper(document.sections[0])
    set_style(document.styles["Normal"], BODY)
    set_style(document.styles["Heading 1"], HEITI)
    add_page_numbers(document)
    _properties(document, agenda, as_of)
    _title(document, agenda)
    _section(document, agenda.decisions)
    _progress(document, agenda)
    for section in agenda.sections:
        _section(document, section)
    written = io.BytesIO()
    document.save(written)
    return _timeless(written.getvalue(), as_of)


def _properties(document: Any, agenda: SaidAgenda, as_of: date) -> None:
    moment = datetime.combine(as_of, time())
    about = document.core_properties
    about.title, about.author, about.last_modified_by = agenda.title, agenda.organisation[:255], ""
    about.language = agenda.html_language
    about.comments, about.created, about.modified, about.revision = "", moment, moment, 1


def _title(document: Any, agenda: SaidAgenda) -> None:
    for text in (agenda.organisation, agenda.title):
        line = _paragraph(document, align=WD_ALIGN_PARAGRAPH.CENTER, pitch=Pt(34))
        leave_grid(line)
        write(line, text, TITLE_FACE, Pt(22))
        line.paragraph_format.keep_with_next = True
    _gap(document)
    for name, value in agenda.facts:
        line = _paragraph(document)
        write(line, name + agenda.colon, HEITI)
        write(line, value, KAITI)
    _gap(document)


def _gap(document: Any) -> None:
    leave_grid(_paragraph(document, pitch=Pt(16)))


def _heading(document: Any, text: str) -> None:
    line = _paragraph(document, indent=Pt(32), style="Heading 1")
    write(line, text, HEITI)


def _section(document: Any, section: SaidSection) -> None:
    _heading(document, section.heading)
    line = _paragraph(document, indent=Pt(32))
    write(line, section.lead, BODY)
    if section.lines:
        line.paragraph_format.keep_with_next = True
        table = _table(document, section.columns, LINE_WIDTHS)
        for one in section.lines:
            _line(table.add_row().cells, one)
        _finish(table, LINE_WIDTHS)
        keep_rows_together(table.rows[:2])


def _line(cells: Any, line: SaidLine) -> None:
    centred = WD_ALIGN_PARAGRAPH.CENTER
    _fill(cells[0], [line.code], align=centred)
    _fill(cells[1], [line.text])
    _fill(cells[2], line.who)
    _fill(cells[3], [line.deadline, *([line.lateness] if line.lateness else [])], align=centred)
    if line.slip_name and line.slip:
        mark = _cell_line(cells[3].add_paragraph(), centred)
        write(mark, "■", SONG, _TABLE_SIZE, colour=MARK_COLOURS[line.slip])
        write(mark, line.slip_name, BODY, _TABLE_SIZE)
    _fill(cells[4], [line.reason])
    _fill(cells[5], [line.ask])


def _progress(document: Any, agenda: SaidAgenda) -> None:
    _heading(document, agenda.progress_heading)
    line = _paragraph(document, indent=Pt(32))
    write(line, agenda.progress_lead, BODY)
    figures = [((" " * 2 if one.is_part else "") + one.name, str(one.count), one.change) for one in agenda.figures]
    half = (len(figures) + 1) // 2
    left, right = figures[:half], [*figures[half:], ("", "", "")]
    table = _table(document, agenda.figure_columns * 2, FIGURE_WIDTHS)
    for one, other in zip(left, right, strict=False):
        _row(table, (*one, *other), text=(0, 3))
    _finish(table, FIGURE_WIDTHS)
    keep_rows_together(table.rows)
    if agenda.aspects:
        line = _paragraph(document, indent=Pt(32))
        write(line, agenda.aspects_title, KAITI)
        line.paragraph_format.keep_with_next = True
        table = _table(document, agenda.aspect_columns, ASPECT_WIDTHS)
        for aspect in agenda.aspects:
            values = (aspect.text, str(aspect.measures), str(aspect.closed), aspect.share, str(aspect.overdue))
            _row(table, values, face=HEITI if aspect.is_total else BODY)
        _finish(table, ASPECT_WIDTHS)
        keep_rows_together(table.rows)


def _row(table: Any, values: Iterable[str], *, text: tuple[int, ...] = (0,), face: str = BODY) -> None:
    for place, (cell, value) in enumerate(zip(table.add_row().cells, values, strict=True)):
        _fill(cell, [value], face=face, align=WD_ALIGN_PARAGRAPH.LEFT if place in text else WD_ALIGN_PARAGRAPH.CENTER)


def _table(document: Any, heads: tuple[str, ...], widths: tuple[int, ...]) -> Any:
    table = document.add_table(rows=1, cols=len(widths), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        _fill(cell, [head], face=HEITI, align=WD_ALIGN_PARAGRAPH.CENTER)
    return table


def _finish(table: Any, widths: tuple[int, ...]) -> None:
    fix_columns(table, [Mm(width) for width in widths])
    keep_rows_whole(table)


def _fill(cell: Any, lines: Iterable[str], *, face: str = BODY, align: Any = WD_ALIGN_PARAGRAPH.LEFT) -> None:
    for place, text in enumerate(lines):
        paragraph = cell.add_paragraph() if place else cell.paragraphs[0]
        write(_cell_line(paragraph, align), text, face, _TABLE_SIZE)


def _cell_line(paragraph: Any, align: Any) -> Any:
    paragraph.alignment = align
    paragraph.paragraph_format.line_spacing = _TABLE_PITCH
    return paragraph


def _paragraph(document: Any, *, align: Any = None, indent: Any = None, pitch: Any = PITCH, style: Any = None) -> Any:
    paragraph = document.add_paragraph(style=style)
    paragraph.alignment = align
    paragraph.paragraph_format.line_spacing = pitch
    paragraph.paragraph_format.first_line_indent = indent
    return paragraph


def _timeless(archive: bytes, as_of: date) -> bytes:
    """Return the archive with one fixed time on every part."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as parts, zipfile.ZipFile(written, "w") as made:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, (max(as_of.year, 1980), as_of.month, as_of.day, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            made.writestr(entry, parts.read(name))
    return written.getvalue()

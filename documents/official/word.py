"""Sets an official paper as a Word document, in the national layout (GB/T 9704-2012).

Called by `documents.official.write`.  It names the official typefaces and leaves them to the reader's machine.  The
same paper gives the same bytes: no clock, no counter, a fixed time in the archive.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from documents.official.blocks import (
    BODY,
    HEITI,
    KAITI,
    SONG,
    TITLE_FACE,
    Block,
    Chart,
    Gap,
    Heading,
    NewPage,
    Paper,
    Paragraph,
    Run,
    Side,
    Signature,
    Table,
    TearLine,
    Title,
)
from documents.official.sheet import (
    BODY_SIZE,
    PITCH,
    add_draft_mark,
    add_page_numbers,
    leave_grid,
    set_paper,
    set_style,
    write,
)
from documents.official.word_chart import add_chart
from documents.official.word_head import add_head, add_imprint, add_record
from documents.official.word_table import table_element
from documents.official.words import long_day, wide_of

#: 一、 黑体, （一） 楷体, 1. 仿宋
HEADING_FACES = {1: HEITI, 2: KAITI, 3: BODY}
_INDENT = Pt(32)
_SIDES = {Side.LEFT: None, Side.CENTRE: WD_ALIGN_PARAGRAPH.CENTER, Side.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT}


def paper_docx(paper: Paper) -> bytes:
    """Return the Word document's bytes."""
    document = Document()
    set_paper(document.sections[0], landscape=paper.landscape)
    set_style(document.styles["Normal"], BODY)
    for level, face in HEADING_FACES.items():
        set_style(document.styles[f"Heading {level}"], face)
    add_page_numbers(document)
    if paper.draft:
        add_draft_mark(document, paper.draft)
    if paper.head:
        add_head(document, paper.head)
    if paper.title:
        _title(document, Title(lines=paper.title))
    if paper.addressee:
        write(_paragraph(document), f"{paper.addressee}：", BODY)
    set_blocks(document, paper.body)
    if paper.imprint:
        add_imprint(document, paper.imprint)
    if paper.record:
        add_record(document, paper.record)
    return saved(document, paper)


def set_blocks(document: Any, blocks: Iterable[Block]) -> None:
    """Add blocks below what the document holds already."""
    before: Block | None = None
    for block in blocks:
        if isinstance(before, Table) and isinstance(block, Table):
            _gap(document, Gap(points=6))  # two tables that touch are one
        _SET[type(block)](document, block)
        before = block


def saved(document: Any, paper: Paper) -> bytes:
    """Return the document's bytes: its properties tell the paper's day, its archive one fixed time."""
    _properties(document, paper)
    written = io.BytesIO()
    document.save(written)
    return _timeless(written.getvalue(), paper.as_of)


def _properties(document: Any, paper: Paper) -> None:
    moment = datetime.combine(paper.as_of, time())
    about = document.core_properties
    about.title, about.author, about.last_modified_by = paper.about[:255], paper.author[:255], ""
    about.language = paper.language
    about.comments, about.created, about.modified, about.revision = paper.recipe[:255], moment, moment, 1


def _title(document: Any, title: Title) -> None:
    for text in title.lines:
        line = _paragraph(document, align=WD_ALIGN_PARAGRAPH.CENTER, pitch=Pt(34))
        leave_grid(line)
        write(line, text, TITLE_FACE, Pt(22))
        line.paragraph_format.keep_with_next = True
    _gap(document, Gap(points=16))


def _gap(document: Any, gap: Gap) -> None:
    line = _paragraph(document, pitch=Pt(gap.points) if gap.points else PITCH)
    if gap.points:
        leave_grid(line)


def _heading(document: Any, heading: Heading) -> None:
    line = _paragraph(document, indent=_INDENT, style=f"Heading {heading.level}")
    write(line, heading.text, HEADING_FACES[heading.level])
    if heading.rest:
        line.paragraph_format.keep_with_next = False
        write(line, heading.rest, BODY)


def _text(document: Any, paragraph: Paragraph) -> None:
    line = _paragraph(document, align=_SIDES[paragraph.side], indent=_INDENT if paragraph.indent else None)
    for run in paragraph.runs:
        write(line, run.text, run.face, colour=run.colour)
    if paragraph.leads:
        line.paragraph_format.keep_with_next = True


def _table(document: Any, table: Table) -> None:
    body = document.element.body
    body.insert(len(body) - 1, table_element(table))


def _new_page(document: Any, _block: NewPage) -> None:
    """Begin a page with an empty line of one point: a break of its own would leave an empty page where one is full."""
    line = _paragraph(document, pitch=Pt(1))
    leave_grid(line)
    line.paragraph_format.page_break_before = True


def _tear_line(document: Any, block: TearLine) -> None:
    line = _paragraph(document, align=WD_ALIGN_PARAGRAPH.CENTER)
    write(line, block.text, SONG, Pt(10.5))


def _signature(document: Any, block: Signature) -> None:
    """Set the day four characters from the right, and the organisation centred above it."""
    day = long_day(block.day) if block.day else "　　　　年　　月　　日"
    right = 4 * BODY_SIZE.pt
    over = (wide_of(day) - wide_of(block.organisation)) / 2 * BODY_SIZE.pt
    _gap(document, Gap())
    for text, room in ((block.organisation, max(right + over, 0)), (day, right)):
        line = _paragraph(document, align=WD_ALIGN_PARAGRAPH.RIGHT)
        line.paragraph_format.right_indent = Pt(room)
        line.paragraph_format.keep_with_next = text is block.organisation
        write(line, text, BODY)


def _chart(document: Any, chart: Chart) -> None:
    _text(document, Paragraph(runs=(Run(chart.title, KAITI),), side=Side.CENTRE, indent=False, leads=True))
    line = _paragraph(document, align=WD_ALIGN_PARAGRAPH.CENTER)
    line.paragraph_format.line_spacing = 1.0
    leave_grid(line)
    add_chart(document, line, chart)


_SET: dict[type[Block], Callable[[Any, Any], None]] = {
    Heading: _heading,
    Paragraph: _text,
    Gap: _gap,
    NewPage: _new_page,
    TearLine: _tear_line,
    Title: _title,
    Table: _table,
    Chart: _chart,
    Signature: _signature,
}


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
        for name in sorted(parts.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            entry = zipfile.ZipInfo(name, (max(as_of.year, 1980), as_of.month, as_of.day, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            made.writestr(entry, parts.read(name))
    return written.getvalue()

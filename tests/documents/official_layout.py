"""The national layout of official papers (GB/T 9704-2012), read back from a Word document and held to its figures."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn

FACES = {"仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"}
BODY, TITLE, FOOT = 32, 44, 28  #: half points: 三号, 二号, 四号
HEADINGS = {"Heading 1": "黑体", "Heading 2": "楷体_GB2312", "Heading 3": "仿宋_GB2312"}
MILLIMETRE = 36000


def check_layout(path: Path, as_of: date) -> None:
    """Hold a document to the layout: page, margins, grid, typefaces, sizes, pitch, page numbers and times."""
    document = Document(str(path))
    for section in document.sections:
        landscape = section.page_width > section.page_height
        size = tuple(round(one / MILLIMETRE) for one in (section.page_width, section.page_height))
        assert size == ((297, 210) if landscape else (210, 297))
        margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round(one / MILLIMETRE) for one in margins] == ([28, 26, 35, 37] if landscape else [37, 35, 28, 26])
        (grid,) = section._sectPr.findall(qn("w:docGrid"))
        assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "560")
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            (line,) = footer._element.findall(qn("w:p"))
            assert line.find(f".//{qn('w:jc')}").get(qn("w:val")) == side
            assert [one.text for one in line.iter(qn("w:instrText"))] == ["PAGE"]
            assert "".join(one.text for one in line.iter(qn("w:t"))) == "— 1 —"
            assert {one.get(qn("w:val")) for one in line.iter(qn("w:sz"))} == {str(FOOT)}
    assert document.settings.odd_and_even_pages_header_footer
    _check_styles(document)
    faces = {one.get(qn("w:eastAsia")) for one in document.element.body.iter(qn("w:rFonts"))}
    assert faces <= FACES
    for paragraph in document.paragraphs:
        _check_paragraph(paragraph)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(as_of.year, as_of.month, as_of.day)}
        assert names == ["[Content_Types].xml", *sorted(name for name in names if name != "[Content_Types].xml")]
        assert not [name for name in names if re.search("vba|embed", name, re.IGNORECASE)]


def _check_styles(document: Any) -> None:
    for name, face in {"Normal": "仿宋_GB2312", **HEADINGS}.items():
        style = document.styles[name]
        assert style.font.size.pt * 2 == BODY
        assert style.paragraph_format.line_spacing.pt == 28
        assert style.element.rPr.rFonts.get(qn("w:eastAsia")) == face


def _check_paragraph(paragraph: Any) -> None:
    """Body text is 三号 on 28 pt and set in by two characters; what leaves the grid says so."""
    pitch = paragraph.paragraph_format.line_spacing
    off_grid = paragraph._p.find(f".//{qn('w:snapToGrid')}") is not None
    assert off_grid or pitch is None or pitch.pt == 28
    sizes = {run.font.size.pt * 2 for run in paragraph.runs if run.text.strip()}
    faces = {run._r.rPr.rFonts.get(qn("w:eastAsia")) for run in paragraph.runs if run.text.strip()}
    if paragraph.style.name in HEADINGS:
        assert sizes == {BODY}
        assert paragraph.paragraph_format.first_line_indent.pt == 32
        assert HEADINGS[paragraph.style.name] in faces
    elif paragraph.paragraph_format.first_line_indent and paragraph.paragraph_format.first_line_indent.pt == 32:
        assert sizes <= {BODY}
    if "方正小标宋简体" in faces:
        assert paragraph.alignment == 1
        assert sizes == {TITLE} or paragraph.runs[0].font.color.rgb is not None

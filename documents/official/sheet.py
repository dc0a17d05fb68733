"""The national layout of official papers (GB/T 9704-2012) in Word's own terms: paper, typefaces, pitch, page numbers.

Called by `documents.official.word` and `word_table`.  What python-docx has no word for is written as its XML
element here, and nowhere else.
"""

from __future__ import annotations

from html import escape
from typing import Any

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from documents.official.blocks import HEITI, SONG
from engine.rules.ledger_layout import showable

LATIN = "Times New Roman"
BODY_SIZE, PITCH = Pt(16), Pt(28)  # 三号
#: Top, bottom, left, right in mm: upright, and turned so that the binding edge lies above.
UPRIGHT, TURNED = (37, 35, 28, 26), (28, 26, 35, 37)
_BLACK = RGBColor(0, 0, 0)
_DECLARED = f" {nsdecls('w')}"


def set_paper(section: Any, *, landscape: bool = False) -> None:
    """Set A4 with the national margins, and a grid of lines only: one of letters would stretch the text."""
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    top, bottom, left, right = TURNED if landscape else UPRIGHT
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.header_distance, section.footer_distance = Mm(15), Mm(bottom - 12)
    properties = section._sectPr  # noqa: SLF001 - the grid has no other door
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    properties.append(element("w:docGrid", type="lines", linePitch=str(int(PITCH.pt * 20))))


def set_style(style: Any, face: str) -> None:
    """Make `style` 三号 in this typeface, on lines of 28 pt with nothing before or after."""
    style.font.size, style.font.bold = BODY_SIZE, False
    set_faces(style.font, face)
    layout = style.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, PITCH
    layout.widow_control = True


def set_faces(font: Any, face: str) -> None:
    """Name the typefaces of Chinese and of Latin text, in black."""
    font.name, font.color.rgb = LATIN, _BLACK
    faces = font.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        faces.attrib.pop(qn(f"w:{theme}"), None)
    faces.set(qn("w:eastAsia"), face)


def write(paragraph: Any, text: str, face: str, size: Any = BODY_SIZE, *, colour: str | None = None) -> None:
    """Add a run of text."""
    paragraph._p.append(parse_xml(run_xml(text, face, size.pt, colour, declared=True)))  # noqa: SLF001 - as below


def run_xml(text: str, face: str, points: float, colour: str | None, *, declared: bool = False) -> str:
    """Return a run as XML: tables of a thousand cells are made so; python-docx takes ten times as long."""
    inner = escape(showable(text)).replace("\n", "</w:t><w:br/><w:t>").replace("\t", "</w:t><w:tab/><w:t>")
    told = f'<w:t xml:space="preserve">{inner}</w:t>' if inner else ""
    half = round(points * 2)
    return (
        f"<w:r{_DECLARED if declared else ''}><w:rPr>"
        f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{face}"/><w:b w:val="0"/>'
        f'<w:color w:val="{colour or "000000"}"/><w:sz w:val="{half}"/></w:rPr>'
        f"{told}</w:r>"
    )


def add_draft_mark(document: Any, mark: str) -> None:
    """Write a mark over the text of each page."""
    section = document.sections[0]
    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        line = header.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.LEFT
        line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        write(line, mark, HEITI, BODY_SIZE)


def add_page_numbers(document: Any) -> None:
    """Add page numbers (— 1 —, 四号 宋体) outside: on the right of odd pages and on the left of even ones."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, align in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.alignment = align
        line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
        write(line, "— ", SONG, Pt(14))
        for kind, text in (("begin", None), (None, "PAGE"), ("separate", None), (None, None), ("end", None)):
            _add_field_part(line, kind, text)
        write(line, " —", SONG, Pt(14))


def _add_field_part(line: Any, kind: str | None, instruction: str | None) -> None:
    write(line, "" if kind or instruction else "1", SONG, Pt(14))
    run = line.runs[-1]._r  # noqa: SLF001 - fields have no other door
    if kind:
        run.append(element("w:fldChar", fldCharType=kind))
    elif instruction:
        told = element("w:instrText")
        told.text = instruction
        run.append(told)


def leave_grid(paragraph: Any) -> None:
    """Let a paragraph whose lines are not 28 pt apart keep its own distance."""
    spacing = paragraph._p.get_or_add_pPr().get_or_add_spacing()  # noqa: SLF001 - the mark has no other door
    spacing.addprevious(element("w:snapToGrid", val="0"))


def element(name: str, **attributes: str) -> Any:
    """Return an element of WordprocessingML with its attributes."""
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element

"""Sets a table of an official paper as Word's own XML: columns of fixed widths, rows that no page splits.

Called by `documents.official.word`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from documents.official.blocks import HEITI, Cell, Side, Table, middle
from documents.official.sheet import element, write

#: Twentieths of a point, about 0.8 mm; above and below the pitch of the lines leaves room already.
_MARGINS = {"top": 25, "left": 45, "bottom": 25, "right": 45}
_PITCH = 10 / 7  #: of lines within a cell, in sizes
_SIDES = {Side.LEFT: "left", Side.CENTRE: "center", Side.RIGHT: "right"}


def table_element(table: Table, parent: Any) -> Any:
    """Return the element of a table."""
    widths = [int(Mm(width).twips) for width in table.widths]
    made = element("w:tbl")
    made.append(_properties(widths))
    grid = element("w:tblGrid")
    grid.extend([element("w:gridCol", w=str(width)) for width in widths])
    made.append(grid)
    rows: list[tuple[Cell, ...]] = list(table.rows)
    if table.heads:
        rows.insert(0, tuple(middle(head, face=HEITI) for head in table.heads))
    for place, row in enumerate(rows):
        is_head = bool(table.heads) and place == 0
        keeps = (is_head or table.together) and place < len(rows) - 1
        made.append(_row(table, row, widths, parent, is_head=is_head, keeps=keeps))
    return made


def _properties(widths: Iterable[int]) -> Any:
    properties = element("w:tblPr")
    properties.append(element("w:tblStyle", val="TableGrid"))
    properties.append(element("w:tblW", w=str(sum(widths)), type="dxa"))
    properties.append(element("w:jc", val="center"))
    properties.append(element("w:tblLayout", type="fixed"))
    margins = element("w:tblCellMar")
    margins.extend([element(f"w:{side}", w=str(width), type="dxa") for side, width in _MARGINS.items()])
    properties.append(margins)
    return properties


def _row(table: Table, row: tuple[Cell, ...], widths: list[int], parent: Any, *, is_head: bool, keeps: bool) -> Any:
    made, properties = element("w:tr"), element("w:trPr")
    properties.append(element("w:cantSplit"))
    if table.height:
        properties.append(element("w:trHeight", val=str(int(Mm(table.height).twips)), hRule="atLeast"))
    if is_head:
        properties.append(element("w:tblHeader"))
    made.append(properties)
    for one, width in zip(row, _widths(row, widths), strict=True):
        made.append(_cell(table, one, width, parent, keeps=keeps))
    return made


def _widths(row: tuple[Cell, ...], widths: list[int]) -> Iterator[int]:
    at = 0
    for one in row:
        yield sum(widths[at : at + one.across])
        at += one.across


def _cell(table: Table, one: Cell, width: int, parent: Any, *, keeps: bool) -> Any:
    made, properties = element("w:tc"), element("w:tcPr")
    properties.append(element("w:tcW", w=str(width), type="dxa"))
    if one.across > 1:
        properties.append(element("w:gridSpan", val=str(one.across)))
    if one.fill:
        properties.append(element("w:shd", val="clear", color="auto", fill=one.fill))
    properties.append(element("w:vAlign", val="center"))
    made.append(properties)
    for line in one.lines:
        paragraph = element("w:p")
        paragraph.append(_line_properties(table, one, keeps=keeps))
        told = WordParagraph(paragraph, parent)
        for run in line:
            write(told, run.text, run.face, Pt(table.size), colour=run.colour)
        made.append(paragraph)
    return made


def _line_properties(table: Table, one: Cell, *, keeps: bool) -> Any:
    properties = element("w:pPr")
    if keeps:
        properties.append(element("w:keepNext"))
    properties.append(element("w:snapToGrid", val="0"))
    properties.append(element("w:spacing", line=str(round(table.size * _PITCH) * 20), lineRule="exact"))
    properties.append(element("w:jc", val=_SIDES[one.side]))
    return properties

"""Sets a table of an official paper as Word's own XML: columns of fixed widths, rows that no page splits.

Called by `documents.official.word`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm

from documents.official.blocks import HEITI, Cell, Side, Table, middle
from documents.official.sheet import run_xml

#: Twentieths of a point, about 0.8 mm; above and below the pitch of the lines leaves room already.
_MARGINS = {"top": 25, "left": 45, "bottom": 25, "right": 45}
_PITCH = 10 / 7  #: of lines within a cell, in sizes
_SIDES = {Side.LEFT: "left", Side.CENTRE: "center", Side.RIGHT: "right"}


def table_element(table: Table) -> Any:
    """Return the element of a table."""
    widths = [round(Mm(width).twips) for width in table.widths]
    rows: list[tuple[Cell, ...]] = list(table.rows)
    if table.heads:
        rows.insert(0, tuple(middle(head, face=HEITI) for head in table.heads))
    made = "".join(_row(table, row, widths, place, len(rows) - 1) for place, row in enumerate(rows))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return parse_xml(f"<w:tbl {nsdecls('w')}>{_properties(widths)}<w:tblGrid>{grid}</w:tblGrid>{made}</w:tbl>")


def _properties(widths: Iterable[int]) -> str:
    margins = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in _MARGINS.items())
    return (
        f'<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
    )


def _row(table: Table, row: tuple[Cell, ...], widths: list[int], place: int, last: int) -> str:
    """Return a row; heads, and what spans a whole table as a heading does, stay with the row below."""
    is_head = bool(table.heads) and place == 0
    keeps = place < last and (is_head or table.together or (len(row) == 1 and len(widths) > 1))
    height = f'<w:trHeight w:val="{round(Mm(table.height).twips)}" w:hRule="atLeast"/>' if table.height else ""
    cells = "".join(_cell(table, one, width, keeps=keeps) for one, width in zip(row, _widths(row, widths), strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{'<w:tblHeader/>' if is_head else ''}</w:trPr>{cells}</w:tr>"


def _widths(row: tuple[Cell, ...], widths: list[int]) -> Iterator[int]:
    at = 0
    for one in row:
        yield sum(widths[at : at + one.across])
        at += one.across


def _cell(table: Table, one: Cell, width: int, *, keeps: bool) -> str:
    span = f'<w:gridSpan w:val="{one.across}"/>' if one.across > 1 else ""
    ground = f'<w:shd w:val="clear" w:color="auto" w:fill="{one.fill}"/>' if one.fill else ""
    layout = (
        f'<w:pPr>{"<w:keepNext/>" if keeps else ""}<w:snapToGrid w:val="0"/>'
        f'<w:spacing w:line="{round(table.size * _PITCH) * 20}" w:lineRule="exact"/>'
        f'<w:jc w:val="{_SIDES[one.side]}"/></w:pPr>'
    )
    lines = "".join(
        f"<w:p>{layout}{''.join(run_xml(run.text, run.face, table.size, run.colour) for run in line)}</w:p>"
        for line in one.lines
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{ground}<w:vAlign w:val="center"/></w:tcPr>'
        f"{lines}</w:tc>"
    )

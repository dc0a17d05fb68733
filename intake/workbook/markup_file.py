"""Open ledgers that old office systems export under the name .xls: Excel 2003 XML, and web pages with tables.

Called by `open_file`.  Nothing outside the file is fetched; a file that declares entities is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.rules.text import N_
from intake.workbook.source import Source, SourceSheet, refuse

XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
_S = "{urn:schemas-microsoft-com:office:spreadsheet}"
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|table)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BEGIN = 4096  #: bytes in which a file shows what it is
_MAX_COLUMNS = 256
_MAX_ROW = 1_048_576
_Grid = tuple[list[tuple[int, list[object]]], dict[int, list[tuple[int, int]]]]


def is_markup(content: bytes) -> bool:
    """Return whether a file is one that `open_markup` opens."""
    begin = content[:_BEGIN]
    return XML_2003 in begin or (_PAGE.search(begin) is not None and b"<table" in content.lower())


@contextmanager
def open_markup(path: Path) -> Iterator[Source]:
    """Open a file as a source with a sheet for each table.  Raises InputRefused."""
    content = path.read_bytes()
    if b"<!ENTITY" in content:
        raise refuse(path, N_("a file without entities of its own"))
    is_xml = XML_2003 in content[:_BEGIN]
    try:
        grids = _xml_grids(content) if is_xml else _page_grids(content)
    except ValueError as error:
        raise refuse(path, N_("a workbook that is whole: this one is damaged")) from error
    yield Source(
        sheets=tuple(_sheet(name if len(grids) > 1 or is_xml else None, grid) for name, grid in grids if grid[0])
    )


def _sheet(name: str | None, grid: _Grid) -> SourceSheet:
    rows, merged = grid

    def numbered() -> Iterator[tuple[int, Sequence[object]]]:
        expected = 1
        for number, values in rows:
            yield from ((blank, ()) for blank in range(expected, number))
            yield number, values
            expected = number + 1

    return SourceSheet(name=name, rows=numbered, merged=merged)


def _xml_grids(content: bytes) -> list[tuple[str, _Grid]]:
    from lxml import etree  # noqa: PLC0415 - only those who have such files wait for it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    return [
        (str(sheet.get(f"{_S}Name") or number), _xml_grid(sheet))
        for number, sheet in enumerate(root.iter(f"{_S}Worksheet"), 1)
    ]


def _xml_grid(sheet: Any) -> _Grid:
    rows: list[tuple[int, list[object]]] = []
    merged: dict[int, list[tuple[int, int]]] = {}
    number = 0
    for row in sheet.iter(f"{_S}Row"):
        number = _index(row, number + 1, _MAX_ROW)
        values: list[object] = []
        column = 0
        for cell in row.iter(f"{_S}Cell"):
            column = _index(cell, column + 1, _MAX_COLUMNS)
            values += [None] * (column - len(values))
            values[column - 1] = _xml_value(cell)
            if (down := int(cell.get(f"{_S}MergeDown") or 0)) > 0:
                merged.setdefault(number, []).append((column - 1, number + down))
            column = min(column + int(cell.get(f"{_S}MergeAcross") or 0), _MAX_COLUMNS)
        rows.append((number, values))
    return rows, merged


def _index(element: Any, following: int, most: int) -> int:
    """Return where a row or cell stands: where it says so, else behind the one before."""
    index = int(element.get(f"{_S}Index") or following)
    if not following <= index <= most:
        message = "a row or cell stands outside the sheet"
        raise ValueError(message)
    return index


def _xml_value(cell: Any) -> object:
    data = cell.find(f"{_S}Data")
    text = "" if data is None else "".join(data.itertext())
    kind = "" if data is None else data.get(f"{_S}Type")
    if not text:
        return None
    if kind == "Number":
        value = float(text)
        return int(value) if value.is_integer() else value
    if kind == "DateTime":
        moment = datetime.fromisoformat(text)
        return moment.date() if moment.time() == datetime.min.time() else moment
    return text == "1" if kind == "Boolean" else text


def _page_grids(content: bytes) -> list[tuple[str, _Grid]]:
    from lxml import html  # noqa: PLC0415 - only those who have such files wait for it

    root = html.fromstring(_text(content).encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True))
    tables = [table for table in root.iter("table") if table.find(".//table") is None]
    return [(str(number), _page_grid(table)) for number, table in enumerate(tables, 1)]


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    told = _CHARSET.search(content[:_BEGIN])
    name = told[1].decode("ascii", errors="replace").lower() if told else "utf-8"
    for encoding in ("gb18030" if name.startswith("gb") else "utf-8", "utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    message = "no known encoding"
    raise ValueError(message)


def _page_grid(table: Any) -> _Grid:
    rows: list[tuple[int, list[object]]] = []
    merged: dict[int, list[tuple[int, int]]] = {}
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(table.iter("tr"), 1):
        values: list[object] = []
        column = 0
        for cell in row:
            if cell.tag not in {"td", "th"}:
                continue
            while (number, column) in taken:
                column += 1
            down, across = (_span(cell.get(name)) for name in ("rowspan", "colspan"))
            if column >= _MAX_COLUMNS:
                break
            values += [None] * (column + 1 - len(values))
            values[column] = _cell_text(cell) or None
            if down > 1:
                merged.setdefault(number, []).append((column, number + down - 1))
                taken |= {
                    (below, beside)
                    for below in range(number + 1, number + down)
                    for beside in range(column, column + across)
                }
            column += across
        rows.append((number, values))
    return rows, merged


def _span(told: str | None) -> int:
    return min(max(int(told), 1), 1000) if told and told.isdigit() else 1


def _cell_text(cell: Any) -> str:
    """Return what a cell shows, a line for each <br> and paragraph."""
    parts: list[str] = []
    for node in cell.iter():
        if node is not cell and node.tag in {"br", "p", "div"}:
            parts.append("\n")
        if isinstance(node.tag, str) and node.text and node.tag not in {"script", "style"}:
            parts.append(" ".join(node.text.split()) if node.text.strip() else "")
        if node is not cell and node.tail:
            parts.append(" ".join(node.tail.split()))
    return re.sub(r"\n+", "\n", "".join(parts)).strip()

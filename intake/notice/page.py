"""Turns a published page into lines: one for each block of text, with the numbers that its lists show.

Called by `source`.  Scripts, styles, menus and footers are not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree, html

from engine.rules.text import N_
from intake.notice.headings import marker
from intake.notice.source import SourceLine, refuse, tidy
from intake.notice.tables import Cell, table_lines

_SKIPPED = frozenset(
    {
        *("head", "script", "style", "noscript", "template", "iframe", "object", "svg", "math"),
        *("select", "textarea", "button", "nav", "footer", "aside"),
    }
)
_INLINE = frozenset(
    {
        *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "em", "font", "i", "ins", "kbd", "label", "mark"),
        *("q", "s", "small", "span", "strong", "sub", "sup", "u"),
    }
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class _Table:
    rows: list[list[Cell]] = field(default_factory=list)
    cell: Cell = field(default_factory=Cell)


@dataclass(slots=True)
class _Page:
    """What was read so far."""

    lines: list[SourceLine] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)  #: of the line being read
    begins: int = 1  #: where in the source the line being read begins
    tables: list[_Table] = field(default_factory=list)  #: that are open
    lists: list[int | None] = field(default_factory=list)  #: last number of each open list; None: it shows none
    label: str = ""  #: number of the list's entry that has just begun

    def add(self, text: str | None, number: int | None) -> None:
        if text:
            if not "".join(self.pieces).strip():
                self.begins = number or self.begins
            self.pieces.append(text)

    def end_line(self) -> None:
        text = tidy("".join(self.pieces))
        self.pieces.clear()
        if text:
            text = text if marker(text) else self.label + text
            self.label = ""
            (self.tables[-1].cell.lines if self.tables else self.lines).append(SourceLine(self.begins, text))

    def end_table(self) -> None:
        lines = table_lines(self.tables.pop().rows)
        (self.tables[-1].cell.lines if self.tables else self.lines).extend(lines)


def html_lines(path: Path, text: str) -> list[SourceLine]:
    """Return the lines of a page.  Raises InputRefused when it is none."""
    parser = html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    broken = refuse(path, N_("this page cannot be read; open it in a browser and save it again"))
    try:
        tree = html.document_fromstring(_FORBIDDEN.sub(" ", _DECLARATION.sub("", text)), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        raise broken from None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):  # the rest is silently left out
        raise broken
    return _read(tree)


def _read(tree: Any) -> list[SourceLine]:
    page, skipped = _Page(), 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        is_skipped = element.tag in _SKIPPED
        if event == "start":
            skipped += is_skipped
            if not skipped:
                _open(page, element)
            continue
        skipped -= is_skipped
        if not skipped:
            if not is_skipped:
                _close(page, element)
            page.add(element.tail, element.sourceline)
    page.end_line()
    return page.lines


def _open(page: _Page, element: Any) -> None:
    tag = element.tag
    if tag not in _INLINE:
        page.end_line()
    if tag == "table":
        page.tables.append(_Table())
    elif tag == "tr" and page.tables:
        page.tables[-1].rows.append([])
    elif tag in {"td", "th"} and page.tables:
        table = page.tables[-1]
        table.cell = Cell(columns=_count(element, "colspan"), rows=_count(element, "rowspan"))
        if not table.rows:
            table.rows.append([])
        table.rows[-1].append(table.cell)
    elif tag in {"ol", "ul"}:
        page.lists.append(_count(element, "start") - 1 if tag == "ol" else None)
    elif tag == "li" and page.lists and page.lists[-1] is not None:
        page.lists[-1] += 1
        page.label = f"{page.lists[-1]}."
    page.add(element.text, element.sourceline)


def _close(page: _Page, element: Any) -> None:
    if element.tag not in _INLINE:
        page.end_line()
    if element.tag == "table" and page.tables:
        page.end_table()
    elif element.tag in {"ol", "ul"} and page.lists:
        page.lists.pop()


def _count(element: Any, name: str) -> int:
    """Return a small number that an attribute tells; 1 where it tells none."""
    said = str(element.get(name, "")).strip()
    return max(int(said), 1) if re.fullmatch("[0-9]{1,3}", said) else 1

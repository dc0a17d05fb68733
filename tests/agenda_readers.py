"""Read a printed agenda back from each of its forms, as a reader of Word, of a browser and of Markdown sees it.

Every reader gives the same `ReadAgenda` for the same agenda, so that tests can hold the forms against one another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree, html
from markdown_it import MarkdownIt

Row = tuple[str, ...]
_WHEN = 3  #: the column of the deadline


@dataclass(frozen=True, slots=True)
class ReadSection:
    """What stands below one heading."""

    heading: str
    texts: tuple[str, ...]  #: paragraphs
    tables: tuple[tuple[Row, ...], ...]  #: each with its row of heads; entries below one another are lines of a cell


@dataclass(frozen=True, slots=True)
class ReadAgenda:
    """A whole document."""

    title: Row
    facts: tuple[Row, ...]  #: name and value
    sections: tuple[ReadSection, ...]


def read_docx(path: Path) -> ReadAgenda:
    """Read the Word document."""
    parts: list[tuple[str, Any]] = []
    title: list[str] = []
    facts: list[Row] = []
    for block in Document(str(path)).iter_inner_content():
        if isinstance(block, Table):
            parts.append(("table", [_word_row(row) for row in block.rows]))
        elif block.style is not None and block.style.name == "Heading 1":
            parts.append(("heading", block.text))
        elif parts and block.text:
            parts.append(("text", block.text))
        elif block.text and len(runs := _runs(block)) == 1:
            title.append(block.text)
        elif block.text:
            facts.append((re.sub(r"(：|: )$", "", runs[0]), runs[1]))
    return ReadAgenda(title=tuple(title), facts=tuple(facts), sections=_sections(parts))


def read_page(path: Path) -> ReadAgenda:
    """Read the page."""
    page = html.fromstring(path.read_bytes())
    names, values = (page.xpath(f"//dl/{tag}") for tag in ("dt", "dd"))
    return ReadAgenda(
        title=tuple(one.text_content() for one in page.xpath("//h1/span")),
        facts=tuple((name.text_content(), value.text_content()) for name, value in zip(names, values, strict=True)),
        sections=_sections(_page_parts(page.xpath("//section//*"))),
    )


def read_markdown(path: Path) -> ReadAgenda:
    """Read the Markdown text as a reader sees it: set by a program that knows CommonMark and tables."""
    page = html.fromstring(MarkdownIt("commonmark").enable("table").render(path.read_text(encoding="utf-8")))
    facts = []
    for line in page.xpath("//ul[1]/li"):
        (name,) = line.xpath("strong")
        facts.append((re.sub(r"[：:]$", "", name.text_content()), name.tail.strip()))
    return ReadAgenda(
        title=tuple(_lines(page.xpath("//h1")[0]).split("\n")),
        facts=tuple(facts),
        sections=_sections(_page_parts(page.xpath("//h1/following-sibling::*"))),
    )


READERS: dict[str, Callable[[Path], ReadAgenda]] = {".docx": read_docx, ".html": read_page, ".md": read_markdown}


def _word_row(row: Any) -> Row:
    cells = [_clean(cell.text) for cell in row.cells]
    cells[_WHEN] = cells[_WHEN].replace("\n■", "\n")  # the coloured square is a picture on the page
    return tuple(cells)


def _runs(paragraph: Paragraph) -> list[str]:
    return [run.text for run in paragraph.runs]


def _page_parts(elements: list[Any]) -> Iterator[tuple[str, Any]]:
    for element in elements:
        if element.tag == "h2":
            yield "heading", element.text_content()
        elif element.tag in {"p", "h3"}:
            yield "text", element.text_content()
        elif element.tag == "table":
            yield "table", [tuple(_lines(cell) for cell in row.xpath("th|td")) for row in element.xpath(".//tr")]


def _lines(element: Any) -> str:
    """Return the text of an element whose children `div` and `br` begin new lines."""
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    for child in copy.xpath(".//div[position() > 1]|.//br"):
        child.text = f"\n{child.text or ''}"
    return _clean("".join(copy.itertext()))


def _clean(text: str) -> str:
    """Take off what only one form needs: space around an entry."""
    return "\n".join(line.strip() for line in text.strip().split("\n") if line.strip())


def _sections(parts: Any) -> tuple[ReadSection, ...]:
    found: list[tuple[str, list[str], list[tuple[Row, ...]]]] = []
    for kind, value in parts:
        if kind == "heading":
            found.append((value, [], []))
        elif kind == "text":
            found[-1][1].append(value)
        else:
            found[-1][2].append(tuple(_unfolded(value)))
    return tuple(ReadSection(heading, tuple(texts), tuple(tables)) for heading, texts, tables in found)


def _unfolded(rows: list[Row]) -> Iterator[Row]:
    """Put the right half of a table that stands in two halves below the left one."""
    head, *lines = rows
    half = len(head) // 2
    if head[:half] != head[half:]:
        yield from rows
        return
    yield head[:half]
    yield from (line[:half] for line in lines)
    yield from (line[half:] for line in lines if any(line[half:]))

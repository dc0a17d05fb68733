"""Turns Markdown into lines: without its signs for headings, emphasis and links, and with its tables as tables.

Called by `lines` for text that shows itself as Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from intake.notice.source import SourceLine, text_lines, tidy
from intake.notice.tables import Cell, table_lines

_SHOWS = re.compile(r"^#{1,6} +\S|^\s*\|?\s*:?-{3,}:?\s*\|", re.MULTILINE)
_RULE = re.compile(r"\s*\|?(?:\s*:?-{3,}:?\s*\|?)+\s*|\s*(?:\*\s*){3,}|\s*(?:_\s*){3,}|\s*```.*")
_COUNTED = re.compile(r"^#{1,6} +\d{1,3}[.、]", re.MULTILINE)
_ENTRY = re.compile(r"^\s*(\d{1,3})[.)]\s+(?=\S)")
_ROW = re.compile(r"\s*\|.*\|\s*")
_LEADING = re.compile(r"^\s*(?:>\s*)*(?:#{1,6}\s+)?(?:[-*+]\s+(?:\[[ xX]\]\s+)?)?")
_MARKS = (
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"`([^`]*)`"), r"\1"),
    (re.compile(r"<br\s*/?>", re.IGNORECASE), "\n"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|-])"), r"\1"),
)


def is_markdown(text: str) -> bool:
    """Return whether a text shows itself as Markdown: by a heading or a table.

    >>> is_markdown("# 通报"), is_markdown("一、总体情况")
    (True, False)
    """
    return _SHOWS.search(text) is not None


def markdown_lines(text: str) -> list[SourceLine]:
    """Return the lines of a Markdown text that hold any text."""
    lines: list[SourceLine] = []
    table: list[list[Cell]] = []
    is_counted = _COUNTED.search(text) is not None
    for number, line in enumerate(text.splitlines(), start=1):
        if _RULE.fullmatch(line) and line.strip():
            continue
        if _ROW.fullmatch(line):
            table.append(list(_cells(number, line)))
            continue
        lines += table_lines(table)
        table = []
        lines += [SourceLine(number, one.text) for one in text_lines(_bare(_below(line) if is_counted else line))]
    return lines + table_lines(table)


def _below(line: str) -> str:
    """Return an entry of a numbered list as what it is below headings that are numbered 1. themselves."""
    return _ENTRY.sub(r"(\1)", line)


def _cells(number: int, line: str) -> Iterator[Cell]:
    for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")):
        yield Cell(lines=[SourceLine(number, told) for one in _bare(cell).split("\n") if (told := tidy(one))])


def _bare(text: str) -> str:
    bare = _LEADING.sub("", text)
    for pattern, by in _MARKS:
        bare = pattern.sub(by, bare)
    return bare

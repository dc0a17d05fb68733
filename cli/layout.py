"""Lays text out in columns, where a Chinese character takes two.  Used by the help and by tables without a terminal.

Pure; nothing is printed here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

GAP = "  "
KEPT_WHOLE = 12  #: columns of a cell that is not folded in a table: a date, a code, a name
FOLDED = 10  #: columns that a longer cell needs at least
_NEVER_FIRST = "，。；：、！？）》”’」』】〕…—,.;:!?)]}"


def columns_of(text: str) -> int:
    """Return how many columns `text` takes on a screen.

    >>> columns_of("D 督办")
    6
    """
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if letter.isascii():
        return 1
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """Return `text` filled up with spaces."""
    return text + " " * (columns - columns_of(text))


def shortened(text: str, columns: int) -> str:
    """Return `text` cut to `columns`, with a mark where something was cut.

    >>> shortened("完善制度并落实", 9)
    '完善制度…'
    """
    if columns_of(text) <= columns:
        return text
    kept = ""
    for letter in text:
        if columns_of(kept + letter) > columns - 1:
            break
        kept += letter
    return kept + "…"


def wrapped(text: str, columns: int) -> list[str]:
    """Return the lines of `text`: English breaks at spaces, Chinese anywhere but before a closing mark.

    >>> wrapped("整改时限, due date", 10)
    ['整改时限,', 'due date']
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            if line and columns_of(line + piece.rstrip()) > columns:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return lines


def _pieces(paragraph: str) -> Iterator[str]:
    """Yield what must stay together: a word with the space after it, a wide character with the marks after it."""
    piece = ""
    for letter in paragraph:
        is_wide = _columns(letter) == 2  # noqa: PLR2004 - a wide character
        starts_new = piece and (piece[-1] == " " or is_wide or _columns(piece[-1]) == 2)  # noqa: PLR2004 - the same
        if starts_new and letter != " " and letter not in _NEVER_FIRST:
            yield piece
            piece = ""
        piece += letter
    yield piece


def listed(rows: Sequence[tuple[str, str]], columns: int, *, indent: str = GAP) -> list[str]:
    """Return the lines of a list of names with what they mean, side by side where there is room."""
    widest = min(max(columns_of(name) for name, _ in rows), columns // 2)
    room = max(columns - widest - len(indent) - len(GAP), 20)
    lines = []
    for name, meaning in rows:
        first, *rest = wrapped(meaning, room)
        if columns_of(name) > widest:
            lines.append(indent + name)
            rest = [first, *rest]
        else:
            lines.append((indent + padded(name, widest) + GAP + first).rstrip())
        lines += [indent + " " * widest + GAP + line for line in rest]
    return lines


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose columns begin below each other; nothing is cut.

    >>> aligned([("序号", "状态"), ("1.1", "整改中")])
    ['序号  状态', '1.1   整改中']
    """
    flat = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(columns_of(row[place]) for row in flat) for place in range(len(flat[0]))] if flat else []
    return [GAP.join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in flat]


def least_widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how narrow the columns of a table may become: what is short stays whole, the rest folds.

    >>> least_widths(("code", "done on"), [("1.1-01", "2025-09-03"), ("1.1-02", "长期坚持,每季度检查")])
    [6, 10]
    """
    columns = zip(headings, zip(*rows, strict=True) if rows else [()] * len(headings), strict=True)
    return [_least_width(heading, cells) for heading, cells in columns]


def _least_width(heading: str, cells: Sequence[str]) -> int:
    longest = max(map(columns_of, cells), default=0)
    word = max(map(columns_of, heading.split()), default=0)
    return max(min(word, KEPT_WHOLE), longest if longest <= KEPT_WHOLE else FOLDED)

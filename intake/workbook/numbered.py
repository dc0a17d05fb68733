"""Split a text that numbers its parts: 1.…2.…, (1)…(2)…, ①…②…, 一是…二是…, and so on.

Called by `ledger` where one cell holds all measures of a problem.  Pure arithmetic over one text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_NUMERALS = "一二三四五六七八九十"
_MOST = 60  #: parts of one text
_BEFORE = "\n 。;；:：!！,，\t\u3000"  #: what a part may follow
_LEAD_IN = re.compile(r"[:：。;；\n][ \t\u3000]*$")


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a text in their order, without their numbers."""

    before: str  #: what stands before the first number
    parts: tuple[str, ...]


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else _NUMERALS[tens - 1] + "十"
    return ten + (_NUMERALS[ones - 1] if ones else "")


def _circled(number: int) -> str:
    return chr(ord("①") + number - 1) if number <= 20 else "\0"  # noqa: PLR2004 - there are twenty in a row


#: The marks of a number; the first two kinds stand anywhere, the others begin a sentence or follow a space.
_ANYWHERE: tuple[Callable[[int], str], ...] = (
    lambda number: rf"[（(]\s*{number}\s*[)）][.．、]?",
    _circled,
)
_STYLES: tuple[Callable[[int], str], ...] = (
    *_ANYWHERE,
    lambda number: rf"措施\s*(?:{number}|{_chinese(number)})\s*[:：.．、]?",
    lambda number: rf"(?<![\d.]){number}\s*(?:[.．](?!\d)|[、)）:：])",
    lambda number: rf"[（(]\s*{_chinese(number)}\s*[)）][.．、]?",
    lambda number: rf"(?<![{_NUMERALS}]){_chinese(number)}是",
    lambda number: rf"(?<![{_NUMERALS}]){_chinese(number)}、",
    lambda number: rf"第{_chinese(number)}[,，、:：]",
)
#: A second mark of any kind: most texts have none.
_MAYBE = re.compile(r"2\s*[.．、)）:：]|[（(]\s*二|②|二[是、]|第二|措施\s*[2二]")


def split_numbered(text: str) -> Parts | None:
    r"""Return the parts that `text` numbers from one on; None where it does not number two or more.

    >>> split_numbered("1.制定计划。\n2.开展抽查。").parts
    ('制定计划。', '开展抽查。')
    >>> split_numbered("针对问题:一是建清单;二是每月下沉。")
    Parts(before='针对问题:', parts=('建清单', '每月下沉。'))
    >>> split_numbered("投入1.5亿元,2.5公里") is None
    True
    """
    if not _MAYBE.search(text):
        return None
    best: Parts | None = None
    for style in _STYLES:
        places = _places(text, style)
        if len(places) < 2 or (best is not None and places[0][0] >= len(best.before)):  # noqa: PLR2004 - one is no list
            continue
        before = text[: places[0][0]]
        ends = [begin for begin, _ in places[1:]] + [len(text)]
        parts = tuple(text[begin:end].strip().rstrip(";；") for (_, begin), end in zip(places, ends, strict=True))
        if all(parts) and (not before.strip() or _LEAD_IN.search(before)):
            best = Parts(before.strip(), parts)
    return best


def _places(text: str, style: Callable[[int], str]) -> list[tuple[int, int]]:
    """Return where the marks from one on stand."""
    places: list[tuple[int, int]] = []
    while len(places) < _MOST:
        mark = style(len(places) + 1)
        found = _next(text, mark, places[-1][1] if places else 0, anywhere=style in _ANYWHERE)
        if found is None:
            break
        places.append(found)
    return places


def _next(text: str, mark: str, start: int, *, anywhere: bool) -> tuple[int, int] | None:
    """Return where the next mark after `start` stands that begins a part."""
    for found in re.finditer(mark, text[start:]):
        begin = start + found.start()
        if anywhere or not begin or text[begin - 1] in _BEFORE:
            return begin, start + found.end()
    return None

"""How wide a text will be, roughly: a full-width letter is one em, others less.  Pure.

No typeface is asked, so that a drawing is the same everywhere; the guess is on the wide side, so that nothing is cut
off.
"""

from __future__ import annotations

from unicodedata import east_asian_width

_WIDE, _NARROW = frozenset("WFA"), frozenset("ijltfrI.,:;|!'()[]/ -")
_BROAD = frozenset("mwMW@%—…")
ELLIPSIS = "…"


def one_line(text: str) -> str:
    """Return the text on one line.

    >>> one_line("  a   b ")
    'a b'
    """
    return " ".join(text.split())


def width_of(text: str, size: float) -> float:
    """Return how wide `text` is in letters of `size`.

    >>> width_of("整改", 10), width_of("12", 10)
    (20.0, 12.0)
    """
    return sum(map(_em, text)) * size


def _em(letter: str) -> float:
    if letter in _BROAD or east_asian_width(letter) in _WIDE:
        return 1.0
    if letter in _NARROW:
        return 0.38
    return 0.74 if letter.isupper() else 0.6


def shortened(text: str, size: float, most: float) -> str:
    """Return as much of `text` as `most` has room for.

    >>> shortened("信息化建设办公室", 10, 50), shortened("办公室", 10, 50)
    ('信息化建…', '办公室')
    """
    line = one_line(text)
    if width_of(line, size) <= most:
        return line
    kept, room = "", most - width_of(ELLIPSIS, size)
    for letter in line:
        room -= _em(letter) * size
        if room < 0:
            break
        kept += letter
    return kept.rstrip() + ELLIPSIS


def wrapped(text: str, size: float, most: float, lines: int) -> list[str]:
    """Return `text` in up to so many lines, broken at spaces or after any full-width letter; the last is shortened.

    >>> wrapped("市城乡规划勘测设计研究院", 10, 80, 2)
    ['市城乡规划勘测设', '计研究院']
    >>> wrapped("passing the verification", 10, 100, 2)
    ['passing the', 'verification']
    """
    rest, found = one_line(text), list[str]()
    while len(found) < lines - 1 and width_of(rest, size) > most:
        cut = _cut(rest, size, most)
        if not cut:
            break
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, shortened(rest, size, most)]


def _cut(text: str, size: float, most: float) -> int:
    """Return after how many letters a line may end; 0 where not even one fits."""
    room, last = most, 0
    for place, letter in enumerate(text):
        room -= _em(letter) * size
        if room < 0:
            return last or place
        if letter == " " or east_asian_width(letter) in _WIDE:
            last = place + 1
    return len(text)

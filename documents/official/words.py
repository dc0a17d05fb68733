"""How official papers write days, numbers of headings and shares; and how wide a text is."""

from __future__ import annotations

from datetime import date
from unicodedata import east_asian_width

_DIGITS = "一二三四五六七八九"


def long_day(day: date) -> str:
    """Return a day as papers write it, in Arabic digits without leading noughts.

    >>> long_day(date(2025, 9, 3))
    '2025年9月3日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def numeral(number: int) -> str:
    """Return the numeral of a number from 1 to 99; beyond that, digits.

    >>> [numeral(number) for number in (1, 10, 12, 30, 46, 100)]
    ['一', '十', '十二', '三十', '四十六', '100']
    """
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:  # noqa: PLR2004 - papers do not spell out more
        return str(number)
    return ("" if tens == 0 else ("" if tens == 1 else _DIGITS[tens - 1]) + "十") + (_DIGITS[ones - 1] if ones else "")


def numbered(level: int, number: int, title: str) -> str:
    """Return a heading with its number, as its level counts.

    >>> [numbered(level, 2, "进展") for level in (1, 2, 3, 4)]
    ['二、进展', '（二）进展', '2.进展', '（2）进展']
    """
    form = {1: f"{numeral(number)}、", 2: f"（{numeral(number)}）", 3: f"{number}.", 4: f"（{number}）"}
    return form[level] + title


def wide_of(text: str) -> float:
    """Return how wide a text is, in Chinese characters.

    >>> wide_of("2025年9月3日"), wide_of("局党委")
    (6.0, 3.0)
    """
    return sum(1.0 if east_asian_width(letter) in "WF" else 0.5 for letter in text)


def share(part: int, whole: int) -> str:
    """Return a share in percent, rounded down: 100% means all.

    >>> share(159, 160), share(0, 0)
    ('99%', '—')
    """
    return f"{part * 100 // whole}%" if whole else "—"

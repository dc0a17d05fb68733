"""The days and spans of days in a text, with the year that the words before them tell.  Called by `notice_facts`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from intake.notice.chinese_numbers import read_number

_DIGIT = "[〇零一二三四五六七八九十]"
_YEAR = rf"(?P<year>\d{{4}}|{_DIGIT}{{4}})"
_DAY = re.compile(
    rf"(?:(?:{_YEAR}|(?P<other>同|当|本|次|翌|第二))\s*年\s*)?(?P<month>\d{{1,2}}|{_DIGIT}{{1,2}})\s*月\s*(?P<day>\d{{1,2}}|{_DIGIT}{{1,3}})\s*[日号]"
    r"|(?<!\d)(?P<year2>\d{4})\s*[-./]\s*(?P<month2>\d{1,2})\s*[-./]\s*(?P<day2>\d{1,2})(?!\d)"
    rf"|(?<=[至到—–~-])\s*(?P<day3>\d{{1,2}}|{_DIGIT}{{1,3}})\s*[日号]"
)
_YEAR_ALONE = re.compile(rf"{_YEAR}\s*年(?!度|来|以)")
_JOINED = re.compile(r"\s*(?:\([^)]{1,8}\))?\s*(?:至|到|—+|–|~|-+)\s*$")
_ARABIC = {ord(sign): str(value) for value, sign in enumerate("〇一二三四五六七八九")} | {ord("零"): "0"}
_SOON = timedelta(days=183)  #: a day without a year is a year later, where that brings it so near to the day before
_FIRST, _LAST = 1990, 2100  #: years that a notice can speak of


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that a text names."""

    begin: int  #: where it stands
    end: int
    text: str
    day: date | None  #: None: there is no such day
    joined: bool = False  #: it ends a span that the day before begins


def read_days(text: str) -> Iterator[Day]:
    """Yield the days in a text of half-width signs.

    A day without a year takes it from the words before; where it would then come before the day last named, and a year
    later lies near, it is that.  A day whose year nothing tells is left out.

    >>> [str(one.day) for one in read_days("2024年10月8日至12月20日进驻。1月6日反馈,2月30日上报")]
    ['2024-10-08', '2024-12-20', '2025-01-06', 'None']
    """
    year: int | None = None
    last: date | None = None
    end = 0
    for match in _DAY.finditer(text):
        between = text[end : match.start()]
        told = [found for found in _YEAR_ALONE.finditer(between) if _year(found["year"])]
        if told:
            year, last = _year(told[-1]["year"]), None
        is_joined = last is not None and _JOINED.match(between) is not None
        end = match.end()
        if match["day3"]:
            if not is_joined or last is None:
                continue
            found = _date(last.year, str(last.month), match["day3"])
        elif match["year2"]:
            found = _date(_year(match["year2"]) or 0, match["month2"], match["day2"])
        else:
            own = _own_year(match, year)
            if (own or year) is None:
                continue
            found = _date(own or year or 0, match["month"], match["day"])
            if found and own is None and last and found < last:
                later = _date(found.year + 1, match["month"], match["day"])
                found = later if later and later - last <= _SOON else found
        yield Day(begin=match.start(), end=end, text=match[0].strip(), day=found, joined=is_joined)
        if found:
            last, year = found, year if match["year2"] else found.year


def read_spans(text: str) -> Iterator[tuple[int, date, date]]:
    """Yield (where it begins, first day, last day) of the spans in a text.

    >>> [(str(first), str(last)) for _, first, last in read_spans("2024年12月2日至次年1月10日,3月3日至25日")]
    [('2024-12-02', '2025-01-10'), ('2025-03-03', '2025-03-25')]
    """
    before: Day | None = None
    for one in read_days(text):
        if one.joined and before and before.day and one.day and before.day <= one.day:
            yield before.begin, before.day, one.day
        before = one


def _own_year(match: re.Match[str], year: int | None) -> int | None:
    """Return the year that a day names itself: in digits, or beside the year before it."""
    if match["year"]:
        return _year(match["year"])
    if match["other"] and year:
        return year + (match["other"] in {"次", "翌", "第二"})
    return None


def _year(told: str) -> int | None:
    year = int(told.translate(_ARABIC)) if "十" not in told else 0
    return year if _FIRST <= year <= _LAST else None


def _date(year: int, month: str, day: str) -> date | None:
    numbers = [int(one) if one.isdecimal() else read_number(one) or 0 for one in (month, day)]
    try:
        return date(year, *numbers)
    except ValueError:
        return None

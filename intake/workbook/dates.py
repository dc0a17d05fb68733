"""Read the deadlines that offices type: 2025-09-03, 2025年9月底, 9月30日前, 长期坚持, Excel's serial numbers.

Called by `ledger` for the column 整改时限.  What is not certain is refused with a reason, never
guessed: a year that nothing tells, a number that may be 1 or 10, a day that does not exist.  A month, a quarter or a
year alone stands for its last day.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engine.rules.ledger_layout import CLASS_WORDS, key_of
from engine.rules.text import N_, Text
from engine.rules.vocabulary import MeasureClass

FIRST_YEAR, LAST_YEAR = 2000, 2099
_LONGEST = 60  #: characters; what is longer is prose
_EPOCH = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
_OPEN = re.compile(r"长期|持续|常态|长效|longterm|ongoing|continuous")
_OPEN_KEYS = frozenset(key_of(word) for word in CLASS_WORDS[MeasureClass.CONTINUOUS])
_CHINESE = {letter: value for value, letter in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_CHINESE_YEAR = re.compile(r"([〇零○一二三四五六七八九]{4})(?=年)")
_CHINESE_NUMBER = re.compile(r"([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=月|日|号|季度)")
_LEADING = re.compile(r"^(?:截至|截止到|截止|于|在|预计|计划|力争|拟于|务必于|确保)+")
_TRAILING = re.compile(
    r"(?:以前|之前|前|内|止|整改|完成|整改到位|落实到位|并|且|[,、;。.]|t?\d\d:\d\d(?::\d\d(?:\.0+)?)?)+$"
)
_NUMBERS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"),
    re.compile(r"(?P<m>\d{1,2})[/.](?P<d>\d{1,2})"),
)
_YEAR = r"(?:(?P<y>\d{4}|\d\d)年|(?P<this>今年|本年|当年)|(?P<next>明年|次年))?(?:度)?"
_WORDS = (
    re.compile(rf"{_YEAR}(?P<m>\d{{1,2}})月(?:份)?(?:(?P<d>\d{{1,2}})[日号]?|(?P<part>上旬|中旬|下旬|初|中|底|末))?"),
    re.compile(rf"{_YEAR}(?:第)?(?P<quarter>[1-4])季度(?:底|末)?"),
    re.compile(rf"{_YEAR}(?P<half>上半年|下半年)(?:底|末)?"),
    re.compile(r"(?P<y>\d{4})年?(?:度)?(?P<end>年?[底末终])?|(?P<this>今年|本年|当年)?(?:度)?(?P<end2>年[底末终])"),
)
_SPAN = re.compile(r"(?<=[\d年月日号底末初旬])(?:至|到|~|—+|–|-(?=\d{4}[年./-]))")
_DAY_OF_PART = {"上旬": 10, "初": 10, "中旬": 20, "中": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """What a cell of 整改时限 says."""

    due: date | None  #: None: open-ended, or nothing is said
    open_ended: bool = False
    told_year: int | None = None  #: the year that the cell itself tells


class NotADate(Exception):  # noqa: N818 - turned into a Fault at once
    """The cell is not a date that can be relied on; `expected` says what was expected."""

    def __init__(self, expected: Text) -> None:
        super().__init__(expected)
        self.expected = expected


NOTHING = Deadline(due=None)


def read_deadline(value: object, *, year: int | None = None, epoch_1904: bool = False) -> Deadline:
    """Return the deadline in a cell; `year` is for dates that tell none.  Raises NotADate.

    >>> read_deadline("9月底", year=2025).due
    datetime.date(2025, 9, 30)
    >>> read_deadline("45903").due
    datetime.date(2025, 9, 3)
    """
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        return _known(value.date())
    if isinstance(value, date):
        return _known(value)
    if isinstance(value, bool | time | timedelta):
        raise NotADate(_expected())
    if isinstance(value, int | float):
        return _read_number(value, year, epoch_1904=epoch_1904)
    return _read_text(str(value), year, epoch_1904=epoch_1904)


def _expected() -> Text:
    return N_("a date such as 2025-09-03, 2025年9月3日 or 9月底, or 长期坚持")


def _known(day: date) -> Deadline:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotADate(N_("a year from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR))
    return Deadline(due=day, told_year=day.year)


def _read_number(value: float, year: int | None, *, epoch_1904: bool) -> Deadline:
    """Read a number: 20250903, a serial, or a date typed with a point that Excel took for a fraction."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - the plain test for "not a number"
        raise NotADate(_expected())
    whole = int(value)
    if value == whole:
        return _read_text(str(whole), year, epoch_1904=epoch_1904)
    digits = repr(float(value))
    if re.fullmatch(r"(?:20\d\d|\d{1,2})\.\d{1,2}", digits):
        if re.search(r"\.[123]$", digits):
            raise NotADate(N_("a date as text: Excel keeps {number} for both .1 and .10", number=digits))
        return _read_text(digits, year, epoch_1904=epoch_1904)
    return _from_serial(whole, epoch_1904=epoch_1904)


def _from_serial(serial: int, *, epoch_1904: bool) -> Deadline:
    try:
        return _known((_EPOCH_1904 if epoch_1904 else _EPOCH) + timedelta(days=serial))
    except OverflowError:
        raise NotADate(_expected()) from None


def _read_text(text: str, year: int | None, *, epoch_1904: bool) -> Deadline:
    if not text.strip():
        return NOTHING
    if len(text) > _LONGEST:
        raise NotADate(_expected())
    plain = _plain(text)
    if plain.isascii() and plain.isdigit() and len(plain) == 5:  # noqa: PLR2004 - serials of 1927 to 2173
        return _from_serial(int(plain), epoch_1904=epoch_1904)
    if _OPEN.search(plain) or key_of(text) in _OPEN_KEYS:
        before = _TRAILING.sub("", _OPEN.split(plain)[0])
        if not re.search(r"\d|年底|年末", before):
            return Deadline(due=None, open_ended=True)
        plain = before
    parts = [_TRAILING.sub("", _LEADING.sub("", part)) for part in _SPAN.split(plain, maxsplit=1)]
    if len(parts) == 1:
        return _read_day(parts[0], year)
    begin = _read_day(parts[0], year)
    end = _read_day(parts[1], begin.told_year or year)
    assert begin.due is not None
    assert end.due is not None
    if (end.due.year, end.due.month) < (begin.due.year, begin.due.month):
        raise NotADate(N_("the end of the span after its beginning; tell both years"))
    return Deadline(due=end.due, told_year=end.told_year or begin.told_year)


def _plain(text: str) -> str:
    """Return `text` with narrow signs, Arabic numerals and no space."""
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    plain = _CHINESE_YEAR.sub(lambda found: "".join(str(_CHINESE[letter]) for letter in found[1]), plain)
    plain = _CHINESE_NUMBER.sub(lambda found: str(_arabic(found[1])), plain)
    return _TRAILING.sub("", _LEADING.sub("", plain))


def _arabic(numeral: str) -> int:
    """Return a Chinese numeral from 1 to 99.

    >>> [_arabic(numeral) for numeral in ("九", "十", "十二", "三十", "三十一")]
    [9, 10, 12, 30, 31]
    """
    tens, ten, ones = numeral.rpartition("十")
    return (_CHINESE[tens] if tens else 1 if ten else 0) * 10 + (_CHINESE[ones] if ones else 0)


def _read_day(text: str, year: int | None) -> Deadline:
    for form in _NUMBERS:
        if found := form.fullmatch(text):
            return _calendar_day(found.groupdict(), year)
    for form in _WORDS:
        if (found := form.fullmatch(text)) and text:
            return _calendar_day(found.groupdict(), year)
    raise NotADate(_expected())


def _calendar_day(told: dict[str, str | None], year: int | None) -> Deadline:
    """Return the day that the parts of a date tell; without a day it is the last one."""
    told_year = int(year_text) if (year_text := told.get("y")) else None
    if told_year is not None and told_year < 100:  # noqa: PLR2004 - 25年 is 2025
        told_year += 2000
    in_year = told_year or year
    if in_year is None:
        raise NotADate(N_("the year as well: no date above tells it"))
    in_year += 1 if told.get("next") else 0
    if quarter := told.get("quarter"):
        month = int(quarter) * 3
    elif half := told.get("half"):
        month = 6 if half == "上半年" else 12
    else:
        month = int(told.get("m") or 12)
    if not FIRST_YEAR <= in_year <= LAST_YEAR:
        raise NotADate(N_("a year from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR))
    if not 1 <= month <= 12:  # noqa: PLR2004 - months
        raise NotADate(N_("a day that exists"))
    last = monthrange(in_year, month)[1]
    day = int(told.get("d") or 0) or _DAY_OF_PART.get(told.get("part") or "", last)
    if day > last or told.get("d") in ("0", "00"):
        raise NotADate(N_("a day that exists"))
    return Deadline(due=date(in_year, month, day), told_year=told_year)

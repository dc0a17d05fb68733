"""Read the deadlines that offices type: 2025-09-03, 2025年9月底, 9月30日前, 长期坚持, Excel's serial numbers.

Called by `ledger` for the column 整改时限.  What is not certain is refused with a reason, never
guessed: a year that nothing tells, a number that may be 1 or 10, a day that does not exist.  A month, a quarter or a
year alone stands for its last day.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from engine.rules.ledger_layout import CLASS_WORDS, key_of
from engine.rules.round_dates import months_later
from engine.rules.text import N_, Text
from engine.rules.vocabulary import MeasureClass

FIRST_YEAR, LAST_YEAR = 2000, 2099
_LONGEST = 60  #: characters; what is longer is prose
_EPOCH = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
_OPEN = re.compile(r"长期|持续|常态|长效|longterm|ongoing|continuous")
_AT_ONCE = re.compile(r"立行立改|立知立改|即知即改|立说立行|立即整改|立即|即时|即改|随时|atonce|immediately?")
_DONE = re.compile(
    r"(?:已|全部|均已|已经)(?:全部)?(?:整改)?(?:完成|办结|销号|整改|到位|整改到位)+(?:整改)?|完成|办结|销号|done|completed|closed"
)
#: What stands in a cell of which nothing is meant to be said.
_NOTHING = re.compile(
    r"[-/\\—–_~.。、无]*|n/?a|none|nil|tbd|暂无|没有|无时限|无期限|不涉及|待定|未定|待明确|待确定|空白?"
)
_TIME = re.compile(
    r"(?:(?<=[\d日号])(?:\s+|t)|(?<=[日号]))(?:上午|下午|am|pm)?\s*\d{1,2}(?:[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?秒?)?|时|点)\s*(?:am|pm|z|[+-]\d\d:?\d\d)?(?=\D|$)"
)
_REMARK = re.compile(r"[(（\[【〔][^()（）\[\]【】〔〕]*[)）\]】〕]")
_AFTER_FEEDBACK = re.compile(
    r"(?:自|从|于)?(?:收到)?(?:意见|问题|巡视|巡察|审计|督察)?(?:反馈|收到反馈)(?:意见|之日|意见之日|日)?(?:起|后|之后|之日起|起算)*"
    r"(?P<count>\d{1,2})(?P<of>个月|周|个星期|年|天|日|个?工作日)(?:之?内|以内)?"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_ENGLISH = (
    re.compile(rf"{_MONTH}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?(?P<y>\d{{4}})"),
    re.compile(rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/]?{_MONTH}[-/,]?(?P<y>\d{{4}}|\d\d)"),
    re.compile(rf"{_MONTH}[-/]?(?P<y>\d{{4}}|\d\d)"),
)
_FOREIGN = re.compile(r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<y>\d{4})")
_FIRST_SHORT, _LAST_SHORT = 15, 40  #: years of two digits that a date beginning with its year may have
_OPEN_KEYS = frozenset(key_of(word) for word in CLASS_WORDS[MeasureClass.CONTINUOUS])
_CHINESE = {letter: value for value, letter in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_CHINESE_YEAR = re.compile(r"([〇零○一二三四五六七八九]{4})(?=年)")
_CHINESE_NUMBER = re.compile(
    r"([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=月|日|号|季度|个月|个星期|周|天|年内|个工作日)"
)
_LEADING = re.compile(r"^(?:截至|截止到|截止|于|在|预计|计划|力争|拟于|务必于|确保)+")
_TRAILING = re.compile(r"(?:以前|之前|前|内|止|整改|完成|整改到位|落实到位|并|且|左右|[,、;。.])+$")
_NUMBERS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"),
    re.compile(r"(?P<y>\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
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
_MONTHS_SPAN = re.compile(r"(?<![\d.-])(\d{1,2})(?:-|—+|–|~|至|到)(\d{1,2})月")
_DAY_OF_PART = {"上旬": 10, "初": 10, "中旬": 20, "中": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """What a cell of 整改时限 says."""

    due: date | None  #: None: open-ended, or nothing is said
    open_ended: bool = False
    measure_class: MeasureClass | None = None  #: that the same cell tells (立行立改)
    is_done: bool = False  #: the cell says 已完成 instead of a day
    remark: str | None = None  #: what stands in brackets, or is no day, and was not taken
    told_year: int | None = None  #: the year that the cell itself tells


class NotADate(Exception):  # noqa: N818 - turned into a Fault at once
    """The cell is not a date that can be relied on; `expected` says what was expected."""

    def __init__(self, expected: Text) -> None:
        super().__init__(expected)
        self.expected = expected


NOTHING = Deadline(due=None)


class ShownMonth(date):
    """A date cell that the sheet shows as a month alone, or as a year: whoever reads it sees no day."""

    is_year = False

    @property
    def last_day(self) -> date:
        """The last day of what is shown."""
        month = 12 if self.is_year else self.month
        return date(self.year, month, monthrange(self.year, month)[1])


class ShownYear(ShownMonth):
    """A date cell that the sheet shows as a year alone."""

    is_year = True


def read_deadline(
    value: object, *, year: int | None = None, epoch_1904: bool = False, feedback_on: date | None = None
) -> Deadline:
    """Return the deadline in a cell; `year` is for dates that tell none, `feedback_on` for 反馈后3个月内.

    A date cell that is shown as a month or year alone means its last day.  Raises NotADate.

    >>> read_deadline("9月底", year=2025).due
    datetime.date(2025, 9, 30)
    >>> read_deadline("45903").due
    datetime.date(2025, 9, 3)
    """
    if value is None:
        return NOTHING
    if isinstance(value, ShownMonth):
        return _known(value.last_day)
    if isinstance(value, datetime):
        return _known(value.date())
    if isinstance(value, date):
        return _known(value)
    if isinstance(value, bool | time | timedelta):
        raise NotADate(_expected())
    if isinstance(value, int | float):
        return _read_number(value, year, epoch_1904=epoch_1904)
    return _read_cell(str(value), year, feedback_on, epoch_1904=epoch_1904)


def _read_cell(text: str, year: int | None, feedback_on: date | None, *, epoch_1904: bool) -> Deadline:
    """Read a text: what is no day and what stands in brackets is set aside first."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    remarks = " ".join(_REMARK.findall(text)) or None
    bare = _TIME.sub("", _REMARK.sub("", folded)).strip() if remarks or ":" in folded or "时" in folded else folded
    if not bare and remarks:
        bare, remarks = folded.strip("()[]【】〔〕"), None
    key = "".join(bare.split())
    if not key:
        return NOTHING
    if _NOTHING.fullmatch(key):
        return Deadline(due=None, remark=remarks or (text.strip() if len(key) > 1 and key != "无" else None))
    if _DONE.fullmatch(key):
        return Deadline(due=None, is_done=True, remark=remarks)
    at_once = _AT_ONCE.match(key)
    rest = _OPENING.sub("", key[at_once.end() :]) if at_once else key
    if at_once and not _OPEN.search(rest) and not re.search(r"\d|年底|年末|[一二三四五六七八九十]月", rest):
        if rest.strip("整改完成到位,。;、"):
            raise NotADate(_expected())
        return Deadline(due=None, measure_class=MeasureClass.AT_ONCE, remark=remarks)
    found = _relative(rest, feedback_on) or _read_text(rest, year, epoch_1904=epoch_1904)
    return replace(found, remark=remarks, measure_class=MeasureClass.AT_ONCE if at_once else None)


_OPENING = re.compile(r"^(?:整改|完成|[,、;。:])+")


def _relative(key: str, feedback_on: date | None) -> Deadline | None:
    """Return a deadline that is told from the feedback on (反馈后3个月内); None for every other text."""
    plain = _plain(key)
    if re.search(r"工作日", plain):
        raise NotADate(N_("a date: working days are not counted from a day that the ledger does not tell"))
    found = _AFTER_FEEDBACK.fullmatch(plain)
    if found is None:
        return None
    if feedback_on is None:
        raise NotADate(N_("a date: the day of the feedback is not known"))
    count, of = int(found["count"]), found["of"]
    months = {"个月": count, "年": 12 * count}.get(of)
    if months is not None:
        return _known(months_later(feedback_on, months))
    return _known(feedback_on + timedelta(days=count * (7 if of in {"周", "个星期"} else 1)))


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
    plain = _MONTHS_SPAN.sub(r"\1月至\2月", plain)
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
    for form in _ENGLISH:
        if found := form.fullmatch(text):
            told = found.groupdict()
            return _calendar_day(told | {"m": str(_MONTHS[str(told["month"])])}, year)
    if found := _FOREIGN.fullmatch(text):
        one, two = int(found["one"]), int(found["two"])
        if one <= 12 and two <= 12 and one != two:  # noqa: PLR2004 - months
            raise NotADate(N_("a date such as 2025-09-03: day and month cannot be told apart"))
        month, day = (one, two) if one <= 12 else (two, one)  # noqa: PLR2004 - months
        return _calendar_day({"y": found["y"], "m": str(month), "d": str(day)}, year)
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
        if "part" not in told and "quarter" not in told and not _FIRST_SHORT <= told_year <= _LAST_SHORT:
            raise NotADate(N_("a year of four digits"))
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

"""Read the State Council's yearly notice on public holidays: which days are off, and which are worked to make up.

Called by `official_calendar.read_yearly_notice` with the text as published, e.g.
"二、春节:2月15日(农历腊月二十八、周日)至23日(农历正月初七、周一)放假调休,共9天。2月14日(周六)上班。"
Every date in a sentence about days off or days worked must be understood, its weekday and the sentence's own total
must agree; what does not is a fault with its line.  Nothing is guessed and no file is opened here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.rules.plan import Place
from engine.rules.text import N_
from intake.calendar.arrangement import Arrangement, NamedDay, Unclear, days_from

_WEEKDAYS = "一二三四五六日"
_NUMERALS = "零一二三四五六七八九十"
_DATE = (
    r"(?:(?:(?P<{0}year>\d{{4}})年)?(?P<{0}month>\d{{1,2}})月)?(?P<{0}day>\d{{1,2}})日"
    r"(?P<{0}note>\([^()]*\)|(?:周|星期)[一二三四五六日天])?"
)
_SPAN = re.compile(_DATE.format("") + r"(?:(?:至|到|-|–|~|—+)" + _DATE.format("to_") + ")?")
_LIST = re.compile(rf"(?:{re.sub(r'[?]P<[a-z_]+>', '?:', _SPAN.pattern)}[、,和及与]?)+")
_VERB = re.compile(r"(?:均|照常|正常)*(?:(?P<off>(?:放假|调休|补休|公休)+)|(?P<working>上班))")
_DUTY = re.compile(r"放假|调休|补休|公休|上班")
_TOTAL = re.compile(r"(?:共计?|放假)(\d{1,2}|[一二三四五六七八九十])天")
_NUMBER = r"(?:[一二三四五六七八九十]+、|\d+[.、])"
_NAME = r"(?P<name>[一-鿿]{2,4}(?:[、和][一-鿿]{2,4})*):"
_HEADING = re.compile(rf"(?:^|:|{_NUMBER}){_NAME}")
_ENDS = re.compile(rf"[。;\n]|(?={_NUMBER}{_NAME})")
#: How a further sentence of an entry begins; any other one ends the entry.
_GOES_ON = re.compile(r"(?:其中|另外|自|从)?[,:]?\d")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_YEAR = re.compile(r"关于(\d{4})年|现将(\d{4})年|(\d{4})年(?:元旦|部分节假日|节假日|放假)")
_DECEMBER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """One sentence of an entry, without white space."""

    text: str
    name: str | None  #: the holiday whose entry it belongs to; None outside the entries
    file: str
    rows: tuple[int, ...]  #: the line of each letter

    def place(self, letter: int = 0) -> Place:
        """Return where that letter stands in the source."""
        return Place(file=self.file, row=self.rows[letter])


def read_notice_text(text: str, file: str) -> Arrangement:
    """Return the days that the notice in `text` arranges; unclear ones become faults, the rest is still read."""
    plain = unicodedata.normalize("NFKC", text)
    named = _YEAR.search(re.sub(r"\s", "", plain))
    if named is None:
        arrangement = Arrangement(year=None)
        arrangement.blame(Place(file=file, row=1), None, N_("the notice must say which year it is for"))
        return arrangement
    arrangement = Arrangement(year=int(next(filter(None, named.groups()))))
    for sentence in _sentences(plain, file):
        if sentence.name or _DUTY.search(sentence.text):
            _read_sentence(sentence, arrangement)
    if not arrangement.days and not arrangement.faults:
        arrangement.blame(Place(file=file, row=1), None, N_("no day off and no make-up day was found in the notice"))
    return arrangement


def _sentences(plain: str, file: str) -> Iterator[_Sentence]:
    """Split into sentences; a pasted notice breaks its lines anywhere, so only a line that heads an entry ends one."""
    joined, rows = "", list[int]()
    for row, line in enumerate(plain.splitlines(), 1):
        bare = "".join(line.split())
        added = f"\n{bare}" if _HEADING.match(bare) else bare
        joined += added
        rows += [row] * len(added)
    name, start = None, 0
    for end in (*(found.end() for found in _ENDS.finditer(joined)), len(joined)):
        begin = start
        if heading := _HEADING.search(joined[start:end]):
            name, begin = heading["name"], start + heading.end()
        elif not _GOES_ON.match(joined, start):
            name = None
        if begin < end:
            yield _Sentence(text=joined[begin:end], name=name, file=file, rows=tuple(rows[begin:end]))
        start = end


def _read_sentence(sentence: _Sentence, arrangement: Arrangement) -> None:
    """Add the sentence's days, or what is wrong with it."""
    assert arrangement.year is not None
    days_off = set[date]()
    for listed in _LIST.finditer(sentence.text):
        place, verb = sentence.place(listed.start()), _VERB.match(sentence.text, listed.end())
        if verb is None:
            # Outside the entries the text tells its own history, and what it recommends.
            if sentence.name is not None and not sentence.text[: listed.start()].endswith("("):
                arrangement.blame(place, listed[0], N_("it is not clear whether this day is off or worked"))
            continue
        try:
            days = list(_days(listed[0], arrangement.year, sentence.name))
        except Unclear as unclear:
            arrangement.blame(place, listed[0], unclear.message)
            return
        is_working = verb["working"] is not None
        if not is_working:
            days_off.update(days)
        arrangement.days += (NamedDay(day=day, is_working=is_working, name=sentence.name, place=place) for day in days)
    total = _TOTAL.search(sentence.text)
    if total and days_off and "连休" not in sentence.text:  # 连休 counts the weekend, whose dates it does not name
        told = int(total[1]) if total[1].isdigit() else _NUMERALS.index(total[1])
        if told != len(days_off):
            message = N_("the text says {told} days off, its dates make {counted}", told=told, counted=len(days_off))
            arrangement.blame(sentence.place(total.start()), sentence.text, message)


def _days(listed: str, year: int, name: str | None) -> Iterator[date]:
    """Yield the days of a list such as "9月27日至29日、10月10日(周六)"; year and month carry over within it."""
    before: date | None = None
    for span in _SPAN.finditer(listed):
        begin = before = _day(span, "", year, name, before)
        if span["to_day"] is None:
            yield begin
            continue
        end = before = _day(span, "to_", year, name, before)
        yield from days_from(begin, end)


def _day(span: re.Match[str], part: str, year: int, name: str | None, before: date | None) -> date:
    """Return one date of a span; only New Year's entry reaches back into December of the year before."""
    told_year, told_month = span[f"{part}year"], span[f"{part}month"]
    if told_month:
        month = int(told_month)
    elif before:
        month = before.month
    else:
        raise Unclear(N_("the month is missing"))
    if told_year:
        in_year = int(told_year)
    elif before and month == before.month:
        in_year = before.year
    else:
        in_year = year - 1 if month == _DECEMBER and name == "元旦" else year
    try:
        day = date(in_year, month, int(span[f"{part}day"]))
    except ValueError:
        raise Unclear(N_("no such day exists")) from None
    weekday = _WEEKDAY.search(span[f"{part}note"] or "")
    if weekday and _WEEKDAYS.index(weekday[1].replace("天", "日")) != day.weekday():
        raise Unclear(N_("{day} does not fall on {weekday}", day=day, weekday=weekday[0]))
    return day

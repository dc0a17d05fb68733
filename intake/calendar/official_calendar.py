"""Read in the country's working days: what the calendar library knows, and the notices and edits it does not.

`official_days` fills the calendar, `read_yearly_notice` brings a new year's notice or the organisation's own edits;
`engine.actions` stores the rows and moves the deadlines that they touch.  A year whose notice the library does not
know yet holds weekdays and statutory holidays only, and every day of it is marked provisional.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import holidays

from engine.rules.plan import Fault, InputRefused, Place
from engine.rules.text import N_
from engine.rules.working_days import DayRow, Source
from intake.calendar.arrangement import Arrangement, NamedDay
from intake.calendar.calendar_form import read_csv_form, read_yaml_form
from intake.calendar.yearly_notice import read_notice_text

_SATURDAY = 5
#: From the first notice in today's form to where the library's lunar calendar ends.
_YEARS = range(2001, 2101)
#: The library's word for a day off that a notice moved there from a weekend: no holiday by law.
_MOVED = "调休"


def official_days(first: date, last: date) -> Iterator[DayRow]:
    """Yield one row a day from `first` to `last`: official where the year's notice is known, else provisional.

    >>> [(row.is_working, row.source) for row in official_days(date(2026, 2, 14), date(2026, 2, 16))]
    [(True, 'official'), (False, 'official'), (False, 'official')]
    """
    country = holidays.country_holidays("CN", years=range(first.year, last.year + 1), language="zh_CN")
    known = known_years(country)
    for day in _days(first, last):
        source: Source = "official" if day.year in known else "provisional"
        yield DayRow(day, country.is_working_day(day), country.get(day), source)


def known_years(country: holidays.HolidayBase) -> frozenset[int]:
    """Return those of the country's years whose notice the library knows.

    Every notice since 2001 has moved some weekend days to work, and only a notice can: so a year with such a day is
    known, and one without has not been entered.  A future version of the library thus makes its years official.
    """
    return frozenset(day.year for day in country.weekend_workdays)


def read_yearly_notice(path: Path) -> tuple[DayRow, ...]:
    """Return the rows that the file at `path` brings.

    The State Council's notice as published (text), or a form that tells its year (.yaml, .csv): every day of the
    year, official, and days of the December before that it names.  A form without a year: the days it names, as the
    organisation's own.  Raises InputRefused with every fault and its line; there are never rows of half a file.
    """
    text = _read_text(path)
    match path.suffix.lower():
        case ".yaml" | ".yml":
            arrangement = read_yaml_form(text, path.name)
        case ".csv":
            arrangement = read_csv_form(text, path.name)
        case _:
            arrangement = read_notice_text(text, path.name)
    named = _check_days(arrangement)
    if arrangement.year is not None and not arrangement.faults:
        _check_year(arrangement, arrangement.year, named, path.name)
    if not named and not arrangement.faults:
        arrangement.blame(Place(file=path.name), None, N_("the calendar file names no day"))
    if arrangement.faults:
        raise InputRefused(tuple(arrangement.faults))
    if arrangement.year is None:
        return tuple(DayRow(day, named[day].is_working, named[day].name, "own") for day in sorted(named))
    year = arrangement.year
    return tuple(_row(day, named.get(day)) for day in sorted({*_days(date(year, 1, 1), date(year, 12, 31)), *named}))


def _row(day: date, named: NamedDay | None) -> DayRow:
    if named is None:
        return DayRow(day, day.weekday() < _SATURDAY, None, "official")
    return DayRow(day, named.is_working, named.name, "official")


def _check_days(arrangement: Arrangement) -> dict[date, NamedDay]:
    """Return the named days by date; a day that is both off and worked is a fault."""
    named: dict[date, NamedDay] = {}
    for told in arrangement.days:
        before = named.setdefault(told.day, told)
        if before.is_working != told.is_working:
            message = N_("line {row} says the opposite of {day}", row=before.place.row, day=told.day)
            arrangement.blame(told.place, str(told.day), message)
    return named


def _check_year(arrangement: Arrangement, year: int, named: dict[date, NamedDay], file: str) -> None:
    """Check what only a whole year can be held to: a cut-off or mistyped notice must not turn holidays into work."""
    if year not in _YEARS:
        message = N_("a year from {first} to {last} was expected", first=_YEARS.start, last=_YEARS.stop - 1)
        arrangement.blame(Place(file=file), str(year), message)
        return
    for told in named.values():
        if not date(year - 1, 12, 1) <= told.day <= date(year, 12, 31):
            arrangement.blame(told.place, str(told.day), N_("the notice for {year} cannot arrange this day", year=year))
        elif told.is_working and told.day.weekday() < _SATURDAY:
            arrangement.blame(told.place, str(told.day), N_("a make-up day must be a Saturday or a Sunday"))
    statutory = holidays.country_holidays("CN", years=year, observed=False, language="zh_CN")
    for day, name in sorted(statutory.items()):
        if _MOVED not in name and (day not in named or named[day].is_working):
            message = N_("the notice for {year} does not say that {day} ({name}) is off", year=year, day=day, name=name)
            arrangement.blame(Place(file=file), None, message)


def _read_text(path: Path) -> str:
    """Return the file's text, whether UTF-8 or the office's GB18030."""
    try:
        raw = path.read_bytes()
    except OSError:
        message = N_("the calendar file cannot be read")
        raise InputRefused((Fault(place=Place(file=path.name), value=None, message=message),)) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    message = N_("a calendar written as text in UTF-8 or GB18030 was expected")
    raise InputRefused((Fault(place=Place(file=path.name), value=None, message=message),))


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)

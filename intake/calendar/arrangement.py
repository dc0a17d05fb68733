"""What a calendar source says, whichever its form: the days it names, their places, and what is wrong with it.

Filled by `yearly_notice` (the notice as published) and `calendar_form` (YAML, CSV); checked as a whole
and turned into rows by `official_calendar`.  Reads no file itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.rules.plan import Fault, Place
from engine.rules.text import N_, Text

_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日)")
_TO = re.compile(r"\s*(?:至|到|~|～|—+|\.\.)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDay:
    """A day that the source names, and where."""

    day: date
    is_working: bool
    name: str | None  #: the holiday it belongs to
    place: Place


@dataclass(slots=True, kw_only=True)
class Arrangement:
    """What one source says, before it is checked as a whole."""

    year: int | None  #: the year that is arranged in full; None where only single days are edited
    days: list[NamedDay] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def blame(self, place: Place, value: str | None, message: Text) -> None:
        """Note a fault."""
        self.faults.append(Fault(place=place, value=None if value is None else value[:60], message=message))


class Unclear(Exception):  # noqa: N818 - whoever knows the place turns it into a Fault at once
    """A date cannot be what the source says."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


def days_from(first: date, last: date) -> tuple[date, ...]:
    """Return the days of a span of at least two; Unclear when it runs backwards or longer than a month."""
    if not first < last < first + timedelta(days=31):
        raise Unclear(N_("the last day of a span must come after its first, within a month"))
    return tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))


def read_days(written: str) -> tuple[date, ...]:
    """Return the days that a cell such as 2027-02-05, 2027年2月5日 or 2027-02-05至2027-02-11 names.

    >>> [day.day for day in read_days("2027/2/5 ~ 2027/2/7")]
    [5, 6, 7]
    """
    ends = [_read_day(end) for end in _TO.split(written.strip())]
    if len(ends) > 2:  # noqa: PLR2004 - a span has two ends
        raise Unclear(N_("a date such as 2027-02-05 was expected, or 2027-02-05至2027-02-11"))
    return days_from(*ends) if len(ends) > 1 else tuple(ends)


def _read_day(written: str) -> date:
    found = _DAY.fullmatch(written)
    if found is None:
        raise Unclear(N_("a date such as 2027-02-05 was expected, or 2027-02-05至2027-02-11"))
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear(N_("no such day exists")) from None

"""Decide which days are working days, and count in them.

The country's official calendar with its make-up days (调休), plus the organisation's own edits, arrives as rows;
`WorkingCalendar` is the immutable value that rungs, waits and round dates count with.  Pure: the rows come from
`intake.calendar` or from the database, through `engine.actions`; nothing here reads a clock or a file, and
a day that the rows do not reach is refused, never guessed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Literal

from engine.rules.refusal import Refusal
from engine.rules.text import N_

Source = Literal["official", "provisional", "own"]


class BeyondCalendar(Refusal):
    """The day, or the count, leads outside the days that the calendar knows."""


class BrokenCalendar(Refusal):
    """The calendar's rows are empty, or a day between the first and the last is missing or told twice."""


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the calendar as it is read in or stored."""

    day: date
    is_working: bool
    note: str | None  #: the holiday's name, as the source writes it
    source: Source  #: official: by the yearly notice; provisional: no notice known yet; own: the organisation's edit
    under: DayRow | None = None  #: what an own day lies over: the official or provisional word about it

    @property
    def base(self) -> DayRow | None:
        """The word about the day that is not the organisation's own; None: there is none."""
        return self.under if self.source == "own" else self


def taken_in(known: DayRow | None, said: DayRow) -> DayRow:
    """Return the row of a day after one more word about it.

    An own word lies over what is known and replaces an earlier own one; an official or a provisional word never
    replaces it, but is kept under it.  A provisional word never replaces an official one.

    >>> day = date(2027, 2, 12)
    >>> computed, own = DayRow(day, True, None, "provisional"), DayRow(day, True, "值班", "own")
    >>> both = taken_in(taken_in(computed, own), DayRow(day, False, "春节", "official"))
    >>> (both.is_working, both.note), (both.under.is_working, both.under.note)
    ((True, '值班'), (False, '春节'))
    """
    base = known.base if known is not None else None
    if said.source == "own":
        return replace(said, under=base)
    if base is not None and base.source == "official" and said.source == "provisional":
        said = base
    return replace(known, under=said) if known is not None and known.source == "own" else said


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days from `first` to `last`.

    A holiday on Monday 6 October, made up for on Saturday 11 October:

    >>> off, made_up = date(2025, 10, 6), date(2025, 10, 11)
    >>> def works(day):
    ...     return day == made_up or (day.weekday() < 5 and day != off)
    >>> days = [date(2025, 10, day) for day in range(1, 18)]
    >>> calendar = WorkingCalendar.from_rows(DayRow(day, works(day), None, "official") for day in days)
    >>> calendar.is_working(off), calendar.is_working(made_up)
    (False, True)

    A deadline on Saturday 4 October runs to the end of Tuesday 7 October, and counts from there:

    >>> saturday = date(2025, 10, 4)
    >>> calendar.on_or_after(saturday)
    datetime.date(2025, 10, 7)
    >>> calendar.shift(saturday, 4) == made_up, calendar.shift(saturday, -1)
    (True, datetime.date(2025, 10, 3))

    What was due on Friday 3 October is one working day late on Tuesday, not before:

    >>> friday = date(2025, 10, 3)
    >>> [calendar.between(friday, date(2025, 10, day)) for day in (2, 3, 4, 5, 6, 7)]
    [-1, 0, 0, 0, 0, 1]
    """

    first: date
    last: date
    working: tuple[date, ...] = field(repr=False)  #: the working days, in order
    provisional_years: frozenset[int] = frozenset()  #: years whose notice is not known yet
    #: by day offset from `first`: how many working days come before it, hence where in `working` it takes effect
    _before: array[int] = field(init=False, repr=False, compare=False)
    _start: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay out the lookup: one small number for every day, so that counting costs two of them."""
        start = self.first.toordinal()
        length = self.last.toordinal() - start + 1
        works = bytearray(length)
        for day in self.working:
            works[day.toordinal() - start] = True
        object.__setattr__(self, "_before", array("l", accumulate(works[:-1], initial=0)))
        object.__setattr__(self, "_start", start)

    @classmethod
    def from_rows(cls, rows: Iterable[DayRow]) -> WorkingCalendar:
        """Build the calendar from one row a day, in any order.  Raises BrokenCalendar on a gap or a repeated day."""
        ordered = sorted(rows, key=lambda row: row.day)
        if not ordered:
            raise BrokenCalendar(N_("the working-day calendar is empty"))
        expected = ordered[0].day
        for row in ordered:
            if row.day > expected:
                raise BrokenCalendar(N_("the working-day calendar lacks {day}", day=expected))
            if row.day < expected:
                raise BrokenCalendar(N_("the working-day calendar holds {day} twice", day=row.day))
            expected += timedelta(days=1)
        return cls(
            first=ordered[0].day,
            last=ordered[-1].day,
            working=tuple(row.day for row in ordered if row.is_working),
            provisional_years=frozenset(
                row.day.year for row in ordered if row.base is not None and row.base.source == "provisional"
            ),
        )

    def covers(self, day: date) -> bool:
        """Say whether the calendar knows `day`."""
        return self.first <= day <= self.last

    def expect_reach(self, day: date, ahead: timedelta = timedelta()) -> None:
        """Refuse a day that the calendar does not know, or not with the time `ahead` of it.  Raises BeyondCalendar."""
        last = self.last - ahead
        if not self.first <= day <= last:
            raise BeyondCalendar(
                N_(
                    "a day from {first} to {last} was expected: so far the calendar reaches",
                    first=self.first,
                    last=last,
                )
            )

    def is_provisional(self, day: date) -> bool:
        """Say whether the notice for the year of `day` is still to come; days in such a year may yet move."""
        return day.year in self.provisional_years

    def is_working(self, day: date) -> bool:
        """Say whether `day` is worked."""
        position = self._position(day)
        return position < len(self.working) and self.working[position] == day

    def ordinal(self, day: date) -> int:
        """Return how many working days there are from the calendar's first day up to and with `day`."""
        return self._position(day) + self.is_working(day)

    def on_or_after(self, day: date) -> date:
        """Return the day on which `day` takes effect: itself, or the next working day.

        A deadline that falls on a day off runs to the end of the next working day.
        """
        return self.shift(day, 0)

    def shift(self, day: date, working_days: int) -> date:
        """Return the day that many working days after (before, when negative) the day on which `day` takes effect.

        The sweep's hot path: a subtraction and two lookups.
        """
        offset = day.toordinal() - self._start
        if 0 <= offset < len(self._before):
            position = self._before[offset] + working_days
            if 0 <= position < len(self.working):
                return self.working[position]
        raise self._beyond(day, working_days)

    def between(self, start: date, end: date) -> int:
        """Return how many working days have passed at `end` since `start` took effect; negative when still to come.

        The counterpart of `shift`: the greatest n for which `shift(start, n)` is not after `end`.  So a day off adds
        nothing, and what is one working day late is late on a working day.
        """
        return self.ordinal(end) - self._position(start) - 1

    def _position(self, day: date) -> int:
        """Return where in `working` the first working day on or after `day` stands; one past the end if none does."""
        offset = day.toordinal() - self._start
        if 0 <= offset < len(self._before):
            return self._before[offset]
        raise self._beyond(day, 0)

    def _beyond(self, day: date, working_days: int) -> BeyondCalendar:
        if not self.covers(day):
            return BeyondCalendar(
                N_(
                    "{day} lies outside the working-day calendar, which reaches from {first} to {last}",
                    day=day,
                    first=self.first,
                    last=self.last,
                )
            )
        return BeyondCalendar(
            N_(
                "{count} working days from {day} lead outside the working-day calendar, "
                "which reaches from {first} to {last}",
                count=working_days,
                day=day,
                first=self.first,
                last=self.last,
            )
        )

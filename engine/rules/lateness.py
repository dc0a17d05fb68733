"""How late work was handed in and closed, kept from then on: against the original due date and the one in force.

What is still owed is told by `engine.rules.progress`; this is what remains of it afterwards.  Handed in counts the
submission that stands: one that was returned does not.  Of measures that came on record as handed in or closed nobody
knows these days, so nothing is said of them.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from engine.rules.text import N_, Text
from engine.rules.vocabulary import State
from engine.rules.working_days import WorkingCalendar

HANDED_IN = frozenset({State.SUBMITTED, State.VERIFIED, State.CLOSED})


class Timing(StrEnum):
    """What is counted of it; a measure may count in several."""

    CLOSED_TIMED = "closed_timed"  #: closed in Duban, with an original due date: it was done in time or late
    DONE_IN_TIME = "done_in_time"  #: of these, handed in by the original due date: what owners answer for
    DONE_LATE = "done_late"  #: of these, handed in after it
    DONE_LATE_EXTENDED = "done_late_extended"  #: of the late ones, after the due date in force as well
    CLOSED_LATE = "closed_late"  #: closed after the original due date, whenever it was handed in
    HANDED_IN_LATE = "handed_in_late"  #: handed in after the due date in force, whatever became of it


class Dated(Protocol):
    """What is asked of a measure: how it stands, or stood at a moment."""

    @property
    def state(self) -> State: ...  # noqa: D102
    @property
    def original_due(self) -> date | None: ...  # noqa: D102
    @property
    def due(self) -> date | None: ...  # noqa: D102
    @property
    def handed_in_on(self) -> date | None: ...  # noqa: D102
    @property
    def closed_on(self) -> date | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Working days late; 0: in time.  None: it has not come so far, or there is no such due date."""

    handed_in_on: date
    closed_on: date | None
    is_extended: bool  #: the due date in force is another one than the original
    handed_in_after_original: int | None
    handed_in_after_due: int | None
    closed_after_original: int | None
    closed_after_due: int | None

    @property
    def is_late(self) -> bool:
        """Whether anything was late."""
        return bool(
            self.handed_in_after_original
            or self.handed_in_after_due
            or self.closed_after_original
            or self.closed_after_due
        )

    @property
    def words(self) -> tuple[Text, ...]:
        """The sentences that stand beside a measure; none when it was in time.

        Closed is said first: it is what an auditor asks for.
        """
        return tuple(_words(self))

    @property
    def timings(self) -> frozenset[Timing]:
        """What it counts in."""
        found = {Timing.HANDED_IN_LATE} if self.handed_in_after_due else set[Timing]()
        if self.closed_after_original is not None:
            is_late = bool(self.handed_in_after_original)
            found |= {Timing.CLOSED_TIMED, Timing.DONE_LATE if is_late else Timing.DONE_IN_TIME}
            found |= {Timing.DONE_LATE_EXTENDED} if is_late and self.handed_in_after_due else set()
            found |= {Timing.CLOSED_LATE} if self.closed_after_original else set()
        return frozenset(found)


def lateness_of(one: Dated, calendar: WorkingCalendar, *, as_of: date) -> Lateness | None:
    """Return how late a measure was handed in and closed by the end of a day; None: it is not handed in, or unknown.

    >>> from collections import namedtuple
    >>> from engine.rules.working_days import DayRow
    >>> days = [date(2025, 9, day) for day in range(1, 31)]
    >>> calendar = WorkingCalendar.from_rows(DayRow(day, day.weekday() < 5, None, "official") for day in days)
    >>> measure = namedtuple("measure", "state original_due due handed_in_on closed_on")
    >>> friday, thursday, monday = date(2025, 9, 5), date(2025, 9, 11), date(2025, 9, 15)
    >>> found = lateness_of(measure(State.CLOSED, friday, friday, thursday, monday), calendar, as_of=monday)
    >>> found.handed_in_after_original, found.closed_after_original
    (4, 6)
    >>> extended = lateness_of(measure(State.CLOSED, friday, thursday, thursday, monday), calendar, as_of=monday)
    >>> extended.handed_in_after_due, extended.closed_after_original, extended.closed_after_due
    (0, 6, 2)
    """
    handed_in, closed = one.handed_in_on, one.closed_on if one.state is State.CLOSED else None
    if one.state not in HANDED_IN or handed_in is None or handed_in > as_of:
        return None
    return Lateness(
        handed_in_on=handed_in,
        closed_on=closed,
        is_extended=one.due != one.original_due,
        handed_in_after_original=_days_after(one.original_due, handed_in, calendar),
        handed_in_after_due=_days_after(one.due, handed_in, calendar),
        closed_after_original=_days_after(one.original_due, closed, calendar),
        closed_after_due=_days_after(one.due, closed, calendar),
    )


def _days_after(due: date | None, on: date | None, calendar: WorkingCalendar) -> int | None:
    """Return the working days between, 0 up to the end of the due day and of the days off behind it.

    What was due before the calendar begins counts from its first day.
    """
    if due is None or on is None:
        return None
    start = max(due, calendar.first)
    return max(calendar.between(start, on), 0) if on > start else 0


def lateness_words(found: Lateness | None) -> tuple[Text, ...]:
    """Return its sentences; none where nothing is known."""
    return found.words if found is not None else ()


def _words(found: Lateness) -> Iterator[Text]:
    if found.closed_after_original:
        yield N_("closed {days} working days after the original due date", days=found.closed_after_original)
    if found.is_extended and found.closed_after_due:
        yield N_("closed {days} working days after the extended due date", days=found.closed_after_due)
    if found.handed_in_after_original:
        yield N_("handed in {days} working days after the original due date", days=found.handed_in_after_original)
    if found.is_extended and found.handed_in_after_due:
        yield N_("handed in {days} working days after the extended due date", days=found.handed_in_after_due)
    if found.is_late and not found.handed_in_after_due:
        in_time = N_("handed in within the extended due date") if found.is_extended else N_("handed in in time")
        yield N_("handed in in time") if not found.handed_in_after_original else in_time


TIMING_NAMES: dict[Timing, Text] = {
    Timing.CLOSED_TIMED: N_("closed, with an original due date and a day of handing in"),
    Timing.DONE_IN_TIME: N_("closed, handed in by the original due date"),
    Timing.DONE_LATE: N_("closed, handed in after the original due date"),
    Timing.DONE_LATE_EXTENDED: N_("closed, handed in after the due date in force as well"),
    Timing.CLOSED_LATE: N_("closed after the original due date"),
    Timing.HANDED_IN_LATE: N_("handed in after the due date in force"),
}

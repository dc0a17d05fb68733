"""Where the present pace of closing leads: how far by a deadline, and by when to the end.  Pure.

The method is plain, and is said beside every figure: as many as were closed in the last twenty working days are closed
in the next twenty, and so on.  It knows nothing of what is still hard.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.rules.working_days import WorkingCalendar

WINDOW = 20  #: working days that the pace is taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A forecast, with everything that it was counted from."""

    total: int
    closed: int
    recent: int  #: of these in the last `window` working days; below zero where more were reopened
    window: int
    days_left: int  #: working days until the deadline's end; 0 when it has passed
    deadline: date
    by_deadline: int  #: how many are closed by then at this pace
    done_on: date | None  #: when all are; None: never at this pace, or after the calendar's end
    needed: int | None  #: to be closed in `window` working days to be in time; None: no day is left

    @property
    def remaining(self) -> int:
        """How many are still to be closed."""
        return self.total - self.closed

    @property
    def is_in_time(self) -> bool:
        """Whether all are closed by the deadline at this pace."""
        return self.by_deadline == self.total


def window_of(since: date, as_of: date, calendar: WorkingCalendar) -> int:
    """Return how many working days the pace is taken from: fewer while the round is young, but one at least."""
    return min(WINDOW, max(calendar.between(since, as_of), 1))


def forecast_pace(
    *, total: int, closed: int, recent: int, window: int, as_of: date, deadline: date, calendar: WorkingCalendar
) -> Pace:
    """Return where `recent` in `window` working days lead from `as_of` on."""
    remaining = total - closed
    days_left = max(calendar.ordinal(calendar.on_or_after(deadline)) - calendar.ordinal(as_of), 0)
    gained = max(recent, 0) * days_left // window
    done_on: date | None = as_of if remaining <= 0 else None
    if remaining > 0 and recent > 0:
        done_on = _after(-(-remaining * window // recent), as_of, calendar)
    return Pace(
        total=total,
        closed=closed,
        recent=recent,
        window=window,
        days_left=days_left,
        deadline=deadline,
        by_deadline=min(total, closed + gained),
        done_on=done_on,
        needed=-(-max(remaining, 0) * window // days_left) if days_left else None,
    )


def _after(working_days: int, as_of: date, calendar: WorkingCalendar) -> date | None:
    """Return the working day on which so many of them have passed; None after the calendar's end."""
    place = calendar.ordinal(as_of) + working_days - 1
    return calendar.working[place] if place < len(calendar.working) else None

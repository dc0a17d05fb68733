"""What the sweeps of coming days would climb, if nobody did anything.  Pure; the same rule as the sweep's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from engine.rules.ladder import Climb, Ladder, Rung, climb
from engine.rules.working_days import WorkingCalendar


def forecast(
    ladder: Ladder,
    *,
    deadline: date,
    rung: int,
    fires_on: date,
    begins_on: date,
    first_day: date,
    last_day: date,
    calendar: WorkingCalendar,
    is_held: Callable[[Rung], bool],
) -> Iterator[tuple[date, Climb]]:
    """Yield (day, what a sweep on that day climbs) from `first_day` to `last_day`, with a sweep a day from `begins_on`.

    What is climbed before `first_day` is left out, but it was climbed: nothing piles up until then.
    """
    day = max(fires_on, begins_on)
    while day <= last_day:
        result = climb(ladder, deadline=deadline, rung=rung, as_of=day, calendar=calendar, is_held=is_held)
        if day >= first_day and (result.rung is not None or result.empty):
            yield day, result
        rung, day = result.next_rung, result.fires_on

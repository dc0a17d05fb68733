"""What the sweeps of coming days would climb, if nobody did anything.  Pure; the same rule as the sweep's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.rules.ladder import Climb, Ladder, Rung, climb
from engine.rules.vocabulary import AnyWait, Slip
from engine.rules.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One rung that a sweep would climb."""

    day: date
    code: str
    waits_for: AnyWait
    deadline: date
    rung: int
    offset: int  #: working days from the deadline
    slip: Slip
    receivers: tuple[str, ...]  #: names, after substitution; empty: nobody holds the role
    superseded: int  #: how many lower rungs it passes over


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

"""The light of a measure (红黄蓝绿灯): how near its due date is, in one word.  Pure.

It follows from the due date, the ladder and the day, so that any day's can be counted in the database by spans of due
dates.  Who has handed the work in, and who has no due date, has no light.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.rules.ladder import Ladder
from engine.rules.progress import OWED, latest_overdue
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Slip, State
from engine.rules.working_days import WorkingCalendar


class Light(StrEnum):
    """From the most urgent on."""

    GROUP = "group"  #: overdue for so long that it is the leading group's
    RED = "red"  #: overdue
    YELLOW = "yellow"  #: due within days
    BLUE = "blue"  #: near
    GREEN = "green"  #: on time
    NONE = "none"  #: nothing is owed: handed in, settled, or without a due date


LIGHT_NAMES: dict[Light, Text] = {
    Light.GROUP: N_("with the leading group"),
    Light.RED: N_("overdue"),
    Light.YELLOW: N_("due within days"),
    Light.BLUE: N_("due soon"),
    Light.GREEN: N_("on time"),
    Light.NONE: N_("nothing owed"),
}
_NEAR = {Slip.YELLOW: Light.YELLOW, Slip.BLUE: Light.BLUE}


@dataclass(frozen=True, slots=True)
class LightSpans:
    """By light the latest due date that has it on a day, from the most urgent on; whatever is due later is green."""

    until: tuple[tuple[Light, date], ...]

    def of(self, state: State, due: date | None) -> Light:
        """Return the light of a measure."""
        if due is None or state not in OWED:
            return Light.NONE
        return next((light for light, latest in self.until if due <= latest), Light.GREEN)

    def span(self, light: Light) -> tuple[date | None, date | None]:
        """Return the (first, last) due dates that have `light`; None: there is no such end."""
        after: date | None = None
        for one, latest in self.until:
            if one is light:
                return _next(after), latest
            after = latest
        return _next(after), None


def light_spans(ladder: Ladder, as_of: date, calendar: WorkingCalendar) -> LightSpans:
    """Return which due dates have which light on `as_of`, by the ladder of the due date.

    Red begins where `is_overdue` does; blue and yellow with the first slip of that colour before the deadline, the
    leading group's with its first rung.
    """
    late = latest_overdue(as_of, calendar)
    until: dict[Light, date] = {Light.RED: late}
    for rung in ladder.rungs:
        if rung.slip is Slip.GROUP and rung.offset > 0 and Light.GROUP not in until:
            until[Light.GROUP] = min(calendar.shift(as_of, -rung.offset), late)
        light = _NEAR.get(rung.slip)
        if light and rung.offset <= 0 and light not in until:
            until[light] = max(calendar.shift(as_of, -rung.offset), late)
    if Light.YELLOW in until and Light.BLUE in until:
        until[Light.BLUE] = max(until[Light.BLUE], until[Light.YELLOW])
    return LightSpans(tuple((light, until[light]) for light in Light if light in until))


def _next(day: date | None) -> date | None:
    return None if day is None else date.fromordinal(day.toordinal() + 1)

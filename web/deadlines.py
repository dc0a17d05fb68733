"""How a deadline is told on a page: how many working days are left or overrun, and in which colour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.rules.text import N_, Text
from engine.rules.working_days import BeyondCalendar, WorkingCalendar

NEAR = 3  #: working days


@dataclass(frozen=True, slots=True)
class Timing:
    """Tells deadlines on one day."""

    on: date
    calendar: WorkingCalendar

    def left(self, deadline: date | None) -> int | None:
        """Return the working days until a deadline, negative when it is over; None: that cannot be told."""
        if deadline is None:
            return None
        try:
            return -self.calendar.between(deadline, self.on)
        except BeyondCalendar:
            return None

    def is_late(self, deadline: date | None) -> bool:
        """Return whether a deadline is over."""
        left = self.left(deadline)
        return left is not None and left < 0

    def words(self, deadline: date | None) -> Text | str:
        """Return how many working days are left or overrun."""
        left = self.left(deadline)
        if left is None:
            return ""
        if left < 0:
            return N_("{days} working days late", days=-left)
        return N_("{days} working days left", days=left) if left else N_("due today")

    def colour(self, deadline: date | None) -> str:
        """Return the light's colour."""
        left = self.left(deadline)
        if left is None:
            return "grey"
        return "red" if left < 0 else "yellow" if left <= NEAR else "green"


def timings(on: date, calendar: WorkingCalendar) -> Timing:
    """Return what tells deadlines on a day."""
    return Timing(on, calendar)

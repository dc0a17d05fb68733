"""How much waits for each person, counted a moment ago: the navigation tells it on every page.

Counted again after half a minute, and at once after one's own change.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

SECONDS = 30
MOST = 10_000  #: people


@dataclass(slots=True)
class KeptCounts:
    """The counts of one application."""

    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[int, tuple[date, float, int]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, person: int, day: date, count: Callable[[], int]) -> int:
        """Return how much waits for `person` on `day`, counted anew when that is not known any more."""
        with self._lock:
            found = self._kept.get(person)
        if found is not None and found[0] == day and self.clock() - found[1] < SECONDS:
            return found[2]
        return self.keep(person, day, count())

    def keep(self, person: int, day: date, count: int) -> int:
        """Keep what was counted, and return it."""
        with self._lock:
            self._kept[person] = (day, self.clock(), count)
            self._kept.move_to_end(person)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return count

    def forget(self, person: int) -> None:
        """Let it be counted anew."""
        with self._lock:
            self._kept.pop(person, None)

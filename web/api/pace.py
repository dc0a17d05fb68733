"""How many requests a token may make: so many a minute, and some more at once after a rest.  Kept in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock
from time import monotonic

PER_MINUTE = 600
AT_ONCE = 120
MOST_KEPT = 10_000  #: tokens; who has rested long enough to be full again is forgotten


@dataclass(slots=True)
class _Bucket:
    left: float
    looked_at: float


class Pace:
    """Counts the requests of each token: a bucket that fills up steadily, and from which each request takes one."""

    def __init__(
        self, *, per_minute: int = PER_MINUTE, at_once: int = AT_ONCE, clock: Callable[[], float] = monotonic
    ) -> None:
        self._per_second = per_minute / 60
        self._at_once = at_once
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[int, _Bucket] = {}

    def wait(self, token: int) -> int:
        """Take one request of `token`; return 0, or after how many seconds the next one may come: this one may not.

        >>> times = iter([0, 0, 0, 0.9, 1.0])
        >>> pace = Pace(per_minute=60, at_once=2, clock=lambda: next(times))
        >>> [pace.wait(1) for _ in range(5)]
        [0, 0, 1, 1, 0]
        """
        with self._lock:
            now = self._clock()
            bucket = self._buckets.get(token)
            if bucket is None:
                self._forget(now)
                bucket = self._buckets[token] = _Bucket(self._at_once, now)
            bucket.left = min(self._at_once, bucket.left + (now - bucket.looked_at) * self._per_second)
            bucket.looked_at = now
            if bucket.left >= 1:
                bucket.left -= 1
                return 0
            return ceil((1 - bucket.left) / self._per_second)

    def _forget(self, now: float) -> None:
        if len(self._buckets) < MOST_KEPT:
            return
        full_after = self._at_once / self._per_second
        self._buckets = {token: one for token, one in self._buckets.items() if now - one.looked_at < full_after}

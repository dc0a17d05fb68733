"""When a delivery that failed is tried again, and when Duban gives up and tells the coordinator.

Pure.  Caller: engine/actions/deliver_digests.py.  Short waits first, for a sender that merely hiccuped; then long ones,
so that a mail server that is down over a night is not hammered.
"""

from __future__ import annotations

from datetime import timedelta

#: How long to wait after the first, second, … failed attempt.
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)

MAX_ATTEMPTS = len(WAITS) + 1

#: How long a claimed delivery belongs to its sender; afterwards the sender counts as crashed and the claim comes back.
CLAIM_TIMEOUT = timedelta(minutes=30)


def next_try_after(attempts: int) -> timedelta | None:
    """Return how long to wait after `attempts` failed attempts; None when there is no further one.

    >>> [next_try_after(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 4)]
    [1.0, 5.0, 30.0, 120.0]
    >>> next_try_after(7), next_try_after(8)
    (datetime.timedelta(days=1), None)
    """
    if attempts < 1:
        msg = f"{attempts} attempts: nothing has failed yet"
        raise ValueError(msg)
    return WAITS[attempts - 1] if attempts < MAX_ATTEMPTS else None

"""The order in which words about one meeting follow each other in calendars.  Pure."""

from __future__ import annotations


def sequence_of(version: int, *, is_off: bool) -> int:
    """Return the SEQUENCE of what is said of a meeting whose newest agenda has `version`.

    Calling it off comes after its agenda, and the next agenda after that, which takes the meeting up again.

    >>> sequence_of(1, is_off=False), sequence_of(1, is_off=True), sequence_of(2, is_off=False)
    (2, 3, 4)
    """
    return 2 * version + is_off

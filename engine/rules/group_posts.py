"""What a group of people is told by a robot in their chat: when, how long it may be, and when it is tried again.  Pure.

Callers: engine/actions/group_posts.py, notifications/group_summary.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from engine.rules.backoff import next_try_after


class Trouble(StrEnum):
    """Why a robot did not take a post."""

    BUSY = "busy"  #: too many posts: it wants to be left alone for a while
    LATER = "later"  #: it could not be reached, or has a trouble of its own
    FOR_GOOD = "for_good"  #: what was sent, or where to, is wrong: trying again cannot help


def is_owed(*, is_working_day: bool, overdue: int, near: int) -> bool:
    """Return whether a round is told of on a day: on working days, when something is late or due within days.

    >>> is_owed(is_working_day=True, overdue=0, near=1), is_owed(is_working_day=False, overdue=9, near=1)
    (True, False)
    """
    return is_working_day and bool(overdue or near)


def wait_after(attempts: int, trouble: Trouble, *, rest: timedelta) -> timedelta | None:
    """Return how long to wait after `attempts` failed attempts; None: it is given up.

    `rest` is how long this kind of robot wants to be left alone when it is busy.

    >>> [wait_after(1, trouble, rest=timedelta(minutes=10)) for trouble in (Trouble.BUSY, Trouble.LATER)]
    [datetime.timedelta(seconds=600), datetime.timedelta(seconds=60)]
    >>> wait_after(1, Trouble.FOR_GOOD, rest=timedelta(minutes=10)) is None
    True
    """
    if trouble is Trouble.FOR_GOOD:
        return None
    wait = next_try_after(attempts)
    return wait if wait is None or trouble is Trouble.LATER else max(wait, rest)


def fitted(lines: Sequence[str], *, most: int, left_out: str) -> str:
    r"""Return as many whole lines as `most` bytes of UTF-8 hold; `left_out` says at the end that some are left out.

    A line that would not fit even alone is cut within.

    >>> fitted(("逾期", "一处 2项", "二处 1项"), most=40, left_out="…")
    '逾期\n一处 2项\n二处 1项'
    >>> fitted(("逾期", "一处 2项", "二处 1项"), most=24, left_out="…")
    '逾期\n一处 2项\n…'
    >>> fitted(("一二三四",), most=9, left_out="…")
    '一二…'
    """
    whole = "\n".join(lines)
    if len(whole.encode()) <= most:
        return whole
    room = most - len(left_out.encode())
    kept: list[str] = []
    for line in lines:
        size = len(line.encode()) + 1
        if size > room:
            break
        kept.append(line)
        room -= size
    if not kept:
        return lines[0].encode()[:room].decode(errors="ignore") + left_out
    return "\n".join((*kept, left_out))

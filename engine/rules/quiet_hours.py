"""When people are left in peace: by night, and on days that are no working days.  Pure.

What is not urgent waits for the next working morning; what is never capped (red slips, and what goes to the leading
group: `engine.rules.notices.NEVER_CAPPED`) is told at once.  Caller: flows/deliver.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from engine.rules.policy_words import known_keys
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From when until when, local time; over midnight where it ends earlier than it begins."""

    begins: time
    ends: time


def is_quiet(hours: QuietHours | None, at: time, *, is_working_day: bool) -> bool:
    """Return whether people are left in peace at `at`; None: they never are.

    >>> night = QuietHours(begins=time(20), ends=time(8))
    >>> [is_quiet(night, time(hour), is_working_day=True) for hour in (7, 8, 12, 20)]
    [True, False, False, True]
    >>> is_quiet(night, time(12), is_working_day=False), is_quiet(None, time(3), is_working_day=False)
    (True, False)
    """
    if hours is None:
        return False
    is_over_midnight = hours.ends < hours.begins
    has_begun, is_before_end = at >= hours.begins, at < hours.ends
    return not is_working_day or (has_begun and is_before_end) or (is_over_midnight and (has_begun or is_before_end))


def parse_quiet_hours(plain: Mapping[str, Any], name: str) -> QuietHours | None:
    """Build them from `plain[name]`; absent or false: none.  Raises PolicyFault with the path to the value."""
    body = plain.get(name, False)
    if body is False:
        return None
    if not isinstance(body, Mapping):
        raise PolicyFault((name,), N_("false, or the times of day from and until, was expected"))
    known_keys(body, {"from", "until"}, (name,))
    return QuietHours(begins=_clock(body, "from", name), ends=_clock(body, "until", name))


def _clock(body: Mapping[str, Any], key: str, name: str) -> time:
    try:
        return time.fromisoformat(str(body.get(key)))
    except ValueError:
        raise PolicyFault((name, key), N_('a time of day in quotes was expected, such as "20:00"')) from None

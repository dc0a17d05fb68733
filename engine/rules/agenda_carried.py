"""What a meeting takes over from those before it: what was put on their agendas by hand, or deferred, and not decided.

Pure.  What the rule selects needs no carrying: it is selected again for as long as it needs the group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from engine.rules.agenda_draft import Added, LeftOut


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMeeting:
    """One meeting before, as far as something of it may wait."""

    held_on: date
    added: tuple[Added, ...]  #: by hand
    removed: Mapping[str, LeftOut]  #: by key
    decided: frozenset[str]  #: keys of lines, and subjects of measures, that something was decided about


def carry(meetings: Iterable[PastMeeting]) -> tuple[Added, ...]:
    """Return what still waits after `meetings`, the oldest first: each once, from the last meeting that had it."""
    waiting: dict[str, Added] = {}
    for meeting in meetings:
        waiting |= {one.key: one for one in meeting.added}
        for key, one in meeting.removed.items():
            if one.is_deferred:
                known = waiting.get(key) or Added(key=key, text=one.text, measure=one.measure)
                waiting[key] = replace(known, note=one.reason)
            else:
                waiting.pop(key, None)
        for key in meeting.decided:
            waiting.pop(key, None)
        waiting = {key: replace(one, carried_from=meeting.held_on) for key, one in waiting.items()}
    return tuple(waiting.values())

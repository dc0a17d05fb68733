"""What another ladder would change in the days to come: how many are told, who, about which measures, what at once.

Pure.  `engine.reads.policy_trial` foresees both sides; pages and `duban policy change` show what this makes of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.rules.forecast import Foreseen
from engine.rules.vocabulary import AnyWait, Slip


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How many slips of which kind on one day."""

    day: date
    before: tuple[tuple[Slip, int], ...]
    after: tuple[tuple[Slip, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCount:
    """How often one person would be told."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """The difference between two sides."""

    before: int  #: rungs that somebody would be told
    after: int
    days: tuple[DayCount, ...]  #: on which anything is told
    people: tuple[PersonCount, ...]  #: to whom it makes a difference, the greatest first
    measures: tuple[str, ...]  #: codes of those of which anything is told otherwise
    at_once: tuple[Foreseen, ...]  #: what would be told on the first day only by the other ladder


def impact(before: Sequence[Foreseen], after: Sequence[Foreseen], *, first_day: date) -> Impact:
    """Return what the lines `after` change against those `before`; what reaches nobody counts on neither side."""
    sides = [[line for line in side if line.receivers] for side in (before, after)]
    old, new = (Counter((one.day, one.slip) for one in side) for side in sides)
    told = [Counter(name for one in side for name in one.receivers) for side in sides]
    keys = [{_key(one) for one in side} for side in sides]
    people = [
        PersonCount(name=name, before=told[0][name], after=told[1][name])
        for name in told[0] | told[1]
        if told[0][name] != told[1][name]
    ]
    return Impact(
        before=len(sides[0]),
        after=len(sides[1]),
        days=tuple(
            DayCount(day=day, before=_of_day(old, day), after=_of_day(new, day))
            for day in sorted({day for day, _ in (*old, *new)})
        ),
        people=tuple(sorted(people, key=lambda one: (-abs(one.after - one.before), one.name))),
        measures=tuple(sorted({key[1] for key in keys[0] ^ keys[1]})),
        at_once=tuple(one for one in sides[1] if one.day == first_day and _key(one) not in keys[0]),
    )


def _key(line: Foreseen) -> tuple[date, str, AnyWait, Slip, tuple[str, ...]]:
    return line.day, line.code, line.waits_for, line.slip, line.receivers


def _of_day(side: Counter[tuple[date, Slip]], day: date) -> tuple[tuple[Slip, int], ...]:
    return tuple((slip, side[day, slip]) for slip in Slip if side[day, slip])

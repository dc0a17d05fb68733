"""How far a round has come: findings are done when their measures are; never by hand.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from engine.rules.lateness import Timing
from engine.rules.vocabulary import Level, State
from engine.rules.working_days import WorkingCalendar

#: States in which the due date still runs: the work is not handed in.
OWED = frozenset({State.ASSIGNED, State.IN_PROGRESS})
SETTLED = frozenset({State.CLOSED, State.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingNode:
    """A finding in its tree."""

    id: int
    parent: int | None
    level: Level


class Standing(NamedTuple):
    """What counts of a measure: those alike in it are counted together."""

    finding: int
    unit: int | None  #: the responsible one
    state: State
    has_owner: bool
    is_overdue: bool
    timings: frozenset[Timing] = frozenset()  #: how late it was handed in and closed


Standings = Mapping[Standing, int]  #: how many measures stand so


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A round in figures."""

    aspects: int
    problems: int
    problems_done: int
    items: int
    items_done: int
    measures: int
    assigned: int
    in_progress: int
    submitted: int
    verified: int
    closed: int
    cancelled: int
    to_be_assigned: int  #: of the assigned, those that nobody owns yet
    overdue: int
    closed_timed: int  #: this and what follows: as `engine.rules.lateness.Timing` says
    done_in_time: int
    done_late: int
    done_late_extended: int
    closed_late: int
    handed_in_late: int


def is_overdue(state: State, due: date | None, as_of: date, calendar: WorkingCalendar) -> bool:
    """Return whether the work is owed after the end of the due date's working day."""
    return state in OWED and due is not None and as_of > calendar.on_or_after(due)


def is_late(state: State, due: date | None, latest: date) -> bool:
    """Return `is_overdue`, told by the day's `latest_overdue`: for many measures at a time."""
    return due is not None and due <= latest and state in OWED


def latest_overdue(as_of: date, calendar: WorkingCalendar) -> date:
    """Return the latest due date that is overdue on `as_of`: the last working day before it.

    Raises BeyondCalendar for a day after the calendar's end.
    """
    return calendar.shift(as_of, -1) if as_of > calendar.working[0] else date.min


def days_late(due: date | None, as_of: date, calendar: WorkingCalendar) -> int:
    """Return the working days past the due date; 0 on the day itself and before."""
    return max(calendar.between(due, as_of), 0) if due is not None else 0


def done_findings(findings: Sequence[FindingNode], measures: Iterable[Standing]) -> frozenset[int]:
    """Return the findings that are done: every measure below is closed or cancelled, and at least one is closed.

    A finding for which nothing is planned keeps everything above it open: a problem is done when its items are.
    """
    parents = {finding.id: finding.parent for finding in findings}
    states: dict[int, set[State]] = defaultdict(set)
    for below, state in {(measure.finding, measure.state) for measure in measures}:
        for finding in _upward(below, parents):
            states[finding].add(state)
    waiting = {above for number in parents if number not in states for above in _upward(number, parents)}
    return frozenset(
        finding
        for finding, found in states.items()
        if State.CLOSED in found and found <= SETTLED and finding not in waiting
    )


def _upward(finding: int | None, parents: Mapping[int, int | None]) -> Iterator[int]:
    """Yield the finding and all above it."""
    while finding is not None:
        yield finding
        finding = parents.get(finding)


def figures(findings: Sequence[FindingNode], measures: Standings) -> Figures:
    """Count everything once."""
    levels = Counter(finding.level for finding in findings)
    done = done_findings(findings, measures)
    done_levels = Counter(finding.level for finding in findings if finding.id in done)
    states = Counter[State]()
    for one, count in measures.items():
        states[one.state] += count
    timings = Counter[Timing]()
    for one, count in measures.items():
        timings.update(dict.fromkeys(one.timings, count))
    return Figures(
        aspects=levels[Level.ASPECT],
        problems=levels[Level.PROBLEM],
        problems_done=done_levels[Level.PROBLEM],
        items=levels[Level.ITEM],
        items_done=done_levels[Level.ITEM],
        measures=states.total(),
        assigned=states[State.ASSIGNED],
        in_progress=states[State.IN_PROGRESS],
        submitted=states[State.SUBMITTED],
        verified=states[State.VERIFIED],
        closed=states[State.CLOSED],
        cancelled=states[State.CANCELLED],
        to_be_assigned=sum(
            count for one, count in measures.items() if one.state is State.ASSIGNED and not one.has_owner
        ),
        overdue=sum(count for one, count in measures.items() if one.is_overdue),
        **{timing.value: timings[timing] for timing in Timing},
    )


def change(now: Mapping[str, int], before: Mapping[str, int] | None) -> dict[str, int]:
    """Return what changed since the figures before; empty when there are none."""
    return {name: value - before[name] for name, value in now.items() if name in before} if before else {}

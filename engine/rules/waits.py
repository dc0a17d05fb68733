"""What a measure waits for, and until when: timers follow from facts, they are never set by hand.

Pure.  `engine.actions.case` compares `waits` with the timers that stand and mends the difference, after every change.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from engine.rules.ladder import LadderBook
from engine.rules.vocabulary import State, WaitsFor
from engine.rules.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFacts:
    """What the waits of a measure follow from."""

    state: State
    has_owner: bool
    since: date  #: local date on which the state began
    due: date | None  #: None: open-ended
    reported_on: date | None
    extension_since: date | None  #: when the pending extension request was filed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One thing waited for."""

    waits_for: WaitsFor
    deadline: date  #: a working day, or a day that runs to the end of the next one


def waits(facts: WaitFacts, book: LadderBook, calendar: WorkingCalendar) -> tuple[Wait, ...]:
    """Return everything a measure waits for.  Never empty for an open measure.

    - assigned: to nobody → assignment; to somebody → acceptance; and the due date, where there is one
    - in progress: the monthly report, and the due date, where there is one
    - submitted: the verification (the owner's due date no longer runs: the work is handed in)
    - verified: the close-out
    - besides, a pending extension request waits for its decision
    """
    wanted: list[Wait] = []

    def counted(waits_for: WaitsFor, since: date) -> None:
        within = book.ladders[waits_for].within
        assert within is not None, "parse_ladders demands it"
        wanted.append(Wait(waits_for=waits_for, deadline=calendar.shift(since, within)))

    if facts.state is State.ASSIGNED:
        counted(WaitsFor.ACCEPTANCE if facts.has_owner else WaitsFor.ASSIGNMENT, facts.since)
    elif facts.state is State.IN_PROGRESS:
        since = max(facts.since, facts.reported_on or facts.since)
        wanted.append(Wait(waits_for=WaitsFor.MONTHLY_REPORT, deadline=next_report_day(since, book)))
    elif facts.state is State.SUBMITTED:
        counted(WaitsFor.VERIFICATION, facts.since)
    elif facts.state is State.VERIFIED:
        counted(WaitsFor.CLOSE_OUT, facts.since)
    if facts.due is not None and facts.state in {State.ASSIGNED, State.IN_PROGRESS}:
        wanted.append(Wait(waits_for=WaitsFor.DUE_DATE, deadline=facts.due))
    if facts.extension_since is not None and facts.state in {State.ASSIGNED, State.IN_PROGRESS}:
        counted(WaitsFor.EXTENSION, facts.extension_since)
    return tuple(wanted)


def next_report_day(since: date, book: LadderBook) -> date:
    """Return the report day that the next progress report is for.

    A report given in the days just before a report day (LadderBook.report_counts_from) is that month's report, so the
    next one is a month later; likewise for a measure taken up just before it.  The 31st means the month's last day.
    """
    earliest = since + timedelta(days=book.report_counts_from)
    year, month = earliest.year, earliest.month
    while True:
        day = date(year, month, min(book.report_day, monthrange(year, month)[1]))
        if day >= earliest:
            return day
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004 - months of a year

"""What is waited for besides measures, and until when: tasks of meetings, papers, meetings not yet recorded.

Pure.  `engine.actions.other_timers` compares what should be waited for with the timers that stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from engine.rules.ladder import LadderBook
from engine.rules.names import DOCUMENT_NAMES
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OtherWait
from engine.rules.working_days import WorkingCalendar


class Subject(StrEnum):
    """What a wait of this sort is about; each has a column of the timers' table."""

    TASK = "decision"
    PAPER = "paper"
    MEETING = "meeting"


SUBJECTS: dict[OtherWait, Subject] = {
    OtherWait.MEETING_TASK: Subject.TASK,
    OtherWait.PAPER_APPROVAL: Subject.PAPER,
    OtherWait.PAPER_RETURN: Subject.PAPER,
    OtherWait.MINUTES: Subject.MEETING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatter:
    """One thing that waits for somebody."""

    waits_for: OtherWait
    number: int  #: of the decision, paper or meeting
    round: int
    since: date  #: local date on which the wait began
    due: date | None  #: the day that was named; None: the deadline is counted
    version: int  #: which wait of its kind for this subject: a later submission, another day of the meeting


def name_of(waits_for: OtherWait, about: Mapping[str, Any]) -> Text:
    """Return which task, paper or meeting a wait is about; `about` is what `engine.reads.other_waits` tells of it."""
    if waits_for is OtherWait.MEETING_TASK:
        return N_(
            "Task {number} of the meeting of {meeting}: {text}",
            number=about.get("number"),
            meeting=about.get("meeting"),
            text=" ".join(str(about.get("text")).split()),
        )
    if waits_for is OtherWait.MINUTES:
        return N_("Meeting of {meeting}, held on {held_on}", meeting=about.get("meeting"), held_on=about.get("held_on"))
    kind = str(about.get("document"))
    return N_(
        "{document}, {period}, version {version}",
        document=DOCUMENT_NAMES.get(kind, kind),
        period=about.get("period"),
        version=about.get("version"),
    )


def deadline_of(matter: OpenMatter, book: LadderBook, calendar: WorkingCalendar) -> date:
    """Return the day until which a matter waits: the one that was named, else `within` working days after it began."""
    if matter.due is not None:
        return matter.due
    within = book.ladders[matter.waits_for].within
    assert within is not None, "parse_ladders demands it"
    return calendar.shift(matter.since, within)


def gap_of(*, is_named: bool, has_owner: bool, due: date | None, until: date | None) -> Text | None:
    """Return what a task that a meeting gave lacks, and what follows from it; None: nothing.

    `is_named`: it names who carries it out; `has_owner`: it, or the measure that it is about; `until` is the day that
    is counted where none was named.
    """
    if not is_named and due is None:
        return N_("this task names neither who carries it out nor a day: nobody is reminded of it")
    if not has_owner:
        return N_("this task names nobody who carries it out: no owner is reminded, only who hears when it is overdue")
    if due is None and until is not None:
        return N_("this task names no day: it is waited for until {day}", day=until)
    return None

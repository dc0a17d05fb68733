"""What stands on the agenda of the leading group, in the order that leaders use.  Pure.

A measure stands in one section only, the first that applies.  Every line says what is asked of the meeting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from engine.rules.names import STATE_NAMES
from engine.rules.other_waits import name_of
from engine.rules.progress import OWED, SETTLED, days_late, is_overdue
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OtherWait, Role, Slip, State, WaitsFor
from engine.rules.working_days import WorkingCalendar


class Section(StrEnum):
    """Sections of the agenda, in order; the overall progress stands between the first and the second."""

    LAST_DECISIONS = "last_decisions"  #: what was decided last time, and what became of it
    ESCALATED = "escalated"  #: escalated and overdue
    DUE_SOON = "due_soon"  #: due before the next meeting
    CLOSE_OUT = "close_out"  #: verified, waiting for close-out
    EXTENSIONS = "extensions"  #: requests that wait for the group
    UNASSIGNED = "unassigned"  #: to be assigned
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFacts:
    """What the agenda must know of an open measure."""

    id: int
    code: str
    position: int
    text: str
    unit: str | None
    leader: str | None
    owner: str | None
    state: State
    due: date | None
    rung: int  #: highest rung climbed of the present due date; -1: none
    slip: Slip | None  #: of that rung
    reason: str | None  #: the owner's last word
    extension_to: date | None  #: pending request: the date asked for
    extension_reason: str | None
    extension_by: Role | None  #: who decides it
    raised: frozenset[WaitsFor]  #: what it waits for now and the ladder has brought before the group
    is_stuck: bool  #: a deadline of it could not be handled


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFacts:
    """One decision of the last meeting, or an earlier task that was not due by then."""

    held_on: date  #: the day of its meeting
    number: int
    text: str
    kind: str
    measure: int | None
    code: str | None
    unit: str | None
    leader: str | None
    owner: str | None
    due: date | None
    state: State | None  #: of the measure, now
    reason: str | None  #: the owner's last word
    done_on: date | None = None  #: a task, marked as done
    note: str | None = None  #: what came of it


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedFacts:
    """What is no measure and the ladder has brought before the group: a task, a paper, a meeting without record."""

    waits_for: OtherWait
    subject: str  #: names the line; a task's is that of its decision
    text: str | Text
    unit: str | None
    owner: str | None
    deadline: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the agenda."""

    section: Section
    subject: str  #: what it is about: names the line as long as it is about the same, whichever section it stands in
    measure: int | None
    code: str | None
    text: str | Text
    unit: str | None
    leader: str | None
    owner: str | None
    deadline: date | None
    lateness: int  #: working days
    slip: Slip | None
    reason: str | None
    ask: Text  #: what is asked of the meeting
    hand: Text | None = None  #: who put it there by hand, and why


def subject_of(measure: int) -> str:
    """Return the subject of a line about a measure itself.

    >>> subject_of(7)
    'measure:7'
    """
    return f"measure:{measure}"


def subject_of_decision(held_on: date, number: int) -> str:
    """Return the subject of a line about a decision of the meeting of a day."""
    return f"decision:{held_on}:{number}"


def select_agenda(
    measures: Iterable[MeasureFacts],
    decisions: Sequence[DecisionFacts],
    raised: Sequence[RaisedFacts] = (),
    *,
    as_of: date,
    next_meeting_on: date,
    calendar: WorkingCalendar,
) -> tuple[Line, ...]:
    """Return every line in the order of the agenda.

    Escalated stands what the ladder has raised to the group, then by rung and lateness; what is due soon, by date; the
    rest in the order of the ledger.
    """
    sections: dict[Section, list[tuple[tuple[object, ...], Line]]] = {section: [] for section in Section}
    closed = [one for one in decisions if one.kind == "close" and one.state is State.CLOSED]
    if closed:
        sections[Section.LAST_DECISIONS].append(((), _closed_line(closed)))
    matters = {one.subject for one in raised}
    for decision in decisions:
        if decision not in closed and subject_of_decision(decision.held_on, decision.number) not in matters:
            line = _decision_line(decision, as_of, calendar)
            sections[Section.LAST_DECISIONS].append(((decision.held_on, decision.number), line))
    for place, matter in enumerate(sorted(raised, key=lambda one: (one.deadline, one.subject))):
        line = _raised_line(matter, as_of, calendar)
        sections[Section.ESCALATED].append(((False, 0, -line.lateness, -len(raised) + place), line))
    for facts in measures:
        section = _section_of(facts, as_of, next_meeting_on, calendar)
        if section is not None:
            is_late = is_overdue(facts.state, facts.due, as_of, calendar)
            late = days_late(facts.due, as_of, calendar) if is_late else 0
            sections[section].append((_order(section, facts, late), _measure_line(section, facts, late)))
    return tuple(line for section in Section for _, line in sorted(sections[section], key=lambda pair: pair[0]))


def line_by_hand(facts: MeasureFacts, as_of: date, calendar: WorkingCalendar) -> Line:
    """Return the line of a measure that somebody adds, for where the rule selects none."""
    is_late = is_overdue(facts.state, facts.due, as_of, calendar)
    line = _measure_line(Section.OTHER, facts, days_late(facts.due, as_of, calendar) if is_late else 0)
    if facts.state in SETTLED:
        return replace(line, ask=N_("done: {state}", state=STATE_NAMES[facts.state]))
    return line if facts.is_stuck else replace(line, ask=N_("hear and discuss"))


def _section_of(facts: MeasureFacts, as_of: date, next_meeting_on: date, calendar: WorkingCalendar) -> Section | None:
    is_asked_of_group = facts.extension_by is Role.LEADING_GROUP or WaitsFor.EXTENSION in facts.raised
    if facts.state is State.VERIFIED:
        return Section.CLOSE_OUT
    if is_asked_of_group:
        return Section.EXTENSIONS
    if facts.state in OWED and facts.owner is None:
        return Section.UNASSIGNED
    if facts.raised or is_overdue(facts.state, facts.due, as_of, calendar):
        return Section.ESCALATED
    if facts.state in OWED and facts.due is not None and facts.due < next_meeting_on:
        return Section.DUE_SOON
    return Section.OTHER if facts.is_stuck else None


def _order(section: Section, facts: MeasureFacts, late: int) -> tuple[object, ...]:
    if section is Section.ESCALATED:
        return (not facts.raised, -facts.rung, -late, facts.position)
    if section is Section.DUE_SOON:
        return (facts.due, facts.position)
    return (facts.position,)


_ASKS: dict[Section, Text] = {
    Section.DUE_SOON: N_("take note; the responsible leader sees to it"),
    Section.CLOSE_OUT: N_("decide on close-out"),
    Section.UNASSIGNED: N_("name a responsible unit and an owner"),
    Section.OTHER: N_("the coordinator mends the deadline and reports"),
}
GROUP_LATE = 10  #: working days from which the group itself is asked to decide


def _measure_line(section: Section, facts: MeasureFacts, late: int) -> Line:
    ask, reason = _ASKS.get(section), facts.reason
    if section is Section.ESCALATED:
        ask = (
            N_("hear the reason; decide: urge, reassign, extend, or accept the risk")
            if facts.raised or late >= GROUP_LATE
            else N_("the responsible leader explains and names a day")
        )
    elif section is Section.EXTENSIONS:
        ask, reason = N_("decide on the extension to {day}", day=facts.extension_to), facts.extension_reason
    assert ask is not None, "every section asks something"
    return Line(
        section=section,
        subject=subject_of(facts.id),
        measure=facts.id,
        code=facts.code,
        text=facts.text,
        unit=facts.unit,
        leader=facts.leader,
        owner=facts.owner,
        deadline=facts.due,
        lateness=late,
        slip=(Slip.GROUP if facts.raised else facts.slip) if section is Section.ESCALATED else None,
        reason=reason,
        ask=ask,
    )


_ASKS_OF_OTHERS: dict[OtherWait, Text] = {
    OtherWait.MEETING_TASK: N_("hear the owner; decide: urge, give it to somebody else, or drop it"),
    OtherWait.PAPER_APPROVAL: N_("approve the paper, or return it with a reason"),
    OtherWait.PAPER_RETURN: N_("the coordinator explains and names a day"),
    OtherWait.MINUTES: N_("the coordinator records what was decided"),
}


def _raised_line(matter: RaisedFacts, as_of: date, calendar: WorkingCalendar) -> Line:
    return Line(
        section=Section.ESCALATED,
        subject=matter.subject,
        measure=None,
        code=None,
        text=matter.text,
        unit=matter.unit,
        leader=None,
        owner=matter.owner,
        deadline=matter.deadline,
        lateness=days_late(matter.deadline, as_of, calendar),
        slip=Slip.GROUP,
        reason=None,
        ask=_ASKS_OF_OTHERS[matter.waits_for],
    )


def _closed_line(closed: Sequence[DecisionFacts]) -> Line:
    """Say in one line what was closed out as decided; nobody reads sixty."""
    return Line(
        section=Section.LAST_DECISIONS,
        subject="closed",
        measure=None,
        code=None,
        text=N_("{count} measures were to be closed out", count=len(closed)),
        unit=None,
        leader=None,
        owner=None,
        deadline=None,
        lateness=0,
        slip=None,
        reason=None,
        ask=N_("done: {state}", state=STATE_NAMES[State.CLOSED]),
    )


def _decision_line(decision: DecisionFacts, as_of: date, calendar: WorkingCalendar) -> Line:
    late = 0
    is_owed = decision.state is None or decision.state in OWED
    if decision.done_on is not None:
        ask = N_("done on {day}", day=decision.done_on)
    elif decision.state in SETTLED:
        ask = N_("done: {state}", state=STATE_NAMES[decision.state])
    elif is_owed and decision.due is not None and as_of > calendar.on_or_after(decision.due):
        late = days_late(decision.due, as_of, calendar)
        ask = N_("{days} working days past its date; hear the owner", days=late)
    elif decision.state is not None:
        ask = N_("under way: {state}", state=STATE_NAMES[decision.state])
    else:
        ask = N_("hear the owner")
    return Line(
        section=Section.LAST_DECISIONS,
        subject=subject_of_decision(decision.held_on, decision.number),
        measure=decision.measure,
        code=decision.code,
        text=_task_named(decision) if decision.kind == "task" and decision.code is None else decision.text,
        unit=decision.unit,
        leader=decision.leader,
        owner=decision.owner,
        deadline=decision.due,
        lateness=late,
        slip=None,
        reason=decision.note or decision.reason,
        ask=ask,
    )


def _task_named(decision: DecisionFacts) -> Text:
    """Return which task it is, where no measure's code tells."""
    about = {"number": decision.number, "meeting": f"{decision.held_on:%Y-%m}", "text": decision.text}
    return name_of(OtherWait.MEETING_TASK, about)

"""The minutes (纪要) of a meeting are written, and tasks that it gave are marked as done."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.desk import Desk, find_actor, record
from engine.actions.expect_version import expect_seen
from engine.actions.held_meeting import expect_held
from engine.actions.other_timers import sync_subject
from engine.rules.access import may_finish_task, only_for
from engine.rules.other_waits import Subject
from engine.rules.refusal import NotAllowed, NotFound, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Decision, DecisionDone, DecisionKind, Measure, Meeting, Minutes

_WRITERS = frozenset({Role.COORDINATOR, Role.LEADING_GROUP})


def write_minutes(desk: Desk, meeting: Meeting, *, present: str, text: str, seen: str | None = None) -> None:
    """Keep who took part and what was said; the record tells each version.  Raises NotAllowed.

    `seen` marks the version that the writer has seen (`mark_seen` of both); SeenOther when there is a newer one.
    NotReady before the meeting's day.
    """
    actor = find_actor(desk)
    only_for(actor, "record_decision", _WRITERS)
    expect_held(meeting, desk.moment.on)
    row = desk.session.get(Minutes, meeting.id, with_for_update=True)
    if row is None:
        row = Minutes(meeting_id=meeting.id, present="", text="", written_by_id=actor.person, written_at=desk.moment.at)
        desk.session.add(row)
    expect_seen(seen, row.present, row.text)
    row.present, row.text = present.strip(), text.strip()
    row.written_by_id, row.written_at = actor.person, desk.moment.at
    sync_subject(desk, Subject.MEETING, meeting.id)
    record(
        desk,
        "meeting:minutes:write",
        actor=actor.person,
        round_id=meeting.round_id,
        meeting=meeting.period,
        present=row.present,
        text=row.text,
    )


def finish_task(desk: Desk, meeting: Meeting, number: int, *, note: str = "") -> None:
    """Mark a task of a meeting as done: by its owner, a coordinator or the leading group.

    Raises NotFound, NotReady where it is done already, NotAllowed.
    """
    actor = find_actor(desk)
    decision = desk.session.scalar(
        select(Decision).where(
            Decision.meeting_id == meeting.id, Decision.number == number, Decision.kind == DecisionKind.TASK
        )
    )
    if decision is None:
        raise NotFound(N_("there is no task {number} of this meeting", number=number))
    measure = desk.session.get(Measure, decision.measure_id) if decision.measure_id else None
    if not may_finish_task(actor, decision.owner_id or (measure.owner_id if measure else None)):
        raise NotAllowed(N_("a task is finished by its owner, a coordinator or the leading group"))
    if desk.session.get(DecisionDone, decision.id) is not None:
        raise NotReady(N_("this task is done already"))
    desk.session.add(DecisionDone(decision_id=decision.id, on=desk.moment.on, note=note.strip(), by_id=actor.person))
    sync_subject(desk, Subject.TASK, decision.id)
    record(
        desk,
        "meeting:task:done",
        actor=actor.person,
        round_id=meeting.round_id,
        meeting=meeting.period,
        number=number,
        note=note.strip(),
    )

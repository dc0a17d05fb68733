"""A task that a meeting gave is given to somebody else: they hear of it, and so does who had it.

The minutes go on telling whom the meeting named (`engine.reads.minutes_facts`); everything else asks who has it now.
"""

from __future__ import annotations

from engine.actions.desk import Desk, find_actor, keep_record, record
from engine.actions.other_timers import sync_subject
from engine.actions.outbox import tell
from engine.rules.notices import Notice
from engine.rules.other_waits import Subject
from engine.rules.vocabulary import Role
from models import Decision, Measure, Meeting, Person

GIVEN = "meeting:task:give"


def give_task(desk: Desk, decision: Decision, *, owner: Person, reason: str) -> None:
    """Give an open task to `owner`.  Whoever may is asked before; see `engine.actions.hand_over`."""
    session, actor = desk.session, find_actor(desk)
    meeting = session.get_one(Meeting, decision.meeting_id)
    about = session.get(Measure, decision.measure_id) if decision.measure_id else None
    former, decision.owner_id = decision.owner_id, owner.id
    timer = sync_subject(desk, Subject.TASK, decision.id)
    record(
        desk,
        GIVEN,
        actor=actor.person,
        round_id=meeting.round_id,
        meeting=meeting.period,
        number=decision.number,
        reason=reason.strip(),
        former=former,
        to=owner.id,
    )
    keep_record(desk)
    key = f"decision:{decision.id}:{desk.moment.at.isoformat()}"
    tell(
        desk,
        [owner.id],
        Notice.DECISION_TASK,
        role=Role.OWNER,
        key=key,
        measure=about,
        round_id=meeting.round_id,
        other=timer,
        due=decision.due.isoformat() if decision.due else None,
        text=decision.text,
        meeting=meeting.held_on.isoformat(),
    )
    tell(
        desk,
        [former],
        Notice.TASK_AWAY,
        role=Role.OWNER,
        key=key,
        measure=about,
        round_id=meeting.round_id,
        to=owner.name,
        reason=reason.strip(),
        text=decision.text,
        meeting=meeting.held_on.isoformat(),
    )

"""A coordinator calls off a meeting to which the leading group was invited; a newer agenda takes it up again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from engine.actions.desk import Desk, find_actor, find_round, record
from engine.actions.held_meeting import meeting_on
from engine.actions.invite_group import tell_of_calling_off
from engine.rules.access import only_for
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Agenda, Decision, Meeting, MeetingOff


def call_off_meeting(desk: Desk, held_on: date, *, reason: str) -> Meeting:
    """Call off the meeting of that very day, and tell who was invited.  Raises Refusal."""
    session, actor = desk.session, find_actor(desk)
    only_for(actor, "call_off_meeting", (Role.COORDINATOR,))
    if not reason.strip():
        raise NotReady(N_("a reason is needed"))
    round_ = find_round(session, desk.round)
    meeting = meeting_on(session, round_.id, held_on)
    version = session.scalar(select(func.max(Agenda.version)).where(Agenda.meeting_id == meeting.id))
    if version is None:
        raise NotReady(N_("this meeting has no agenda yet, and nobody was invited to it; it need not be called off"))
    if held_on < desk.moment.on:
        raise NotReady(N_("the day of this meeting, {day}, is past; it cannot be called off", day=held_on))
    if session.scalar(select(Decision.id).where(Decision.meeting_id == meeting.id).limit(1)) is not None:
        raise NotReady(N_("this meeting has decided something; it cannot be called off"))
    known = select(MeetingOff.id).where(MeetingOff.meeting_id == meeting.id, MeetingOff.version == version)
    if session.scalar(known) is not None:
        raise NotReady(N_("this meeting is called off already"))
    said = reason.strip()
    session.add(
        MeetingOff(
            meeting_id=meeting.id,
            version=version,
            reason=said,
            by_id=actor.person,
            on=desk.moment.on,
            at=desk.moment.at,
        )
    )
    record(
        desk,
        "meeting:day:call_off",
        actor=actor.person,
        round_id=round_.id,
        meeting=meeting.period,
        held_on=meeting.held_on.isoformat(),
        reason=said,
    )
    tell_of_calling_off(session, meeting, desk.moment, reason=said)
    return meeting

"""A coordinator calls off a meeting to which the leading group was invited; a newer agenda takes it up again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from engine.actions.desk import Desk, find_actor, find_round, record
from engine.actions.freeze_agenda import is_in, period_of
from engine.actions.invite_group import tell_of_calling_off
from engine.rules.access import only_for
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Agenda, Decision, Meeting, MeetingOff


def call_off_meeting(desk: Desk, held_on: date, *, reason: str) -> Meeting:
    """Call off the meeting of that very day, and tell who was invited.  Raises Refusal."""
    session, actor = desk.session, find_actor(desk)
    only_for(actor, "call_off_meeting", (Role.COORDINATOR,))
    if not reason.strip():
        raise NotReady(N_("a reason is needed"))
    round_, period = find_round(session, desk.round), period_of(held_on)
    meeting = session.scalar(select(Meeting).where(*is_in(round_.id, period)).with_for_update())
    newest = select(func.max(Agenda.version)).where(Agenda.meeting_id == (meeting.id if meeting else None))
    version = session.scalar(newest)
    if meeting is None or version is None:
        raise NotFound(N_("there is no meeting in {period}; draw up its agenda first (duban agenda)", period=period))
    if meeting.held_on != held_on:
        told = N_(
            "there is no meeting on {day}; that of {period} is on {held_on}",
            day=held_on,
            period=period,
            held_on=meeting.held_on,
        )
        raise NotFound(told)
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

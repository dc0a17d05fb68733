"""Which meetings are called off: a newer agenda has taken up again what was called off before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import Session

from models import Agenda, Meeting, MeetingOff, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledOff:
    """That a meeting does not take place."""

    on: date
    reason: str
    by: str  #: name


def is_called_off(session: Session, meeting: Meeting) -> bool:
    """Return whether a meeting is called off now."""
    newest = select(func.max(Agenda.version)).where(Agenda.meeting_id == meeting.id).scalar_subquery()
    found = select(MeetingOff.id).where(MeetingOff.meeting_id == meeting.id, MeetingOff.version == newest)
    return session.scalar(found) is not None


def read_meetings_off(session: Session, round_id: int | None = None) -> dict[int, CalledOff]:
    """Return what is called off, of a round or of all, by the number of the meeting: one statement."""
    newest = select(Agenda.meeting_id, func.max(Agenda.version).label("version")).group_by(Agenda.meeting_id).subquery()
    rows = session.execute(
        select(MeetingOff, Person.name)
        .join(Meeting, Meeting.id == MeetingOff.meeting_id)
        .join(newest, and_(newest.c.meeting_id == Meeting.id, newest.c.version == MeetingOff.version))
        .join(Person, Person.id == MeetingOff.by_id)
        .where(true() if round_id is None else Meeting.round_id == round_id)
    )
    return {off.meeting_id: CalledOff(on=off.on, reason=off.reason, by=name) for off, name in rows}

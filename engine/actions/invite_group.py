"""The leading group hears of a meeting: its agenda is out, its day is set anew, it is called off.

Each word carries an invitation (RFC 5546) with the UID of the meeting and a higher SEQUENCE, so that calendars enter,
move or strike out the same entry, whichever command, page or program changed the meeting.  Who was invited is kept
beside the meeting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.actions.outbox import add_notifications
from engine.reads.grants import read_grants, substitutes_on
from engine.reads.meetings_off import is_called_off, read_meetings_off
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.stand_ins import receiver
from engine.rules.vocabulary import Role, Slip
from models import Meeting, MeetingGuest, Notification, Round, Said


def announce_agenda(
    session: Session, meeting: Meeting, *, version: int, documents: Sequence[Path], moment: Moment
) -> None:
    """Tell the group, once, that this version of the agenda is out, and invite it; not while the meeting is off."""
    members, key = _who_attends(session, meeting), f"{meeting.round_id}:{meeting.held_on}:{version}"
    keys = [_dedup_key(Notice.MEETING, key, person) for person in members]
    is_said = session.scalar(select(Notification.id).where(Notification.dedup_key.in_(keys)).limit(1)) is not None
    if not is_said and not is_called_off(session, meeting):
        paths = [path.as_posix() for path in documents]
        _tell(session, meeting, members, Notice.MEETING, moment, key=key, documents=paths)


def tell_of_day(session: Session, meeting: Meeting, moment: Moment, *, was_on: date, was_off: bool) -> None:
    """Tell who attends or was invited that a meeting is on another day than `was_on`, or is held after all."""
    _tell_day(session, meeting, _all_concerned(session, meeting), moment, was_on=was_on, was_off=was_off)


def tell_of_calling_off(session: Session, meeting: Meeting, moment: Moment, *, reason: str) -> None:
    """Tell who attends or was invited that the meeting is called off."""
    people = _all_concerned(session, meeting)
    _tell(session, meeting, people, Notice.MEETING_OFF, moment, is_off=True, reason=reason)


def invite_newcomers(session: Session, moment: Moment) -> None:
    """Invite who has joined the group since, or stands in on the day, to announced meetings that are still to come."""
    coming = session.scalars(select(Meeting).where(Meeting.sequence > 0, Meeting.held_on >= moment.on)).all()
    invited: dict[int, set[int]] = defaultdict(set)
    those = MeetingGuest.meeting_id.in_([meeting.id for meeting in coming])
    for meeting_id, person in session.execute(select(MeetingGuest.meeting_id, MeetingGuest.person_id).where(those)):
        invited[meeting_id].add(person)
    off = read_meetings_off(session) if coming else {}
    for meeting in coming:
        if meeting.id in off:
            continue
        missing = [one for one in _who_attends(session, meeting) if one not in invited[meeting.id]]
        if missing:
            _tell_day(session, meeting, missing, moment, was_on=meeting.held_on, was_off=False)


def _who_attends(session: Session, meeting: Meeting) -> tuple[int, ...]:
    """Return the members of the group, and who stands in on the meeting's day for one who is away then."""
    members = read_grants(session).get((Role.LEADING_GROUP, None), ())
    substitutes = substitutes_on(session, meeting.held_on)
    return tuple(dict.fromkeys((*members, *(receiver(one, substitutes) for one in members))))


def _all_concerned(session: Session, meeting: Meeting) -> tuple[int, ...]:
    invited = session.scalars(select(MeetingGuest.person_id).where(MeetingGuest.meeting_id == meeting.id))
    return tuple(dict.fromkeys((*_who_attends(session, meeting), *invited)))


def _dedup_key(kind: Notice, key: str, person: int) -> str:
    return f"{kind.value}:{key}:{person}"


def _tell_day(
    session: Session, meeting: Meeting, people: Iterable[int], moment: Moment, *, was_on: date, was_off: bool
) -> None:
    _tell(session, meeting, people, Notice.MEETING_SET, moment, was_on=was_on.isoformat(), was_off=was_off)


def _tell(
    session: Session,
    meeting: Meeting,
    people: Iterable[int],
    kind: Notice,
    moment: Moment,
    *,
    key: str | None = None,
    is_off: bool = False,
    **data: Any,
) -> None:
    """Write one notice for each of `people`, with the next SEQUENCE of the meeting; `key` names the fact, once said."""
    session.refresh(meeting, with_for_update={"key_share": True})
    meeting.sequence += 1
    round_ = session.get_one(Round, meeting.round_id)
    invitation = {"meeting": meeting.id, "round": round_.code, "sequence": meeting.sequence, "is_off": is_off}
    told = {"meeting": round_.title, "held_on": meeting.held_on.isoformat(), **data, "invitation": invitation}
    people = tuple(people)
    rows = [
        {
            "dedup_key": _dedup_key(kind, key or f"{meeting.id}:{meeting.sequence}", person),
            "round_id": meeting.round_id,
            "person_id": person,
            "role": Role.LEADING_GROUP,
            "kind": kind.value,
            "slip": Slip.REMINDER,
            "data": told,
            "on": moment.on,
            "created_at": moment.at,
            "state": Said.PENDING,
        }
        for person in people
    ]
    add_notifications(session, rows)
    _keep_guests(session, meeting, people)


def _keep_guests(session: Session, meeting: Meeting, people: Collection[int]) -> None:
    known = set(session.scalars(select(MeetingGuest.person_id).where(MeetingGuest.meeting_id == meeting.id)))
    rows = [{"meeting_id": meeting.id, "person_id": person} for person in people if person not in known]
    if rows:
        session.execute(insert(MeetingGuest), rows)

"""What stands in the private calendar of a person: their deadlines, what they are asked for, and their meetings.

A constant number of statements, along indexes of that person's; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from engine.reads.other_waits import STANDS, OtherTold, read_others
from engine.reads.papers import read_papers_for
from engine.reads.sign_ins import digest_of
from engine.rules.access import Actor
from engine.rules.signing import PaperState
from engine.rules.text import Text
from engine.rules.vocabulary import OPEN_STATES, OtherWait, Role, State, WaitsFor
from models import (
    Agenda,
    CalendarFeed,
    Extension,
    Measure,
    Meeting,
    MeetingOff,
    OtherTimer,
    Person,
    Round,
    Timer,
    Verification,
)
from models.extension import IS_PENDING

SHOWN_AFTER = timedelta(days=60)  #: that what is over stays, called off
MEETINGS_BACK = timedelta(days=200)
MOST = 1000  #: of one sort


class Sort(StrEnum):
    """What an entry is."""

    DUE = "due"  #: a measure of one's own
    VERIFY = "verify"  #: asked to check
    EXTENSION = "extension"  #: asked to decide
    TASK = "task"  #: given by a meeting
    APPROVE = "approve"  #: a paper that waits for one's approval
    MEND = "mend"  #: a paper of one's own that was returned
    MEETING = "meeting"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One day that somebody keeps in mind."""

    sort: Sort
    id: int  #: of what it is about: the entry stays the same when its day moves
    round: str  #: code
    title: str  #: of the round
    day: date
    code: str  #: of the measure; of a meeting its period, of a task 2025-09/3, of a paper paper/17
    text: str | Text
    version: int  #: grows with each new day
    since: date  #: when it came to be
    is_off: bool = False  #: closed or cancelled: it is kept for a while, called off


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOwner:
    """Whose calendar an address leads to, and what was read from it last."""

    feed: int
    person: str  #: code
    name: str
    language: str | None
    content: bytes | None
    changed_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLine:
    """That somebody has a calendar."""

    made_at: datetime
    read_at: datetime | None


_OWNER = (
    select(CalendarFeed, Person.code, Person.name, Person.language)
    .join(Person, Person.id == CalendarFeed.person_id)
    .where(CalendarFeed.digest == bindparam("digest"))
)


def read_feed_owner(session: Session, secret: str) -> FeedOwner | None:
    """Return whose calendar this address is; None: nobody's, or no longer."""
    row = session.execute(_OWNER, {"digest": digest_of(secret)}).one_or_none()
    if row is None:
        return None
    feed: CalendarFeed = row.CalendarFeed
    return FeedOwner(
        feed=feed.id,
        person=row.code,
        name=row.name,
        language=row.language,
        content=feed.content,
        changed_at=feed.changed_at,
        read_at=feed.read_at,
    )


def read_own_feed(session: Session, person: int) -> FeedLine | None:
    """Return when somebody's calendar was made and last read; None: there is none."""
    feed = session.scalar(select(CalendarFeed).where(CalendarFeed.person_id == person))
    return None if feed is None else FeedLine(made_at=feed.made_at, read_at=feed.read_at)


def read_calendar_of(session: Session, actor: Actor, *, on: date) -> tuple[CalendarEntry, ...]:
    """Return the entries of `actor` as they stand on a day, also those in the place of who is absent that day."""
    people = {actor.person, *actor.stands_in_for}
    found = [*_due(session, people, on), *_asked(session, Sort.VERIFY, _verifications(people))]
    found += _asked(session, Sort.EXTENSION, _requests(actor, people))
    found += _others(session, actor, people, on)
    if actor.holds(Role.LEADING_GROUP) or actor.holds(Role.COORDINATOR):  # who decides, and who keeps the minutes
        found += _meetings(session, on)
    return tuple(sorted(found, key=lambda one: (one.day, one.sort, one.id)))


_ABOUT = (Round.code.label("round"), Round.title, Measure.code, Measure.text)


def _due(session: Session, people: set[int], on: date) -> Iterator[CalendarEntry]:
    query = (
        select(*_ABOUT, Measure.id, Measure.due, Measure.state, Measure.state_since, Measure.deadline_version)
        .join(Round, Round.id == Measure.round_id)
        .where(
            Measure.owner_id.in_(people),
            Measure.due.is_not(None),
            or_(Measure.state.in_(OPEN_STATES), Measure.state_since >= on - SHOWN_AFTER),
        )
        .order_by(Measure.due.desc(), Measure.id)
        .limit(MOST)
    )
    for row in session.execute(query):
        yield CalendarEntry(
            sort=Sort.DUE,
            id=row.id,
            round=row.round,
            title=row.title,
            day=row.due,
            code=row.code,
            text=row.text,
            version=row.deadline_version,
            since=row.state_since,
            is_off=row.state not in OPEN_STATES,
        )


def _verifications(people: set[int]) -> Select[Any]:
    return (
        _waiting(
            WaitsFor.VERIFICATION, Verification.id, func.coalesce(Verification.started_on, Verification.requested_on)
        )
        .join(Verification, Verification.measure_id == Measure.id)
        .where(Verification.verifier_id.in_(people), Verification.verdict.is_(None), Measure.state == State.SUBMITTED)
    )


def _requests(actor: Actor, people: set[int]) -> Select[Any]:
    heads = {unit for role, unit in actor.grants | actor.borrowed if role is Role.UNIT_HEAD and unit is not None}
    ways: list[ColumnElement[bool]] = [
        and_(Extension.approver_role == Role.LEADER, Measure.lead_id.in_(people)),
        and_(Extension.approver_role == Role.UNIT_HEAD, Measure.unit_id.in_(heads)),
    ]
    if actor.holds(Role.LEADING_GROUP):
        ways.append(Extension.approver_role == Role.LEADING_GROUP)
    return (
        _waiting(WaitsFor.EXTENSION, Extension.id, Extension.requested_on)
        .join(Extension, Extension.measure_id == Measure.id)
        .where(IS_PENDING, or_(*ways), Extension.requested_by_id.not_in(people))
    )


def _waiting(waits_for: WaitsFor, number: Any, since: Any) -> Select[Any]:
    return (
        select(
            *_ABOUT, number.label("id"), Timer.deadline, Timer.deadline_version.label("version"), since.label("since")
        )
        .select_from(Measure)
        .join(Round, Round.id == Measure.round_id)
        .join(Timer, and_(Timer.measure_id == Measure.id, Timer.waits_for == waits_for))
        .order_by(Timer.deadline, Measure.id)
        .limit(MOST)
    )


def _asked(session: Session, sort: Sort, query: Select[Any]) -> Iterator[CalendarEntry]:
    for row in session.execute(query):
        yield CalendarEntry(
            sort=sort,
            id=row.id,
            round=row.round,
            title=row.title,
            day=row.deadline,
            code=row.code,
            text=row.text,
            version=row.version,
            since=row.since,
        )


_SORTS = {
    OtherWait.MEETING_TASK: Sort.TASK,
    OtherWait.PAPER_APPROVAL: Sort.APPROVE,
    OtherWait.PAPER_RETURN: Sort.MEND,
}


def _others(session: Session, actor: Actor, people: set[int], on: date) -> Iterator[CalendarEntry]:
    """Yield tasks of meetings, done ones for a while, and papers: three statements, and those that papers take."""
    shown = or_(STANDS, OtherTimer.ended_on >= on - SHOWN_AFTER)
    told = read_others(session, OtherTimer.waits_for.in_(sorted(_SORTS)), shown)
    to_approve = {one.id for one in read_papers_for(session, actor, on) if one.state is PaperState.SUBMITTED}
    newest: dict[tuple[Sort, int], OtherTold] = {}
    for one in sorted(told, key=lambda one: (one.stands, one.timer.measure)):
        sort, number = _SORTS[one.waits_for], one.decision or one.paper or 0
        theirs = one.paper in to_approve if sort is Sort.APPROVE else one.timer.addressed.owner in people
        if theirs and (one.stands or sort is Sort.TASK):
            newest[sort, number] = one
    titles = dict(session.execute(select(Round.code, Round.title)).tuples().all()) if newest else {}
    for (sort, number), one in newest.items():
        yield CalendarEntry(
            sort=sort,
            id=number,
            round=one.round,
            title=titles[one.round],
            day=one.timer.deadline,
            code=str(one.timer.code),
            text=one.name,
            version=one.timer.deadline_version,
            since=one.since,
            is_off=not one.stands,
        )


def _meetings(session: Session, on: date) -> Iterator[CalendarEntry]:
    newest = select(func.max(Agenda.version)).where(Agenda.meeting_id == Meeting.id).scalar_subquery()
    query = (
        select(Meeting, Round.code, Round.title, MeetingOff.id)
        .join(Round, Round.id == Meeting.round_id)
        .outerjoin(MeetingOff, and_(MeetingOff.meeting_id == Meeting.id, MeetingOff.version == newest))
        .where(Meeting.held_on >= on - MEETINGS_BACK)
        .order_by(Meeting.held_on, Meeting.id)
        .limit(MOST)
    )
    for meeting, round_, title, called_off in session.execute(query).tuples():
        yield CalendarEntry(
            sort=Sort.MEETING,
            id=meeting.id,
            round=round_,
            title=title,
            day=meeting.held_on,
            code=meeting.period,
            text=title,
            version=meeting.sequence,
            since=meeting.created_at.date(),
            is_off=called_off is not None,
        )

"""One meeting with its decisions and minutes, and the tasks of all meetings that are not done yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from engine.reads.meetings_off import CalledOff, read_meetings_off
from engine.reads.recused import RecusedLine, read_recused_lines
from engine.rules.refusal import NotFound
from engine.rules.text import N_
from models import Decision, DecisionDone, DecisionKind, Measure, Meeting, Minutes, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision."""

    period: str
    held_on: date
    number: int
    kind: str
    measure: str | None  #: code
    text: str
    owner: str | None
    owner_id: int | None
    due: date | None
    subject: str | None  #: of the line of the agenda that it is about
    recused: tuple[RecusedLine, ...]  #: who of the leading group did not decide, and who wrote it down, and why
    done_on: date | None  #: of a task
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesText:
    """What was written of a meeting."""

    present: str
    text: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingDetail:
    """One meeting."""

    period: str
    held_on: date
    decisions: tuple[DecisionRow, ...]
    minutes: MinutesText | None
    open_tasks: tuple[DecisionRow, ...]  #: of all meetings up to this one
    done_tasks: tuple[DecisionRow, ...]
    called_off: CalledOff | None


def find_meeting(session: Session, round_id: int, period: str) -> Meeting:
    """Return the meeting of a month.  Raises NotFound."""
    found = session.scalar(select(Meeting).where(Meeting.round_id == round_id, Meeting.period == period))
    if found is None:
        raise NotFound(N_("there is no meeting in {period}; draw up its agenda first", period=period))
    return found


def read_meeting(session: Session, meeting: Meeting) -> MeetingDetail:
    """Return everything of one meeting but its agenda."""
    written = session.execute(
        select(Minutes, Person.name)
        .join(Person, Person.id == Minutes.written_by_id)
        .where(Minutes.meeting_id == meeting.id)
    ).one_or_none()
    given = (
        Meeting.round_id == meeting.round_id,
        Meeting.held_on <= meeting.held_on,
        Decision.kind == DecisionKind.TASK,
    )
    tasks = _rows(session, _decisions().where(*given))
    return MeetingDetail(
        period=meeting.period,
        held_on=meeting.held_on,
        decisions=_rows(session, _decisions().where(Meeting.id == meeting.id)),
        minutes=None
        if written is None
        else MinutesText(
            present=written[0].present,
            text=written[0].text,
            written_by=written[1],
            written_at=written[0].written_at,
        ),
        open_tasks=tuple(one for one in tasks if one.done_on is None),
        done_tasks=tuple(one for one in tasks if one.done_on is not None),
        called_off=read_meetings_off(session, meeting.round_id).get(meeting.id),
    )


_owner = aliased(Person)


def _decisions() -> Select[Any]:
    return (
        select(Meeting, Decision, Measure.code, _owner.name, DecisionDone)
        .join(Decision, Decision.meeting_id == Meeting.id)
        .outerjoin(Measure, Measure.id == Decision.measure_id)
        .outerjoin(_owner, _owner.id == Decision.owner_id)
        .outerjoin(DecisionDone, DecisionDone.decision_id == Decision.id)
        .order_by(Meeting.held_on, Decision.number)
    )


def _rows(session: Session, query: Select[Any]) -> tuple[DecisionRow, ...]:
    rows = session.execute(query).all()
    recused = read_recused_lines(session, (row[1] for row in rows))
    return tuple(
        DecisionRow(
            period=meeting.period,
            held_on=meeting.held_on,
            number=decision.number,
            kind=decision.kind.value,
            measure=code,
            text=decision.text,
            owner=owner,
            owner_id=decision.owner_id,
            due=decision.due,
            subject=decision.subject,
            recused=recused.get(decision.id, ()),
            done_on=done.on if done else None,
            note=done.note if done else None,
        )
        for meeting, decision, code, owner, done in rows
    )

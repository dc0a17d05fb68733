"""A held meeting as its minutes tell it, at any moment: the decisions, who was present, and what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.house_at import names_at
from engine.reads.meeting_page import find_meeting
from engine.reads.recused import RecusedLine, recused_lines
from engine.rules.moment import Moment
from engine.rules.recusal import read_recused
from models import Decision, DecisionKind, Event, Measure, Meeting, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesDecision:
    """One decision."""

    number: int
    kind: DecisionKind
    measure: str | None  #: code
    text: str
    owner: str | None
    due: date | None
    recused: tuple[RecusedLine, ...]  #: who of the leading group did not decide, and who wrote it down, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesFacts:
    """Everything that minutes tell beside the round's figures."""

    period: str
    held_on: date
    issue: int  #: which meeting of the round it was, from 1
    present: str
    text: str
    written_by: str | None
    decisions: tuple[MinutesDecision, ...]


def read_minutes(session: Session, round_: Round, period: str, until: Moment) -> MinutesFacts:
    """Return the meeting of a month as it was on record at `until`.  Raises NotFound."""
    meeting = find_meeting(session, round_.id, period)
    _, people = names_at(session, round_.id, until)
    earlier = select(Meeting.id).where(Meeting.round_id == round_.id, Meeting.held_on <= meeting.held_on)
    rows = session.execute(
        select(Decision, Measure.code)
        .outerjoin(Measure, Measure.id == Decision.measure_id)
        .where(Decision.meeting_id == meeting.id, Decision.at <= until.at)
        .order_by(Decision.number)
    )
    written = _written(session, round_, period, until)
    named = _named(session, round_, period)
    return MinutesFacts(
        period=meeting.period,
        held_on=meeting.held_on,
        issue=len(session.scalars(earlier).all()),
        present=written.data["present"] if written else "",
        text=written.data["text"] if written else "",
        written_by=people.get(written.actor_id) if written else None,
        decisions=tuple(
            MinutesDecision(
                number=decision.number,
                kind=decision.kind,
                measure=code,
                text=decision.text,
                owner=people.get(named.get(decision.number, decision.owner_id)),
                due=decision.due,
                recused=recused_lines(read_recused(decision.recused), people),
            )
            for decision, code in rows
        ),
    )


def _written(session: Session, round_: Round, period: str, until: Moment) -> Event | None:
    """Return the newest version of what was written; the record keeps each."""
    query = (
        select(Event)
        .where(
            Event.round_id == round_.id,
            Event.kind == "meeting:minutes:write",
            Event.at <= until.at,
            Event.on <= until.on,
        )
        .order_by(Event.id.desc())
    )
    return next((event for event in session.scalars(query) if event.data["meeting"] == period), None)


def _named(session: Session, round_: Round, period: str) -> dict[int, int | None]:
    """Return whom the meeting named for the tasks that were given to others later, by the decision's number."""
    query = select(Event).where(Event.round_id == round_.id, Event.kind == "meeting:task:give").order_by(Event.id)
    found: dict[int, int | None] = {}
    for event in session.scalars(query):
        if event.data["meeting"] == period:
            found.setdefault(event.data["number"], event.data["former"])
    return found

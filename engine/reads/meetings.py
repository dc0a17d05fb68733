"""The meetings of a round with what was decided at each; `duban meeting list` prints them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.meetings_off import CalledOff, read_meetings_off
from engine.reads.recused import RecusedLine, read_recused_lines
from models import Agenda, Decision, Measure, Meeting, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """One decision, as it was recorded."""

    number: int
    kind: str  #: a value of models.DecisionKind
    measure: str | None  #: code
    text: str
    owner: str | None
    due: date | None
    subject: str | None = None  #: of the line of the agenda that it is about
    recused: tuple[RecusedLine, ...] = ()  #: who of the leading group did not decide, and who wrote it down, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingLine:
    """One meeting."""

    period: str
    held_on: date
    agenda_version: int | None  #: the newest; None: no agenda was frozen
    agenda_as_of: date | None
    decisions: tuple[DecisionLine, ...]
    called_off: CalledOff | None = None


def read_meetings(session: Session, round_id: int) -> list[MeetingLine]:
    """Return every meeting of a round, the oldest first; four statements."""
    meetings = session.execute(
        select(Meeting.id, Meeting.period, Meeting.held_on)
        .where(Meeting.round_id == round_id)
        .order_by(Meeting.held_on, Meeting.id)
    ).all()
    newest = select(func.max(Agenda.id)).group_by(Agenda.meeting_id)
    agendas = {
        meeting: (version, as_of)
        for meeting, version, as_of in session.execute(
            select(Agenda.meeting_id, Agenda.version, Agenda.as_of).where(Agenda.id.in_(newest))
        )
    }
    decisions, off = _decisions(session, round_id), read_meetings_off(session, round_id)
    return [
        MeetingLine(
            period=row.period,
            held_on=row.held_on,
            agenda_version=agendas.get(row.id, (None, None))[0],
            agenda_as_of=agendas.get(row.id, (None, None))[1],
            decisions=tuple(decisions[row.id]),
            called_off=off.get(row.id),
        )
        for row in meetings
    ]


def _decisions(session: Session, round_id: int) -> dict[int, list[DecisionLine]]:
    query = session.execute(
        select(Decision, Measure.code, Person.name)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .outerjoin(Measure, Measure.id == Decision.measure_id)
        .outerjoin(Person, Person.id == Decision.owner_id)
        .where(Meeting.round_id == round_id)
        .order_by(Decision.meeting_id, Decision.number)
    ).tuples()
    rows = query.all()
    recused = read_recused_lines(session, (row[0] for row in rows))
    found: dict[int, list[DecisionLine]] = defaultdict(list)
    for decision, code, owner in rows:
        found[decision.meeting_id].append(
            DecisionLine(
                number=decision.number,
                kind=decision.kind.value,
                measure=code,
                text=decision.text,
                owner=owner,
                due=decision.due,
                subject=decision.subject,
                recused=recused.get(decision.id, ()),
            )
        )
    return found

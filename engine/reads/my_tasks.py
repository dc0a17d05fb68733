"""Tasks that the leading group gave to somebody at a meeting (议定事项), and that are not done; the next due first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.rules.access import Actor
from models import Decision, DecisionDone, DecisionKind, Measure, Meeting, Person, Round

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One of them."""

    round: str  #: its code
    period: str  #: the meeting's
    held_on: date
    number: int  #: among the meeting's decisions
    text: str
    due: date | None
    measure: str | None  #: code of the measure that it is about
    instead_of: str | None  #: the absent person in whose place it waits for one


_IS_DONE = select(DecisionDone.decision_id).where(DecisionDone.decision_id == Decision.id).exists()
_TASKS = (
    select(Round.code, Meeting.period, Meeting.held_on, Decision, Measure.code, Person.name)
    .join(Meeting, Meeting.id == Decision.meeting_id)
    .join(Round, Round.id == Meeting.round_id)
    .join(Person, Person.id == Decision.owner_id)
    .outerjoin(Measure, Measure.id == Decision.measure_id)
    .where(Decision.owner_id.in_(bindparam("owners", expanding=True)))
    .where(Decision.kind == DecisionKind.TASK, ~_IS_DONE)
    .order_by(Decision.due.is_(None), Decision.due, Decision.id)
    .limit(MOST)
)


def read_my_tasks(session: Session, actor: Actor) -> tuple[Task, ...]:
    """Return the open tasks of `actor`, and of those in whose place they act today; at most `MOST`."""
    rows = session.execute(_TASKS, {"owners": [actor.person, *actor.stands_in_for]})
    return tuple(
        Task(
            round=round_,
            period=period,
            held_on=held_on,
            number=one.number,
            text=one.text,
            due=one.due,
            measure=measure,
            instead_of=None if one.owner_id == actor.person else owner,
        )
        for round_, period, held_on, one, measure, owner in rows.tuples()
    )

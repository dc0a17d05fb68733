"""Tasks that the leading group gave to somebody at a meeting (议定事项), and that are not done; the next due first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from engine.reads.open_matters import is_task_of
from engine.rules.access import Actor
from models import Decision, Measure, Meeting, Person, Round

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One of them."""

    decision: int
    round: str  #: its code
    period: str  #: the meeting's
    held_on: date
    number: int  #: among the meeting's decisions
    text: str
    due: date | None  #: the day that was named
    measure: str | None  #: code of the measure that it is about
    instead_of: str | None  #: the absent person in whose place it waits for one


_TASKS = (
    select(Round.code, Meeting.period, Meeting.held_on, Decision, Measure.code, Person.id, Person.name)
    .join(Meeting, Meeting.id == Decision.meeting_id)
    .join(Round, Round.id == Meeting.round_id)
    .outerjoin(Measure, Measure.id == Decision.measure_id)
    .join(Person, Person.id == func.coalesce(Decision.owner_id, Measure.owner_id))
    .where(is_task_of(bindparam("owners", expanding=True)))
    .order_by(Decision.due.is_(None), Decision.due, Decision.id)
    .limit(MOST)
)


def read_my_tasks(session: Session, actor: Actor) -> tuple[Task, ...]:
    """Return the open tasks of `actor`, and of those in whose place they act today; at most `MOST`."""
    rows = session.execute(_TASKS, {"owners": [actor.person, *actor.stands_in_for]})
    return tuple(
        Task(
            decision=one.id,
            round=round_,
            period=period,
            held_on=held_on,
            number=one.number,
            text=one.text,
            due=one.due,
            measure=measure,
            instead_of=None if whose == actor.person else owner,
        )
        for round_, period, held_on, one, measure, whose, owner in rows.tuples()
    )

"""Another ladder tried on the days to come of a round, beside the one that is in force.  Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.simulate import simulate
from engine.rules.forecast import Foreseen
from engine.rules.ladder import LadderBook
from engine.rules.policy_impact import Impact, impact
from engine.rules.working_days import WorkingCalendar
from models import Measure, Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The days to come under both."""

    impact: Impact
    before: tuple[Foreseen, ...]
    after: tuple[Foreseen, ...]


def count_timers(session: Session, round_id: int) -> int:
    """Return how many timers a trial would look at: it costs as much as there are."""
    query = select(func.count()).select_from(Timer).join(Measure).where(Measure.round_id == round_id)
    return session.scalar(query) or 0


def try_ladder(
    session: Session, *, round_id: int, book: LadderBook, calendar: WorkingCalendar, as_of: date, days: int
) -> Trial:
    """Return what would be told from `as_of` on, now and by `book`, as if that had been in force from the beginning."""
    last = as_of + timedelta(days=days - 1)
    before, after = (
        tuple(
            simulate(
                session,
                round_id=round_id,
                as_of=as_of,
                first_day=as_of,
                last_day=last,
                calendar=calendar,
                book=tried,
            )
        )
        for tried in (None, book)
    )
    return Trial(impact=impact(before, after, first_day=as_of), before=before, after=after)

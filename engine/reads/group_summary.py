"""What a group of people is told of every round on a day: figures, units, the longest overdue.

No text of a measure and no reason is in it: a chat belongs to somebody else's company.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.board_worst import WorstLine, read_worst
from engine.reads.round_figures import UnitFigures, read_status
from engine.rules.group_posts import is_owed
from engine.rules.moment import Moment
from engine.rules.progress import OWED, latest_overdue
from engine.rules.working_days import WorkingCalendar
from models import Measure, Round

NEAR = 3  #: working days before the due date from which on a measure is told as near
WORST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSummary:
    """One round on a day."""

    title: str
    on: date
    measures: int
    closed: int
    overdue: int
    near: int  #: due within NEAR working days
    units: tuple[UnitFigures, ...]  #: those with something overdue, the most first
    worst: tuple[WorstLine, ...]  #: the longest overdue


def read_group_summaries(session: Session, moment: Moment, calendar: WorkingCalendar) -> Sequence[RoundSummary]:
    """Return the rounds of which there is something to tell on the day of `moment`."""
    found = [
        _summary(session, one, moment, calendar) for one in session.scalars(select(Round).order_by(Round.id)).all()
    ]
    is_working = calendar.is_working(moment.on)
    return [one for one in found if is_owed(is_working_day=is_working, overdue=one.overdue, near=one.near)]


def _summary(session: Session, round_: Round, moment: Moment, calendar: WorkingCalendar) -> RoundSummary:
    status = read_status(session, round_, moment.on, calendar)
    late = latest_overdue(moment.on, calendar)
    near = select(func.count(Measure.id)).where(
        Measure.round_id == round_.id,
        Measure.state.in_(OWED),
        Measure.due > late,
        Measure.due <= calendar.shift(moment.on, NEAR),
    )
    worst = read_worst(session, round_.id, moment, calendar, where=(), overdue=WORST, returned=0).overdue
    units = [one for one in status.by_unit if one.overdue]
    return RoundSummary(
        title=round_.title,
        on=moment.on,
        measures=status.figures.measures,
        closed=status.figures.closed,
        overdue=status.figures.overdue,
        near=session.scalar(near) or 0,
        units=tuple(sorted(units, key=lambda one: -one.overdue)),
        worst=worst,
    )

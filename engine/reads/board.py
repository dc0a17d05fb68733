"""The board for leaders: progress, lights, burn-up, lateness, forecast and the worst, as they stood on any day.

Everybody's board counts what they see: the whole round for people of the house, their own unit's measures and their own
for others.  Cost: two counts over the round's measures, one over the events that crossed a line (`board_course`), and
what happened since the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.board_counts import (
    GroupLine,
    aspect_names,
    aspect_of,
    count_stands,
    figures_of,
    groups_of,
    lights_of,
)
from engine.reads.board_course import Course, Side, read_course
from engine.reads.board_worst import Worst, read_worst
from engine.reads.house_at import findings_at, names_at
from engine.reads.in_sight import in_sight
from engine.rules.ladder import parse_ladders
from engine.rules.lights import Light, LightSpans, light_spans
from engine.rules.moment import day_end
from engine.rules.pace import Pace, forecast_pace, window_of
from engine.rules.progress import Figures
from engine.rules.sight import Sight
from engine.rules.vocabulary import WaitsFor
from engine.rules.working_days import WorkingCalendar
from models import Finding, Measure, Policy, Round

_m = Measure.__table__.c
WEEK = timedelta(days=7)
MOST_WEEKS = 31  #: a longer course is told month by month


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that the board shows."""

    round: str
    title: str
    organisation: str
    as_of: date
    feedback_on: date
    concentrated_end: date
    report_due: date
    sees_all: bool  #: counted is the whole round
    unit: str | None  #: counted is this unit alone
    figures: Figures
    lights: Mapping[Light, int]
    spans: LightSpans  #: which due dates have which light
    aspects: tuple[GroupLine, ...]
    units: tuple[GroupLine, ...]
    leaders: tuple[GroupLine, ...]
    planned: tuple[tuple[date, int], ...]  #: from each working day on, how many were to be done
    closed: tuple[tuple[date, int], ...]  #: from each day on, how many were
    open_ended: int  #: measures without a due date: they stand in no plan
    lateness: tuple[tuple[date, int], ...]  #: on each week's or month's last day, and on `as_of`
    is_monthly: bool
    pace: Pace  #: of what is due until the concentrated deadline
    worst: Worst


def read_board(
    session: Session,
    round_: Round,
    as_of: date,
    calendar: WorkingCalendar,
    *,
    seen_by: Sight,
    unit: int | None = None,
) -> Board:
    """Return the board as it stood at the end of `as_of`, of what somebody sees, and of one unit where it is named."""
    until = day_end(as_of, round_.zone)
    where = in_sight(seen_by) + ((_m.unit_id == unit,) if unit is not None else ())
    spans = _spans(session, round_, as_of, calendar)
    stands = count_stands(session, round_.id, until, calendar, spans=spans, where=where)
    findings = findings_at(session, round_.id, until)
    units, people = names_at(session, round_.id, until)
    course = read_course(session, round_, where=where)
    days, is_monthly = sample_days(_begin(round_), as_of)
    return Board(
        round=round_.code,
        title=round_.title,
        organisation=round_.organisation,
        as_of=as_of,
        feedback_on=round_.feedback_on,
        concentrated_end=round_.concentrated_end,
        report_due=round_.report_due,
        sees_all=seen_by.everything,
        unit=units.get(unit) if unit is not None else None,
        figures=figures_of(findings, stands),
        lights=lights_of(stands),
        spans=spans,
        aspects=groups_of(stands, aspect_of(findings), aspect_names(findings), _aspect_codes(session, round_.id)),
        units=groups_of(stands, lambda one: one.unit, units),
        leaders=groups_of(stands, lambda one: one.lead, people),
        planned=course.planned(as_of, calendar),
        closed=course.closed(as_of),
        open_ended=course.count(Side.PLANNED, as_of) - course.count(Side.PLANNED, as_of, due_until=date.max),
        lateness=tuple((day, course.overdue(day, calendar)) for day in days),
        is_monthly=is_monthly,
        pace=_pace(course, round_, as_of, calendar),
        worst=read_worst(session, round_.id, until, calendar, where=where),
    )


def sample_days(first: date, last: date) -> tuple[tuple[date, ...], bool]:
    """Return the Sundays from `first` on, or in a long course the months' last days, and `last`; and whether by month.

    >>> sample_days(date(2025, 3, 5), date(2025, 3, 18))
    ((datetime.date(2025, 3, 9), datetime.date(2025, 3, 16), datetime.date(2025, 3, 18)), False)
    """
    is_monthly = last - first > WEEK * MOST_WEEKS
    days, day = list[date](), first
    while True:
        end = _month_end(day) if is_monthly else day + timedelta(days=6 - day.weekday())
        if end >= last:
            return (*days, last), is_monthly
        days.append(end)
        day = end + timedelta(days=1)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _begin(round_: Round) -> date:
    """Return the day from which the record tells of the round."""
    return max(round_.feedback_on, round_.created_at.astimezone(ZoneInfo(round_.zone)).date())


def _aspect_codes(session: Session, round_id: int) -> dict[int | None, str]:
    mine = select(Finding.id, Finding.code).where(Finding.round_id == round_id, Finding.parent_id.is_(None))
    return dict(session.execute(mine).tuples().all())


def _spans(session: Session, round_: Round, as_of: date, calendar: WorkingCalendar) -> LightSpans:
    ladder = session.scalars(select(Policy.ladder).where(Policy.id == round_.policy_id)).one()
    return light_spans(parse_ladders(ladder).ladders[WaitsFor.DUE_DATE], as_of, calendar)


def _pace(course: Course, round_: Round, as_of: date, calendar: WorkingCalendar) -> Pace:
    """Return the forecast for what is due until the concentrated deadline."""
    end = round_.concentrated_end
    latest = calendar.on_or_after(end)
    window = window_of(_begin(round_), as_of, calendar)
    since = calendar.working[max(calendar.ordinal(as_of) - window, 1) - 1]
    closed = course.count(Side.CLOSED, as_of, due_until=latest)
    return forecast_pace(
        total=course.count(Side.PLANNED, as_of, due_until=latest),
        closed=closed,
        recent=closed - course.count(Side.CLOSED, since, due_until=latest),
        window=window,
        as_of=as_of,
        deadline=end,
        calendar=calendar,
    )

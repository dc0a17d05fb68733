"""The calendar of working days as one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from engine.rules.working_days import DayRow, Source, WorkingCalendar
from models import WorkingDay


def read_days(session: Session) -> Sequence[DayRow]:
    """Return every day on record, in order."""
    query = select(WorkingDay.day, WorkingDay.is_working, WorkingDay.note, WorkingDay.source).order_by(WorkingDay.day)
    return [
        DayRow(day=day, is_working=is_working, note=note, source=cast("Source", source))
        for day, is_working, note, source in session.execute(query)
    ]


def read_calendar(session: Session) -> WorkingCalendar:
    """Return the calendar; every action needs it, so only its working days are read.

    Raises BrokenCalendar while it has no days, or lacks one.
    """
    first, last, count = session.execute(
        select(func.min(WorkingDay.day), func.max(WorkingDay.day), func.count(WorkingDay.day))
    ).one()
    if first is None or (last - first).days + 1 != count:
        return WorkingCalendar.from_rows(read_days(session))  # which tells the day that is lacking
    year = extract("year", WorkingDay.day)
    working = select(WorkingDay.day).where(WorkingDay.is_working).order_by(WorkingDay.day)
    provisional = select(year).where(WorkingDay.source == "provisional").distinct()
    return WorkingCalendar(
        first=first,
        last=last,
        working=tuple(session.scalars(working)),
        provisional_years=frozenset(int(found) for found in session.scalars(provisional)),
    )

"""The calendar of working days as one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import select
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
    """Return the calendar.  Raises BrokenCalendar while it has no days."""
    return WorkingCalendar.from_rows(read_days(session))

"""The calendar of working days as one value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from engine.rules.working_days import DayRow, Source, WorkingCalendar
from models import Event, WorkingDay

DAYS_STORED = "calendar:days:store"  #: the kind of the events that tell of days


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


def row_before_own(session: Session, day: date) -> DayRow | None:
    """Return what `day` was before the organisation's own edits; None when the record tells nothing of it."""
    query = select(Event.changed).where(Event.measure_id.is_(None), Event.kind == DAYS_STORED)
    for changed in session.scalars(query.where(Event.changed.is_not(None)).order_by(Event.seq.desc())):
        told = (changed or {}).get("days", {}).get(day.isoformat())
        if told is not None and told[0][2] != "own":
            is_working, note, source = told[0]
            return DayRow(day=day, is_working=is_working, note=note, source=source)
    return None

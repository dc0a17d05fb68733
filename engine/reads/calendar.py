"""The calendar of working days as one value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from engine.rules.working_days import DayRow, Source, WorkingCalendar
from models import WorkingDay

DAYS_STORED = "calendar:days:store"  #: the kind of the events that tell of days
#: The word about the day that is not the organisation's own is provisional.
IS_PROVISIONAL = func.coalesce(WorkingDay.under_source, WorkingDay.source) == "provisional"
_COLUMNS = (
    WorkingDay.day,
    WorkingDay.is_working,
    WorkingDay.note,
    WorkingDay.source,
    WorkingDay.under_is_working,
    WorkingDay.under_note,
    WorkingDay.under_source,
)


def read_days(session: Session) -> Sequence[DayRow]:
    """Return every day on record, in order."""
    return [_row(*told) for told in session.execute(select(*_COLUMNS).order_by(WorkingDay.day))]


def read_day(session: Session, day: date) -> DayRow | None:
    """Return one day; None when it is not on record."""
    found = session.execute(select(*_COLUMNS).where(WorkingDay.day == day)).one_or_none()
    return None if found is None else _row(*found)


def read_provisional_days(session: Session) -> frozenset[date]:
    """Return the days about which no notice is known yet; an own day may lie over them."""
    return frozenset(session.scalars(select(WorkingDay.day).where(IS_PROVISIONAL)))


def read_day_names(session: Session, days: Iterable[date]) -> dict[date, str]:
    """Return the notes of those of `days` that have one; without days no statement."""
    wanted = sorted(set(days))
    if not wanted:
        return {}
    query = select(WorkingDay.day, WorkingDay.note).where(WorkingDay.day.in_(wanted), WorkingDay.note.is_not(None))
    return {day: note for day, note in session.execute(query) if note is not None}


def _row(day: date, is_working: bool, note: str | None, source: str, *under: Any) -> DayRow:  # noqa: FBT001 - of a query
    worked, noted, told = under
    base = DayRow(day, worked, noted, cast("Source", told)) if told is not None else None
    return DayRow(day, is_working, note, cast("Source", source), base)


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
    provisional = select(year).where(IS_PROVISIONAL).distinct()
    return WorkingCalendar(
        first=first,
        last=last,
        working=tuple(session.scalars(working)),
        provisional_years=frozenset(int(found) for found in session.scalars(provisional)),
    )

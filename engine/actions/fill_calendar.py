"""Stores days of the calendar and counts the running ordinals anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.reads.calendar import DAYS_STORED, read_days
from engine.rules.moment import Moment
from engine.rules.working_days import DayRow, WorkingCalendar, taken_in
from models import WorkingDay

OWN = "own"


def fill_calendar(
    session: Session,
    rows: Iterable[DayRow],
    *,
    moment: Moment,
    actor: int | None = None,
    withdrawing: bool = False,
) -> int:
    """Add `rows` to the calendar as `taken_in` has it; `withdrawing`: they stand in the place of own days.

    Return how many days changed.  Raises BrokenCalendar when the days do not join on to those on record.
    """
    hold_calendar(session)
    days = {row.day: row for row in read_days(session)}
    changed = 0
    replaced: dict[str, list[Any]] = {}  # what an own edit has replaced, and what replaces one
    for row in rows:
        known = days.get(row.day)
        new = row if withdrawing else taken_in(known, row)
        if known == new:
            continue
        days[row.day] = new
        changed += 1
        if known is not None and OWN in {known.source, new.source}:
            replaced[row.day.isoformat()] = [_told(known), _told(new)]
    if not changed:
        return 0
    calendar = WorkingCalendar.from_rows(days.values())
    session.execute(delete(WorkingDay))
    session.execute(
        insert(WorkingDay.__table__),  # type: ignore[arg-type]  # of columns: a thousand objects would cost five times as much
        [
            {
                "day": row.day,
                "is_working": row.is_working,
                "ordinal": calendar.ordinal(row.day),
                "source": row.source,
                "note": row.note,
                "under_is_working": row.under.is_working if row.under else None,
                "under_source": row.under.source if row.under else None,
                "under_note": row.under.note if row.under else None,
            }
            for row in sorted(days.values(), key=lambda one: one.day)
        ],
    )
    told = {"changed": changed, "first": calendar.first.isoformat(), "last": calendar.last.isoformat()}
    event = {"kind": DAYS_STORED, "actor_id": actor, "on": moment.on, "at": moment.at}
    changes = {"days": replaced} if replaced else None
    append_events(session, [{**event, "data": told, "changed": changes}])
    return changed


def hold_calendar(session: Session) -> None:
    """Wait until nobody else stores days: whoever comes second reads what the first has stored."""
    session.execute(select(WorkingDay.day).order_by(WorkingDay.day).limit(1).with_for_update())


def _told(row: DayRow) -> list[Any]:
    return [row.is_working, row.note, row.source, *(_told(row.under) if row.under else ())]

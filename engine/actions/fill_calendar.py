"""Stores days of the calendar and counts the running ordinals anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.reads.calendar import DAYS_STORED, read_days
from engine.rules.moment import Moment
from engine.rules.working_days import DayRow, WorkingCalendar
from models import WorkingDay

OWN = "own"
#: Whose word counts on a day: the organisation's own edit, then the official notice, then what was merely computed.
WEIGHT = {"own": 2, "official": 1, "provisional": 0}


def fill_calendar(
    session: Session,
    rows: Iterable[DayRow],
    *,
    moment: Moment,
    actor: int | None = None,
    withdrawing: bool = False,
) -> int:
    """Add `rows` to the calendar; a weightier word about a day stands, unless it is being withdrawn.

    Return how many days changed.  Raises BrokenCalendar when the days do not join on to those on record.
    """
    days = {row.day: row for row in read_days(session)}
    changed = 0
    replaced: dict[str, list[Any]] = {}  # what an own edit has replaced, and what replaces one
    for row in rows:
        known = days.get(row.day)
        if known != row and (known is None or withdrawing or WEIGHT[row.source] >= WEIGHT[known.source]):
            days[row.day] = row
            changed += 1
            if known is not None and OWN in {known.source, row.source}:
                replaced[row.day.isoformat()] = [_told(known), _told(row)]
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
            }
            for row in sorted(days.values(), key=lambda one: one.day)
        ],
    )
    told = {"changed": changed, "first": calendar.first.isoformat(), "last": calendar.last.isoformat()}
    event = {"kind": DAYS_STORED, "actor_id": actor, "on": moment.on, "at": moment.at}
    changes = {"days": replaced} if replaced else None
    append_events(session, [{**event, "data": told, "changed": changes}])
    return changed


def _told(row: DayRow) -> list[Any]:
    return [row.is_working, row.note, row.source]

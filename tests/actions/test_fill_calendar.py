"""Days of the calendar are stored: whose word counts, what joins on, and running ordinals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.actions.fill_calendar import fill_calendar
from engine.rules.working_days import BrokenCalendar, DayRow, Source
from models import Event, WorkingDay
from models.database import Sessions
from tests.factories import FEEDBACK, at

FIRST = date(2025, 9, 1)  # a Monday


def row(day: date = FIRST, *, working: bool = True, source: Source = "official", note: str | None = None) -> DayRow:
    return DayRow(day, working, note, source)


def fill(sessions: Sessions, *rows: DayRow) -> int:
    with sessions.begin() as session:
        return fill_calendar(session, rows, moment=at(FEEDBACK))


def stored(sessions: Sessions) -> list[tuple[date, bool, int, str, str | None]]:
    with sessions() as session:
        rows = session.scalars(select(WorkingDay).order_by(WorkingDay.day))
        return [(one.day, one.is_working, one.ordinal, one.source, one.note) for one in rows]


def test_fill_when_the_calendar_is_empty_then_all_days_are_stored_with_running_ordinals(sessions: Sessions):
    tuesday, wednesday = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
    assert fill(sessions, row(wednesday), row(tuesday, working=False, note="假"), row()) == 3
    assert stored(sessions) == [
        (FIRST, True, 1, "official", None),
        (tuesday, False, 1, "official", "假"),
        (wednesday, True, 2, "official", None),
    ]


def test_fill_when_days_join_on_at_either_end_then_ordinals_are_counted_anew(sessions: Sessions):
    fill(sessions, row())
    assert fill(sessions, row(FIRST + timedelta(days=1))) == 1
    assert fill(sessions, row(FIRST - timedelta(days=1))) == 1
    assert [ordinal for _, _, ordinal, _, _ in stored(sessions)] == [1, 2, 3]


def test_fill_when_a_gap_would_open_then_it_is_refused_and_nothing_is_stored(sessions: Sessions):
    fill(sessions, row())
    with pytest.raises(BrokenCalendar, match="2025-09-02"):
        fill(sessions, row(FIRST + timedelta(days=2)))
    assert len(stored(sessions)) == 1


def test_fill_when_nothing_is_new_then_nothing_is_written(sessions: Sessions):
    fill(sessions, row())
    assert fill(sessions, row()) == 0
    assert fill(sessions) == 0
    with sessions() as session:
        (event,) = session.scalars(select(Event))
        assert (event.kind, event.data) == (
            "calendar:days:store",
            {"changed": 1, "first": "2025-09-01", "last": "2025-09-01"},
        )


@pytest.mark.parametrize(
    ("known", "new", "stands"),
    [
        ("provisional", "official", "official"),
        ("provisional", "own", "own"),
        ("official", "own", "own"),
        ("official", "provisional", "official"),
        ("own", "official", "own"),
        ("own", "provisional", "own"),
        ("official", "official", "official"),
    ],
)
def test_fill_when_two_words_differ_then_the_weightier_stands_and_the_later_of_equals(
    sessions: Sessions, known: Source, new: Source, stands: Source
):
    fill(sessions, row(source=known, note="known"))
    fill(sessions, row(working=False, source=new, note="new"))
    changed = stands == new
    assert stored(sessions) == [
        (FIRST, not changed, 0 if changed else 1, stands, "new" if changed else "known"),
    ]

"""The calendar of working days is read back as it was stored."""

from __future__ import annotations

from datetime import date

import pytest

from engine.actions.fill_calendar import fill_calendar
from engine.reads.calendar import read_calendar, read_days
from engine.rules.working_days import BrokenCalendar, DayRow
from intake.calendar.official_calendar import official_days
from models.database import Sessions
from tests.factories import FEEDBACK, at

FIRST, LAST = date(2025, 9, 1), date(2025, 10, 31)


def test_calendar_when_stored_then_it_is_read_back_the_same_in_order(sessions: Sessions):
    rows = list(official_days(FIRST, LAST))
    rows[0] = DayRow(day=FIRST, is_working=False, note="校庆", source="own")
    with sessions.begin() as session:
        fill_calendar(session, reversed(rows), moment=at(FEEDBACK))
    with sessions() as session:
        assert read_days(session) == rows
        calendar = read_calendar(session)
    assert (calendar.first, calendar.last) == (FIRST, LAST)
    assert calendar.on_or_after(FIRST) == date(2025, 9, 2)
    assert calendar.is_working(date(2025, 10, 11)), "a make-up day"


def test_calendar_when_a_year_is_provisional_then_it_is_known_as_such(sessions: Sessions):
    rows = [
        DayRow(day=date(2025, 12, 31), is_working=True, note=None, source="official"),
        DayRow(day=date(2026, 1, 1), is_working=False, note=None, source="provisional"),
    ]
    with sessions.begin() as session:
        fill_calendar(session, rows, moment=at(FEEDBACK))
    with sessions() as session:
        assert read_calendar(session).provisional_years == {2026}


def test_calendar_when_no_day_is_stored_then_it_is_refused(sessions: Sessions):
    with sessions() as session, pytest.raises(BrokenCalendar):
        read_calendar(session)

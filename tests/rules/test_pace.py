"""The forecast is arithmetic that anybody can check, and it never contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.pace import Pace, forecast_pace, window_of
from tests.world import real_calendar

CALENDAR = real_calendar()
DAYS = st.dates(min_value=date(2025, 1, 2), max_value=date(2026, 12, 31))


@st.composite
def given_facts(draw: st.DrawFn) -> dict[str, object]:
    total = draw(st.integers(0, 2000))
    closed = draw(st.integers(0, total))
    return {
        "total": total,
        "closed": closed,
        "recent": draw(st.integers(-20, max(closed, 1))),
        "window": draw(st.integers(1, 20)),
        "as_of": draw(DAYS),
        "deadline": draw(DAYS),
    }


def told(**facts: object) -> Pace:
    return forecast_pace(**facts, calendar=CALENDAR)  # type: ignore[arg-type]


def test_pace_when_ten_of_twenty_are_left_takes_as_long_as_the_last_ten_did():
    # Monday 2 June 2025 is a day off; the twentieth working day after it is Monday 30 June
    pace = told(total=40, closed=30, recent=10, window=20, as_of=date(2025, 6, 2), deadline=date(2025, 6, 16))
    assert pace.done_on == date(2025, 6, 30)
    assert (pace.days_left, pace.by_deadline, pace.needed, pace.is_in_time) == (10, 35, 20, False)


def test_pace_when_nothing_was_closed_lately_leads_nowhere():
    pace = told(total=40, closed=30, recent=0, window=20, as_of=date(2025, 6, 3), deadline=date(2025, 6, 13))
    assert (pace.done_on, pace.by_deadline, pace.is_in_time) == (None, 30, False)


def test_pace_when_the_deadline_has_passed_needs_no_number():
    pace = told(total=40, closed=30, recent=5, window=20, as_of=date(2025, 9, 10), deadline=date(2025, 9, 3))
    assert (pace.days_left, pace.by_deadline, pace.needed) == (0, 30, None)
    assert pace.done_on is not None


def test_window_when_the_round_is_young_is_shorter():
    assert window_of(date(2025, 6, 3), date(2025, 6, 3), CALENDAR) == 1
    assert window_of(date(2025, 6, 3), date(2025, 6, 9), CALENDAR) == 4
    assert window_of(date(2025, 3, 3), date(2025, 9, 9), CALENDAR) == 20


@given(facts=given_facts())
def test_pace_is_in_time_exactly_when_its_day_is_not_after_the_deadline(facts: dict[str, object]):
    pace = told(**facts)
    assert pace.closed <= pace.by_deadline <= pace.total
    end = CALENDAR.on_or_after(pace.deadline)
    if pace.remaining and pace.days_left:
        assert pace.is_in_time == (pace.done_on is not None and pace.done_on <= end)
    assert pace.done_on is None or pace.done_on >= facts["as_of"]  # type: ignore[operator]


@given(facts=given_facts(), more=st.integers(1, 50))
def test_pace_when_more_was_closed_lately_leads_no_later(facts: dict[str, object], more: int):
    slow, quick = told(**facts), told(**facts | {"recent": facts["recent"] + more})  # type: ignore[operator]
    assert quick.by_deadline >= slow.by_deadline
    if slow.done_on is not None:
        assert quick.done_on is not None
        assert quick.done_on <= slow.done_on


@given(facts=given_facts())
def test_pace_when_what_is_needed_is_closed_is_in_time_and_with_one_less_is_not(facts: dict[str, object]):
    needed = told(**facts).needed
    if needed:
        assert told(**facts | {"recent": needed}).is_in_time
        assert not told(**facts | {"recent": needed - 1}).is_in_time


@given(facts=given_facts())
def test_pace_when_all_is_closed_is_done_today(facts: dict[str, object]):
    pace = told(**facts | {"closed": facts["total"]})
    assert (pace.done_on, pace.is_in_time, pace.needed or 0) == (facts["as_of"], True, 0)
    assert replace(pace).remaining == 0

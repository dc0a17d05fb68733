"""How late a measure was handed in and closed: against which due dates, in which states, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.lateness import Lateness, Timing, lateness_of, lateness_words
from engine.rules.vocabulary import State
from tests.world import real_calendar

CALENDAR = real_calendar()
LAST = date(2026, 6, 30)
FRIDAY = date(2025, 8, 29)


@dataclass(frozen=True)
class Facts:
    state: State = State.CLOSED
    original_due: date | None = FRIDAY
    due: date | None = FRIDAY
    handed_in_on: date | None = date(2025, 9, 11)
    closed_on: date | None = date(2025, 9, 15)


def found(as_of: date = LAST, **facts: object) -> Lateness | None:
    return lateness_of(Facts(**facts), CALENDAR, as_of=as_of)  # type: ignore[arg-type]


def days(told: Lateness | None) -> tuple[int | None, ...]:
    assert told is not None
    return (
        told.handed_in_after_original,
        told.handed_in_after_due,
        told.closed_after_original,
        told.closed_after_due,
    )


def test_lateness_when_closed_after_its_due_date_then_working_days_from_there_on() -> None:
    told = found()
    assert days(told) == (9, 9, 11, 11)
    assert list(map(str, lateness_words(told))) == [
        "closed 11 working days after the original due date",
        "handed in 9 working days after the original due date",
    ]


def test_lateness_when_more_time_was_given_then_both_dates_count() -> None:
    told = found(due=date(2025, 9, 12))
    assert days(told) == (9, 0, 11, 1)
    assert list(map(str, lateness_words(told))) == [
        "closed 11 working days after the original due date",
        "closed 1 working days after the extended due date",
        "handed in 9 working days after the original due date",
        "handed in within the extended due date",
    ]
    within = found(due=date(2025, 9, 30))
    assert [str(one) for one in lateness_words(within)][-1] == "handed in within the extended due date"


def test_lateness_when_it_was_handed_in_in_time_and_closed_later_then_both_is_said() -> None:
    told = found(handed_in_on=FRIDAY)
    assert [str(one) for one in lateness_words(told)] == [
        "closed 11 working days after the original due date",
        "handed in in time",
    ]
    assert told is not None
    assert told.timings == {Timing.CLOSED_TIMED, Timing.DONE_IN_TIME, Timing.CLOSED_LATE}


@pytest.mark.parametrize("state", [State.SUBMITTED, State.VERIFIED])
def test_lateness_when_it_is_handed_in_only_then_nothing_is_said_of_closing(state: State) -> None:
    assert days(found(state=state, closed_on=None)) == (9, 9, None, None)


@pytest.mark.parametrize(
    "facts",
    [
        {"state": State.IN_PROGRESS},
        {"state": State.ASSIGNED},
        {"state": State.CANCELLED},
        {"handed_in_on": None},
        {"as_of": date(2025, 9, 10)},
    ],
)
def test_lateness_when_it_is_not_handed_in_or_nobody_knows_the_day_then_nothing_is_said(facts: dict[str, object]):
    assert found(**facts) is None  # type: ignore[arg-type]


def test_lateness_when_the_due_day_is_a_day_off_then_it_runs_to_the_next_working_day() -> None:
    saturday = date(2025, 9, 6)
    assert days(found(original_due=saturday, due=saturday, handed_in_on=date(2025, 9, 8))) == (0, 0, 5, 5)


def test_lateness_when_handed_in_on_days_off_right_behind_the_due_day_then_in_time() -> None:
    assert days(found(handed_in_on=date(2025, 8, 30), closed_on=date(2025, 8, 31))) == (0, 0, 0, 0)


def test_lateness_when_there_is_no_due_date_or_it_lies_before_the_calendar_then_it_does_not_fail() -> None:
    assert days(found(original_due=None, due=None)) == (None,) * 4
    ancient = date(1999, 1, 1)
    told = found(original_due=ancient, due=ancient)
    assert told is not None
    assert told.closed_after_original == CALENDAR.between(CALENDAR.first, date(2025, 9, 15))


_days = st.integers(0, 400).map(lambda offset: date(2025, 1, 1) + timedelta(days=offset))


@given(_days, _days, _days, _days)
def test_lateness_of_any_dates_then_each_count_is_that_of_the_calendar_and_a_timing_never_contradicts(
    original: date, due: date, handed_in: date, closed: date
) -> None:
    told = found(original_due=original, due=due, handed_in_on=handed_in, closed_on=closed)
    assert days(told) == tuple(
        max(CALENDAR.between(since, on), 0) for on in (handed_in, closed) for since in (original, due)
    )
    assert told is not None
    timings = told.timings
    assert Timing.CLOSED_TIMED in timings
    assert (Timing.DONE_LATE in timings) is (Timing.DONE_IN_TIME not in timings)
    assert Timing.DONE_LATE_EXTENDED not in timings or Timing.DONE_LATE in timings
    assert (Timing.CLOSED_LATE in timings) is bool(told.closed_after_original)
    assert (Timing.HANDED_IN_LATE in timings) is bool(told.handed_in_after_due)
    assert bool(lateness_words(told)) is told.is_late

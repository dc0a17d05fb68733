from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.vocabulary import OPEN_STATES, State, WaitsFor
from engine.rules.waits import WaitFacts, next_report_day, waits
from tests.factories import shipped_policies
from tests.world import real_calendar

CALENDAR = real_calendar()
BOOK: LadderBook = parse_ladders(shipped_policies().ladder)
SINCE = date(2025, 3, 3)
DUE = date(2025, 9, 3)

days = st.dates(date(2023, 1, 1), date(2029, 12, 31))


def build_facts(**overrides: object) -> WaitFacts:
    plain = {
        "state": State.IN_PROGRESS,
        "has_owner": True,
        "since": SINCE,
        "due": DUE,
        "reported_on": None,
        "extension_since": None,
    }
    return WaitFacts(**plain | overrides)


def waited(**overrides: object) -> dict[WaitsFor, date]:
    return {wait.waits_for: wait.deadline for wait in waits(build_facts(**overrides), BOOK, CALENDAR)}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            {"state": State.ASSIGNED, "has_owner": False},
            {WaitsFor.ASSIGNMENT: date(2025, 3, 10), WaitsFor.DUE_DATE: DUE},
        ),
        ({"state": State.ASSIGNED}, {WaitsFor.ACCEPTANCE: date(2025, 3, 6), WaitsFor.DUE_DATE: DUE}),
        ({}, {WaitsFor.MONTHLY_REPORT: date(2025, 3, 25), WaitsFor.DUE_DATE: DUE}),
        ({"due": None}, {WaitsFor.MONTHLY_REPORT: date(2025, 3, 25)}),
        (
            {"extension_since": date(2025, 8, 1)},
            {
                WaitsFor.MONTHLY_REPORT: date(2025, 3, 25),
                WaitsFor.DUE_DATE: DUE,
                WaitsFor.EXTENSION: date(2025, 8, 6),
            },
        ),
        ({"state": State.SUBMITTED}, {WaitsFor.VERIFICATION: date(2025, 3, 10)}),
        ({"state": State.SUBMITTED, "extension_since": SINCE}, {WaitsFor.VERIFICATION: date(2025, 3, 10)}),
        ({"state": State.VERIFIED}, {WaitsFor.CLOSE_OUT: date(2025, 4, 3)}),
        ({"state": State.CLOSED}, {}),
        ({"state": State.CANCELLED, "extension_since": SINCE}, {}),
    ],
)
def test_waits_in_each_state_then_what_the_state_waits_for(
    overrides: dict[str, object], expected: dict[WaitsFor, date]
):
    assert waited(**overrides) == expected


any_facts = st.builds(
    WaitFacts,
    state=st.sampled_from(sorted(OPEN_STATES)),
    has_owner=st.booleans(),
    since=days,
    due=st.none() | days,
    reported_on=st.none() | days,
    extension_since=st.none() | days,
)


@given(any_facts)
def test_waits_of_an_open_measure_then_never_empty_and_one_of_each(facts: WaitFacts):
    found = [wait.waits_for for wait in waits(facts, BOOK, CALENDAR)]
    assert found
    assert len(set(found)) == len(found)


@given(any_facts, st.sampled_from([State.CLOSED, State.CANCELLED]))
def test_waits_of_an_ended_measure_then_nothing(facts: WaitFacts, state: State):
    assert waits(replace(facts, state=state), BOOK, CALENDAR) == ()


@pytest.mark.parametrize(
    ("since", "day", "expected"),
    [
        (date(2025, 3, 3), 25, date(2025, 3, 25)),
        (date(2025, 3, 10), 25, date(2025, 3, 25)),  # fifteen days before: this month's report is still to come
        (date(2025, 3, 11), 25, date(2025, 4, 25)),  # within fifteen days: counts as this month's
        (date(2025, 3, 25), 25, date(2025, 4, 25)),
        (date(2025, 12, 20), 25, date(2026, 1, 25)),  # over the year
        (date(2025, 1, 31), 31, date(2025, 2, 28)),  # the 31st is the month's last day
        (date(2024, 1, 31), 31, date(2024, 2, 29)),
        (date(2025, 4, 1), 31, date(2025, 4, 30)),
        (date(2028, 2, 10), 29, date(2028, 2, 29)),
        (date(2027, 2, 10), 29, date(2027, 2, 28)),
    ],
)
def test_next_report_day_at_the_ends_of_months_then_clamped(since: date, day: int, expected: date):
    assert next_report_day(since, replace(BOOK, report_day=day)) == expected


@given(days, st.integers(1, 31), st.integers(0, 27))
def test_next_report_day_on_any_day_then_the_first_that_a_report_does_not_count_for(
    since: date, day: int, counts_from: int
):
    found = next_report_day(since, replace(BOOK, report_day=day, report_counts_from=counts_from))
    assert found.day == min(day, monthrange(found.year, found.month)[1])
    assert found >= since + timedelta(days=counts_from)
    before = found.replace(day=1) - timedelta(days=1)  # last day of the month before
    assert before.replace(day=min(day, before.day)) < since + timedelta(days=counts_from)

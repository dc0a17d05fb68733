from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.extensions import ExtensionFacts, judge_request
from engine.rules.ladder import parse_ladders
from engine.rules.refusal import NotReady
from engine.rules.vocabulary import Role
from tests.factories import shipped_policies
from tests.world import real_calendar

CALENDAR = real_calendar()
BOOK = parse_ladders(shipped_policies().ladder)


def build_facts(**overrides: object) -> ExtensionFacts:
    plain = {
        "due": date(2025, 9, 3),
        "new_due": date(2025, 10, 31),
        "reason": "招标流标",
        "approved_count": 0,
        "pending": False,
        "today": date(2025, 9, 1),
    }
    return ExtensionFacts(**plain | overrides)


@pytest.mark.parametrize(("approved", "decides"), [(0, Role.LEADER), (1, Role.LEADING_GROUP)])
def test_request_when_it_is_the_next_one_then_decided_higher_up(approved: int, decides: Role):
    assert judge_request(build_facts(approved_count=approved), BOOK, CALENDAR) is decides


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"approved_count": 2}, "extended 2 times already; no further extension is allowed"),
        ({"due": None}, "the measure is open-ended; there is no due date to extend"),
        ({"today": date(2025, 9, 4)}, "an extension is asked for before the due date; 2025-09-03 has passed"),
        ({"new_due": date(2025, 9, 3)}, "the new due date must lie after 2025-09-03"),
        ({"new_due": date(2025, 9, 2)}, "the new due date must lie after 2025-09-03"),
        ({"reason": " \n"}, "a reason is needed"),
        ({"pending": True}, "a request for this measure is waiting already"),
    ],
)
def test_request_when_something_is_wrong_then_it_says_what(overrides: dict[str, object], message: str):
    with pytest.raises(NotReady) as refused:
        judge_request(build_facts(**overrides), BOOK, CALENDAR)
    assert str(refused.value) == message


def test_request_when_the_due_date_is_a_day_off_then_in_time_until_the_next_working_day():
    sunday, thursday = date(2025, 10, 5), date(2025, 10, 9)  # National Day ends on Wednesday the 8th
    assert judge_request(build_facts(due=sunday, today=thursday), BOOK, CALENDAR)
    with pytest.raises(NotReady):
        judge_request(build_facts(due=sunday, today=date(2025, 10, 10)), BOOK, CALENDAR)


@given(
    st.dates(date(2024, 1, 1), date(2026, 12, 1)),
    st.dates(date(2024, 1, 1), date(2026, 12, 1)),
    st.dates(date(2024, 1, 1), date(2026, 12, 1)),
    st.integers(0, 4),
)
def test_request_when_granted_then_it_was_in_time_forward_and_not_one_too_many(
    due: date, new_due: date, today: date, approved: int
):
    try:
        judge_request(build_facts(due=due, new_due=new_due, today=today, approved_count=approved), BOOK, CALENDAR)
    except NotReady:
        return
    assert today <= CALENDAR.on_or_after(due)
    assert new_due > due
    assert approved < len(BOOK.extensions)

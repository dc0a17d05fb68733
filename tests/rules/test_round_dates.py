from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.files import SHIPPED
from engine.rules.refusal import PolicyFault
from engine.rules.round_dates import Span, months_later, parse_round_rules, round_dates
from tests.world import real_calendar

CALENDAR = real_calendar()
PLAIN: dict[str, Any] = yaml.safe_load((SHIPPED / "round.yaml").read_text(encoding="utf-8"))
RULES = parse_round_rules(PLAIN)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 3, 3), 6, date(2025, 9, 3)),
        (date(2025, 8, 31), 1, date(2025, 9, 30)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 11, 30), 1, date(2025, 12, 30)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(2025, 5, 5), 0, date(2025, 5, 5)),
    ],
)
def test_months_later_at_the_ends_of_months_and_years_then_clamped(day: date, months: int, expected: date):
    assert months_later(day, months) == expected


@given(st.dates(date(2000, 1, 1), date(2080, 12, 31)), st.integers(0, 240))
def test_months_later_on_any_day_then_the_named_month_and_never_past_the_day(day: date, months: int):
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(day.day, monthrange(later.year, later.month)[1])


@given(
    st.dates(date(2000, 1, 1), date(2080, 12, 31)), st.dates(date(2000, 1, 1), date(2080, 12, 31)), st.integers(0, 99)
)
def test_months_later_when_a_day_is_later_then_its_date_is_no_earlier(one: date, other: date, months: int):
    assert (one <= other) <= (months_later(one, months) <= months_later(other, months))


def test_round_dates_of_the_published_notice_then_the_usual_spans():
    dates = round_dates(date(2025, 3, 3), RULES, CALENDAR)
    assert (dates.plan_due, dates.concentrated_end) == (date(2025, 4, 3), date(2025, 9, 3))
    assert dates.report_due == date(2025, 9, 17)


def test_round_dates_when_a_span_ends_on_a_holiday_then_it_stands_unless_working_days_follow():
    rules = replace(RULES, plan_due=Span(months=1, working_days=0), report_due=Span(months=1, working_days=1))
    dates = round_dates(date(2025, 9, 3), rules, CALENDAR)
    assert dates.plan_due == date(2025, 10, 3)  # within National Day
    assert dates.report_due == date(2025, 10, 10)  # the 9th is the first day at work again


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (lambda plain: plain.pop("plan_due"), ("plan_due",)),
        (lambda plain: plain["plan_due"].update(months=-1), ("plan_due", "months")),
        (lambda plain: plain["plan_due"].update(months="one"), ("plan_due", "months")),
        (lambda plain: plain["plan_due"].update(weeks=1), ("plan_due", "weeks")),
        (lambda plain: plain["plan_due"].pop("working_days"), ("plan_due",)),
        (lambda plain: plain.update(coordinator_may_close="yes"), ("coordinator_may_close",)),
        (lambda plain: plain["calendar"].update(first_year=1900), ("calendar", "first_year")),
        (lambda plain: plain["calendar"].update(last_year=2030), ("calendar", "last_year")),
        (lambda plain: plain.update(digests_per_day=0), ("digests_per_day",)),
        (lambda plain: plain.update(quiet=True), ("quiet",)),
        (lambda plain: plain.update(quiet={"from": "20:00"}), ("quiet", "until")),
        (lambda plain: plain.update(quiet={"from": 72000, "until": "08:00"}), ("quiet", "from")),
        (lambda plain: plain.update(quiet={"from": "20:00", "until": "25:00"}), ("quiet", "until")),
        (lambda plain: plain.update(digest_per_day=3), ("digest_per_day",)),
    ],
)
def test_round_rules_when_written_wrongly_then_the_fault_names_its_place(
    edit: Callable[[dict[str, Any]], object], path: tuple[str | int, ...]
):
    plain = deepcopy(PLAIN)
    edit(plain)
    with pytest.raises(PolicyFault) as caught:
        parse_round_rules(plain)
    assert caught.value.path == path

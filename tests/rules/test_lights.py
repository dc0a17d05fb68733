"""Every measure has exactly one light, and it never grows dimmer while nothing is done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.ladder import parse_ladders
from engine.rules.lights import LIGHT_NAMES, Light, light_spans
from engine.rules.progress import OWED, is_overdue
from engine.rules.vocabulary import State, WaitsFor
from engine.rules.working_days import WorkingCalendar
from tests.factories import shipped_policies
from tests.world import real_calendar

CALENDAR = real_calendar()
LADDER = parse_ladders(shipped_policies().ladder).ladders[WaitsFor.DUE_DATE]
DAYS = st.dates(min_value=date(2025, 1, 1), max_value=date(2026, 6, 30))


@pytest.mark.parametrize(
    ("due", "light"),
    [
        (date(2025, 8, 27), Light.GROUP),  # T+10 is 10 September
        (date(2025, 8, 28), Light.RED),
        (date(2025, 9, 9), Light.RED),
        (date(2025, 9, 10), Light.YELLOW),
        (date(2025, 9, 15), Light.YELLOW),  # T-3
        (date(2025, 9, 16), Light.BLUE),
        (date(2025, 9, 19), Light.BLUE),  # T-7
        (date(2025, 9, 20), Light.GREEN),
        (None, Light.NONE),
    ],
)
def test_light_when_the_due_date_is_so_near_follows_the_ladder(due: date | None, light: Light):
    spans = light_spans(LADDER, date(2025, 9, 10), CALENDAR)
    assert spans.of(State.IN_PROGRESS, due) is light
    assert spans.of(State.SUBMITTED, due) is Light.NONE


@given(as_of=DAYS, due=DAYS, state=st.sampled_from(list(State)))
def test_light_is_red_exactly_while_overdue_and_its_span_holds_the_due_date(as_of: date, due: date, state: State):
    spans = light_spans(LADDER, as_of, CALENDAR)
    light = spans.of(state, due)
    assert (light in {Light.RED, Light.GROUP}) == is_overdue(state, due, as_of, CALENDAR)
    if state in OWED:
        first, last = spans.span(light)
        assert (first is None or first <= due) and (last is None or due <= last)  # noqa: PT018 - one span


@given(as_of=DAYS, due=DAYS)
def test_light_when_a_day_passes_is_never_less_urgent(as_of: date, due: date):
    today, tomorrow = (
        light_spans(LADDER, day, CALENDAR).of(State.IN_PROGRESS, due) for day in (as_of, as_of + timedelta(days=1))
    )
    assert list(Light).index(tomorrow) <= list(Light).index(today)


def test_lights_all_have_a_name(calendar: WorkingCalendar):
    assert calendar is CALENDAR
    assert set(LIGHT_NAMES) == set(Light)

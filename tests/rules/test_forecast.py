"""What is foreseen is what the sweeps then climb: the same rungs on the same days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.forecast import forecast
from engine.rules.ladder import Climb, Ladder, Rung, climb, parse_ladders
from engine.rules.vocabulary import Role, WaitsFor
from tests.factories import shipped_policies
from tests.world import real_calendar

CALENDAR = real_calendar()
BOOK = parse_ladders(shipped_policies().ladder)
DUE_DATE = BOOK.ladders[WaitsFor.DUE_DATE]
DUE = date(2025, 9, 3)

waits = st.sampled_from(WaitsFor)
deadlines = st.dates(date(2025, 1, 1), date(2025, 12, 31))
spans = st.integers(0, 90)
holders = st.frozensets(st.sampled_from(Role))


def held_by(roles: frozenset[Role]) -> Callable[[Rung], bool]:
    return lambda rung: bool(roles & set(rung.to))


def foresee(
    ladder: Ladder,
    deadline: date,
    first_day: date,
    last_day: date,
    roles: frozenset[Role] = frozenset(Role),
    *,
    begins_on: date | None = None,
) -> list[tuple[date, Climb]]:
    return list(
        forecast(
            ladder,
            deadline=deadline,
            rung=0,
            fires_on=ladder.planned_on(0, deadline, CALENDAR),
            begins_on=begins_on or first_day,
            first_day=first_day,
            last_day=last_day,
            calendar=CALENDAR,
            is_held=held_by(roles),
        )
    )


@given(waits, deadlines, st.integers(-60, 60), spans, holders)
def test_forecast_when_swept_on_every_day_then_it_came_as_foreseen(
    wait: WaitsFor, deadline: date, start: int, span: int, roles: frozenset[Role]
):
    ladder, first_day = BOOK.ladders[wait], deadline + timedelta(days=start)
    rung, fires_on, came = 0, ladder.planned_on(0, deadline, CALENDAR), []
    for day in (first_day + timedelta(days=number) for number in range(span + 1)):
        if fires_on <= day:
            result = climb(ladder, deadline=deadline, rung=rung, as_of=day, calendar=CALENDAR, is_held=held_by(roles))
            rung, fires_on = result.next_rung, result.fires_on
            if result.rung is not None or result.empty:
                came.append((day, result))
    assert foresee(ladder, deadline, first_day, first_day + timedelta(days=span), roles) == came


@given(waits, deadlines, spans, spans, holders)
def test_forecast_when_a_longer_time_is_asked_about_then_it_begins_the_same(
    wait: WaitsFor, deadline: date, span: int, more: int, roles: frozenset[Role]
):
    ladder, last = BOOK.ladders[wait], deadline + timedelta(days=span)
    short = foresee(ladder, deadline, deadline, last, roles)
    longer = foresee(ladder, deadline, deadline, last + timedelta(days=more), roles)
    assert longer[: len(short)] == short
    assert all(deadline <= day <= last for day, _ in short)
    days = [day for day, _ in longer]
    assert days == sorted(set(days)), "one day, one answer"


@given(waits, deadlines, spans, spans, holders)
def test_forecast_when_only_a_later_part_is_asked_about_then_that_part_of_the_whole(
    wait: WaitsFor, deadline: date, skipped: int, span: int, roles: frozenset[Role]
):
    ladder, first = BOOK.ladders[wait], deadline + timedelta(days=skipped)
    last = first + timedelta(days=span)
    whole = foresee(ladder, deadline, deadline, last, roles)
    assert foresee(ladder, deadline, first, last, roles, begins_on=deadline) == [
        one for one in whole if one[0] >= first
    ]


def test_forecast_when_the_whole_ladder_lies_ahead_then_every_rung_on_its_working_day():
    told = [(day, result.rung) for day, result in foresee(DUE_DATE, DUE, date(2025, 7, 1), date(2025, 10, 15))]
    assert told == [
        (date(2025, 7, 23), 0),
        (date(2025, 8, 25), 1),
        (date(2025, 8, 29), 2),
        (date(2025, 9, 4), 3),
        (date(2025, 9, 10), 4),
        (date(2025, 9, 17), 5),
        (date(2025, 9, 30), 6),  # a make-up Sunday lies between; National Day comes after
    ]


def test_forecast_when_it_begins_late_then_the_first_day_climbs_what_is_owed_and_passes_over_the_rest():
    ((day, first), *_rest) = foresee(DUE_DATE, DUE, date(2025, 9, 12), date(2025, 9, 16))
    assert (day, first.rung, first.superseded) == (date(2025, 9, 12), 4, (0, 1, 2, 3))


def test_forecast_when_the_time_ends_before_the_next_rung_then_nothing():
    assert foresee(DUE_DATE, DUE, date(2025, 6, 1), date(2025, 7, 22)) == []
    assert foresee(DUE_DATE, DUE, date(2025, 9, 12), date(2025, 9, 11)) == []


def test_forecast_when_nobody_holds_a_role_then_the_empty_rung_is_told():
    told = foresee(DUE_DATE, DUE, date(2025, 9, 4), date(2025, 9, 4), frozenset({Role.LEADER}))
    assert [(result.rung, result.empty) for _, result in told] == [(4, (0, 1, 2, 3))]

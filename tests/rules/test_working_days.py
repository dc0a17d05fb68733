from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.rules.working_days import BeyondCalendar, BrokenCalendar, DayRow, Source, WorkingCalendar, taken_in

FIRST, LENGTH = date(2024, 1, 1), 1100
DAYS = [FIRST + timedelta(days=offset) for offset in range(LENGTH)]


def build(off: set[date] = frozenset(), made_up: set[date] = frozenset(), provisional: int = 9999) -> WorkingCalendar:
    return WorkingCalendar.from_rows(
        DayRow(
            day,
            is_working=day in made_up or (day.weekday() < 5 and day not in off),
            note=None,
            source="provisional" if day.year >= provisional else "official",
        )
        for day in DAYS
    )


# A round's real week: Spring Festival 2025, Jan 28 to Feb 4 off, Sunday Jan 26 and Saturday Feb 8 made up.
FESTIVAL = {date(2025, 1, 28) + timedelta(days=offset) for offset in range(8)}
MADE_UP = {date(2025, 1, 26), date(2025, 2, 8)}
SPRING = build(FESTIVAL, MADE_UP)

any_days = st.sampled_from(DAYS)
calendars = st.builds(build, st.sets(any_days, max_size=200), st.sets(any_days, max_size=60))
# Far enough from both ends that no count leads outside.
inner_days = st.sampled_from(DAYS[300:-300])
counts = st.integers(-60, 60)


def test_is_working_on_make_up_day_and_holiday_then_follows_the_notice() -> None:
    assert SPRING.is_working(date(2025, 1, 26))  # a Sunday
    assert SPRING.is_working(date(2025, 2, 8))  # a Saturday
    assert not SPRING.is_working(date(2025, 1, 29))  # a Wednesday
    assert not SPRING.is_working(date(2025, 2, 9))  # a plain Sunday


def test_shift_when_over_a_holiday_then_make_up_days_count_and_holidays_do_not() -> None:
    assert SPRING.shift(date(2025, 1, 24), 1) == date(2025, 1, 26)
    assert SPRING.shift(date(2025, 1, 24), 3) == date(2025, 2, 5)
    assert SPRING.shift(date(2025, 2, 10), -1) == date(2025, 2, 8)
    assert SPRING.shift(date(2025, 1, 30), 0) == SPRING.on_or_after(date(2025, 1, 30)) == date(2025, 2, 5)
    assert SPRING.shift(date(2025, 1, 30), -1) == date(2025, 1, 27)


def test_between_when_the_end_is_a_day_off_then_it_adds_nothing() -> None:
    due = date(2025, 1, 27)
    assert [SPRING.between(due, due + timedelta(days=days)) for days in (0, 1, 8, 9)] == [0, 0, 0, 1]


def test_between_when_the_start_is_a_day_off_then_it_counts_from_the_next_working_day() -> None:
    assert SPRING.between(date(2025, 2, 1), date(2025, 2, 5)) == 0
    assert SPRING.between(date(2025, 2, 1), date(2025, 2, 4)) == -1


def test_is_provisional_when_the_year_has_no_notice_then_says_so() -> None:
    calendar = build(provisional=2026)
    assert calendar.is_provisional(date(2026, 5, 1))
    assert not calendar.is_provisional(date(2025, 12, 31))


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (DAYS[0] - timedelta(days=1), 0),
        (DAYS[-1] + timedelta(days=1), 0),
        (DAYS[5], -10),
        (DAYS[-5], 10),
        (DAYS[0], -1),
    ],
)
def test_shift_when_it_leads_outside_then_refuses_and_names_the_span(day: date, count: int) -> None:
    with pytest.raises(BeyondCalendar, match="from 2024-01-01 to"):
        SPRING.shift(day, count)


def test_other_questions_when_the_day_is_outside_then_refuse() -> None:
    outside = DAYS[-1] + timedelta(days=1)
    assert not SPRING.covers(outside)
    for ask in (SPRING.is_working, SPRING.on_or_after, SPRING.ordinal, lambda day: SPRING.between(FIRST, day)):
        with pytest.raises(BeyondCalendar) as refused:
            ask(outside)
        assert refused.value.text.params["day"] == outside


def test_on_or_after_when_only_days_off_follow_then_refuses() -> None:
    rows = [DayRow(date(2025, 10, day), is_working=day == 3, note=None, source="own") for day in (3, 4)]
    with pytest.raises(BeyondCalendar):
        WorkingCalendar.from_rows(rows).on_or_after(date(2025, 10, 4))


def test_from_rows_when_a_day_is_missing_or_twice_or_none_is_there_then_refuses() -> None:
    rows = [DayRow(date(2025, 10, day), is_working=True, note=None, source="official") for day in (1, 2, 4)]
    with pytest.raises(BrokenCalendar, match="lacks 2025-10-03"):
        WorkingCalendar.from_rows(rows)
    with pytest.raises(BrokenCalendar, match="2025-10-01 twice"):
        WorkingCalendar.from_rows([rows[0], *rows[:2]])
    with pytest.raises(BrokenCalendar, match="empty"):
        WorkingCalendar.from_rows([])


def test_calendar_when_rows_come_in_any_order_then_is_the_same_immutable_value() -> None:
    rows = [DayRow(day, day.weekday() < 5, None, "official") for day in DAYS]
    calendar = WorkingCalendar.from_rows(rows)
    assert calendar == WorkingCalendar.from_rows(reversed(rows))
    assert hash(calendar) == hash(WorkingCalendar.from_rows(rows))
    with pytest.raises(FrozenInstanceError):
        calendar.first = date(2020, 1, 1)  # type: ignore[misc]


@settings(deadline=None)
@given(calendars, inner_days, inner_days, counts)
def test_shift_is_monotone_in_day_and_count(calendar: WorkingCalendar, one: date, other: date, count: int) -> None:
    early, late = sorted((one, other))
    assert calendar.shift(early, count) <= calendar.shift(late, count)
    assert calendar.shift(one, count) < calendar.shift(one, count + 1)


@settings(deadline=None)
@given(calendars, inner_days, counts, counts)
def test_shift_there_and_back_is_the_effective_day(
    calendar: WorkingCalendar, day: date, count: int, further: int
) -> None:
    assert calendar.is_working(calendar.shift(day, count))
    assert calendar.shift(calendar.shift(day, count), -count) == calendar.on_or_after(day)
    assert calendar.shift(calendar.shift(day, count), further) == calendar.shift(day, count + further)


@settings(deadline=None)
@given(calendars, inner_days, inner_days, counts)
def test_between_is_the_counterpart_of_shift(calendar: WorkingCalendar, start: date, end: date, count: int) -> None:
    assert calendar.between(start, calendar.shift(start, count)) == count
    assume(abs((end - start).days) < 200)
    passed = calendar.between(start, end)
    assert calendar.shift(start, passed) <= end < calendar.shift(start, passed + 1)
    if calendar.is_working(start) and calendar.is_working(end):
        assert calendar.between(end, start) == -passed


@settings(deadline=None)
@given(calendars)
def test_ordinals_grow_by_one_on_each_working_day_and_only_then(calendar: WorkingCalendar) -> None:
    ordinal = 0
    for day in DAYS:
        ordinal += calendar.is_working(day)
        assert calendar.ordinal(day) == ordinal
    assert ordinal == len(calendar.working)


@settings(deadline=None)
@given(calendars, inner_days)
def test_on_or_after_is_the_first_working_day_found_by_walking(calendar: WorkingCalendar, day: date) -> None:
    walked = day
    while not calendar.is_working(walked):
        walked += timedelta(days=1)
    assert calendar.on_or_after(day) == walked


_own = st.builds(DayRow, st.just(FIRST), st.booleans(), st.just("校庆"), st.just("own"))
_words = st.builds(
    DayRow, st.just(FIRST), st.booleans(), st.none(), st.sampled_from(list[Source](["provisional", "official"]))
)


@given(st.lists(st.one_of(_own, _words, st.none()), max_size=12))
def test_own_day_when_put_and_taken_back_in_any_order_around_the_notice_then_all_is_as_without_it(
    said: list[DayRow | None],
) -> None:
    alone = known = taken_in(None, DayRow(FIRST, is_working=True, note=None, source="provisional"))
    for word in said:  # None: the own day, if there is one, is taken back
        if word is None:
            known = known.base or known
        else:
            known = taken_in(known, word)
            alone = alone if word.source == "own" else taken_in(alone, word)
        assert known.base == alone
        assert known == alone or known.source == "own"


def test_year_when_an_own_day_hides_the_only_provisional_word_then_it_is_still_provisional() -> None:
    computed = DayRow(FIRST, is_working=True, note=None, source="provisional")
    own = taken_in(computed, DayRow(FIRST, is_working=False, note=None, source="own"))
    assert WorkingCalendar.from_rows([own]).provisional_years == {FIRST.year}

"""29 February: as a due date that follows from the feedback, and the day after it."""

from __future__ import annotations

from datetime import date

import pytest

from engine.rules.round_dates import months_later
from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World


@pytest.mark.parametrize(
    ("feedback", "due", "yellow", "red", "leader"),
    [
        # 2024: Thursday; the days are official
        (date(2023, 8, 31), date(2024, 2, 29), date(2024, 2, 26), date(2024, 3, 1), date(2024, 3, 7)),
        # 2028: Tuesday; no notice is known for that year yet
        (date(2027, 8, 31), date(2028, 2, 29), date(2028, 2, 24), date(2028, 3, 1), date(2028, 3, 7)),
        # 2025 has none: the last day of February, a Friday
        (date(2024, 8, 31), date(2025, 2, 28), date(2025, 2, 25), date(2025, 3, 3), date(2025, 3, 7)),
    ],
)
def test_due_date_when_it_is_the_leap_day_then_the_ladder_steps_over_it(
    *, world: World, feedback: date, due: date, yellow: date, red: date, leader: date
):
    assert months_later(feedback, 6) == due
    world.at(yellow).in_progress(due=due)
    world.sweep()
    world.fast_forward(leader)
    assert world.heard("wang", WaitsFor.DUE_DATE) == [(yellow, Slip.YELLOW), (red, Slip.RED)]
    assert world.heard("qian", WaitsFor.DUE_DATE) == [(leader, Slip.RED)]


def test_calendar_when_the_years_notice_is_not_out_then_it_says_so(world: World):
    assert world.calendar.is_provisional(date(2028, 2, 29))
    assert not world.calendar.is_provisional(date(2024, 2, 29))

"""Due on the last day of the year: 1 to 3 January 2026 are off, Sunday the 4th is worked."""

from __future__ import annotations

from datetime import date

from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World


def test_due_date_when_on_new_years_eve_then_red_on_the_first_working_day_of_the_new_year(world: World):
    code = world.at(date(2025, 12, 26)).in_progress(due=date(2025, 12, 31))
    world.sweep()
    world.fast_forward(date(2026, 1, 29))
    assert world.heard("wang", WaitsFor.DUE_DATE) == [
        (date(2025, 12, 26), Slip.YELLOW),
        (date(2026, 1, 4), Slip.RED),  # a Sunday, made up
        (date(2026, 1, 29), Slip.GROUP),  # T+20: every repeat
    ]
    assert world.heard("qian", WaitsFor.DUE_DATE) == [(date(2026, 1, 8), Slip.RED)]
    assert world.heard("zhao", WaitsFor.DUE_DATE) == [(date(2026, 1, 15), Slip.GROUP), (date(2026, 1, 29), Slip.GROUP)]
    assert world.timers(code)[WaitsFor.MONTHLY_REPORT].deadline == date(2026, 1, 25)

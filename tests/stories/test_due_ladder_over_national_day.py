"""The whole ladder of a due date, over a real holiday: National Day 2025 with its make-up days.

Off from 1 to 8 October; Sunday 28 September and Saturday 11 October are worked instead.
"""

from __future__ import annotations

from datetime import date

from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World

DUE = date(2025, 9, 29)


def test_due_date_when_nobody_acts_then_each_rung_on_its_working_day_and_never_silent(world: World):
    code = world.at(date(2025, 8, 1)).in_progress(due=DUE)
    done = world.fast_forward(date(2025, 11, 20))

    assert world.heard("wang", WaitsFor.DUE_DATE) == [
        (date(2025, 8, 19), Slip.REMINDER),  # T-30
        (date(2025, 9, 19), Slip.BLUE),  # T-7: the Sunday counts
        (date(2025, 9, 25), Slip.YELLOW),  # T-3
        (date(2025, 9, 30), Slip.RED),  # T+1: the last day before the holiday
        (date(2025, 11, 3), Slip.GROUP),  # every repeat after T+10
        (date(2025, 11, 17), Slip.GROUP),
    ]
    assert world.heard("li", WaitsFor.DUE_DATE) == [(date(2025, 9, 25), Slip.YELLOW), (date(2025, 9, 30), Slip.RED)]
    assert world.heard("qian", WaitsFor.DUE_DATE) == [(date(2025, 10, 13), Slip.RED)]  # T+5: the Saturday counts
    up_there = [(date(2025, 10, 20), Slip.GROUP), (date(2025, 11, 3), Slip.GROUP), (date(2025, 11, 17), Slip.GROUP)]
    assert world.heard("zhao", WaitsFor.DUE_DATE) == up_there  # T+10, then every ten working days
    assert world.heard("lin", WaitsFor.DUE_DATE) == up_there

    assert all(world.calendar.is_working(line.on) for line in world.said())
    assert all(rung.planned_on == rung.climbed_on for rung in world.rungs(code))
    assert (done.superseded, done.empty, done.failed) == (0, 0, 0)

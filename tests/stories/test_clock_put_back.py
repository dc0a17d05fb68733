"""The clock is put back: nothing is unclimbed, said twice, or forgotten when the days come round again."""

from __future__ import annotations

from datetime import date

from engine.actions.sweep_deadlines import SweepReport
from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World


def test_clock_when_put_back_then_what_was_climbed_stays_and_nothing_is_said_again(world: World):
    code = world.at(date(2025, 8, 28)).in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 9, 4))
    before = (world.said(), world.rungs(code), world.timers(code)[WaitsFor.DUE_DATE].fires_on)

    for day in (date(2025, 9, 3), date(2025, 8, 1), date(2024, 1, 1)):
        assert world.at(day).sweep() == SweepReport()
    assert (world.said(), world.rungs(code), world.timers(code)[WaitsFor.DUE_DATE].fires_on) == before

    world.at(date(2025, 9, 1)).fast_forward(date(2025, 9, 10))
    assert world.heard("wang", WaitsFor.DUE_DATE) == [(date(2025, 8, 29), Slip.YELLOW), (date(2025, 9, 4), Slip.RED)]
    assert world.heard("qian", WaitsFor.DUE_DATE) == [(date(2025, 9, 10), Slip.RED)]

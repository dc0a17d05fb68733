"""A closed measure is silent for a year, however often the sweep runs; so is a cancelled one."""

from __future__ import annotations

from datetime import date

from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.sweep_deadlines import SweepReport
from tests.world import World


def test_closed_measure_when_a_year_passes_then_not_a_word(world: World):
    world.at(date(2025, 8, 25))
    closed, cancelled = world.verified("1-01"), world.in_progress("1-02")
    world.fast_forward(date(2025, 9, 5))
    world.act("zhao", close_measure, closed)
    world.act("zhao", cancel_measure, cancelled, how="accept_risk", reason="条件不具备，列入长期")
    said = len(world.said())

    assert world.fast_forward(date(2026, 9, 5)) == SweepReport()
    assert len(world.said()) == said
    assert world.timers(closed) == world.timers(cancelled) == {}

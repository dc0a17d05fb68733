"""An acknowledgement holds the ladder for the stated days; then it comes back, and no later rung is late for it."""

from __future__ import annotations

from datetime import date

from engine.actions.acknowledge_timer import acknowledge_timer
from engine.rules.vocabulary import Slip, WaitsFor
from models import Fate
from tests.world import World


def test_acknowledgement_when_its_days_are_over_then_the_rung_is_climbed_after_all(world: World):
    code = world.at(date(2025, 8, 28)).in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 9, 9))
    world.act("wang", acknowledge_timer, code, waits_for=WaitsFor.DUE_DATE, working_days=3)

    world.fast_forward(date(2025, 9, 11))
    assert world.heard("qian", WaitsFor.DUE_DATE) == [], "held: T+5 was the 10th"
    world.fast_forward(date(2025, 9, 12))
    assert world.heard("qian", WaitsFor.DUE_DATE) == [(date(2025, 9, 12), Slip.RED)]
    held = world.rungs(code, WaitsFor.DUE_DATE)[-1]
    assert (held.planned_on, held.climbed_on, held.fate) == (date(2025, 9, 10), date(2025, 9, 12), Fate.CLIMBED)

    world.fast_forward(date(2025, 9, 17))
    assert world.heard("zhao", WaitsFor.DUE_DATE) == [(date(2025, 9, 17), Slip.GROUP)]  # T+10, on its own day


def test_acknowledgement_when_repeated_for_every_step_then_the_group_hears_all_the_same(world: World):
    code = world.at(date(2025, 8, 28)).in_progress(due=date(2025, 9, 3))
    for hold_on in (date(2025, 9, 2), date(2025, 9, 9), date(2025, 9, 16)):
        world.fast_forward(hold_on)
        world.act("wang", acknowledge_timer, code, waits_for=WaitsFor.DUE_DATE, working_days=3)
    world.fast_forward(date(2025, 9, 19))
    climbed = [rung.climbed_on for rung in world.rungs(code, WaitsFor.DUE_DATE)]
    assert climbed == [date(2025, 8, 29), date(2025, 9, 5), date(2025, 9, 12), date(2025, 9, 19)]
    assert world.heard("zhao", WaitsFor.DUE_DATE) == [(date(2025, 9, 19), Slip.GROUP)]

"""A look-back finds the problem back: the closed measure runs again, under a new date with a fresh ladder."""

from __future__ import annotations

from datetime import date

from engine.actions.close_measure import close_measure
from engine.actions.rebound_measure import rebound_measure
from engine.rules.vocabulary import Slip, State, WaitsFor
from tests.world import World


def test_rebound_when_found_then_the_measure_runs_again_from_reminder_to_red(world: World):
    code = world.at(date(2025, 8, 1)).verified()
    world.at(date(2025, 8, 15)).act("zhao", close_measure, code)
    world.at(date(2026, 8, 14)).sweep()
    quiet = len(world.said())

    world.act("jian", rebound_measure, code, due=date(2026, 11, 30), reason="回头看发现问题反弹")
    assert world.get(code).state is State.IN_PROGRESS
    assert [(line.to, line.kind) for line in world.said()[quiet:]] == [("wang", "rebound"), ("qian", "rebound")]

    world.fast_forward(date(2026, 12, 1))
    assert world.heard("wang", WaitsFor.DUE_DATE) == [
        (date(2026, 10, 19), Slip.REMINDER),
        (date(2026, 11, 19), Slip.BLUE),
        (date(2026, 11, 25), Slip.YELLOW),
        (date(2026, 12, 1), Slip.RED),
    ]
    assert {rung.version for rung in world.rungs(code, WaitsFor.DUE_DATE)} == {2}
    assert world.heard("wang", WaitsFor.MONTHLY_REPORT), "progress is reported again, too"
    assert world.get(code).original_due == date(2025, 9, 3)

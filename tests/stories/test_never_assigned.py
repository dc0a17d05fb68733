"""A measure that nobody is given: the coordinator is asked, then the leading group, again and again."""

from __future__ import annotations

from datetime import date

from engine.actions.reassign_measure import reassign_measure
from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World


def test_measure_when_never_assigned_then_it_reaches_the_leading_group(world: World):
    code = world.at(date(2025, 3, 3)).measure(owner=None, lead=None, unit_id=None)
    world.fast_forward(date(2025, 4, 8))
    assert world.heard("lin", WaitsFor.ASSIGNMENT) == [
        (date(2025, 3, 5), Slip.REMINDER),
        (date(2025, 3, 11), Slip.YELLOW),
        (date(2025, 4, 8), Slip.GROUP),  # every repeat is told to whoever is waited for as well
    ]
    assert world.heard("zhao", WaitsFor.ASSIGNMENT) == [
        (date(2025, 3, 24), Slip.GROUP),
        (date(2025, 4, 8), Slip.GROUP),  # over the festival of 4 April
    ]

    world.act("lin", reassign_measure, code, owner="wang")
    world.fast_forward(date(2025, 5, 8))
    assert len(world.heard("zhao", WaitsFor.ASSIGNMENT)) == 2, "given at last: silent"
    assert world.heard("wang", WaitsFor.ACCEPTANCE)

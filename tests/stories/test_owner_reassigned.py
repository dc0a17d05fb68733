"""The measure changes hands while it is late: the new owner hears from now on, the old one no more."""

from __future__ import annotations

from datetime import date

from engine.actions.accept_measure import accept_measure
from engine.actions.reassign_measure import reassign_measure
from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World


def test_owner_when_reassigned_then_the_new_one_hears_and_the_old_one_does_not(world: World):
    code = world.at(date(2025, 8, 22)).in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 8, 27))
    world.act("lin", reassign_measure, code, owner="sun", reason="王经办调离")
    world.fast_forward(date(2025, 8, 28))
    world.act("sun", accept_measure, code)
    world.fast_forward(date(2025, 9, 12))

    assert world.heard("wang", WaitsFor.DUE_DATE) == [(date(2025, 8, 25), Slip.BLUE)]
    assert world.heard("sun", WaitsFor.DUE_DATE) == [(date(2025, 8, 29), Slip.YELLOW), (date(2025, 9, 4), Slip.RED)]
    assert [line.rung for line in world.rungs(code, WaitsFor.DUE_DATE)] == [1, 2, 3, 4], "one ladder, gone on with"
    handed = [(line.to, line.kind) for line in world.said() if line.kind != "rung"]
    assert handed == [("sun", "assigned"), ("wang", "reassigned_away")]


def test_owner_when_the_new_one_does_not_accept_then_that_is_waited_for_too(world: World):
    code = world.at(date(2025, 6, 2)).in_progress(due=date(2025, 12, 31))
    world.act("lin", reassign_measure, code, owner="sun", reason="王经办调离")
    world.fast_forward(date(2025, 6, 13))
    assert world.heard("sun", WaitsFor.ACCEPTANCE) == [
        (date(2025, 6, 5), Slip.REMINDER),  # given on the festival of 2 June: the three days count from the 3rd
        (date(2025, 6, 9), Slip.YELLOW),
    ]
    assert world.heard("qian", WaitsFor.ACCEPTANCE) == [(date(2025, 6, 13), Slip.RED)]
    assert world.heard("wang") == []

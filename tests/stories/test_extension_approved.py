"""An extension is approved in time: the old date never turns red, the new one has a ladder of its own."""

from __future__ import annotations

from datetime import date

from engine.actions.decide_extension import decide_extension
from engine.actions.request_extension import request_extension
from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World

OLD, NEW = date(2025, 9, 3), date(2025, 10, 31)


def test_extension_when_approved_then_a_fresh_ladder_to_the_new_date(world: World):
    code = world.at(date(2025, 8, 20)).in_progress(due=OLD)
    world.fast_forward(date(2025, 8, 29))
    assert world.heard("wang", WaitsFor.DUE_DATE) == [(date(2025, 8, 25), Slip.BLUE), (date(2025, 8, 29), Slip.YELLOW)]

    world.act("wang", request_extension, code, new_due=NEW, reason="招标流标，需重新组织")
    world.at(date(2025, 9, 1)).act("qian", decide_extension, code, approve=True)
    world.fast_forward(date(2025, 11, 3))

    assert world.heard("wang", WaitsFor.DUE_DATE)[2:] == [
        (date(2025, 9, 15), Slip.REMINDER),  # T-30 of the new date
        (date(2025, 10, 22), Slip.BLUE),
        (date(2025, 10, 28), Slip.YELLOW),
        (date(2025, 11, 3), Slip.RED),
    ]
    versions = {(rung.version, rung.rung) for rung in world.rungs(code, WaitsFor.DUE_DATE)}
    assert versions == {(1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (2, 3)}
    assert (world.get(code).original_due, world.get(code).due) == (OLD, NEW)

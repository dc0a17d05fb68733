"""An extension is refused: the old date stands, and its ladder was never interrupted."""

from __future__ import annotations

from datetime import date

from engine.actions.decide_extension import decide_extension
from engine.actions.request_extension import request_extension
from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World

OLD, NEW = date(2025, 9, 3), date(2025, 10, 31)


def test_extension_when_refused_then_the_old_date_turns_red_as_planned(world: World):
    code = world.at(date(2025, 8, 20)).in_progress(due=OLD)
    world.fast_forward(date(2025, 8, 28))
    world.act("wang", request_extension, code, new_due=NEW, reason="人手不足")
    world.fast_forward(date(2025, 9, 2))

    assert world.heard("qian", WaitsFor.EXTENSION) == [
        (date(2025, 9, 1), Slip.REMINDER),
        # the answer came before the yellow slip
    ]
    world.act("qian", decide_extension, code, approve=False, reason="理由不充分，按期完成")
    world.fast_forward(date(2025, 9, 10))

    assert world.heard("wang", WaitsFor.DUE_DATE) == [
        (date(2025, 8, 25), Slip.BLUE),
        (date(2025, 8, 29), Slip.YELLOW),  # while the request was waiting
        (date(2025, 9, 4), Slip.RED),
    ]
    assert world.heard("qian", WaitsFor.DUE_DATE) == [(date(2025, 9, 10), Slip.RED)]
    assert {rung.version for rung in world.rungs(code, WaitsFor.DUE_DATE)} == {1}
    (told,) = world.said(kind="extension_decided")
    assert (told.to, told.data["approved"], told.data["reason"]) == ("wang", False, "理由不充分，按期完成")

"""A rung that nobody holds is not waited out: the next one is climbed in its place, and the coordinator hears why."""

from __future__ import annotations

from datetime import date

from engine.rules.vocabulary import Slip, WaitsFor
from models import Fate
from tests.world import World


def test_rung_when_no_leader_is_named_then_the_group_hears_on_that_day(world: World):
    code = world.at(date(2025, 8, 28)).in_progress(due=date(2025, 9, 3), lead=None)
    world.fast_forward(date(2025, 9, 30))

    assert world.heard("zhao", WaitsFor.DUE_DATE) == [
        (date(2025, 9, 10), Slip.GROUP),  # T+5, in the leader's place; nothing more at T+10
        (date(2025, 9, 30), Slip.GROUP),  # T+20: the rhythm stays
    ]
    (told,) = world.said(to="lin", kind="empty_rung", code=code)
    assert (told.on, told.data) == (date(2025, 9, 10), {"rung": 4, "roles": ["leader"]})
    fates = [(rung.rung, rung.fate) for rung in world.rungs(code, WaitsFor.DUE_DATE)]
    assert fates == [(2, Fate.CLIMBED), (3, Fate.CLIMBED), (4, Fate.EMPTY), (5, Fate.CLIMBED), (6, Fate.CLIMBED)]


def test_reminder_when_nobody_owns_the_measure_then_only_left_out(world: World):
    code = world.at(date(2025, 8, 20)).measure(owner=None, due=date(2025, 9, 3))
    world.fast_forward(date(2025, 8, 29))
    assert [(rung.rung, rung.fate) for rung in world.rungs(code, WaitsFor.DUE_DATE)] == [
        (1, Fate.EMPTY),  # T-7 is for the owner alone
        (2, Fate.CLIMBED),  # T-3 speaks to the unit head as well
    ]
    assert world.heard("li", WaitsFor.DUE_DATE) == [(date(2025, 8, 29), Slip.YELLOW)]

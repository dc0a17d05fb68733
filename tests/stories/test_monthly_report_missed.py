"""The monthly report is missed for two months: owner, head, leader and coordinator hear until it is there."""

from __future__ import annotations

from datetime import date

from engine.actions.report_progress import report_progress
from engine.rules.vocabulary import Slip, WaitsFor
from tests.world import World


def test_report_when_missed_for_two_months_then_it_goes_up_and_comes_back_until_given(world: World):
    code = world.at(date(2025, 3, 3)).in_progress()
    world.fast_forward(date(2025, 4, 29))

    assert world.heard("wang", WaitsFor.MONTHLY_REPORT) == [
        (date(2025, 3, 20), Slip.REMINDER),
        (date(2025, 3, 26), Slip.YELLOW),
        (date(2025, 4, 16), Slip.RED),  # and every repeat
        (date(2025, 4, 29), Slip.RED),
    ]
    assert world.heard("li", WaitsFor.MONTHLY_REPORT) == [(date(2025, 3, 26), Slip.YELLOW)]
    higher = [
        (date(2025, 4, 1), Slip.RED),
        (date(2025, 4, 16), Slip.RED),  # ten working days on, over 4 April
        (date(2025, 4, 29), Slip.RED),  # and again: Sunday 27 April is worked
    ]
    assert world.heard("qian", WaitsFor.MONTHLY_REPORT) == higher
    assert world.heard("lin", WaitsFor.MONTHLY_REPORT) == higher

    world.act("wang", report_progress, code, percent=35, text="补报三、四月进展")
    assert world.timers(code)[WaitsFor.MONTHLY_REPORT].deadline == date(2025, 5, 25)
    world.fast_forward(date(2025, 5, 27))
    assert world.heard("qian", WaitsFor.MONTHLY_REPORT) == higher, "a fresh ladder, from its first reminder"
    assert world.heard("wang", WaitsFor.MONTHLY_REPORT)[4:] == [
        (date(2025, 5, 21), Slip.REMINDER),
        (date(2025, 5, 27), Slip.YELLOW),  # the 25th is a Sunday
    ]

"""Deadlines at the ends of months: a Sunday runs on to Monday, and the 31st is each month's last day."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

from engine.actions.report_progress import report_progress
from engine.rules.vocabulary import Slip, WaitsFor
from tests.factories import build_policy, shipped_policies
from tests.world import World


def test_due_date_when_the_months_last_day_is_a_sunday_then_red_on_tuesday(world: World):
    code = world.at(date(2025, 11, 20)).in_progress(due=date(2025, 11, 30))
    world.sweep()
    world.fast_forward(date(2025, 12, 2))
    assert world.heard("wang", WaitsFor.DUE_DATE) == [
        (date(2025, 11, 20), Slip.BLUE),
        (date(2025, 11, 26), Slip.YELLOW),
        (date(2025, 12, 2), Slip.RED),
    ]
    assert world.rungs(code)[-1].planned_on == date(2025, 12, 2)


def test_monthly_report_when_due_on_the_31st_then_on_each_months_last_day(world: World):
    ladder = deepcopy(dict(shipped_policies().ladder))
    ladder["monthly_report"]["day"] = 31
    with world.sessions.begin() as session:
        policy = build_policy(session, ladder=ladder).id
    code = world.at(date(2025, 1, 10)).in_progress(due=None, policy_id=policy)
    deadlines = []
    for reported in (date(2025, 1, 27), date(2025, 2, 27), date(2025, 3, 31), date(2025, 4, 29)):
        deadlines.append(world.timers(code)[WaitsFor.MONTHLY_REPORT].deadline)
        world.fast_forward(reported)
        world.act("wang", report_progress, code, percent=50, text="按月推进")
    assert deadlines == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]
    assert {slip for _, slip in world.heard("wang")} == {Slip.REMINDER}

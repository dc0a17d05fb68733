"""Nothing ran for twenty days: the highest rung owed is climbed, and everybody whose rung was passed over hears of it.

Each gets one notice that tells what was passed over, the owner first.
"""

from __future__ import annotations

from datetime import date

from engine.rules.vocabulary import Role, Slip, State, WaitsFor
from models import Fate
from tests.world import World

DUE = date(2025, 9, 3)


def test_outage_when_it_ends_then_one_notice_to_each_whose_rung_was_passed_over(either_world: World):
    world = either_world
    code = world.at(date(2025, 8, 28)).measure(state=State.IN_PROGRESS, reported_on=date(2025, 9, 20))
    world.fast_forward(DUE)
    before = len(world.said())

    report = world.skip_to(date(2025, 9, 23)).sweep()

    assert (report.escalations, report.superseded, report.notifications) == (1, 2, 5)
    late = world.said()[before:]
    assert [(line.to, line.role) for line in late] == [
        ("wang", Role.OWNER),
        ("zhao", Role.LEADING_GROUP),
        ("lin", Role.COORDINATOR),
        ("qian", Role.LEADER),
        ("li", Role.UNIT_HEAD),
    ]
    assert {line.slip for line in late} == {Slip.GROUP}
    assert [line.data for line in late] == [{"rung": 5, "passed_over": ["2025-09-04", "2025-09-10"]}] * 5
    today = [rung for rung in world.rungs(code) if rung.climbed_on == date(2025, 9, 23)]
    assert [(rung.rung, rung.fate) for rung in today] == [
        (3, Fate.SUPERSEDED),
        (4, Fate.SUPERSEDED),
        (5, Fate.CLIMBED),
    ]


def test_outage_when_over_then_the_ladder_counts_from_the_deadline_not_from_the_repair(world: World):
    world.at(date(2025, 8, 28)).measure(state=State.IN_PROGRESS, reported_on=date(2025, 9, 20))
    world.fast_forward(DUE)
    world.skip_to(date(2025, 9, 23)).sweep()
    world.fast_forward(date(2025, 9, 30))
    assert world.heard("zhao", WaitsFor.DUE_DATE) == [
        (date(2025, 9, 23), Slip.GROUP),
        (date(2025, 9, 30), Slip.GROUP),  # twenty working days after 3 September, as planned all along
    ]

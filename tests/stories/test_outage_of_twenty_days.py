"""Nothing ran for twenty days: the highest rung owed is climbed, with one notice that tells what was passed over."""

from __future__ import annotations

from datetime import date

from engine.rules.vocabulary import Slip, State, WaitsFor
from models import Fate
from tests.world import World

DUE = date(2025, 9, 3)


def test_outage_when_it_ends_then_one_notice_of_the_highest_rung(world: World):
    code = world.at(date(2025, 8, 28)).measure(state=State.IN_PROGRESS, reported_on=date(2025, 9, 20))
    world.fast_forward(DUE)
    before = len(world.said())

    report = world.skip_to(date(2025, 9, 23)).sweep()

    assert (report.escalations, report.superseded) == (1, 2)
    late = world.said()[before:]
    assert [(line.to, line.slip) for line in late] == [("zhao", Slip.GROUP), ("lin", Slip.GROUP)]
    assert late[0].data == {"rung": 5, "passed_over": ["2025-09-04", "2025-09-10"]}
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

"""The timers that are due: oldest first, as many as asked for, with all that judging them needs."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select

from engine.actions.request_extension import request_extension
from engine.reads.due_timers import DueTimer, measure_codes, read_timers, take_due, timers_query
from engine.rules.vocabulary import Role, WaitsFor
from models import Timer
from tests.world import World

TODAY = date(2025, 9, 1)


def due(world: World, as_of: date, limit: int = 100) -> list[DueTimer]:
    with world.sessions() as session:
        return take_due(session, as_of, limit)


def test_due_when_asked_for_a_day_then_oldest_first_and_nothing_of_the_future(either_world: World):
    world = either_world.at(TODAY)
    world.measure("1-01", due=date(2025, 9, 3))
    world.measure("1-02", due=None)
    first = date(2025, 9, 3)  # both acceptances fall due on the 4th: the reminder is on the 3rd
    assert due(world, date(2025, 9, 2)) == []
    found = due(world, date(2025, 9, 4))
    assert [(one.fires_on, one.waits_for) for one in found] == [
        (first, WaitsFor.ACCEPTANCE),
        (first, WaitsFor.ACCEPTANCE),
        (date(2025, 9, 4), WaitsFor.DUE_DATE),
    ]
    assert found[0].measure < found[1].measure
    assert due(world, date(2025, 9, 4), limit=2) == found[:2]


def test_due_when_a_verifier_or_an_approver_is_asked_then_the_timer_knows_them(either_world: World):
    world = either_world.at(TODAY)
    world.submitted("1-01", verifier="wu")
    world.in_progress("1-02", due=date(2025, 9, 30))
    world.act("wang", request_extension, "1-02", new_due=date(2025, 10, 31), reason="流标")
    world.measure("1-03", owner=None, lead=None, unit_id=None)
    with world.sessions() as session:
        names = measure_codes(session, world.round)
        found = {(names[one.measure], one.waits_for): one for one in read_timers(session, timers_query())}
    checked = found["1-01", WaitsFor.VERIFICATION].addressed
    assert (checked.owner, checked.lead, checked.unit) == (
        world.people["wang"],
        world.people["qian"],
        world.units["一处"],
    )
    assert (checked.verifier, checked.approver_role) == (world.people["wu"], None)
    asked = found["1-02", WaitsFor.EXTENSION].addressed
    assert (asked.verifier, asked.approver_role) == (None, Role.LEADER)
    nobody = found["1-03", WaitsFor.ASSIGNMENT].addressed
    assert (nobody.owner, nobody.lead, nobody.unit) == (None, None, None)
    with world.sessions() as session:
        stored = session.scalars(select(Timer)).all()
    assert len(found) == len(stored), "each timer once, whatever hangs on its measure"


def test_codes_when_asked_for_a_round_then_of_that_round_alone(either_world: World):
    world = either_world
    world.measure("1-01")
    with world.sessions() as session:
        assert list(measure_codes(session, world.round).values()) == ["1-01"]
        assert measure_codes(session, world.round + 1) == {}


@pytest.mark.postgres
def test_due_when_another_sweeper_holds_a_batch_then_the_next_one_is_taken(postgres_database: Engine):
    world = World(postgres_database, on=TODAY)
    for number in range(4):
        world.measure(f"1-{number:02}", due=None)
    day = date(2025, 9, 4)
    with world.sessions() as one, world.sessions() as other:
        first, second = take_due(one, day, 2), take_due(other, day, 4)
        assert len(first) == len(second) == 2
        assert not {timer.measure for timer in first} & {timer.measure for timer in second}

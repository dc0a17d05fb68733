"""Measures counted by how they stood are those that the record tells one by one, on any day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.judge_verification import pass_verification
from engine.actions.reassign_measure import reassign_measure
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.reads.rewind import measures_at
from engine.reads.standings import standings_at
from engine.rules.lateness import lateness_of
from engine.rules.moment import day_end
from engine.rules.progress import Standing, Standings, is_overdue
from models.database import reading
from tests.factories import ZONE
from tests.world import World

BEGIN, END = date(2025, 3, 1), date(2025, 6, 10)


def counted(world: World, day: date) -> Standings:
    with reading(world.sessions) as session:
        return standings_at(session, world.round, day_end(day, ZONE), world.calendar)


def one_by_one(world: World, day: date) -> Counter[Standing]:
    with reading(world.sessions) as session:
        return Counter(
            Standing(
                finding=one.finding_id,
                unit=one.unit_id,
                state=one.state,
                has_owner=one.owner_id is not None,
                is_overdue=is_overdue(one.state, one.due, day, world.calendar),
                timings=found.timings if (found := lateness_of(one, world.calendar, as_of=day)) else frozenset(),
            )
            for one in measures_at(session, world.round, day_end(day, ZONE))
        )


def live(world: World) -> None:
    """Let five measures go their ways from March to May; two come on record when the round has long begun."""
    world.at(date(2025, 3, 4)).measure("1", due=date(2025, 4, 9))
    world.measure("2", due=date(2025, 3, 20))
    world.measure("3", owner=None, unit_id=None, due=None)
    world.at(date(2025, 3, 10)).act("wang", accept_measure, "1")
    world.act("wang", request_extension, "1", new_due=date(2025, 5, 30), reason="招标流标")
    world.at(date(2025, 3, 14)).act("qian", decide_extension, "1", approve=True)
    world.at(date(2025, 4, 1)).act("lin", reassign_measure, "3", owner="sun")
    world.measure("4", due=date(2025, 5, 6))
    world.measure("5", unit_id=world.units["审计处"], due=date(2025, 5, 6))
    world.at(date(2025, 4, 3)).act("wang", attach_evidence, "1", name="纪要")
    world.act("wang", submit_measure, "1")
    world.act("lin", start_verification, ["1"], verifier="wu")
    world.at(date(2025, 4, 8)).act("wu", pass_verification, "1")
    world.at(date(2025, 5, 9)).act("zhao", close_measure, "1")
    world.in_progress("6", due=date(2025, 5, 8))
    world.at(date(2025, 5, 12)).act("wang", attach_evidence, "6", name="清单")
    world.act("wang", submit_measure, "6")
    world.act("zhao", cancel_measure, "4", how="merge", reason="并入")


def test_standings_when_counted_for_any_day_then_those_of_the_measures_one_by_one(either_world: World):
    live(either_world)
    days = [BEGIN + timedelta(days=number) for number in range((END - BEGIN).days)]
    told = {day: counted(either_world, day) for day in days}
    assert told == {day: one_by_one(either_world, day) for day in days}
    assert len({frozenset(one.items()) for one in told.values()}) >= 8, "days differ"
    assert any(one.is_overdue for one in told[END - timedelta(days=1)])


def test_standings_when_a_measure_moves_between_the_statements_then_it_is_counted_once(either_world: World):
    world = either_world
    live(world)
    day = date(2025, 4, 2)
    before = counted(world, day)
    moved: list[bool] = []

    def move(*told: Any) -> None:
        if "GROUP BY" in told[2] and not moved:
            moved.append(True)
            world.act("wang", accept_measure, "2")

    event.listen(world.engine, "after_cursor_execute", move)
    try:
        assert counted(world, day) == before
    finally:
        event.remove(world.engine, "after_cursor_execute", move)
    assert moved
    assert counted(world, day) == before

"""What somebody may do with a measure now: what the actions themselves would allow, asked without holding it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from engine.actions.attach_evidence import attach_evidence
from engine.actions.desk import Desk
from engine.actions.possible_actions import possible_actions
from engine.actions.request_extension import request_extension
from engine.rules.vocabulary import Role
from i18n import ENGLISH, say
from models import CoUnit, Measure
from models.database import glancing
from tests.world import World

CODE = "1-01"


def may(world: World, person: str) -> frozenset[str]:
    return world.act(person, possible_actions, CODE).now


def test_possible_when_assigned_then_by_role(either_world: World):
    world = either_world
    world.measure()
    assert may(world, "wang") == {"accept", "request_extension"}
    assert may(world, "li") == {"request_extension"}
    assert may(world, "lin") == {"reassign"}
    assert may(world, "zhao") >= {"reassign", "cancel"}
    for nobody in ("tang", "jian", "wu", "he"):
        assert may(world, nobody) == frozenset()


def test_possible_when_nobody_owns_it_then_it_is_assigned_and_not_taken_from_anybody(either_world: World):
    world = either_world
    world.measure(owner=None)
    assert may(world, "lin") == {"assign"}


def test_possible_when_something_must_come_first_then_what(either_world: World):
    world = either_world
    world.in_progress()
    found = world.act("wang", possible_actions, CODE)
    assert found.now == {"report", "evidence", "request_extension"}
    assert {name: say(why, ENGLISH) for name, why in found.lacking.items()} == {"submit": "no evidence is attached yet"}
    assert (Role.OWNER in found.roles, found.version) == (True, world.get(CODE).version)
    world.act("wang", attach_evidence, CODE, name="纪要.pdf")
    assert "submit" in may(world, "wang")


def test_possible_when_an_extension_is_asked_for_then_others_decide_it(either_world: World):
    world = either_world
    world.in_progress(due=date(2025, 6, 30))
    world.act("wang", request_extension, CODE, new_due=date(2025, 7, 31), reason="等待评审")
    assert {person for person in ("wang", "qian", "zhao", "li", "lin") if "decide_extension" in may(world, person)} == {
        "qian",
        "zhao",
    }


def test_possible_when_a_unit_helps_then_its_people_say_that_it_is_done(either_world: World):
    world = either_world
    world.in_progress()
    with world.sessions.begin() as session:
        session.add(CoUnit(measure_id=world.get(CODE).id, unit_id=world.units["二处"]))
    assert {person for person in ("wang", "li", "tang", "he") if "confirm_co_unit" in may(world, person)} == {
        "tang",
        "he",
    }


def test_possible_when_somebody_holds_the_measure_then_it_is_told_without_waiting(either_world: World):
    world = either_world
    world.in_progress()
    with world.sessions.begin() as other:
        other.execute(select(Measure).where(Measure.code == CODE).with_for_update())
        with glancing(world.sessions) as session:
            desk = Desk(session=session, moment=world.moment, calendar=world.calendar, person="wang")
            assert "report" in possible_actions(desk, CODE).now

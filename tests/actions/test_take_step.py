"""Any step by its name: Duban's own as their actions, and those that only the office's lifecycle knows."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.actions.possible_actions import possible_actions
from engine.actions.request_extension import request_extension
from engine.actions.take_step import Piece, take_step
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.refusal import FourEyes, NotAllowed, NotFound, NotReady, WrongState
from engine.rules.steps import STEPS
from engine.rules.vocabulary import State, WaitsFor
from models import Extension, Ruling, Verdict, Verification
from tests.factories import shipped_policies
from tests.own_lifecycle import with_own_steps
from tests.world import World

CODE = "1-01"


def test_steps_when_taken_by_name_lead_from_assigned_to_closed(either_world: World):
    world = either_world
    world.measure(owner=None)
    piece = Piece(name="纪要.pdf", sha256="ab" * 32, size=3)
    asks = shipped_policies().checklist
    assert world.act("lin", take_step, CODE, "assign", {"owner": "wang"}).state is State.ASSIGNED
    assert world.act("wang", take_step, CODE, "accept", {}).state is State.IN_PROGRESS
    assert world.act("wang", take_step, CODE, "report", {"percent": "60", "text": "初稿"}).percent == 60
    assert world.act("wang", take_step, CODE, "submit", {}, pieces=[piece]).state is State.SUBMITTED
    started = world.act("lin", take_step, CODE, "start_verification", {"verifier": "wu"}, checklist=asks)
    assert started.state is State.SUBMITTED
    assert world.act("wu", take_step, CODE, "return", {"reason": "缺页"}).state is State.IN_PROGRESS
    assert world.act("wang", take_step, CODE, "evidence", {"reference": "第3号纪要"}).state is State.IN_PROGRESS
    assert world.act("zhao", take_step, CODE, "merge", {"reason": "并入"}).state is State.CANCELLED


@pytest.mark.parametrize(
    ("step", "given", "message"),
    [
        ("report", {"percent": "many", "text": "x"}, "How far it is, in percent: not many"),
        ("report", {"percent": "101", "text": "x"}, "a whole number from 0 to 100"),
        ("report", {"text": "x"}, "reporting progress needs: How far it is, in percent"),
        ("request_extension", {"new_due": "soon", "reason": "x"}, "a day such as 2025-09-03"),
        ("decide_extension", {"approve": "perhaps"}, "yes or no was expected"),
        ("accept", {"colour": "red"}, "accepting asks for no colour"),
    ],
)
def test_answer_when_it_is_none_of_its_type_is_refused_by_its_name(
    world: World, step: str, given: dict[str, str], message: str
):
    world.in_progress()
    with pytest.raises(NotReady, match=message):
        world.act("wang", take_step, CODE, step, given)


def test_step_when_it_is_not_there_is_told_with_what_is_near(world: World):
    world.measure()
    with pytest.raises(NotFound, match="acept is not known; did you mean accept"):
        world.act("wang", take_step, CODE, "acept", {})
    with pytest.raises(NotFound, match="void is not known"):
        world.act("lin", take_step, CODE, "void", {})


def test_steps_when_compared_with_the_lifecycle_cover_every_transition_that_people_take():
    arrows = parse_lifecycle(shipped_policies().lifecycle).transitions
    assert {name for name, arrow in arrows.items() if arrow.by} <= set(STEPS)


def test_own_step_when_it_hands_in_then_a_verification_opens_and_the_owner_hears(either_world: World):
    world = with_own_steps(either_world)
    world.in_progress(due=date(2025, 6, 30))
    world.act("wang", request_extension, CODE, new_due=date(2025, 7, 31), reason="待批")
    with pytest.raises(NotAllowed):
        world.act("wang", take_step, CODE, "funds_arrived", {})
    assert world.act("lin", take_step, CODE, "funds_arrived", {"reason": "已拨付"}).state is State.SUBMITTED
    assert set(world.timers(CODE)) == {WaitsFor.VERIFICATION}
    with world.sessions() as session:
        assert session.scalars(select(Verification.verdict)).all() == [None]
        assert session.scalars(select(Extension.ruling)).all() == [Ruling.LAPSED]
    assert world.events(CODE)[-1] == "measure:state:funds_arrived"
    assert len(world.said(to="wang", kind="step_taken", code=CODE)) == 1
    with pytest.raises(WrongState):
        world.act("lin", take_step, CODE, "funds_arrived", {})


def test_own_step_when_it_leaves_a_verification_then_that_is_void_and_acceptance_begins_anew(either_world: World):
    world = with_own_steps(either_world)
    world.submitted()
    with pytest.raises(NotReady, match="a reason is needed"):
        world.act("qian", take_step, CODE, "put_off", {})
    assert world.act("qian", take_step, CODE, "put_off", {"reason": "机构改革"}).state is State.ASSIGNED
    assert world.get(CODE).accepted_on is None
    assert WaitsFor.ACCEPTANCE in world.timers(CODE)
    with world.sessions() as session:
        assert session.scalars(select(Verification.verdict)).all() == [Verdict.VOIDED]


def test_own_step_when_it_ends_a_measure_is_not_for_who_has_worked_on_it(world: World):
    with_own_steps(world)
    world.in_progress(lead="zhao")
    with pytest.raises(FourEyes):
        world.act("zhao", take_step, CODE, "waive", {"reason": "已无必要"})


def test_possible_when_the_lifecycle_has_own_steps_then_they_are_offered_to_whom_they_are_for(world: World):
    with_own_steps(world)
    world.in_progress()
    assert [one.name for one in world.act("lin", possible_actions, CODE).own] == ["funds_arrived"]
    (put_off,) = world.act("qian", possible_actions, CODE).own
    assert (str(put_off.words), [one.name for one in put_off.asks], put_off.asks[0].needed) == (
        "put off",
        ["reason"],
        True,
    )
    assert world.act("wang", possible_actions, CODE).own == ()

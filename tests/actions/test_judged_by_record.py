"""Whoever has worked on a measure neither checks it nor decides on it, whatever became of roles, units and absences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from engine.actions.accept_measure import accept_measure
from engine.actions.answer_checklist import open_for_verifier
from engine.actions.append_events import append_events
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.edit_person import edit_person
from engine.actions.end_absence import end_absence
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.possible_actions import possible_actions
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.actions.shut_out import shut_out
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.reads.lint import lint_round
from engine.rules.recusal import read_recused
from engine.rules.refusal import FourEyes, NotReady
from engine.rules.vocabulary import Role, State
from engine.rules.work_record import Hand
from models import Absence, Decision, Event, Measure, RoleGrant, Round, Verification
from tests.group_meetings import decide, draw_up
from tests.world import World

CODE = "1-01"
#: How the former hand of wu in a measure is covered up: by the coordinator alone, afterwards.
COVERS: dict[str, Callable[[World], None]] = {
    "owner replaced": lambda world: hand_over(world, "wu", "wang"),
    "owner replaced, and moved to another unit": lambda world: (hand_over(world, "wu", "wang"), move(world, "wu")),
    "reported, and replaced": lambda world: (work(world, "wu"), hand_over(world, "wu", "wang")),
    "stood in, and the absence ended": lambda world: stood_in(world, "wu"),
}


def grant(world: World, person: str, role: Role) -> None:
    with world.sessions.begin() as session:
        session.add(RoleGrant(person_id=world.people[person], role=role))


def away(world: World, person: str, substitute: str) -> None:
    given = {"person_id": world.people[person], "substitute_id": world.people[substitute]}
    with world.sessions.begin() as session:
        session.add(Absence(**given, first_day=world.today, last_day=world.today))


def move(world: World, person: str, unit: str = "局党委") -> None:
    given = {"code": person, "name": "吴核验", "unit": unit, "email": None, "language": None}
    world.act("lin", edit_person, person, **given)


def work(world: World, person: str) -> None:
    world.act(person, accept_measure, CODE)
    world.act(person, report_progress, CODE, percent=50, text="过半")


def hand_over(world: World, former: str, to: str) -> None:
    assert world.get(CODE).owner_id == world.people[former]
    world.act("lin", reassign_measure, CODE, owner=to, reason="调岗")


def stood_in(world: World, person: str) -> None:
    world.act("lin", reassign_measure, CODE, owner="wang", reason="调岗")
    span = {"first_day": world.today, "last_day": date(2025, 3, 31)}
    world.act("wang", set_absence, person="wang", substitute=person, **span)
    world.at(date(2025, 3, 10))
    with world.sessions() as session:
        number = session.scalars(select(Absence.id)).one()
    world.act("wang", end_absence, number)
    world.at(date(2025, 3, 20))


def hand_in(world: World, owner: str = "wang") -> None:
    if world.get(CODE).state is State.ASSIGNED:
        world.act(owner, accept_measure, CODE)
    world.act(owner, attach_evidence, CODE, name="材料")
    world.act(owner, submit_measure, CODE)


@pytest.mark.parametrize("cover", sorted(COVERS))
def test_pass_when_a_former_hand_was_covered_up_then_refused_on_every_way(either_world: World, cover: str):
    world = either_world
    world.measure(owner="wu", unit_id=world.units["一处"])
    COVERS[cover](world)
    hand_in(world)
    with pytest.raises(FourEyes, match=r"^1-01: 吴核验 may not check this measure: "):
        world.act("lin", start_verification, [CODE], verifier="wu")
    assert world.act("lin", start_verification, [CODE]) == {CODE: "周核验"}, "the rule chooses somebody else"
    with world.sessions.begin() as session:  # as an earlier release might have asked
        session.scalars(select(Verification)).one().verifier_id = world.people["wu"]
    for step in (pass_verification, lambda desk, code: return_measure(desk, code, reason="缺"), open_for_verifier):
        with pytest.raises(FourEyes, match="吴核验 may not check this measure"):
            world.act("wu", step, CODE)
    assert world.get(CODE).state is State.SUBMITTED


def test_pass_when_the_measure_was_the_verifiers_units_before_then_refused(either_world: World):
    world = either_world
    world.measure()
    moved = {"kind": "measure:import:update", "actor_id": world.people["lin"], "data": {}, "on": world.today}
    with world.sessions.begin() as session:
        measure = session.scalars(select(Measure)).one()
        units = {"unit_id": [world.units["二处"], world.units["一处"]]}
        row = moved | {"at": world.moment.at, "round_id": world.round, "measure_id": measure.id, "changed": units}
        append_events(session, [row])
    hand_in(world)
    with pytest.raises(FourEyes, match="周核验 may not check this measure: is of a unit that worked on it"):
        world.act("lin", start_verification, [CODE], verifier="zhou")


def test_pass_when_the_verifier_was_moved_out_of_the_unit_meanwhile_then_refused(either_world: World):
    world = either_world
    world.act("lin", edit_person, "wu", code="wu", name="吴核验", unit="一处", email=None, language=None)
    world.submitted(verifier="zhou")
    world.at(date(2025, 3, 12))
    move(world, "wu", "审计处")
    with pytest.raises(FourEyes, match="is of a unit that worked on it, or was at that time"):
        world.act("lin", start_verification, [CODE], verifier="wu")


def test_pass_when_the_owner_left_the_unit_then_their_unit_of_that_time_counts(either_world: World):
    world = either_world
    world.measure(owner="tang", unit_id=world.units["一处"])
    world.act("tang", accept_measure, CODE)
    world.at(date(2025, 3, 12))
    world.act("lin", edit_person, "tang", code="tang", name="唐科员", unit="审计处", email=None, language=None)
    hand_in(world, "tang")
    with pytest.raises(
        NotReady, match=r"周核验 .is of a unit that worked on it.*吴核验 .is of a unit that worked on it"
    ):
        world.act("lin", start_verification, [CODE])


def test_start_when_somebody_cannot_then_each_is_named_and_nothing_is_offered(either_world: World):
    world = either_world
    world.measure(owner="wu")
    hand_over(world, "wu", "wang")
    hand_in(world)
    away(world, "zhou", "tang")
    with pytest.raises(NotReady, match=r"nobody may verify 1-01: 周核验 \(absent\), 吴核验 \(owned it, from"):
        world.act("lin", start_verification, [CODE])
    found = world.act("wu", possible_actions, CODE)
    assert "pass" not in found.now
    assert "owned it" in str(found.lacking["pass"])


def test_lint_when_every_verifier_has_worked_on_a_measure_then_it_is_grave(either_world: World):
    world = either_world
    world.measure(owner="wu", unit_id=world.units["一处"])
    world.act("lin", reassign_measure, CODE, owner="zhou", reason="调岗")
    world.act("lin", reassign_measure, CODE, owner="wang", reason="调岗")
    with world.sessions() as session:
        found = lint_round(session, round_id=world.round, calendar=world.calendar, as_of=world.today)
    assert [(one.is_grave, one.codes) for one in found if "too near" in str(one.text)] == [(True, (CODE,))]


@pytest.mark.parametrize("hand", ["owned", "led", "stood in"])
def test_close_when_by_a_member_who_worked_on_it_then_refused_and_not_offered(either_world: World, hand: str):
    world = either_world
    world.measure(owner="zhao" if hand == "owned" else "sun", lead="zhao" if hand == "led" else "qian")
    if hand == "stood in":
        away(world, "sun", "zhao")
    world.act("lin", reassign_measure, CODE, owner="wang", reason="调岗")
    hand_in(world)
    world.at(date(2025, 3, 20))
    world.act("lin", start_verification, [CODE], verifier="wu")
    world.act("wu", pass_verification, CODE)
    for name, step in {
        "close": close_measure,
        "accept_risk": lambda desk, code: cancel_measure(desk, code, how="accept_risk", reason="接受"),
    }.items():
        with pytest.raises(FourEyes, match="赵书记 may not decide on this measure"):
            world.act("zhao", step, CODE)
        found = world.act("zhao", possible_actions, CODE)
        assert name not in found.now
        assert name in found.lacking
    grant(world, "jian", Role.LEADING_GROUP)
    world.act("jian", close_measure, CODE)
    world.act("jian", rebound_measure, CODE, due=date(2025, 12, 31), reason="反弹")
    hand_in(world)
    world.act("lin", start_verification, [CODE], verifier="wu")
    world.act("wu", pass_verification, CODE)
    with pytest.raises(FourEyes):
        world.act("zhao", close_measure, CODE)  # the record of its whole life counts


def test_close_when_delegated_then_not_to_a_coordinator_who_worked_on_it(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        session.get_one(Round, world.round).coordinator_may_close = True
    world.measure(owner="lin")
    hand_over(world, "lin", "wang")
    hand_in(world)
    world.act("lin", start_verification, [CODE], verifier="wu")
    world.act("wu", pass_verification, CODE)
    with pytest.raises(FourEyes, match="林联络 may not decide on this measure: owned it"):
        world.act("lin", close_measure, CODE)


def verified(world: World, **overrides: object) -> World:
    world.measure(**overrides)
    hand_in(world)
    world.act("lin", start_verification, [CODE], verifier="wu")
    world.act("wu", pass_verification, CODE)
    draw_up(world)
    return world


def test_decision_when_a_member_led_the_measure_then_recused_and_on_record(either_world: World):
    world = verified(either_world, lead="zhao")
    grant(world, "jian", Role.LEADING_GROUP)
    made = decide(world, "close")
    assert world.get(CODE).state is State.CLOSED
    with world.sessions() as session:
        kept = session.get_one(Decision, made.id)
        (one,) = read_recused(kept.recused)
        assert (one.person, one.is_member, one.ground.hand) == (world.people["zhao"], True, Hand.LED)
        event = session.scalars(select(Event).where(Event.kind == "meeting:decision:record")).one()
        assert event.data["recused"] == kept.recused


@pytest.mark.parametrize("kind", ["close", "cancel", "merge", "accept_risk"])
def test_decision_when_no_other_member_is_left_then_refused_and_nothing_is_kept(either_world: World, kind: str):
    world = verified(either_world, lead="zhao")
    before = world.events(CODE)
    with pytest.raises(FourEyes, match=r"nobody of the leading group is left .*赵书记 \(led it.*another member"):
        decide(world, kind)
    assert (world.events(CODE), world.get(CODE).state) == (before, State.VERIFIED)
    with world.sessions() as session:
        assert session.scalars(select(Decision)).all() == []
    decide(world, "task", text="请补充材料")  # which decides nothing about the measure


def test_decision_when_the_other_member_is_shut_out_then_nobody_is_left(either_world: World):
    world = verified(either_world, lead="zhao")
    grant(world, "jian", Role.LEADING_GROUP)
    world.act("lin", shut_out, "jian")
    with pytest.raises(FourEyes, match="nobody of the leading group is left"):
        decide(world, "close")


def test_decision_when_the_other_member_is_stood_in_for_by_who_worked_on_it_then_refused(either_world: World):
    world = verified(either_world, lead="zhao")
    grant(world, "jian", Role.LEADING_GROUP)
    away(world, "jian", "zhao")
    with pytest.raises(FourEyes, match="nobody of the leading group is left"):
        decide(world, "close")


def test_decision_when_written_down_by_a_coordinator_who_worked_on_it_then_kept_and_told(either_world: World):
    world = either_world
    world.measure(owner="lin")
    hand_over(world, "lin", "wang")
    hand_in(world)
    world.act("lin", start_verification, [CODE], verifier="wu")
    world.act("wu", pass_verification, CODE)
    draw_up(world)
    made = decide(world, "close")
    (one,) = read_recused(made.recused)
    assert (one.person, one.is_member, one.ground.hand) == (world.people["lin"], False, Hand.OWNED)


def test_decision_when_written_down_by_the_member_who_is_recused_then_refused(either_world: World):
    world = verified(either_world, lead="zhao")
    grant(world, "jian", Role.LEADING_GROUP)
    with pytest.raises(FourEyes, match="赵书记 is recused from this line: led it"):
        decide(world, "close", by="zhao")
    decide(world, "close", by="jian")


def test_extension_when_the_owner_was_asked_for_by_a_former_one_then_they_do_not_decide_it(either_world: World):
    world = either_world
    world.measure(owner="zhao", due=date(2025, 9, 3))
    hand_over(world, "zhao", "wang")
    world.act("wang", accept_measure, CODE)
    world.act("wang", request_extension, CODE, new_due=date(2025, 10, 31), reason="流标")
    assert "decide_extension" not in world.act("zhao", possible_actions, CODE).now
    draw_up(world)
    with pytest.raises(FourEyes, match="nobody of the leading group is left"):
        decide(world, "extend", due=date(2025, 10, 31))
    assert "decide_extension" in world.act("qian", possible_actions, CODE).now, "a leader decides the first"


def test_extension_when_the_leader_owned_the_measure_before_then_the_leading_group_is_asked(either_world: World):
    world = either_world
    world.measure(owner="qian", due=date(2025, 9, 3))
    hand_over(world, "qian", "wang")
    world.act("wang", accept_measure, CODE)
    world.act("wang", request_extension, CODE, new_due=date(2025, 10, 31), reason="流标")
    assert [line.to for line in world.said(kind="extension_asked")] == ["zhao"]

"""Reassigned, cancelled, reopened, put on hold: what stands afterwards."""

from __future__ import annotations

from datetime import date

import pytest

from engine.actions.accept_measure import accept_measure
from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.rules.refusal import NotAllowed, NotFound, NotReady, WrongState
from engine.rules.vocabulary import Role, State, WaitsFor
from tests.world import World

CODE = "1-01"


def test_assign_when_it_is_the_first_time_then_without_a_reason_and_the_unit_follows(either_world: World):
    world = either_world
    world.measure(owner=None, unit_id=None)
    assert set(world.timers(CODE)) == {WaitsFor.ASSIGNMENT, WaitsFor.DUE_DATE}
    world.at(date(2025, 3, 6)).act("lin", reassign_measure, CODE, owner="王经办")  # by name, too
    measure, timers = world.get(CODE), world.timers(CODE)
    assert (measure.owner_id, measure.unit_id) == (world.people["wang"], world.units["一处"])
    assert set(timers) == {WaitsFor.ACCEPTANCE, WaitsFor.DUE_DATE}
    assert timers[WaitsFor.ACCEPTANCE].deadline == date(2025, 3, 11)
    assert [(line.to, line.kind) for line in world.said()] == [("wang", "assigned")]
    assert world.events(CODE) == ["measure:owner:assign"]


def test_reassign_when_in_progress_then_accepted_anew_and_the_due_ladder_goes_on(either_world: World):
    world = either_world
    world.at(date(2025, 8, 20)).in_progress()
    world.fast_forward(date(2025, 8, 26))
    before = world.timers(CODE)[WaitsFor.DUE_DATE]
    with pytest.raises(NotReady, match="give a reason"):
        world.act("lin", reassign_measure, CODE, owner="sun")
    world.act("lin", reassign_measure, CODE, owner="sun", reason="调岗")
    measure, after = world.get(CODE), world.timers(CODE)[WaitsFor.DUE_DATE]
    assert (measure.state, measure.owner_id, measure.accepted_on) == (State.ASSIGNED, world.people["sun"], None)
    assert (after.rung, after.fires_on) == (before.rung, before.fires_on)
    assert [(line.to, line.kind) for line in world.said()[-2:]] == [("sun", "assigned"), ("wang", "reassigned_away")]
    with pytest.raises(NotAllowed):
        world.act("wang", accept_measure, CODE)
    world.act("sun", accept_measure, CODE)


def test_reassign_when_handed_in_then_the_verification_ends(either_world: World):
    world = either_world
    world.submitted()
    world.act("lin", reassign_measure, CODE, owner="sun", reason="调岗")
    assert set(world.timers(CODE)) == {WaitsFor.ACCEPTANCE, WaitsFor.DUE_DATE}
    world.act("sun", accept_measure, CODE)


def test_reassign_when_it_changes_nothing_or_names_nobody_then_refused(world: World):
    world.in_progress()
    with pytest.raises(NotReady, match="王经办 owns this measure already"):
        world.act("lin", reassign_measure, CODE, owner="wang", reason="调岗")
    with pytest.raises(NotFound, match="there is no person nemo"):
        world.act("lin", reassign_measure, CODE, owner="nemo", reason="调岗")
    for person in ("wang", "li", "qian", "jian", "wu"):
        with pytest.raises(NotAllowed):
            world.act(person, reassign_measure, CODE, owner="sun", reason="调岗")


@pytest.mark.parametrize("how", ["cancel", "merge", "accept_risk"])
def test_cancel_when_the_leading_group_does_then_nothing_is_waited_for(either_world: World, how: str):
    world = either_world
    world.submitted()
    with pytest.raises(NotAllowed):
        world.act("lin", cancel_measure, CODE, how=how, reason="条件不具备")
    with pytest.raises(NotReady, match="a reason is needed"):
        world.act("zhao", cancel_measure, CODE, how=how, reason="")
    world.act("zhao", cancel_measure, CODE, how=how, reason="条件不具备")
    assert world.get(CODE).state is State.CANCELLED
    assert world.timers(CODE) == {}
    assert world.said(kind="cancelled")[0].data == {"how": how, "reason": "条件不具备"}
    with pytest.raises(WrongState):
        world.act("zhao", cancel_measure, CODE, how=how, reason="再来")


def test_cancel_when_the_way_is_none_then_refused(world: World):
    world.verified()
    with pytest.raises(NotReady, match="close does not end a measure"):
        world.act("zhao", cancel_measure, CODE, how="close", reason="x")


def test_rebound_when_the_problem_is_back_then_a_new_deadline_and_both_hear(either_world: World):
    world = either_world
    world.verified()
    world.act("zhao", close_measure, CODE)
    world.at(date(2026, 3, 2))
    with pytest.raises(NotReady, match="must lie after today"):
        world.act("jian", rebound_measure, CODE, due=date(2026, 3, 2), reason="回头看发现反弹")
    world.act("jian", rebound_measure, CODE, due=date(2026, 5, 29), reason="回头看发现反弹")
    measure = world.get(CODE)
    assert (measure.state, measure.closed_on, measure.due, measure.deadline_version) == (
        State.IN_PROGRESS,
        None,
        date(2026, 5, 29),
        2,
    )
    assert measure.original_due == date(2025, 9, 3)
    assert set(world.timers(CODE)) == {WaitsFor.MONTHLY_REPORT, WaitsFor.DUE_DATE}
    assert [(line.to, line.role) for line in world.said(kind="rebound")] == [
        ("wang", Role.OWNER),
        ("qian", Role.LEADER),
    ]


def test_rebound_when_the_owner_leads_too_then_told_once(either_world: World):
    world = either_world
    world.measure(lead="wang", state=State.CLOSED)
    world.act("lin", rebound_measure, CODE, due=date(2025, 12, 31), reason="反弹")
    assert [line.to for line in world.said(kind="rebound")] == ["wang"]


def test_acknowledge_when_a_step_is_coming_then_held_once_for_a_stated_time(either_world: World):
    world = either_world
    world.at(date(2025, 8, 28)).in_progress()
    world.fast_forward(date(2025, 9, 4))  # red slip: T+1
    world.at(date(2025, 9, 9))
    world.act("wang", acknowledge_timer, CODE, waits_for=WaitsFor.DUE_DATE, working_days=3)
    assert world.timers(CODE)[WaitsFor.DUE_DATE].fires_on == date(2025, 9, 12)
    assert world.events(CODE)[-1] == "measure:timer:acknowledge"
    with pytest.raises(NotReady, match="this step of the ladder was acknowledged once already"):
        world.act("li", acknowledge_timer, CODE, waits_for=WaitsFor.DUE_DATE, working_days=1)
    world.fast_forward(date(2025, 9, 12))  # T+5 was on the 10th, and comes back
    world.act("wang", acknowledge_timer, CODE, waits_for=WaitsFor.DUE_DATE, working_days=3)  # the next step: anew


@pytest.mark.parametrize(
    ("person", "waits_for", "days", "refusal", "message"),
    [
        ("wang", WaitsFor.DUE_DATE, 4, NotReady, "a hold is from 1 to 3 working days, not 4"),
        ("wang", WaitsFor.DUE_DATE, 0, NotReady, "a hold is from 1 to 3 working days, not 0"),
        ("wang", WaitsFor.CLOSE_OUT, 1, NotAllowed, "acknowledging is for: responsible leader, coordinator, leading"),
        ("lin", WaitsFor.CLOSE_OUT, 1, NotReady, "1-01 does not wait for that"),
        ("jian", WaitsFor.DUE_DATE, 1, NotAllowed, "acknowledging is for: "),
        ("wu", WaitsFor.DUE_DATE, 1, NotAllowed, "acknowledging is for: "),  # the ladder never speaks to verifiers
        ("he", WaitsFor.DUE_DATE, 1, NotAllowed, "acknowledging is for: "),  # head of another unit
    ],
)
def test_acknowledge_when_it_is_not_theirs_or_too_long_then_refused(
    *, world: World, person: str, waits_for: WaitsFor, days: int, refusal: type[Exception], message: str
):
    world.in_progress()
    with pytest.raises(refusal, match=message):
        world.act(person, acknowledge_timer, CODE, waits_for=waits_for, working_days=days)


def test_acknowledge_when_held_then_other_actions_leave_the_hold(either_world: World):
    world = either_world
    world.at(date(2025, 8, 28)).in_progress()
    world.fast_forward(date(2025, 9, 4))
    world.at(date(2025, 9, 9)).act("wang", acknowledge_timer, CODE, waits_for=WaitsFor.DUE_DATE, working_days=3)
    world.act("wang", report_progress, CODE, percent=90, text="收尾")
    assert world.timers(CODE)[WaitsFor.DUE_DATE].fires_on == date(2025, 9, 12)

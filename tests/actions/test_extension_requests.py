"""Extension requests: filed before the due date, decided by somebody else, counted; each approval a fresh ladder."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.decide_extension import decide_extension, extend_by_decision
from engine.actions.reassign_measure import reassign_measure
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.actions.submit_measure import submit_measure
from engine.rules.refusal import FourEyes, NotAllowed, NotReady, WrongState
from engine.rules.vocabulary import Role, Slip, State, WaitsFor
from models import Decision, DecisionKind, Extension, Meeting, Ruling
from tests.world import World

CODE = "1-01"
DUE = date(2025, 9, 3)


def ask(world: World, new_due: date, *, by: str = "wang") -> None:
    world.act(by, request_extension, CODE, new_due=new_due, reason="招标流标")


def rulings(world: World) -> list[tuple[int, Ruling, Role]]:
    with world.sessions() as session:
        query = select(Extension.number, Extension.ruling, Extension.approver_role).order_by(Extension.number)
        return [(number, ruling, role) for number, ruling, role in session.execute(query)]


def decided(world: World, number: int = 1, **overrides: object) -> Decision:
    """Return a recorded decision of the leading group, as the recording of a meeting stores it."""
    with world.sessions.begin() as session:
        meeting = session.scalar(select(Meeting)) or Meeting(
            round_id=world.round, body="领导小组", period="2025-08", held_on=world.today, created_at=world.moment.at
        )
        session.add(meeting)
        session.flush()
        plain = {"kind": DecisionKind.EXTEND, "text": "同意延期", "recorded_by_id": world.people["lin"]}
        when = {"on": world.today, "at": world.moment.at}
        decision = Decision(meeting_id=meeting.id, number=number, **plain | when | overrides)
        session.add(decision)
    return decision


def test_request_when_filed_then_the_leader_is_asked_and_the_old_date_stands(either_world: World):
    world = either_world
    world.in_progress()
    world.at(date(2025, 8, 1))
    ask(world, date(2025, 10, 31))
    timers = world.timers(CODE)
    assert set(timers) == {WaitsFor.MONTHLY_REPORT, WaitsFor.DUE_DATE, WaitsFor.EXTENSION}
    assert timers[WaitsFor.EXTENSION].deadline == date(2025, 8, 6)
    assert timers[WaitsFor.DUE_DATE].deadline == DUE
    (line,) = world.said(kind="extension_asked")
    assert (line.to, line.role) == ("qian", Role.LEADER)
    assert line.data["new_due"] == "2025-10-31"
    assert rulings(world) == [(1, Ruling.PENDING, Role.LEADER)]
    with pytest.raises(NotReady, match="a request for this measure is waiting already"):
        ask(world, date(2025, 11, 30))


def test_request_when_approved_then_a_new_deadline_version_begins_a_fresh_ladder(either_world: World):
    world = either_world
    world.at(date(2025, 8, 20)).in_progress()
    world.fast_forward(date(2025, 8, 26))
    ask(world, date(2025, 10, 31))
    world.act("qian", decide_extension, CODE, approve=True)
    measure, timers = world.get(CODE), world.timers(CODE)
    assert (measure.due, measure.original_due, measure.deadline_version) == (date(2025, 10, 31), DUE, 2)
    assert WaitsFor.EXTENSION not in timers
    assert (timers[WaitsFor.DUE_DATE].deadline_version, timers[WaitsFor.DUE_DATE].rung) == (2, 0)
    (line,) = world.said(kind="extension_decided")
    assert (line.to, line.data["approved"], line.data["old_due"]) == ("wang", True, "2025-09-03")
    assert world.events(CODE)[-2:] == ["measure:extension:request", "measure:extension:approve"]


def test_request_when_refused_then_the_old_date_and_its_ladder_stand(either_world: World):
    world = either_world
    world.at(date(2025, 8, 20)).in_progress()
    world.fast_forward(date(2025, 8, 26))
    before = world.timers(CODE)[WaitsFor.DUE_DATE]
    ask(world, date(2025, 10, 31))
    with pytest.raises(NotReady, match="a reason is needed"):
        world.act("qian", decide_extension, CODE, approve=False)
    world.act("qian", decide_extension, CODE, approve=False, reason="按期完成")
    after = world.timers(CODE)[WaitsFor.DUE_DATE]
    assert (after.deadline, after.deadline_version, after.rung, after.fires_on) == (
        DUE,
        1,
        before.rung,
        before.fires_on,
    )
    assert world.get(CODE).due == DUE
    assert world.said(kind="extension_decided")[0].data["approved"] is False
    with pytest.raises(NotReady, match="no extension request is waiting"):
        world.act("qian", decide_extension, CODE, approve=True)


def test_requests_when_repeated_then_decided_higher_and_at_last_no_more(either_world: World):
    world = either_world
    world.in_progress()
    for new_due, approver in ((date(2025, 10, 31), "qian"), (date(2025, 12, 31), "zhao")):
        ask(world, new_due)
        world.act(approver, decide_extension, CODE, approve=True)
    with pytest.raises(NotReady, match="extended 2 times already; no further extension is allowed"):
        ask(world, date(2026, 3, 31))
    assert rulings(world) == [(1, Ruling.APPROVED, Role.LEADER), (2, Ruling.APPROVED, Role.LEADING_GROUP)]
    assert world.get(CODE).deadline_version == 3


def test_request_when_a_refused_one_went_before_then_its_own_ladder_starts_afresh(either_world: World):
    world = either_world
    world.in_progress()
    world.at(date(2025, 7, 1))
    ask(world, date(2025, 10, 31))
    world.fast_forward(date(2025, 7, 8))  # reminder to the leader, then late
    world.act("qian", decide_extension, CODE, approve=False, reason="按期完成")
    ask(world, date(2025, 11, 30))
    done = world.fast_forward(date(2025, 7, 15))
    assert done.failed == 0
    rungs = world.rungs(CODE, WaitsFor.EXTENSION)
    assert [line.rung for line in rungs] == [0, 1, 0, 1]
    assert len({line.version for line in rungs}) == 2


def test_request_when_the_due_date_has_passed_then_refused(world: World):
    world.in_progress()
    world.at(date(2025, 9, 4))
    with pytest.raises(NotReady, match="2025-09-03 has passed"):
        ask(world, date(2025, 10, 31))
    world.at(DUE)
    ask(world, date(2025, 10, 31))


@pytest.mark.parametrize("overrides", [{"lead": None}, {"lead": "wang"}, {"lead": "li"}])
def test_request_when_the_leader_is_missing_or_asks_then_the_leading_group_decides(
    world: World, overrides: dict[str, str | None]
):
    world.in_progress(**overrides)
    ask(world, date(2025, 10, 31), by="li")
    assert rulings(world) == [(1, Ruling.PENDING, Role.LEADING_GROUP)]
    assert [line.to for line in world.said(kind="extension_asked")] == ["zhao"]


def test_decision_when_by_who_asked_then_refused(either_world: World):
    world = either_world
    world.in_progress()
    ask(world, date(2025, 10, 31), by="li")
    for person in ("li", "wang", "lin", "sun"):
        with pytest.raises(NotAllowed):
            world.act(person, decide_extension, CODE, approve=True)
    world.act("wang", set_absence, person="wang", substitute="qian", first_day=world.today, last_day=world.today)
    with pytest.raises(FourEyes, match=r"钱.* may not decide on this measure: stood in for .*, who owned it"):
        world.act("qian", decide_extension, CODE, approve=True)
    assert world.act("zhao", decide_extension, CODE, approve=True).due == date(2025, 10, 31)


def test_decision_when_another_date_is_granted_then_that_one(world: World):
    world.in_progress()
    ask(world, date(2025, 10, 31))
    with pytest.raises(NotReady, match="the new due date must lie after 2025-09-03"):
        world.act("qian", decide_extension, CODE, approve=True, new_due=DUE)
    assert rulings(world) == [(1, Ruling.PENDING, Role.LEADER)]
    world.act("qian", decide_extension, CODE, approve=True, new_due=date(2025, 9, 30))
    assert world.get(CODE).due == date(2025, 9, 30)


def test_decision_when_it_comes_after_the_new_date_then_another_is_asked_for(world: World):
    world.in_progress()
    ask(world, date(2025, 9, 10))
    world.at(date(2025, 9, 15))
    with pytest.raises(NotReady, match="must lie after today"):
        world.act("qian", decide_extension, CODE, approve=True)
    world.act("qian", decide_extension, CODE, approve=True, new_due=date(2025, 9, 30))


def test_request_when_the_work_is_handed_in_then_it_lapses(either_world: World):
    world = either_world
    world.in_progress()
    world.act("wang", attach_evidence, CODE, name="材料")
    ask(world, date(2025, 10, 31))
    world.act("wang", submit_measure, CODE)
    assert rulings(world) == [(1, Ruling.LAPSED, Role.LEADER)]
    assert WaitsFor.EXTENSION not in world.timers(CODE)


def test_request_when_reassigned_or_cancelled_then_it_lapses(world: World):
    world.in_progress()
    ask(world, date(2025, 10, 31))
    world.act("lin", reassign_measure, CODE, owner="sun", reason="调岗")
    assert rulings(world)[0][1] is Ruling.LAPSED
    world.act("sun", request_extension, CODE, new_due=date(2025, 10, 31), reason="重新安排")
    world.act("zhao", cancel_measure, CODE, how="merge", reason="并入1-02")
    assert [ruling for _, ruling, _ in rulings(world)] == [Ruling.LAPSED, Ruling.LAPSED]
    assert world.timers(CODE) == {}


@pytest.mark.parametrize("state", [State.VERIFIED, State.CLOSED, State.CANCELLED])
def test_request_when_the_work_is_done_then_refused(world: World, state: State):
    world.measure(state=state)
    with pytest.raises(WrongState):
        ask(world, date(2025, 10, 31))


def test_request_when_open_ended_then_refused(world: World):
    world.in_progress(due=None)
    with pytest.raises(NotReady, match="open-ended"):
        ask(world, date(2025, 10, 31))


def test_decision_when_recorded_from_a_meeting_then_even_the_owner_may_write_it_down(either_world: World):
    world = either_world
    world.measure(owner="lin", unit_id=world.units["局党委"], state=State.IN_PROGRESS)
    ask(world, date(2025, 10, 31), by="lin")
    decision = decided(world)
    world.act("lin", decide_extension, CODE, approve=True, decision=decision)
    assert world.get(CODE).due == date(2025, 10, 31)


def test_extension_when_the_group_gives_one_unasked_then_a_waiting_request_is_overtaken(either_world: World):
    world = either_world
    world.in_progress()
    ask(world, date(2025, 10, 31))
    world.at(date(2025, 9, 10))  # overdue by now: the group may, all the same
    world.act("lin", extend_by_decision, CODE, new_due=date(2025, 12, 31), reason="资金", decision=decided(world))
    assert rulings(world) == [(1, Ruling.LAPSED, Role.LEADER)]
    assert (world.get(CODE).due, world.get(CODE).deadline_version) == (date(2025, 12, 31), 2)
    assert set(world.timers(CODE)) == {WaitsFor.MONTHLY_REPORT, WaitsFor.DUE_DATE}
    with pytest.raises(NotReady):
        world.act("lin", extend_by_decision, CODE, new_due=date(2025, 9, 30), reason="资金", decision=decided(world, 2))


def test_extension_when_the_approver_is_late_then_reminded_and_the_group_hears(world: World):
    world.in_progress()
    world.at(date(2025, 7, 1))
    ask(world, date(2025, 10, 31))
    world.fast_forward(date(2025, 7, 11))
    assert world.heard("qian", WaitsFor.EXTENSION) == [
        (date(2025, 7, 3), Slip.REMINDER),
        (date(2025, 7, 7), Slip.YELLOW),
    ]
    assert world.heard("lin", WaitsFor.EXTENSION) == [(date(2025, 7, 7), Slip.YELLOW)]
    assert world.heard("zhao", WaitsFor.EXTENSION) == [(date(2025, 7, 11), Slip.GROUP)]

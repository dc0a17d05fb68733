"""Every action along the main line: what it stores, which timers stand afterwards, what is recorded and said."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.close_measure import close_measure
from engine.actions.confirm_co_unit import confirm_co_unit
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.report_progress import report_progress
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.rules.refusal import FourEyes, NotAllowed, NotReady, WrongState
from engine.rules.vocabulary import State, WaitsFor
from models import CoUnit, Evidence, Measure, ProgressReport, Verdict, Verification
from tests.world import World

CODE = "1-01"


def verifications(world: World) -> list[Verification]:
    with world.sessions() as session:
        return list(session.scalars(select(Verification).order_by(Verification.id)))


def test_accept_when_the_owner_does_then_the_report_and_the_due_date_are_waited_for(either_world: World):
    world = either_world
    world.measure()
    assert set(world.timers(CODE)) == {WaitsFor.ACCEPTANCE, WaitsFor.DUE_DATE}
    world.at(date(2025, 3, 5)).act("wang", accept_measure, CODE)
    measure, timers = world.get(CODE), world.timers(CODE)
    assert (measure.state, measure.state_since, measure.accepted_on) == (
        State.IN_PROGRESS,
        date(2025, 3, 5),
        date(2025, 3, 5),
    )
    assert set(timers) == {WaitsFor.MONTHLY_REPORT, WaitsFor.DUE_DATE}
    assert timers[WaitsFor.MONTHLY_REPORT].deadline == date(2025, 3, 25)
    assert (timers[WaitsFor.DUE_DATE].deadline, timers[WaitsFor.DUE_DATE].rung) == (date(2025, 9, 3), 0)
    assert world.events(CODE) == ["measure:state:accept"]


def test_report_when_given_then_kept_and_next_months_is_waited_for(either_world: World):
    world = either_world
    world.in_progress()
    world.at(date(2025, 3, 24)).act("wang", report_progress, CODE, percent=40, text=" 制度已起草 ")
    assert (world.get(CODE).percent, world.get(CODE).reported_on) == (40, date(2025, 3, 24))
    assert world.timers(CODE)[WaitsFor.MONTHLY_REPORT].deadline == date(2025, 4, 25)
    world.at(date(2025, 4, 20)).act("li", report_progress, CODE, percent=30, text="返工")  # the head may; it may fall
    with world.sessions() as session:
        rows = session.execute(select(ProgressReport.percent, ProgressReport.text)).all()
    assert rows == [(40, "制度已起草"), (30, "返工")]
    assert world.timers(CODE)[WaitsFor.MONTHLY_REPORT].deadline == date(2025, 5, 25)


@pytest.mark.parametrize(
    ("percent", "text", "message"),
    [
        (101, "x", "progress is a percentage from 0 to 100, not 101"),
        (-1, "x", "progress is a percentage from 0 to 100, not -1"),
        (50, "  ", "a progress report needs a text"),
    ],
)
def test_report_when_it_makes_no_sense_then_refused(world: World, percent: int, text: str, message: str):
    world.in_progress()
    with pytest.raises(NotReady, match=message):
        world.act("wang", report_progress, CODE, percent=percent, text=text)
    assert world.events(CODE) == ["measure:state:accept"]


def test_submit_when_there_is_evidence_then_only_the_verification_is_waited_for(either_world: World):
    world = either_world
    world.in_progress()
    with pytest.raises(NotReady, match="no evidence is attached yet"):
        world.act("wang", submit_measure, CODE)
    world.act("wang", attach_evidence, CODE, name=" 会议纪要.pdf ", sha256="ab" * 32, size=9)
    world.at(date(2025, 3, 20)).act("li", submit_measure, CODE)
    timer = world.timers(CODE).pop(WaitsFor.VERIFICATION)
    assert set(world.timers(CODE)) == {WaitsFor.VERIFICATION}
    assert timer.deadline == date(2025, 3, 27)
    (asked,) = world.said(kind="verification_wanted")
    assert (asked.to, asked.data) == ("lin", {"owner": "王经办"})
    with world.sessions() as session:
        assert session.scalars(select(Evidence.name)).all() == ["会议纪要.pdf"]
    assert world.events(CODE) == ["measure:state:accept", "measure:evidence:attach", "measure:state:submit"]


def test_submit_when_a_co_unit_still_works_then_refused_until_it_is_done(either_world: World):
    world = either_world
    world.in_progress()
    world.act("wang", attach_evidence, CODE, name="材料")
    with world.sessions.begin() as session:
        measure = session.scalars(select(Measure)).one()
        session.add_all(CoUnit(measure_id=measure.id, unit_id=world.units[name]) for name in ("二处", "审计处"))
    with pytest.raises(NotReady, match="2 co-units have not said"):
        world.act("wang", submit_measure, CODE)
    world.act("tang", confirm_co_unit, CODE)  # anyone of the unit
    world.act("he", confirm_co_unit, CODE)  # its head, too late to matter
    with pytest.raises(NotReady, match="1 co-units have not said"):
        world.act("wang", submit_measure, CODE)
    world.act("wu", confirm_co_unit, CODE)
    world.act("wang", submit_measure, CODE)
    assert world.events(CODE).count("measure:co_unit:done") == 2
    with pytest.raises(WrongState):
        world.act("wu", confirm_co_unit, CODE)


def test_confirm_when_not_of_a_co_unit_then_refused(world: World):
    world.in_progress()
    with pytest.raises(NotAllowed, match="confirming a co-unit's part is for the measure's co-units"):
        world.act("tang", confirm_co_unit, CODE)


def test_verification_when_started_then_the_least_busy_verifier_is_told_once(either_world: World):
    world = either_world
    world.submitted("1-01", verifier="zhou")
    world.submitted("1-02", verifier=None)
    world.submitted("1-03", verifier=None)
    world.at(date(2025, 3, 10)).act("lin", start_verification, ["1-02", "1-03"])
    asked = [(line.measure, line.to) for line in world.said(kind="verification_asked")]
    assert asked == [("1-01", "zhou"), ("1-02", "wu"), ("1-03", "zhou")]
    assert world.timers("1-02")[WaitsFor.VERIFICATION].deadline == date(2025, 3, 17)
    world.at(date(2025, 3, 12)).act("lin", start_verification, ["1-01", "1-02"])
    assert len(world.said(kind="verification_asked")) == 3, "asked already, for the same evidence"
    assert world.timers("1-02")[WaitsFor.VERIFICATION].deadline == date(2025, 3, 17)


def test_verification_when_given_to_another_and_back_then_each_is_told(either_world: World):
    world = either_world
    world.submitted(verifier="wu")
    world.act("lin", start_verification, [CODE], verifier="zhou")
    world.act("lin", start_verification, [CODE], verifier="wu")
    assert [line.to for line in world.said(kind="verification_asked")] == ["wu", "zhou", "wu"]
    assert [one.verifier_id for one in verifications(world)] == [world.people["wu"]]


def test_verification_when_one_of_several_cannot_start_then_none_does(world: World):
    world.submitted("1-01", verifier=None)
    world.in_progress("1-02")
    with pytest.raises(WrongState):
        world.act("lin", start_verification, ["1-01", "1-02"])
    assert world.said(kind="verification_asked") == []


def test_pass_when_the_evidence_is_the_same_then_close_out_is_waited_for(either_world: World):
    world = either_world
    world.submitted()
    world.at(date(2025, 3, 12)).act("wu", pass_verification, CODE, reason="属实")
    assert world.get(CODE).state is State.VERIFIED
    assert set(world.timers(CODE)) == {WaitsFor.CLOSE_OUT}
    (line,) = world.said(kind="passed")
    assert (line.to, line.data) == ("wang", {"verifier": "吴核验", "reason": "属实"})
    (verification,) = verifications(world)
    assert (verification.verdict, verification.decided_by_id) == (Verdict.PASSED, world.people["wu"])


def test_return_when_a_reason_is_given_then_the_report_and_the_due_date_are_waited_for_again(either_world: World):
    world = either_world
    world.submitted()
    with pytest.raises(NotReady, match="a reason is needed"):
        world.act("wu", return_measure, CODE, reason=" ")
    world.at(date(2025, 3, 12)).act("wu", return_measure, CODE, reason="缺少签到表")
    assert world.get(CODE).state is State.IN_PROGRESS
    assert set(world.timers(CODE)) == {WaitsFor.MONTHLY_REPORT, WaitsFor.DUE_DATE}
    (line,) = world.said(kind="returned")
    assert (line.to, line.data["reason"]) == ("wang", "缺少签到表")
    world.act("wang", submit_measure, CODE)
    assert [one.verdict for one in verifications(world)] == [Verdict.RETURNED, None]


def test_pass_when_evidence_was_added_since_then_refused_until_started_again(either_world: World):
    world = either_world
    world.submitted()
    world.act("wang", attach_evidence, CODE, name="补充材料")
    with pytest.raises(NotReady, match="the evidence changed after the verification began; start it again"):
        world.act("wu", pass_verification, CODE)
    world.act("lin", start_verification, [CODE])
    assert [line.data["evidence"] for line in world.said(kind="verification_asked")] == [
        ["会议纪要.pdf"],
        ["会议纪要.pdf", "补充材料"],
    ]
    assert world.act("wu", pass_verification, CODE).state is State.VERIFIED


def test_evidence_when_added_after_the_verdict_then_it_is_void_and_asked_anew(either_world: World):
    world = either_world
    world.verified()
    for _ in range(2):  # a second time, too
        world.act("wang", attach_evidence, CODE, name="补充材料")
        assert world.get(CODE).state is State.SUBMITTED
        assert set(world.timers(CODE)) == {WaitsFor.VERIFICATION}
        world.act("wu", pass_verification, CODE)
    assert [(line.to, line.role.value) for line in world.said(kind="voided")] == [
        ("wang", "owner"),
        ("wu", "verifier"),
    ] * 2
    assert [one.verdict for one in verifications(world)] == [Verdict.VOIDED, Verdict.VOIDED, Verdict.PASSED]


def test_evidence_when_the_verdict_was_read_in_then_the_coordinator_is_asked_for_a_verifier(world: World):
    world.measure(state=State.VERIFIED)
    world.act("wang", attach_evidence, CODE, name="补充材料")
    assert [line.to for line in world.said(kind="verification_wanted")] == ["lin"]


def test_pass_when_nobody_was_named_then_the_passing_verifier_is_kept_for_a_later_doubt(world: World):
    world.submitted(verifier=None)
    world.act("zhou", pass_verification, CODE)
    world.act("wang", attach_evidence, CODE, name="补充材料")
    assert [line.to for line in world.said(kind="voided")] == ["wang", "zhou"]


def test_close_when_the_leading_group_does_then_nothing_is_waited_for(either_world: World):
    world = either_world
    world.verified()
    world.at(date(2025, 4, 2)).act("zhao", close_measure, CODE)
    measure = world.get(CODE)
    assert (measure.state, measure.closed_on) == (State.CLOSED, date(2025, 4, 2))
    assert world.timers(CODE) == {}
    assert [line.to for line in world.said(kind="closed")] == ["wang"]
    assert world.events(CODE)[-1] == "measure:state:close"


@pytest.mark.parametrize("person", ["wang", "li", "lin", "qian", "wu", "jian"])
def test_close_when_anyone_else_asks_then_refused(world: World, person: str):
    world.verified()
    with pytest.raises(NotAllowed, match="closing out is for: leading group"):
        world.act(person, close_measure, CODE)


def test_pass_when_the_verifier_is_of_the_responsible_unit_then_refused(either_world: World):
    world = either_world
    world.submitted(unit_id=world.units["二处"], verifier=None)
    with pytest.raises(FourEyes, match="is of a unit that worked on it"):
        world.act("zhou", pass_verification, CODE)
    with pytest.raises(FourEyes, match="is of a unit that worked on it"):
        world.act("lin", start_verification, [CODE], verifier="zhou")
    world.act("lin", start_verification, [CODE])
    assert [line.to for line in world.said(kind="verification_asked")] == ["wu"]


def test_verification_when_nobody_is_far_enough_then_refused_with_the_reason(world: World):
    world.submitted(unit_id=world.units["二处"], verifier=None)
    with world.sessions.begin() as session:
        session.scalars(select(Measure)).one().owner_id = world.people["wu"]
    with pytest.raises(NotReady, match=r"nobody may verify 1-01: .*is of a unit that worked on it.*owned it"):
        world.act("lin", start_verification, [CODE])
    with pytest.raises(NotAllowed, match="唐科员 is not a verifier"):
        world.act("lin", start_verification, [CODE], verifier="tang")


@pytest.mark.parametrize("name", ["", "  "])
def test_evidence_when_it_has_no_name_then_refused(world: World, name: str):
    world.in_progress()
    with pytest.raises(NotReady, match="evidence needs a name"):
        world.act("wang", attach_evidence, CODE, name=name)

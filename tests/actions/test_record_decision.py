"""What the leading group decides is carried out at once, or not recorded at all; and it heads the next agenda."""

from __future__ import annotations

import re
from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from engine.actions.accept_measure import accept_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.keep_minutes import finish_task, write_minutes
from engine.actions.rebound_measure import rebound_measure
from engine.actions.record_decision import AlreadyDecided, record_decision
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.reads.explain_other import explain_other
from engine.reads.silent_matters import explain_silent, read_gap
from engine.rules.agenda import Section
from engine.rules.refusal import NotAllowed, NotFound, NotReady, Refusal, WrongState
from engine.rules.vocabulary import Slip, State, WaitsFor
from models import Decision, DecisionKind, Event, Extension, Measure, Meeting, Notification, Ruling
from tests.factories import build_round
from tests.group_meetings import APRIL, JUNE, MAY, decide, draw_up, lines_in, printed, rows_of
from tests.world import World

CODE = "1-01"
DUE, LATER = date(2025, 9, 3), date(2025, 10, 31)


@pytest.fixture
def april(either_world: World) -> World:
    """Give a house with a measure in progress, whose owner has said a word, on the day of a meeting."""
    world = either_world
    world.in_progress()
    world.at(APRIL).act("wang", report_progress, CODE, percent=30, text="正在招标")
    draw_up(world)
    return world


def ask(world: World, new_due: date = LATER) -> None:
    world.act("wang", request_extension, CODE, new_due=new_due, reason="招标流标")


TASK = re.compile(r"Task [1-9] of the meeting of 2025-0[4-6]: ")


def told_next(world: World, held_on: date = MAY) -> list[tuple[str | None, str, str, date | None]]:
    """Return code, text, what became of it and date of every line that heads the next agenda; tasks without number."""
    draw_up(world.at(held_on), again=True)
    lines = lines_in(printed(world, held_on), Section.LAST_DECISIONS)
    return [(line.code, TASK.sub("", str(line.text)), str(line.ask), line.deadline) for line in lines]


def everything(world: World) -> list[object]:
    """Return what a decision could have left behind."""
    with world.sessions() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Decision, Event, Notification)]
        measures = session.execute(select(Measure.code, Measure.state, Measure.version, Measure.due, Measure.owner_id))
        rulings = session.scalars(select(Extension.ruling))
        return [*counts, *measures.all(), *rulings.all()]


# Each kind is written back, and heads the next agenda


def test_close_when_decided_then_closed_and_told_next_time_in_one_line(either_world: World):
    world = either_world
    world.verified("1-01")
    world.verified("1-02")
    draw_up(world.at(APRIL))
    assert [decide(world, "close", code, text="同意销号").number for code in ("1-01", "1-02")] == [1, 2]
    measure = world.get("1-01")
    assert (measure.state, measure.closed_on) == (State.CLOSED, APRIL)
    assert world.events("1-01")[-2:] == ["meeting:decision:record", "measure:state:close"]
    assert world.timers("1-01") == {}
    assert [line.to for line in world.said(kind="closed")] == ["wang", "wang"]
    assert told_next(world) == [(None, "2 measures were to be closed out", "done: closed", None)]


def test_close_when_the_measure_rebounds_before_the_next_meeting_then_the_agenda_says_so(either_world: World):
    world = either_world
    world.verified()
    draw_up(world.at(APRIL))
    decide(world, "close", text="同意销号")
    world.at(date(2025, 4, 20)).act("jian", rebound_measure, CODE, reason="反弹", due=LATER)
    assert told_next(world) == [(CODE, "同意销号", "under way: in progress", None)]


def test_extend_when_it_was_asked_for_then_granted_to_the_date_asked_for(april: World):
    ask(april)
    decision = decide(april, "extend", text="同意延期")
    measure = april.get(CODE)
    assert (measure.due, measure.original_due, measure.deadline_version) == (LATER, DUE, 2)
    assert [(one.ruling, one.decision_reason) for one in rows_of(april, Extension)] == [(Ruling.APPROVED, "同意延期")]
    assert decision.due == LATER
    assert rows_of(april, Decision)[0].due == LATER
    assert told_next(april) == [(CODE, "同意延期", "under way: in progress", LATER)]


def test_extend_when_another_date_is_granted_then_that_one(april: World):
    ask(april)
    decide(april, "extend", text="同意延至国庆前", due=date(2025, 9, 30))
    assert april.get(CODE).due == date(2025, 9, 30)
    assert rows_of(april, Extension)[0].new_due == LATER, "what was asked for stays on record"
    assert told_next(april)[0][3] == date(2025, 9, 30)


def test_extend_when_nobody_asked_then_the_date_must_be_named(april: World):
    with pytest.raises(NotReady, match="name the new due date"):
        decide(april, "extend")
    decide(april, "extend", due=LATER)
    assert (april.get(CODE).due, april.get(CODE).deadline_version) == (LATER, 2)
    assert april.timers(CODE)[WaitsFor.DUE_DATE].deadline_version == 2


def test_extend_when_the_granted_date_passes_then_the_agenda_wants_the_owner_heard(april: World):
    decide(april, "extend", text="延至四月底", due=date(2025, 9, 30))
    told = told_next(april, date(2025, 10, 10))
    assert told == [(CODE, "延至四月底", "2 working days past its date; hear the owner", date(2025, 9, 30))]
    line = lines_in(printed(april, date(2025, 10, 10)), Section.LAST_DECISIONS)[0]
    assert (line.owner, line.reason, line.lateness) == ("王经办", "正在招标", 2)


def test_extend_when_it_is_extended_further_then_the_agenda_counts_from_the_newest_date(april: World):
    decide(april, "extend", text="延至九月底", due=date(2025, 9, 30))
    april.act("wang", request_extension, CODE, new_due=date(2025, 12, 31), reason="资金")
    april.act("qian", decide_extension, CODE, approve=True)
    assert told_next(april, date(2025, 10, 10)) == [(CODE, "延至九月底", "under way: in progress", date(2025, 12, 31))]


def test_refusal_when_decided_then_the_old_date_stands(april: World):
    ask(april)
    decide(april, "refuse_extension", text="按期完成")
    assert (april.get(CODE).due, april.get(CODE).deadline_version) == (DUE, 1)
    assert [(one.ruling, one.decision_reason) for one in rows_of(april, Extension)] == [(Ruling.REFUSED, "按期完成")]
    assert told_next(april) == [(CODE, "按期完成", "under way: in progress", None)]


def test_reassign_when_decided_then_the_new_owner_accepts_anew(april: World):
    decide(april, "reassign", text="改由孙经办负责", owner="孙经办")
    measure = april.get(CODE)
    assert (measure.owner_id, measure.state, measure.accepted_on) == (april.people["sun"], State.ASSIGNED, None)
    assert [line.to for line in april.said(kind="assigned")] == ["sun"]
    april.act("sun", accept_measure, CODE)
    assert told_next(april) == [(CODE, "改由孙经办负责", "under way: in progress", None)]
    assert lines_in(printed(april, MAY), Section.LAST_DECISIONS)[0].owner == "孙经办"


@pytest.mark.parametrize("kind", ["cancel", "merge", "accept_risk"])
def test_end_when_decided_then_nothing_is_waited_for_any_more(april: World, kind: str):
    ask(april)
    decide(april, kind, text="条件不具备")
    assert april.get(CODE).state is State.CANCELLED
    assert april.timers(CODE) == {}
    assert rows_of(april, Extension)[0].ruling is Ruling.LAPSED
    assert april.events(CODE)[-2:] == ["meeting:decision:record", f"measure:state:{kind}"]
    assert told_next(april) == [(CODE, "条件不具备", "done: cancelled", None)]


def test_task_when_decided_then_its_owner_is_told_and_nothing_else_changes(april: World):
    before = april.get(CODE)
    decision = decide(april, "task", text=" 一周内报送方案 ", owner="qian", due=date(2025, 4, 17))
    assert april.get(CODE).version == before.version
    (line,) = april.said(kind="decision_task")
    assert (line.to, line.measure, line.slip) == ("qian", CODE, Slip.REMINDER)
    assert line.data == {"text": "一周内报送方案", "meeting": "2025-04-10", "due": "2025-04-17"}
    assert (decision.text, decision.measure_id) == ("一周内报送方案", before.id)
    assert told_next(april) == [
        (CODE, "一周内报送方案", "15 working days past its date; hear the owner", date(2025, 4, 17))
    ]


def test_task_when_about_no_measure_then_recorded_of_the_round(april: World):
    decide(april, "task", None, text="召开现场推进会", owner="qian", due=MAY)
    (event,) = [one for one in rows_of(april, Event) if one.kind == "meeting:decision:record"]
    assert (event.round_id, event.measure_id) == (april.round, None)
    assert event.data == {"decision": "task", "meeting": "2025-04", "number": 1, "text": "召开现场推进会"}
    assert told_next(april) == [(None, "召开现场推进会", "hear the owner", MAY)]


def test_task_when_not_done_is_carried_from_meeting_to_meeting_until_it_is(april: World):
    decide(april, "task", None, text="长任务", owner="qian", due=date(2025, 6, 3))
    decide(april, "task", None, text="短任务", owner="qian", due=date(2025, 4, 30))
    decide(april, "task", None, text="会议知悉")  # nobody's, and no date: told once
    assert [text for _, text, _, _ in told_next(april, MAY)] == ["长任务", "短任务", "会议知悉"]
    decide(april, "task", None, text="五月任务")
    (meeting, _) = rows_of(april, Meeting)
    april.act("qian", finish_task, meeting, 2, note="方案已报送")
    assert [(text, ask) for _, text, ask, _ in told_next(april, JUNE)] == [
        ("长任务", "5 working days past its date; hear the owner"),
        ("短任务", "done on 2025-05-12"),
        ("五月任务", "hear the owner"),
    ]
    (short,) = (
        one for one in lines_in(printed(april, JUNE), Section.LAST_DECISIONS) if str(one.text).endswith("短任务")
    )
    assert (short.reason, short.lateness) == ("方案已报送", 0)
    decide(april, "task", None, text="六月任务")
    assert [text for _, text, _, _ in told_next(april, date(2025, 7, 10))] == ["长任务", "六月任务"]


def test_task_when_marked_as_done_by_somebody_else_is_refused(april: World):
    decide(april, "task", None, text="约谈", owner="wang")
    (meeting,) = rows_of(april, Meeting)
    for person in ("sun", "li", "jian", "wu"):
        with pytest.raises(NotAllowed, match="a task is finished by its owner, a coordinator or the leading group"):
            april.act(person, finish_task, meeting, 1)
    april.act("wang", finish_task, meeting, 1)
    with pytest.raises(NotReady, match="this task is done already"):
        april.act("lin", finish_task, meeting, 1)


def test_decisions_when_a_meeting_decided_nothing_then_those_of_the_one_before_are_told_again(april: World):
    decide(april, "task", None, text="四月任务")
    assert [text for _, text, _, _ in told_next(april, MAY)] == ["四月任务"]
    assert [text for _, text, _, _ in told_next(april, JUNE)] == ["四月任务"]


def test_decisions_when_the_same_meeting_is_drawn_up_again_then_it_does_not_follow_up_itself(april: World):
    decide(april, "task", None, text="四月任务")
    assert told_next(april, APRIL) == []


# Who may, and what is refused


@pytest.mark.parametrize("person", ["lin", "zhao"])
def test_record_when_by_a_coordinator_or_the_group_then_on_record_who_wrote_it(april: World, person: str):
    decision = decide(april, "task", by=person)
    assert (decision.recorded_by_id, decision.on) == (april.people[person], APRIL)


@pytest.mark.parametrize("person", ["wang", "li", "qian", "jian", "wu", "tang"])
def test_record_when_by_anybody_else_then_refused_and_nothing_is_left(april: World, person: str):
    before = everything(april)
    with pytest.raises(NotAllowed, match="recording a decision is for: coordinator, leading group"):
        decide(april, "task", by=person)
    assert everything(april) == before


def test_record_when_the_coordinator_is_away_then_the_substitute_may(april: World):
    april.act("lin", set_absence, person="lin", substitute="tang", first_day=APRIL, last_day=APRIL)
    april.confirm_trust()
    assert decide(april, "task", by="tang").recorded_by_id == april.people["tang"]


@pytest.mark.parametrize(
    ("kind", "overrides", "refusal", "message"),
    [
        ("close", {}, WrongState, "closing out is not possible while the measure is in progress"),
        ("close", {"measure": "9-99"}, NotFound, "there is no measure 9-99"),
        ("close", {"measure": None}, NotReady, "this decision is about a measure; name its code"),
        ("extend", {"due": DUE}, NotReady, "the new due date must lie after 2025-09-03"),
        ("extend", {"due": date(2025, 4, 1)}, NotReady, "the new due date must lie after"),
        ("extend", {}, NotReady, "name the new due date"),
        ("refuse_extension", {}, NotReady, "no extension request is waiting for 1-01"),
        ("reassign", {}, NotReady, "name the new owner"),
        ("reassign", {"owner": "nemo"}, NotFound, "there is no person nemo"),
        ("reassign", {"owner": "wang"}, NotReady, "王经办 owns this measure already"),
        ("task", {"owner": "nemo"}, NotFound, "there is no person nemo"),
        ("task", {"text": " \n"}, NotReady, "a decision needs a text"),
        ("cancel", {"text": ""}, NotReady, "a decision needs a text"),
        ("task", {"meeting": MAY}, NotFound, "there is no meeting in 2025-05; draw up its agenda first"),
    ],
)
def test_record_when_it_cannot_be_carried_out_then_nothing_is_left(
    april: World, kind: str, overrides: dict[str, object], refusal: type[Refusal], message: str
):
    before = everything(april)
    with pytest.raises(refusal, match=message):
        decide(april, kind, **overrides)
    assert everything(april) == before
    assert decide(april, "task").number == 1, "no number is lost"


@pytest.mark.parametrize("kind", [kind.value for kind in DecisionKind if kind is not DecisionKind.TASK])
def test_record_when_the_measure_is_cancelled_already_then_nothing_is_left(april: World, kind: str):
    decide(april, "cancel")
    before = everything(april)
    with pytest.raises(Refusal):
        decide(april, kind, owner="sun", due=LATER)
    assert everything(april) == before


def test_record_when_the_meeting_is_of_another_round_then_there_is_none(april: World):
    with april.sessions.begin() as session:
        build_round(session)  # the newest: what is meant when no round is named
    with pytest.raises(NotFound, match="there is no meeting in 2025-04"):
        decide(april, "task", None)


def test_record_when_another_day_of_the_month_is_named_then_refused_with_the_day_of_the_meeting(april: World):
    with pytest.raises(NotFound, match="no meeting on 2025-04-30; that of 2025-04 is on 2025-04-10"):
        decide(april, "task", meeting=date(2025, 4, 30))


def test_record_when_the_meeting_is_still_to_come_then_refused_until_its_day(april: World):
    with pytest.raises(NotReady, match="the meeting is on 2025-04-10: from that day on it is recorded"):
        decide(april.at(date(2025, 4, 9)), "task", meeting=APRIL)
    with pytest.raises(NotReady, match="from that day on"), april.desk("lin") as desk:
        write_minutes(desk, desk.session.scalars(select(Meeting)).one(), present="", text="纪要")
    assert decide(april.at(APRIL), "task", meeting=APRIL).number == 1


@pytest.mark.parametrize(
    ("owner", "due", "gap"),
    [
        ("wang", date(2025, 4, 18), None),
        ("wang", None, "names no day: it is waited for until 2025-04-24"),
        (None, date(2025, 4, 18), "names nobody who carries it out"),
        (None, None, "names neither who carries it out nor a day: nobody is reminded"),
    ],
)
def test_task_when_it_names_nobody_or_no_day_then_what_follows_is_told(
    april: World, owner: str | None, due: date | None, gap: str | None
):
    with april.desk("lin") as desk:
        made = record_decision(desk, meeting=APRIL, kind=DecisionKind.TASK, text="报送方案", owner=owner, due=due)
        told = read_gap(desk.session, made)
    assert (told is None) if gap is None else gap in str(told)
    with april.sessions() as session:
        found = explain_other(
            session,
            round_id=april.round,
            code="2025-04/1",
            as_of=april.today,
            until=april.today,
            calendar=april.calendar,
        ) or explain_silent(session, round_id=april.round, code="2025-04/1", as_of=april.today)
    assert found is not None
    assert bool(found.rungs) is (owner is not None or due is not None)
    assert ("nobody is reminded of it" in str(found.silence)) is (owner is None and due is None)


# Numbers


def test_numbers_when_two_record_at_once_then_one_after_the_other(april: World):
    numbers: list[int] = []
    threads = [
        Thread(target=lambda person=person: numbers.append(decide(april, "task", None, by=person).number), daemon=True)
        for person in ("lin", "zhao", "lin", "zhao")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(numbers) == [1, 2, 3, 4]


def test_numbers_when_two_would_be_the_same_then_the_database_refuses(april: World):
    decision = decide(april, "task", None)
    with april.sessions() as session:
        row = dict(session.execute(select(Decision.__table__)).mappings().one())
    del row["id"]
    with pytest.raises(IntegrityError), april.engine.begin() as connection:
        connection.execute(insert(Decision.__table__), row)
    with april.engine.begin() as connection:
        connection.execute(insert(Decision.__table__), row | {"number": decision.number + 1})


def test_numbers_when_a_new_meeting_begins_then_from_one(april: World):
    assert [decide(april, "task").number, decide(april, "task", amends=1).number] == [1, 2]
    draw_up(april.at(MAY))
    assert decide(april, "task").number == 1


def test_record_when_the_line_is_decided_already_then_refused_with_what_was_decided(april: World):
    april.in_progress("1-02")
    decide(april, "task", text="月底前报送方案", subject="measure:1")
    before = everything(april)
    for by, line in (("zhao", {"subject": "measure:1"}), ("lin", {})):
        with pytest.raises(AlreadyDecided, match=r"月底前报送方案.*decision 1") as refused:
            decide(april, "extend", due=LATER, by=by, **line)
        assert refused.value.number == 1
    assert everything(april) == before
    for line in ({"subject": "measure:1"}, {"code": "1-02"}):
        with pytest.raises((AlreadyDecided, NotFound)):
            decide(april, "task", amends=7, **line)
    assert decide(april, "extend", due=LATER, subject="measure:1", amends=1).number == 2
    with pytest.raises(AlreadyDecided, match="decision 2"):
        decide(april, "task", amends=1)
    last = rows_of(april, Event)[-1]
    assert (decide(april, "task", "1-02").number, decide(april, "task", None).number) == (3, 4)
    assert any(one.data.get("amends") == 1 for one in rows_of(april, Event) if one.id <= last.id)
    draw_up(april.at(MAY))
    assert decide(april, "task").number == 1


def test_record_when_two_decide_the_same_line_at_once_then_the_second_hears_of_the_first(april: World):
    together, outcomes = Barrier(2), []

    def record(by: str) -> None:
        together.wait(10)
        try:
            outcomes.append(decide(april, "task", text=by, subject="measure:1", by=by).number)
        except AlreadyDecided as refused:
            outcomes.append(str(refused))

    threads = [Thread(target=record, args=(by,)) for by in ("lin", "zhao")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert 1 in outcomes
    (told,) = [one for one in outcomes if one != 1]
    assert "(decision 1)" in str(told)
    assert len(rows_of(april, Decision)) == 1

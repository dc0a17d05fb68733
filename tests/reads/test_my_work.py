"""What waits for somebody: in which pile, in which order, for which reason; and that it costs what they have to do."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from engine.actions.desk import find_actor
from engine.actions.judge_verification import return_measure
from engine.actions.keep_minutes import finish_task
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.reads.my_tasks import Task, read_my_tasks
from engine.reads.my_work import Pile, count_my_work, read_my_work
from engine.reads.work_parts import Part
from engine.rules.vocabulary import WaitsFor
from models import CoUnit, Meeting, Round
from models.database import reading
from tests.factories import build_round
from tests.group_meetings import decide, draw_up, statements
from tests.world import World


def piles(world: World, person: str, **more: int) -> dict[Part, Pile]:
    with world.desk(person) as desk, reading(world.sessions) as session:
        found = read_my_work(session, find_actor(desk), on=world.today, calendar=world.calendar, **more)
    return {pile.part: pile for pile in found}


def tasks(world: World, person: str) -> tuple[Task, ...]:
    with world.desk(person) as desk, reading(world.sessions) as session:
        return read_my_tasks(session, find_actor(desk))


def codes(world: World, person: str) -> dict[Part, list[str]]:
    return {part: [line.code for line in pile.lines] for part, pile in piles(world, person).items()}


def test_own_when_several_wait_then_the_nearest_deadline_first_and_what_it_is_of(either_world: World):
    world = either_world
    world.measure("1-02", due=date(2025, 12, 31))
    world.in_progress("1-01", due=date(2025, 12, 31))
    world.in_progress("1-03", due=date(2025, 3, 7))
    world.submitted("1-04")
    lines = piles(world, "wang")[Part.OWN].lines
    assert [(line.code, line.waits_for, line.deadline) for line in lines] == [
        ("1-02", WaitsFor.ACCEPTANCE, date(2025, 3, 6)),
        ("1-03", WaitsFor.DUE_DATE, date(2025, 3, 7)),
        ("1-01", WaitsFor.MONTHLY_REPORT, date(2025, 3, 25)),
    ]


def test_own_when_it_was_returned_then_why_until_it_is_handed_in_again(either_world: World):
    world = either_world
    world.submitted()
    world.act("wu", return_measure, "1-01", reason="缺签字页")
    line = piles(world, "wang")[Part.OWN].lines[0]
    assert (line.returned, line.has_evidence) == ("缺签字页", True)
    world.act("wang", submit_measure, "1-01")
    world.act("lin", start_verification, ["1-01"], verifier="wu")
    assert (codes(world, "wang"), codes(world, "wu")) == ({}, {Part.VERIFY: ["1-01"]})


def test_own_when_an_extension_is_asked_for_then_until_when(either_world: World):
    world = either_world
    world.in_progress(due=date(2025, 6, 30))
    world.act("wang", request_extension, "1-01", new_due=date(2025, 7, 31), reason="等待评审")
    own, asked = piles(world, "wang")[Part.OWN].lines[0], piles(world, "qian")[Part.EXTENSION].lines[0]
    assert (own.wanted, own.returned, own.has_evidence) == (date(2025, 7, 31), None, False)
    assert (asked.wanted, asked.reason, asked.waits_for) == (date(2025, 7, 31), "等待评审", WaitsFor.EXTENSION)


def test_own_when_somebody_is_away_then_the_substitute_has_it_in_their_place(either_world: World):
    world = either_world
    world.in_progress("1-01")
    world.measure("1-02", owner="sun")
    days = {"first_day": date(2025, 3, 1), "last_day": date(2025, 3, 31)}
    world.act("lin", set_absence, person="wang", substitute="sun", **days)
    assert {line.code: line.instead_of for line in piles(world, "sun")[Part.OWN].lines} == {
        "1-01": "王经办",
        "1-02": None,
    }


def test_overdue_when_it_is_then_head_and_leader_have_it_and_not_as_their_own(either_world: World):
    world = either_world
    world.in_progress("1-01", due=date(2025, 3, 31))
    world.in_progress("1-02", due=date(2025, 4, 2))
    world.submitted("1-03", due=date(2025, 3, 31))
    world.at(date(2025, 3, 31))
    assert (codes(world, "li"), codes(world, "qian")) == ({}, {})
    world.at(date(2025, 4, 1))
    assert codes(world, "li") == {Part.UNIT: ["1-01"]}
    assert codes(world, "qian") == {Part.LED: ["1-01"]}
    assert codes(world, "he") == {}


def test_work_when_the_calendar_has_ended_then_it_is_told_all_the_same(world: World):
    world.in_progress()
    world.at(date(2033, 6, 1))
    assert codes(world, "wang") == {Part.OWN: ["1-01"]}


def test_co_unit_when_its_part_is_open_then_its_people_have_it_until_it_is_done(either_world: World):
    world = either_world
    world.in_progress()
    part = {"measure_id": world.get("1-01").id, "unit_id": world.units["二处"], "done_by_id": None}
    with world.sessions.begin() as session:
        session.add(CoUnit(**part, done_on=None))
    assert (codes(world, "tang"), codes(world, "sun")) == ({Part.CO_UNIT: ["1-01"]}, {})
    with world.sessions.begin() as session:
        session.get_one(CoUnit, (part["measure_id"], part["unit_id"])).done_on = world.today
    assert codes(world, "tang") == {}


def test_round_when_there_are_two_then_what_waits_in_both(either_world: World):
    world = either_world
    world.verified("1-01")
    world.measure("1-02", owner=None)
    with world.sessions.begin() as session:
        first = session.get_one(Round, world.round).code
        world.round = build_round(session, code="2025-2").id
    world.measure("2-02", owner=None)
    with reading(world.sessions) as session, world.desk("lin") as desk:
        found = read_my_work(session, find_actor(desk), on=world.today, calendar=world.calendar)
    assert [(line.code, line.round) for pile in found for line in pile.lines] == [
        ("1-02", first),
        ("2-02", "2025-2"),
    ]
    assert codes(world, "zhao") == {Part.CLOSE_OUT: ["1-01"]}


def test_pile_when_it_is_long_then_the_most_urgent_and_that_there_is_more(either_world: World):
    world = either_world
    for number in range(1, 6):
        world.in_progress(f"1-0{number}", due=date(2025, 3, 20 - number))
    pile = piles(world, "wang", most=3)[Part.OWN]
    assert ([line.code for line in pile.lines], pile.has_more) == (["1-05", "1-04", "1-03"], True)
    with reading(world.sessions) as session, world.desk("wang") as desk:
        assert count_my_work(session, find_actor(desk), on=world.today, calendar=world.calendar, most=3) == 3


def test_task_when_the_leading_group_gives_one_then_its_owner_has_it_until_it_is_done(either_world: World):
    world = either_world
    world.in_progress()
    days = {"first_day": date(2025, 3, 1), "last_day": date(2025, 3, 31)}
    draw_up(world)
    decide(world, "task", owner="tang", text="报送方案", due=date(2025, 3, 10))
    decide(world, "task", None, owner="tang", text="安排场地")
    world.act("lin", set_absence, person="tang", substitute="he", **days)
    assert [(one.number, one.text, one.due, one.measure) for one in tasks(world, "tang")] == [
        (1, "报送方案", date(2025, 3, 10), "1-01"),
        (2, "安排场地", None, None),
    ]
    assert [one.instead_of for one in tasks(world, "he")] == ["唐科员", "唐科员"]
    assert tasks(world, "wang") == ()
    with reading(world.sessions) as session, world.desk("tang") as desk:
        assert count_my_work(session, find_actor(desk), on=world.today, calendar=world.calendar) == 2
    with world.desk("tang") as desk:
        finish_task(desk, desk.session.scalars(select(Meeting)).one(), 1)
    assert [one.number for one in tasks(world, "tang")] == [2]


def test_work_when_there_is_more_of_it_then_as_many_statements(either_world: World):
    world = either_world
    world.in_progress("1-00")
    with statements(world.engine) as short:
        piles(world, "wang")
    for number in range(1, 5):
        world.in_progress(f"1-0{number}")
        world.act("wang", report_progress, f"1-0{number}", percent=10, text="开始")
    with statements(world.engine) as long:
        assert len(piles(world, "wang")[Part.OWN].lines) == 5
    assert long == short

"""The calendar is edited: running deadlines move and their owners hear it; edited back, all stands as before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.close_measure import close_measure
from engine.actions.edit_calendar import MovedDeadline, edit_calendar, edit_days, withdraw_day
from engine.actions.fill_calendar import fill_calendar
from engine.actions.request_extension import request_extension
from engine.reads.calendar import read_calendar, read_day
from engine.rules.refusal import NotAllowed, NotFound
from engine.rules.vocabulary import Slip, WaitsFor
from engine.rules.working_days import BrokenCalendar, DayRow, Source
from intake.calendar.official_calendar import official_days
from models import Event, WorkingDay
from tests.fingerprints import fingerprints
from tests.world import World

CODE = "1-01"
DUE = date(2025, 9, 10)  # a Wednesday
BEGIN, END = date(2025, 1, 1), date(2026, 12, 31)

TimerRow = tuple[WaitsFor, date, date, int, int]


@pytest.fixture
def house(either_world: World) -> World:
    """Give a house whose calendar is on record, on Monday 1 September."""
    with either_world.sessions.begin() as session:
        fill_calendar(session, official_days(BEGIN, END), moment=either_world.moment)
    return refresh(either_world).at(date(2025, 9, 1))


def refresh(world: World) -> World:
    with world.sessions() as session:
        world.calendar = read_calendar(session)
    return world


def edited(day: date, *, working: bool, note: str | None = "校庆", source: Source = "own") -> DayRow:
    return DayRow(day, working, note, source)


def edit(world: World, *rows: DayRow) -> int:
    with world.sessions.begin() as session:
        moved = edit_calendar(session, rows, moment=world.moment, actor=world.people["lin"])
    refresh(world)
    return moved


def timer_rows(world: World, code: str = CODE) -> list[TimerRow]:
    return sorted(
        (timer.waits_for, timer.deadline, timer.fires_on, timer.rung, timer.deadline_version)
        for timer in world.timers(code).values()
    )


def fires_on(world: World, waits_for: WaitsFor = WaitsFor.DUE_DATE, code: str = CODE) -> date:
    return world.timers(code)[waits_for].fires_on


def moves(world: World) -> list[Event]:
    with world.sessions() as session:
        query = select(Event).where(Event.kind == "measure:deadline:moved").order_by(Event.id)
        return list(session.scalars(query))


def test_edit_when_the_due_date_becomes_a_day_off_then_it_runs_to_the_next_working_day(house: World):
    house.in_progress(due=DUE)
    assert edit(house, edited(DUE, working=False)) == 1
    timer = house.timers(CODE)[WaitsFor.DUE_DATE]
    assert timer.deadline == DUE, "the date itself stands; it counts from the 11th"
    assert house.get(CODE).due == DUE
    house.fast_forward(date(2025, 9, 30))
    assert house.heard("wang", WaitsFor.DUE_DATE) == [
        (date(2025, 9, 2), Slip.BLUE),
        (date(2025, 9, 5), Slip.YELLOW),
        (date(2025, 9, 12), Slip.RED),
    ]


def test_edit_when_a_deadline_moves_then_the_owner_is_told_both_days_and_the_record_says_who(house: World):
    house.in_progress(due=DUE)
    edit(house, edited(DUE, working=False))
    (line,) = house.said(kind="deadline_moved")
    assert (line.to, line.measure, line.waits_for) == ("wang", CODE, WaitsFor.DUE_DATE)
    assert line.data == {"waits_for": "due_date", "old": "2025-09-10", "new": "2025-09-11"}
    (event,) = moves(house)
    assert (event.actor_id, event.on, event.data) == (house.people["lin"], house.today, line.data)


def test_edit_when_it_is_taken_back_then_every_timer_stands_as_before_and_that_is_said_too(house: World):
    house.in_progress(due=DUE)
    house.measure("1-02", due=None)  # waits for acceptance until 4 September
    house.submitted("1-03", verifier="wu")
    before = {code: timer_rows(house, code) for code in (CODE, "1-02", "1-03")}
    off = [edited(date(2025, 9, day), working=False) for day in (3, 4, 5, 10)]
    assert edit(house, *off) == 3  # the due date, the acceptance and the verification
    assert all(timer_rows(house, code) != rows for code, rows in before.items())
    assert edit(house, *(edited(row.day, working=True, note=None) for row in off)) == 3
    assert {code: timer_rows(house, code) for code in before} == before
    assert [line.data["new"] for line in house.said(kind="deadline_moved", to="wang")] == ["2025-09-11", "2025-09-10"]


def test_edit_when_put_to_and_fro_within_one_moment_then_nothing_is_said_twice_and_nothing_fails(house: World):
    house.in_progress(due=DUE)
    for working in (False, True, False):
        edit(house, edited(DUE, working=working))
    assert len(moves(house)) == 3
    assert house.said(kind="deadline_moved")[-1].data["new"] == "2025-09-11"


def test_edit_when_a_counted_deadline_is_concerned_then_it_is_counted_anew(house: World):
    house.measure(due=None)
    assert house.timers(CODE)[WaitsFor.ACCEPTANCE].deadline == date(2025, 9, 4)  # three working days
    edit(house, edited(date(2025, 9, 3), working=False))
    timer = house.timers(CODE)[WaitsFor.ACCEPTANCE]
    assert (timer.deadline, timer.fires_on) == (date(2025, 9, 5), date(2025, 9, 4))
    assert not house.said(kind="deadline_moved"), "the owner hears of due dates only"
    assert [event.data["waits_for"] for event in moves(house)] == ["acceptance"]


def test_edit_when_rungs_were_climbed_then_they_stay_and_only_the_coming_ones_move(house: World):
    house.in_progress(due=DUE)
    house.fast_forward(date(2025, 9, 5))  # T-3 is climbed
    climbed = house.rungs(CODE)
    edit(house, edited(date(2025, 9, 8), working=False), edited(date(2025, 9, 11), working=False))
    assert house.rungs(CODE) == climbed
    assert fires_on(house) == date(2025, 9, 12)  # T+1
    house.fast_forward(date(2025, 9, 12))
    assert house.heard("wang", WaitsFor.DUE_DATE)[1:] == [
        (date(2025, 9, 5), Slip.YELLOW),
        (date(2025, 9, 12), Slip.RED),
    ]


def test_edit_when_only_days_between_change_then_the_rungs_move_but_no_deadline_does(house: World):
    house.in_progress(due=DUE)
    house.sweep()
    assert fires_on(house) == date(2025, 9, 5)  # T-3
    assert edit(house, edited(date(2025, 9, 8), working=False)) == 0
    assert fires_on(house) == date(2025, 9, 4)
    assert not house.said(kind="deadline_moved")


def test_edit_when_a_saturday_is_worked_then_deadlines_come_earlier(house: World):
    house.measure(due=date(2025, 9, 6))  # a Saturday: runs to Monday
    assert edit(house, edited(date(2025, 9, 6), working=True)) == 1
    (line,) = house.said(kind="deadline_moved")
    assert (line.data["old"], line.data["new"]) == ("2025-09-08", "2025-09-06")


def test_edit_when_a_ladder_is_held_then_it_stays_held_and_comes_back(house: World):
    house.in_progress(due=DUE)
    house.fast_forward(date(2025, 9, 16))
    house.act("wang", acknowledge_timer, CODE, waits_for=WaitsFor.DUE_DATE, working_days=3)
    assert fires_on(house) == date(2025, 9, 19)  # T+5 was the 17th
    edit(house, edited(date(2025, 9, 17), working=False))
    assert fires_on(house) == date(2025, 9, 19)
    house.fast_forward(date(2025, 9, 19))
    assert house.heard("qian", WaitsFor.DUE_DATE) == [(date(2025, 9, 19), Slip.RED)]


def test_edit_when_nobody_owns_the_measure_then_the_move_is_only_recorded(house: World):
    house.measure(owner=None, due=DUE)
    assert edit(house, edited(DUE, working=False)) == 1
    assert not house.said(kind="deadline_moved")
    assert len(moves(house)) == 1


def test_edit_when_a_request_for_extension_waits_then_its_decision_is_counted_anew(house: World):
    house.in_progress(due=DUE)
    house.act("wang", request_extension, CODE, new_due=date(2025, 9, 26), reason="流标")
    assert house.timers(CODE)[WaitsFor.EXTENSION].deadline == date(2025, 9, 4)
    edit(house, edited(date(2025, 9, 4), working=False))
    assert house.timers(CODE)[WaitsFor.EXTENSION].deadline == date(2025, 9, 5)


def test_edit_when_the_measure_has_ended_then_nothing_moves(house: World):
    house.verified(due=DUE)
    house.act("zhao", close_measure, CODE)
    assert edit(house, edited(DUE, working=False)) == 0
    assert not moves(house)


def test_edit_when_the_days_are_known_already_then_nothing_changes(house: World):
    house.in_progress(due=DUE)
    edit(house, edited(DUE, working=False))
    before = fingerprints(house.engine)
    assert edit(house, edited(DUE, working=False)) == 0
    assert fingerprints(house.engine) == before


def test_edit_when_the_yearly_notice_arrives_then_what_was_provisional_moves_but_an_own_day_stands(house: World):
    house.in_progress(due=DUE)
    edit(house, edited(date(2025, 9, 8), working=False))
    worked = edited(date(2025, 9, 8), working=True, note=None, source="official")
    off = [edited(date(2025, 9, day), working=False, note="假", source="official") for day in (9, 10)]
    assert edit(house, worked, *off) == 1
    assert not house.calendar.is_working(date(2025, 9, 8)), "the house's own word outlives the notice"
    assert house.said(kind="deadline_moved")[-1].data["new"] == "2025-09-11"


def test_edit_when_the_days_do_not_join_on_then_it_is_refused_and_nothing_changes(house: World):
    house.in_progress(due=DUE)
    before = fingerprints(house.engine)
    with pytest.raises(BrokenCalendar):
        edit(house, edited(END + timedelta(days=2), working=False))
    assert fingerprints(house.engine) == before


def test_edit_when_the_record_is_read_again_then_ordinals_run_on_without_a_gap(house: World):
    edit(house, edited(DUE, working=False))
    with house.sessions() as session:
        rows = list(session.scalars(select(WorkingDay).order_by(WorkingDay.day)))
    count = 0
    for row in rows:
        count += row.is_working
        assert row.ordinal == count
    assert (rows[0].day, rows[-1].day) == (BEGIN, END)


def test_own_day_when_a_coordinator_makes_it_then_what_moves_is_told_and_taken_back_all_stands_as_before(house: World):
    house.in_progress(due=DUE)
    before = {name: fingerprints(house.engine)[name] for name in ("working_day", "timer")}
    with pytest.raises(NotAllowed):
        house.act("wang", edit_days, [edited(DUE, working=False)])
    moved = house.act("lin", edit_days, [edited(DUE, working=False)])
    assert MovedDeadline(code=CODE, waits_for=WaitsFor.DUE_DATE, old=DUE, new=DUE + timedelta(days=1)) in moved
    refresh(house)
    again = house.act("lin", edit_days, [edited(DUE, working=False, note="校运会")])
    assert again == (), "another word about the same day moves nothing"
    otherwise = edited(DUE, working=False, note="the record tells another", source="provisional")
    back = house.act("lin", withdraw_day, DUE, otherwise=otherwise)
    assert {(one.code, one.new) for one in back} >= {(CODE, DUE)}
    assert before.items() <= fingerprints(house.engine).items()
    with pytest.raises(NotFound, match="not made by the organisation"):
        house.act("lin", withdraw_day, DUE, otherwise=otherwise)


def test_own_day_when_nothing_lies_under_it_then_what_is_given_stands(house: World):
    with house.sessions.begin() as session:
        session.get_one(WorkingDay, DUE).source = "own"  # as the release before stored it
    official = edited(DUE, working=True, note=None, source="official")
    house.act("lin", withdraw_day, DUE, otherwise=official)
    with house.sessions() as session:
        assert session.get_one(WorkingDay, DUE).source == "official"


@pytest.mark.parametrize(("day", "off"), [(date(2027, 2, 12), True), (date(2027, 2, 20), False)])
def test_own_day_when_the_notice_came_after_it_and_it_is_taken_back_then_the_notice_holds(
    either_world: World, day: date, *, off: bool
):
    with either_world.sessions.begin() as session:
        fill_calendar(session, official_days(BEGIN, date(2028, 12, 31)), moment=either_world.moment)
    house = refresh(either_world).at(date(2026, 10, 8))
    assert house.calendar.is_working(day) is off, "the provisional rule says the opposite of the notice"
    edit(house, edited(day, working=off))
    edit(house, *(edited(one, working=not off, note="春节", source="official") for one in (day,)))
    assert house.calendar.is_working(day) is off, "the own day lies over the notice"
    (otherwise,) = official_days(day, day)
    house.act("lin", withdraw_day, day, otherwise=otherwise)
    with house.sessions() as session:
        assert read_day(session, day) == edited(day, working=not off, note="春节", source="official")


def test_own_days_when_put_and_taken_back_around_the_notice_then_the_record_tells_each_word(house: World):
    edit(house, edited(DUE, working=False))
    edit(house, edited(DUE, working=False, note="假", source="official"))
    with house.sessions() as session:
        told = [one.changed for one in session.scalars(select(Event).where(Event.kind == "calendar:days:store"))]
    assert told[-1] == {
        "days": {
            "2025-09-10": [
                [False, "校庆", "own", True, None, "official"],
                [False, "校庆", "own", False, "假", "official"],
            ]
        }
    }

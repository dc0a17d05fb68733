"""A task that a meeting gave climbs its ladder up to the leading group and onto the agenda; once done it is silent."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.actions.keep_minutes import finish_task
from engine.actions.rebound_measure import rebound_measure
from engine.actions.shut_out import shut_out
from engine.rules.agenda import Section
from engine.rules.vocabulary import OtherWait, Slip
from models import Meeting, Notification, OtherRung, OtherTimer
from tests.group_meetings import APRIL, MAY, decide, draw_up, lines_in, printed, rows_of
from tests.world import World

DUE = date(2025, 4, 18)
TASK = OtherWait.MEETING_TASK


@pytest.fixture
def given(either_world: World) -> World:
    """Give a meeting that has just asked wang for something by 18 April."""
    draw_up(either_world.at(APRIL))
    decide(either_world, "task", None, owner="wang", due=DUE, text="起草整改情况专题报告")
    return either_world


def done(world: World, *, by: str = "wang") -> None:
    with world.desk(by) as desk:
        meeting = desk.session.scalars(select(Meeting).where(Meeting.held_on == APRIL)).one()
        finish_task(desk, meeting, 1)


def test_task_when_nobody_does_it_then_it_reaches_the_leading_group_and_the_agenda(given: World):
    given.fast_forward(MAY)
    assert given.heard("wang", TASK) == [
        (date(2025, 4, 15), Slip.REMINDER),
        (date(2025, 4, 21), Slip.YELLOW),
        (date(2025, 4, 25), Slip.RED),
        (date(2025, 5, 6), Slip.GROUP),  # over the days off and the day made up for them
    ]
    assert given.heard("li", TASK) == [(date(2025, 4, 21), Slip.YELLOW)], "the head of wang's unit"
    assert given.heard("lin", TASK) == [(date(2025, 4, 25), Slip.RED), (date(2025, 5, 6), Slip.GROUP)]
    assert given.heard("zhao", TASK) == [(date(2025, 5, 6), Slip.GROUP)]
    draw_up(given)
    line = lines_in(printed(given, MAY), Section.ESCALATED)[0]
    assert ("起草整改情况专题报告" in str(line.text), line.owner, line.deadline, line.slip) == (
        True,
        "王经办",
        DUE,
        Slip.GROUP,
    )
    assert not [one for one in lines_in(printed(given, MAY), Section.LAST_DECISIONS) if not one.code]

    done(given)
    given.fast_forward(date(2025, 6, 30))
    assert len(given.heard("zhao", TASK)) == 1, "done: silent"


def test_task_when_its_owner_is_shut_out_then_nobody_speaks_to_the_closed_account(given: World):
    given.act("lin", shut_out, "wang")
    given.fast_forward(date(2025, 4, 25))
    assert given.heard("wang", TASK) == []
    assert given.said(to="lin", kind="empty_rung"), "the coordinator hears that nobody is there"
    assert given.heard("lin", TASK), "and so does who comes next on the ladder"


def test_task_when_the_sweep_did_not_run_then_one_notice_each_tells_what_was_passed_over(given: World):
    given.skip_to(date(2025, 5, 8)).sweep()
    assert [line.data["passed_over"] for line in given.said(to="wang", kind="rung")] == [
        ["2025-04-15", "2025-04-21", "2025-04-25"]
    ]
    assert [row.fate.value for row in rows_of(given, OtherRung)] == ["superseded"] * 3 + ["climbed"]
    assert given.sweep().notifications == 0


def test_task_when_it_was_given_before_there_were_such_timers_then_the_first_sweep_arms_it_once(given: World):
    with given.sessions.begin() as session:
        for row in session.scalars(select(Notification)):
            row.other_timer_id = None
        session.delete(session.scalars(select(OtherTimer)).one())
    given.skip_to(date(2025, 5, 8)).sweep()
    assert len(given.heard("wang", TASK)) == 1
    assert len(given.heard("zhao", TASK)) == 1


def test_task_when_no_day_was_named_then_ten_working_days_are_allowed(either_world: World):
    draw_up(either_world.at(APRIL))
    decide(either_world, "task", None, owner="wang", text="起草整改情况专题报告")
    either_world.fast_forward(date(2025, 4, 29))
    assert either_world.heard("wang", TASK) == [(date(2025, 4, 21), Slip.REMINDER), (date(2025, 4, 25), Slip.YELLOW)]


def test_task_when_its_measure_is_settled_then_nothing_is_asked_until_it_is_reopened(either_world: World):
    code = either_world.verified()
    draw_up(either_world.at(APRIL))
    decide(either_world, "task", code, owner="wang", due=DUE, text="说明情况")
    decide(either_world, "close", code, amends=1)
    either_world.fast_forward(MAY)
    assert not either_world.heard("wang", TASK)

    either_world.act("lin", rebound_measure, code, due=date(2025, 9, 30), reason="问题反弹")
    either_world.sweep()
    assert either_world.heard("wang", TASK) == [(MAY, Slip.GROUP)]

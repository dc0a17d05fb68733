"""Timers of what is no measure: armed once, ended with what they wait for, swept with the guarantees of all others."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
from sqlalchemy import insert, select

from engine.actions.edit_calendar import edit_days
from engine.actions.fill_calendar import fill_calendar
from engine.actions.keep_minutes import finish_task, write_minutes
from engine.reads.calendar import read_calendar
from engine.reads.explain_other import explain_other
from engine.reads.lint import lint_round
from engine.reads.simulate import simulate
from engine.rules.vocabulary import OtherWait, Slip
from engine.rules.working_days import DayRow
from intake.calendar.official_calendar import official_days
from models import Event, Fate, Meeting, Notification, OtherRung, OtherTimer, Said, StuckTimer
from tests.factories import at
from tests.group_meetings import APRIL, decide, draw_up, rows_of
from tests.outbox_rows import bundle, claim
from tests.world import World

DUE = date(2025, 4, 18)
TASK, MINUTES = OtherWait.MEETING_TASK, OtherWait.MINUTES


@pytest.fixture
def given(either_world: World) -> World:
    """Give a meeting that has asked wang for two things, by 18 April and by no day."""
    draw_up(either_world.at(APRIL))
    decide(either_world, "task", None, owner="wang", due=DUE, text="起草专题报告")
    decide(either_world, "task", None, owner="sun", text="汇总数据")
    return either_world


def meeting_in(session: object) -> Meeting:
    return session.scalars(select(Meeting)).one()  # type: ignore[attr-defined, no-any-return]


def test_task_when_it_is_done_before_its_notice_leaves_then_the_notice_is_cancelled(given: World):
    bundle(given)
    with given.desk("wang") as desk:
        finish_task(desk, meeting_in(desk.session), 1)
    claim(given)
    first, second = (one for one in rows_of(given, Notification) if one.kind == "decision_task")
    assert (first.state, first.reason) == (Said.CANCELLED, "answered")
    assert second.state is Said.PENDING


def test_sweep_when_a_rung_of_one_was_claimed_then_set_aside_and_the_rest_go_on(given: World):
    spoilt, other = rows_of(given, OtherTimer)
    with given.sessions.begin() as session:
        session.execute(
            insert(OtherRung).values(
                other_timer_id=spoilt.id,
                rung=1,
                slip=Slip.YELLOW,
                deadline=DUE,
                planned_on=DUE,
                climbed_on=DUE,
                at=at(DUE).at,
                fate=Fate.CLIMBED,
            )
        )
    given.expected_errors = ["timer set aside"]
    assert given.at(date(2025, 4, 21)).sweep().failed == 1
    (told,) = given.said(kind="stuck")
    assert (told.to, told.waits_for) == ("lin", TASK)
    assert [row.other_timer_id for row in rows_of(given, StuckTimer)] == [spoilt.id]
    assert given.heard("sun", TASK) == [(date(2025, 4, 21), Slip.REMINDER)]
    assert given.sweep().failed == 0, "not again today"
    with given.sessions() as session:
        found = lint_round(session, round_id=given.round, calendar=given.calendar, as_of=given.today)
    assert [one.codes for one in found if "could not be handled" in str(one.text)] == [("2025-04/1",)]
    assert other.id != spoilt.id


def test_sweep_when_two_run_at_once_then_each_rung_is_climbed_once(given: World):
    given.at(date(2025, 5, 8))
    sweepers = [Thread(target=given.sweep) for _ in range(3)]
    for one in sweepers:
        one.start()
    for one in sweepers:
        one.join()
    rungs = [(row.other_timer_id, row.rung) for row in rows_of(given, OtherRung)]
    assert len(rungs) == len(set(rungs)) == 7
    assert len(given.heard("wang", TASK)) == 1


def test_meeting_when_nothing_is_recorded_then_the_coordinator_is_asked_until_minutes_are_written(either_world: World):
    draw_up(either_world.at(date(2025, 4, 8)), APRIL)
    either_world.fast_forward(date(2025, 4, 20))
    assert either_world.heard("lin", MINUTES) == [
        (date(2025, 4, 15), Slip.REMINDER),
        (date(2025, 4, 18), Slip.YELLOW),
    ]
    with either_world.desk("lin") as desk:
        write_minutes(desk, meeting_in(desk.session), present="全体", text="研究整改")
    either_world.fast_forward(date(2025, 6, 30))
    assert len(either_world.heard("lin", MINUTES)) == 2
    assert not either_world.heard("zhao", MINUTES)


def test_calendar_when_a_day_becomes_a_day_off_then_what_is_counted_moves_and_the_record_says_so(given: World):
    off = DayRow(day=date(2025, 4, 21), is_working=False, note="停电", source="own")
    with given.sessions.begin() as session:
        fill_calendar(session, official_days(date(2024, 1, 1), date(2027, 12, 31)), moment=given.moment)
    moved = given.act("lin", edit_days, [off])
    with given.sessions() as session:
        given.calendar = read_calendar(session)
    assert [(one.code, one.new) for one in moved] == [("2025-04/2", date(2025, 4, 25))]
    given.fast_forward(date(2025, 4, 22))
    assert given.heard("wang", TASK) == [(date(2025, 4, 15), Slip.REMINDER), (date(2025, 4, 22), Slip.YELLOW)]
    assert given.heard("sun", TASK) == [(date(2025, 4, 22), Slip.REMINDER)]
    with given.sessions() as session:
        (told,) = session.scalars(select(Event.data).where(Event.kind == "matter:deadline:moved"))
    assert told == {"waits_for": "meeting_task", "about": "2025-04/2", "old": "2025-04-24", "new": "2025-04-25"}


def test_task_when_explained_and_simulated_then_past_and_coming_rungs_are_told(given: World):
    given.fast_forward(date(2025, 4, 21))
    with given.sessions() as session:
        found = explain_other(
            session,
            round_id=given.round,
            code="2025-04/1",
            as_of=given.today,
            until=date(2025, 5, 31),
            calendar=given.calendar,
        )
        coming = simulate(
            session,
            round_id=given.round,
            as_of=given.today,
            first_day=date(2025, 4, 22),
            last_day=date(2025, 4, 25),
            calendar=given.calendar,
        )
    assert found is not None
    assert [(one.planned_on, one.fate, one.receivers) for one in found.rungs][:4] == [
        (date(2025, 4, 15), "climbed", ("王经办",)),
        (date(2025, 4, 21), "climbed", ("王经办", "李处长")),
        (date(2025, 4, 25), "planned", ("王经办", "林联络")),
        (date(2025, 5, 6), "planned", ("王经办", "赵书记", "林联络")),
    ]
    assert [(one.day, one.code, one.slip) for one in coming] == [
        (date(2025, 4, 25), "2025-04/1", Slip.RED),
        (date(2025, 4, 25), "2025-04/2", Slip.YELLOW),
    ]


def test_lint_when_something_waits_without_a_ladder_then_it_says_so(given: World):
    decide(given, "task", None, text="会议强调纪律")
    with given.sessions.begin() as session:
        session.query(Notification).update({"other_timer_id": None})
        session.query(OtherTimer).delete()
    with given.sessions() as session:
        found = lint_round(session, round_id=given.round, calendar=given.calendar, as_of=given.today)
    assert [(str(one.text), one.codes) for one in found if not one.is_grave] == [
        ("task of a meeting: 2 without a ladder; the next daily run gives it", ()),
        ("tasks of meetings that name neither an owner nor a day: nobody is reminded", ("2025-04/3",)),
    ]

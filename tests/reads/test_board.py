"""The board's figures are those of the round, counted by hand and by the other reads, on any day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.desk import find_actor
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.reads.board import Board, read_board
from engine.reads.board_course import Side, read_course
from engine.reads.round_figures import read_figures
from engine.rules.lights import Light
from engine.rules.moment import day_end
from engine.rules.sight import sight_of
from engine.rules.vocabulary import State
from models import Round
from models.database import reading
from models.event import CROSSES
from tests.factories import ZONE
from tests.world import World

#: From here on every measure of the story is on record.
COMPLETE, END = date(2025, 4, 1), date(2025, 6, 20)


def live(world: World) -> None:
    """Let six measures of unit one and one of the audit office go their ways from March to June."""
    world.at(date(2025, 3, 4)).measure("1", due=date(2025, 4, 9))
    world.measure("2", due=date(2025, 3, 20), lead=None)
    world.measure("3", owner=None, unit_id=None, lead=None, due=None)
    world.measure("6", due=date(2025, 3, 20))
    world.at(date(2025, 3, 10)).act("wang", accept_measure, "1")
    world.act("wang", request_extension, "1", new_due=date(2025, 5, 30), reason="招标流标")
    world.at(date(2025, 3, 14)).act("qian", decide_extension, "1", approve=True)
    world.at(date(2025, 3, 24)).act("wang", accept_measure, "6")
    hand_in(world, "6")
    world.at(date(2025, 3, 26)).act("wu", return_measure, "6", reason="佐证不全")
    world.at(COMPLETE).measure("4", due=date(2025, 5, 6))
    world.measure("5", unit_id=world.units["审计处"], due=date(2025, 5, 6), owner="wu")
    world.at(date(2025, 4, 3))
    hand_in(world, "1")
    hand_in(world, "6")
    world.at(date(2025, 4, 8)).act("wu", pass_verification, "1")
    world.act("wu", pass_verification, "6")
    world.at(date(2025, 4, 10)).act("zhao", close_measure, "6")
    world.at(date(2025, 5, 9)).act("zhao", close_measure, "1")
    world.act("zhao", cancel_measure, "4", how="merge", reason="并入")
    world.at(date(2025, 6, 3)).act("jian", rebound_measure, "6", due=date(2025, 6, 13), reason="反弹")


def hand_in(world: World, code: str) -> None:
    world.act("wang", attach_evidence, code, name=f"纪要{world.today}")
    world.act("wang", submit_measure, code)
    world.act("lin", start_verification, [code], verifier="wu")


def board_of(world: World, person: str, day: date, *, unit: str | None = None) -> Board:
    with world.desk(person) as desk:
        sight = sight_of(find_actor(desk))
        round_ = desk.session.get_one(Round, world.round)
        number = world.units[unit] if unit else None
        return read_board(desk.session, round_, day, world.calendar, seen_by=sight, unit=number)


def test_board_when_read_for_any_day_counts_what_the_round_figures_count(either_world: World):
    world = either_world
    live(world)
    with reading(world.sessions) as session:
        course = read_course(session, session.get_one(Round, world.round))
        for offset in range((END - COMPLETE).days):
            day = COMPLETE + timedelta(days=offset)
            told = read_figures(session, world.round, day_end(day, ZONE), world.calendar)
            counted = (course.count(Side.CLOSED, day), course.overdue(day, world.calendar))
            assert counted == (told.closed, told.overdue), day
            assert course.count(Side.PLANNED, day) == told.measures - told.cancelled
    for day in (date(2025, 4, 9), date(2025, 5, 8), END):
        board = board_of(world, "zhao", day)
        with reading(world.sessions) as session:
            assert board.figures == read_figures(session, world.round, day_end(day, ZONE), world.calendar)
        assert board.lateness[-1] == (day, board.figures.overdue)
        assert sum(board.lights.values()) == board.figures.measures


def test_board_when_counted_by_hand(either_world: World):
    live(either_world)
    board = board_of(either_world, "zhao", date(2025, 5, 8))
    # 2 was due on 20 March; 4 and 5 on 6 May: all three were never accepted.  1 is verified, 6 closed, 3 open-ended
    assert (board.figures.closed, board.figures.verified, board.figures.overdue) == (1, 1, 3)
    # nobody has done anything about 2 for more than ten working days
    assert {light: count for light, count in board.lights.items() if count} == {
        Light.GROUP: 1,
        Light.RED: 2,
        Light.NONE: 3,
    }
    assert board.closed == ((date(2025, 4, 10), 1),)
    # 2 and 6 until 20 March, 4 and 5 until 6 May, 1 until its later date
    assert board.planned == ((date(2025, 3, 20), 2), (date(2025, 5, 6), 4), (date(2025, 5, 30), 5))
    assert board.open_ended == 1
    assert dict(board.lateness) == {
        date(2025, 3, 9): 0,
        date(2025, 3, 16): 0,
        date(2025, 3, 23): 2,  # 2 and 6
        date(2025, 3, 30): 2,  # 6 was returned
        date(2025, 4, 6): 1,  # 6 is handed in
        date(2025, 4, 13): 1,
        date(2025, 4, 20): 1,
        date(2025, 4, 27): 1,
        date(2025, 5, 4): 1,
        date(2025, 5, 8): 3,
    }
    units = [(line.name, line.counts, line.late) for line in board.units]
    assert units == [
        ("一处", {State.VERIFIED: 1, State.ASSIGNED: 2, State.CLOSED: 1}, 2),
        ("审计处", {State.ASSIGNED: 1}, 1),
        (None, {State.ASSIGNED: 1}, 0),
    ]
    assert [(line.name, line.total) for line in board.leaders] == [("钱副局长", 4), (None, 2)]
    # five have a date before September; one was closed, in the last 20 working days: since 9 April
    pace = board.pace
    assert (pace.total, pace.closed, pace.recent, pace.window) == (5, 1, 1, 20)


def test_worst_when_told_of_a_past_day_are_those_of_that_day(either_world: World):
    live(either_world)
    worst = board_of(either_world, "zhao", date(2025, 3, 27)).worst
    assert [(line.code, line.days_late, line.returned) for line in worst.overdue] == [("2", 5, 0), ("6", 5, 1)]
    assert worst.overdue[1].returned_because == "佐证不全"
    assert [(line.code, line.unit, line.lead) for line in worst.returned] == [("6", "一处", "钱副局长")]
    closed_since = board_of(either_world, "zhao", date(2025, 5, 10)).worst
    assert [line.code for line in closed_since.overdue] == ["2", "5"]
    assert closed_since.returned == ()
    today = board_of(either_world, "zhao", END).worst
    assert [(line.code, line.extended) for line in today.overdue] == [("2", 0), ("5", 0), ("6", 0)]
    assert [line.code for line in today.returned] == ["6"], "the rebound has opened it again"


def test_plan_when_told_of_a_past_day_goes_by_the_dates_that_were_in_force(world: World):
    live(world)
    assert board_of(world, "zhao", date(2025, 3, 13)).planned == ((date(2025, 3, 20), 2), (date(2025, 4, 9), 3))
    assert board_of(world, "zhao", date(2025, 3, 14)).planned == ((date(2025, 3, 20), 2), (date(2025, 5, 30), 3))


@pytest.mark.parametrize(
    ("person", "measures", "worst"),
    [
        ("zhao", 6, ["2", "5", "6"]),
        ("wang", 4, ["2", "6"]),  # unit one's
        ("qian", 4, ["5", "6"]),  # those that he leads, his unit has none
        ("wu", 6, ["2", "5", "6"]),  # a verifier
        ("tang", 0, []),  # a member of a unit without measures
    ],
)
def test_board_counts_what_its_reader_sees(world: World, person: str, measures: int, worst: list[str]):
    live(world)
    board = board_of(world, person, END)
    assert board.figures.measures == measures
    assert [line.code for line in board.worst.overdue] == worst
    assert sum(line.total for line in board.units) == measures - board.figures.cancelled
    assert board.pace.total + board.open_ended <= measures


def test_board_when_a_unit_is_named_is_that_unit_s(world: World):
    live(world)
    board = board_of(world, "zhao", END, unit="审计处")
    assert (board.unit, board.figures.measures, [line.name for line in board.units]) == ("审计处", 1, ["审计处"])
    assert board.lateness[-1] == (END, 1)
    assert [line.code for line in board.worst.overdue] == ["5"]


def test_board_when_nothing_is_on_record_is_empty_and_not_broken(world: World):
    board = board_of(world, "zhao", world.today)
    assert board.figures.measures == 0
    assert (board.closed, board.planned, board.worst.overdue) == ((), (), ())
    assert board.pace.is_in_time


def test_crossings_when_counted_are_found_along_their_own_index(world: World):
    with reading(world.sessions) as session:
        plan = session.execute(
            text(f"EXPLAIN QUERY PLAN SELECT count(*) FROM event WHERE event.round_id = 1 AND {CROSSES}")  # noqa: S608
        )
        assert "ix_event_crosses" in " ".join(str(row) for row in plan)

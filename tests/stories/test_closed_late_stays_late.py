"""Handed in and closed after its due date: it says so for ever, wherever the measure is told of."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from documents.ledger import ledger_cells
from documents.ledger_book import read_ledger
from documents.official.plain_text import paper_text
from documents.papers.asked import Asked
from documents.papers.notice import notice
from documents.papers.report import report
from engine.actions.attach_evidence import attach_evidence
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.fill_calendar import fill_calendar
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.reads.board import read_board
from engine.reads.measure_page import read_measure
from engine.reads.paper_facts import read_paper_facts
from engine.reads.recount import Recounter
from engine.reads.rewind import measures_at
from engine.reads.round_figures import read_status
from engine.rules.figure import FIGURE_SOURCES
from engine.rules.lateness import Lateness, Timing
from engine.rules.ledger_layout import Field
from engine.rules.moment import day_end
from engine.rules.sight import Sight
from intake.calendar.official_calendar import official_days
from models import Measure, Round
from tests.factories import ZONE
from tests.web.house import plant_findings
from tests.world import World

CODE, DUE, CLOSED = "1-01", date(2025, 8, 29), date(2025, 9, 15)
REPORTED = date(2025, 9, 30)


def hand_in(world: World, on: date, code: str = CODE) -> None:
    world.at(on).act("wang", attach_evidence, code, name=f"报告{on}")
    world.act("wang", submit_measure, code)
    world.act("lin", start_verification, [code], verifier="wu")


@pytest.fixture
def world(either_world: World) -> World:
    """Close one measure late, as the case of DefectDojo#3524 has it; another in time; a third only after more time."""
    world = either_world
    with world.sessions.begin() as session:
        fill_calendar(session, official_days(date(2025, 1, 1), date(2026, 12, 31)), moment=world.moment)
    problem = plant_findings(world)["1.1"]
    world.at(date(2025, 8, 18))
    world.in_progress(CODE, due=DUE, finding_id=problem)
    world.in_progress("1-02", due=date(2025, 9, 30), finding_id=problem)
    world.in_progress("1-03", due=DUE, finding_id=problem)
    world.act("wang", request_extension, "1-03", new_due=date(2025, 9, 26), reason="招标")
    world.at(date(2025, 8, 19)).act("qian", decide_extension, "1-03", approve=True)
    hand_in(world, date(2025, 9, 11))
    for code in ("1-02", "1-03"):
        hand_in(world, date(2025, 9, 11), code)
    for code in (CODE, "1-02", "1-03"):
        world.at(date(2025, 9, 12)).act("wu", pass_verification, code)
        world.at(CLOSED).act("zhao", close_measure, code)
    return world.at(REPORTED)


def lateness(world: World, code: str = CODE) -> Lateness | None:
    with world.sessions() as session:
        page = read_measure(session, world.round, code, on=world.today, calendar=world.calendar)
    assert page is not None
    return page.line.lateness


def test_measure_when_closed_late_then_its_page_tells_both_days_against_both_dates(world: World):
    told = lateness(world)
    assert told is not None
    assert (told.handed_in_on, told.closed_on) == (date(2025, 9, 11), CLOSED)
    assert (told.handed_in_after_original, told.closed_after_original) == (9, 11)
    extended = lateness(world, "1-03")
    assert extended is not None
    assert (extended.closed_after_original, extended.closed_after_due) == (11, 0)


def test_figures_when_measures_were_closed_late_then_they_are_counted_once_and_the_record_agrees(world: World):
    until = day_end(REPORTED, ZONE)
    with world.sessions() as session:
        round_ = session.get_one(Round, world.round)
        status = read_status(session, round_, REPORTED, world.calendar).as_json()
        board = read_board(session, round_, REPORTED, world.calendar, seen_by=Sight(everything=True))
        facts = read_paper_facts(session, round_, until, world.calendar)
        recounter = Recounter(session, round_, until)
        counted = {timing.value: facts.total(timing.value).value for timing in Timing}
        assert all(recounter.recount(facts.total(timing.value)).agrees for timing in Timing)
        for name, source in FIGURE_SOURCES.items():
            if name in counted:
                assert facts.count(source).value == counted[name]  # type: ignore[arg-type]
    assert counted == {
        "closed_timed": 3,
        "done_in_time": 1,
        "done_late": 2,
        "done_late_extended": 1,
        "closed_late": 2,
        "handed_in_late": 1,
    }
    assert {name: status[name] for name in counted} == counted
    assert {name: getattr(board.figures, name) for name in counted} == counted
    assert [(unit.closed_late, unit.handed_in_late) for unit in board.units] == [(2, 1)]
    assert [unit["closed_late"] for unit in status["by_unit"]] == [2]


def test_papers_when_a_measure_was_closed_late_then_report_notice_and_ledger_say_so(world: World):
    until = day_end(REPORTED, ZONE)
    asked = Asked(until=until, calendar=world.calendar)
    with world.sessions() as session:
        round_ = session.get_one(Round, world.round)
        said = paper_text(report(session, round_, asked))
        published = paper_text(notice(session, round_, asked))
        rows = {row.code: row for row in read_ledger(session, round_, until=until, calendar=world.calendar).rows}
    for words in ("按期申请核验1条，按期完成率33%", "逾期完成2条，其中延期后仍逾期1条", "超原定期限11个工作日销号"):
        assert words in said
    assert "超原定期限9个工作日申请核验" in said
    assert "该项超原定期限11个工作日销号。" in published
    assert ledger_cells(rows[CODE])[Field.LATENESS] == (
        "逾期11个工作日销号（按原定期限）\n逾期9个工作日申请核验（按原定期限）"
    )
    assert ledger_cells(rows["1-02"])[Field.LATENESS] == ""


def test_papers_when_kept_before_they_told_of_lateness_then_they_are_printed_again_without_it(world: World):
    until = day_end(REPORTED, ZONE)
    asked = Asked(until=until, calendar=world.calendar, layout=2)
    with world.sessions() as session:
        round_ = session.get_one(Round, world.round)
        said = paper_text(report(session, round_, asked)) + paper_text(notice(session, round_, asked))
        book = read_ledger(session, round_, until=until, calendar=world.calendar, tells_lateness=False)
    assert "销号日期" not in said
    assert "原定期限" not in said
    assert "逾期完成" not in said
    assert Field.LATENESS not in book.fields


def test_work_when_handed_in_late_and_not_closed_yet_then_it_is_late_already(world: World):
    world.at(date(2025, 8, 18)).in_progress("1-04", due=DUE)
    hand_in(world, date(2025, 9, 11), "1-04")
    told = lateness(world, "1-04")
    assert told is not None
    assert (told.handed_in_after_due, told.closed_after_due) == (9, None)


def test_work_when_returned_and_handed_in_again_then_the_submission_that_was_passed_counts(world: World):
    world.at(date(2025, 8, 18)).in_progress("1-04", due=DUE)
    hand_in(world, date(2025, 8, 28), "1-04")
    assert lateness(world, "1-04") is not None
    world.at(date(2025, 9, 2)).act("wu", return_measure, "1-04", reason="缺少验收意见")
    assert lateness(world, "1-04") is None, "it is owed again"
    hand_in(world, date(2025, 9, 4), "1-04")
    told = lateness(world, "1-04")
    assert told is not None
    assert (told.handed_in_on, told.handed_in_after_original) == (date(2025, 9, 4), 4)
    with world.sessions() as session:
        for day, submission in (
            (date(2025, 8, 27), None),
            (date(2025, 8, 28), date(2025, 8, 28)),
            (date(2025, 9, 2), None),
            (date(2025, 9, 4), date(2025, 9, 4)),
        ):
            (stood,) = measures_at(session, world.round, day_end(day, ZONE), only=["1-04"])
            assert stood.handed_in_on == submission, "a past day is told as it was"


def test_work_when_it_came_back_then_the_former_closing_is_not_held_against_the_new_one(world: World):
    world.at(date(2025, 10, 9)).act("jian", rebound_measure, CODE, due=date(2025, 12, 31), reason="反弹")
    assert lateness(world) is None
    with world.sessions() as session:
        stored = session.scalars(select(Measure).where(Measure.code == CODE)).one()
        assert (stored.handed_in_on, stored.original_due) == (None, DUE)
        until = day_end(REPORTED, ZONE)
        round_ = session.get_one(Round, world.round)
        assert until.at.astimezone(ZoneInfo(ZONE)).date() == REPORTED
        assert read_paper_facts(session, round_, until, world.calendar).total("closed_late").value == 2


def test_measure_when_it_came_on_record_as_closed_then_nothing_is_said_of_it(world: World):
    with world.sessions.begin() as session:
        measure = session.scalars(select(Measure).where(Measure.code == "1-02")).one()
        measure.handed_in_on, measure.original_due, measure.due = None, DUE, DUE  # as a ledger brings it in
    assert lateness(world, "1-02") is None

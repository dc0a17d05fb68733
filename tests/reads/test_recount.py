"""A figure counted by SQL from the record of events is what the reads say, on both databases and on every day."""

from dataclasses import asdict
from datetime import date, timedelta

import pytest

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.fill_calendar import fill_calendar
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.reads.paper_facts import PaperFacts, read_paper_facts
from engine.reads.recount import Recounter
from engine.rules.figure import (
    FIGURE_SOURCES,
    OPEN,
    Days,
    Figure,
    Measures,
    Record,
    Reported,
    change_of,
    share_of,
    slips_of,
)
from engine.rules.moment import day_end
from engine.rules.vocabulary import Level, Slip, State
from intake.calendar.official_calendar import official_days
from models import Round
from models.database import reading
from tests.factories import ZONE, build_finding
from tests.world import World

DAYS = [date(2025, 3, 3) + timedelta(days=5 * number) for number in range(30)]


@pytest.fixture
def course(either_world: World) -> World:
    """Play a round in which every kind of change was made, and one part of which was never planned."""
    world = either_world
    with world.sessions.begin() as session:
        fill_calendar(session, official_days(date(2024, 1, 1), date(2026, 12, 31)), moment=world.moment)
        round_ = session.get_one(Round, world.round)
        aspect = build_finding(session, round_, level=Level.ASPECT, code="1")
        problem = build_finding(session, round_, level=Level.PROBLEM, code="1.1", parent_id=aspect.id)
        items = [
            build_finding(session, round_, level=Level.ITEM, code=f"1.1.{number}", parent_id=problem.id).id
            for number in (1, 2, 3)
        ]
    world.at(date(2025, 3, 4)).measure("a", finding_id=items[0], due=date(2025, 3, 31))
    world.measure("b", finding_id=items[0], due=date(2025, 4, 30))
    world.measure("c", finding_id=items[1], due=date(2025, 5, 9))
    for code in "ab":
        world.at(date(2025, 3, 6)).act("wang", accept_measure, code)
    world.at(date(2025, 3, 11)).act("wang", report_progress, "a", percent=40, text="过半")
    for day, judge in ((date(2025, 4, 3), return_measure), (date(2025, 4, 9), pass_verification)):
        world.at(day).act("wang", attach_evidence, "a", name=f"纪要{day}")
        world.act("wang", submit_measure, "a")
        world.act("lin", start_verification, ["a"], verifier="wu")
        world.act("wu", judge, "a", **({"reason": "补充"} if judge is return_measure else {}))
    world.at(date(2025, 4, 15)).act("zhao", close_measure, "a")
    world.at(date(2025, 4, 21)).act("wang", request_extension, "b", new_due=date(2025, 6, 30), reason="招标")
    world.at(date(2025, 4, 24)).act("qian", decide_extension, "b", approve=True)
    world.at(date(2025, 5, 6)).act("lin", reassign_measure, "c", owner="sun", reason="调岗")
    world.at(date(2025, 5, 14)).sweep()
    world.at(date(2025, 5, 20)).act("zhao", cancel_measure, "b", how="accept_risk", reason="条件不具备")
    world.at(date(2025, 6, 10)).act("jian", rebound_measure, "a", due=date(2025, 12, 31), reason="反弹")
    return world


def figures_of(facts: PaperFacts) -> list[Figure]:
    """Return a figure of every kind of source."""
    totals = [facts.total(name) for name in FIGURE_SOURCES] + [facts.total_before(name) for name in FIGURE_SOURCES]
    units = {one.unit for one in facts.measures()} | {unit for one in facts.measures() for unit in one.co_units}
    work = [
        facts.work.count(Record.MEETING),
        *(facts.work.count(Record.VERIFICATION, verdict) for verdict in ("passed", "returned")),
        *(facts.work.count(Record.EXTENSION, ruling) for ruling in ("approved", "refused")),
        *(facts.work.handed_out(slip) for slip in Slip),
    ]
    counts = [
        facts.count(which)
        for unit in units
        for which in (Measures(units=(unit,)), Measures(units=(unit,), late=True), Measures(co_unit=unit or ""))
    ]
    counts += [
        facts.count(Measures(states=OPEN, late=False)),
        facts.count(Measures(states=OPEN, dated=False)),
        facts.count(Measures(due_from=date(2025, 4, 1), due_until=date(2025, 5, 31))),
        facts.count(Measures(states=frozenset({State.CLOSED}), closed_until=date(2025, 4, 30))),
        *(facts.count(Measures(findings=one.ids())) for one in facts.findings),
    ]
    days = [
        Figure(value=one.late, source=Days(start=one.due or facts.as_of, end=facts.as_of, code=one.code))
        for one in facts.measures()
        if one.late
    ]
    made = [share_of(facts.total("closed"), facts.total("measures"))]
    made += [change_of(facts.total(name), facts.total_before(name)) for name in ("closed", "overdue")]
    return [*totals, *work, *counts, *days, *made, *(one.reported() for one in facts.measures())]


def test_figure_when_counted_from_the_events_is_what_the_reads_say_on_every_day(course: World):
    seen = {}
    with reading(course.sessions) as session:
        round_ = session.get_one(Round, course.round)
        for day in DAYS:
            until = day_end(day, ZONE)
            facts = read_paper_facts(session, round_, until, course.calendar)
            recounter = Recounter(session, round_, until)
            told = [(figure, recounter.recount(figure)) for figure in figures_of(facts)]
            assert [(day, figure, again.value) for figure, again in told if not again.agrees] == []
            seen[day] = asdict(facts.figures)
    for name in ("assigned", "in_progress", "closed", "cancelled", "overdue", "items_done"):
        assert len({figures[name] for figures in seen.values()}) > 1, f"{name} never changed: nothing was proved"


def test_figure_when_it_is_not_what_the_record_gives_differs(course: World):
    with course.sessions.begin() as session:
        round_ = session.get_one(Round, course.round)
        until = day_end(date(2025, 5, 30), ZONE)
        printed = read_paper_facts(session, round_, until, course.calendar).total("measures")
        course_of = Recounter(session, round_, until).recount(printed)
        assert course_of.agrees
        assert [row[0] for row in course_of.parts[0].rows] == ["a", "b", "c"]
        forged = Recounter(session, round_, until).recount(Figure(value=4, source=printed.source))
        assert (forged.agrees, forged.value) == (False, 3)


def test_sources_when_a_name_holds_a_quote_keep_it_a_name(course: World):
    with reading(course.sessions) as session:
        round_ = session.get_one(Round, course.round)
        recounter = Recounter(session, round_, day_end(date(2025, 5, 30), ZONE))
        for source in (Reported(code="x' OR '1'='1"), Measures(units=("x' OR '1'='1",)), slips_of(Slip.RED)):
            assert recounter.recount(Figure(value=0, source=source)).value == 0 or source == slips_of(Slip.RED)

"""The page of one measure: all that hangs on it, the oldest first, in a constant number of queries."""

from __future__ import annotations

from datetime import date

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.decide_extension import decide_extension
from engine.actions.judge_verification import return_measure
from engine.actions.reassign_measure import reassign_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.write_opinion import write_opinion
from engine.reads.measure_page import MeasurePage, Piece, read_measure
from engine.rules.record_words import event_details
from engine.rules.vocabulary import Level, MeasureClass, WaitsFor
from i18n import CHINESE, say
from models import CoUnit, Round
from models.database import reading
from tests.factories import build_finding
from tests.group_meetings import statements
from tests.world import World

CODE = "1-01"


def page(world: World, code: str = CODE) -> MeasurePage:
    with reading(world.sessions) as session:
        found = read_measure(session, world.round, code, on=world.today, calendar=world.calendar)
    assert found is not None
    return found


def test_page_when_there_is_no_such_measure_then_none(world: World):
    with reading(world.sessions) as session:
        assert read_measure(session, world.round, "9-99", on=world.today, calendar=world.calendar) is None


def test_page_when_a_measure_has_lived_then_everything_that_hangs_on_it(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        round_ = session.get_one(Round, world.round)
        parent = None
        for level, code, text in (
            (Level.ASPECT, "1", "方面"),
            (Level.PROBLEM, "1.2", "问题"),
            (Level.ITEM, "1.2.3", "事项"),
        ):
            parent = build_finding(
                session, round_, level=level, code=code, text=text, parent_id=parent.id if parent else None
            )
        build_finding(session, round_, level=Level.ASPECT, code="1.2.30", text="别的")
        item = parent.id if parent else None
    world.in_progress(finding_id=item, measure_class=MeasureClass.STAGED)
    world.at(date(2025, 4, 1)).act("wang", report_progress, CODE, percent=30, text="起草")
    world.at(date(2025, 4, 2)).act("wang", request_extension, CODE, new_due=date(2025, 10, 31), reason="招标流标")
    world.at(date(2025, 4, 3)).act("qian", decide_extension, CODE, approve=True)
    world.at(date(2025, 4, 7)).act("wang", report_progress, CODE, percent=60, text="招标")
    with world.sessions.begin() as session:
        measure = world.get(CODE).id
        session.add(CoUnit(measure_id=measure, unit_id=world.units["二处"], done_on=date(2025, 4, 8)))
    found = page(world)
    assert (found.line.code, found.line.percent, found.line.owner, found.line.lead) == (CODE, 60, "王经办", "钱副局长")
    assert found.findings == ("方面", "问题", "事项")
    assert (found.original_due, found.line.due, found.deadline_version) == (date(2025, 9, 3), date(2025, 10, 31), 2)
    assert (found.state_since, found.accepted_on, found.closed_on) == (date(2025, 3, 3), date(2025, 3, 3), None)
    assert found.co_units == (("二处", date(2025, 4, 8)),)
    assert found.reports == (
        Piece(on=date(2025, 4, 1), who="王经办", what="30", text="起草"),
        Piece(on=date(2025, 4, 7), who="王经办", what="60", text="招标"),
    )
    assert found.extensions == (
        Piece(
            on=date(2025, 4, 2),
            who="王经办",
            what="approved",
            text="招标流标",
            until=date(2025, 10, 31),
            by="钱副局长",
            decided_on=date(2025, 4, 3),
        ),
    )
    assert [(wait, deadline) for wait, deadline, _ in found.waits] == [
        (WaitsFor.MONTHLY_REPORT, date(2025, 4, 25)),
        (WaitsFor.DUE_DATE, date(2025, 10, 31)),
    ]
    assert [(piece.on, piece.what, piece.text) for piece in found.events] == [
        (date(2025, 3, 3), "measure:state:accept", None),
        (date(2025, 4, 1), "measure:progress:report", None),
        (date(2025, 4, 2), "measure:extension:request", "招标流标"),
        (date(2025, 4, 3), "measure:extension:approve", ""),
        (date(2025, 4, 7), "measure:progress:report", None),
    ]


def test_page_when_verified_twice_then_both_verdicts_with_their_days(either_world: World):
    world = either_world
    world.submitted()
    assert [(piece.who, piece.what) for piece in page(world).verifications] == [("吴核验", "open")]
    world.at(date(2025, 3, 5)).act("wu", return_measure, CODE, reason="材料不全")
    world.at(date(2025, 3, 6)).act("wang", attach_evidence, CODE, name="补充.pdf", sha256="cd" * 32)
    found = page(world)
    assert [(piece.on, piece.what, piece.text) for piece in found.verifications] == [
        (date(2025, 3, 5), "returned", "材料不全")
    ]
    assert [(piece.on, piece.text, piece.what[:2]) for piece in found.evidence] == [
        (date(2025, 3, 3), "会议纪要.pdf", "ab"),
        (date(2025, 3, 6), "补充.pdf", "cd"),
    ]


def test_page_when_events_name_people_and_units_then_their_names_are_told(either_world: World):
    world = either_world
    world.measure(owner=None)
    world.act("lin", reassign_measure, CODE, owner="wang")
    world.act("wang", accept_measure, CODE)
    world.act("lin", reassign_measure, CODE, owner="sun", reason="调岗")
    told = [(piece.what, event_details(piece.data or {})) for piece in page(world).events]
    assert [(kind, say(details, CHINESE) if details else None) for kind, details in told] == [
        ("measure:owner:assign", "王经办"),
        ("measure:state:accept", None),
        ("measure:state:reassign", "孙经办、调岗"),
    ]


def test_page_when_somebody_has_said_something_then_it_stands_there(either_world: World):
    world = either_world
    world.in_progress()
    world.at(date(2025, 3, 5)).act("li", write_opinion, CODE, "先办急的")
    found = page(world)
    assert [(one.on, one.who, one.text) for one in found.opinions] == [(date(2025, 3, 5), "李处长", "先办急的")]


def test_page_when_it_happened_late_in_the_evening_then_the_local_day(world: World):
    world.in_progress()
    world.at(date(2025, 4, 1), hour=23).act("wang", attach_evidence, CODE, name="夜里.pdf")
    world.at(date(2025, 4, 3), hour=1).act("wang", attach_evidence, CODE, name="凌晨.pdf")
    assert [piece.on for piece in page(world).evidence] == [date(2025, 4, 1), date(2025, 4, 3)]


def test_page_when_there_is_more_then_as_many_statements(either_world: World):
    world = either_world
    world.submitted("1-00")
    with statements(world.engine) as short:
        page(world, "1-00")
    for number in range(5):
        world.submitted(f"2-0{number}")
        world.act("wang", attach_evidence, "1-00", name=f"{number}.pdf")
    with statements(world.engine) as long:
        assert len(page(world, "1-00").evidence) == 6
    assert long == short

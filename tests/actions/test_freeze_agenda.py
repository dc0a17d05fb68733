"""An agenda is frozen at its cut-off: what changes later shows in the next version, never in the old one."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from engine.actions.close_measure import close_measure
from engine.actions.reassign_measure import reassign_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.snapshot_ledger import snapshot_ledger
from engine.rules.agenda import Section
from engine.rules.refusal import NotFound, NotReady
from engine.rules.vocabulary import Slip
from models import Agenda, AgendaItem, Meeting, Round
from tests.factories import build_finding, build_round
from tests.group_meetings import APRIL, JUNE, MAY, codes, decide, draw_up, lines_in, printed, rows_of, statements
from tests.world import World

CUT_OFF = date(2025, 4, 9)


@pytest.fixture
def busy(either_world: World) -> World:
    """Give a house on 9 April with a measure for every section but the first."""
    world = either_world
    world.verified("close-out", position=5)
    world.in_progress("late", position=4, due=date(2025, 3, 20))
    world.in_progress("soon", position=3, due=date(2025, 4, 30))
    world.measure("nobody", position=2, owner=None)
    world.in_progress("far", position=1)
    world.in_progress("asks", position=6, lead=None)
    world.act("wang", request_extension, "asks", new_due=date(2025, 10, 31), reason="招标流标")
    world.fast_forward(CUT_OFF)
    world.act("wang", report_progress, "late", percent=40, text="正在招标")
    return world


def test_agenda_when_drawn_up_then_every_section_holds_what_belongs_to_it(busy: World):
    assert draw_up(busy, APRIL) == 1
    agenda = printed(busy, APRIL)
    assert codes(agenda) == {
        Section.ESCALATED: ["late"],
        Section.DUE_SOON: ["soon"],
        Section.CLOSE_OUT: ["close-out"],
        Section.EXTENSIONS: ["asks"],
        Section.UNASSIGNED: ["nobody"],
    }
    (late,) = lines_in(agenda, Section.ESCALATED)
    assert (late.deadline, late.lateness, late.slip, late.reason) == (date(2025, 3, 20), 13, Slip.GROUP, "正在招标")
    assert (late.unit, late.leader, late.owner) == ("一处", "钱副局长", "王经办")
    (asks,) = lines_in(agenda, Section.EXTENSIONS)
    assert (str(asks.ask), asks.reason) == ("decide on the extension to 2025-10-31", "招标流标")
    assert (agenda.held_on, agenda.as_of, agenda.version) == (APRIL, CUT_OFF, 1)


def test_agenda_when_things_change_after_the_cut_off_then_it_says_what_it_said(busy: World):
    draw_up(busy, APRIL)
    before = printed(busy, APRIL)
    busy.at(APRIL)
    busy.act("zhao", close_measure, "close-out")
    busy.act("lin", reassign_measure, "late", owner="sun", reason="调岗")
    busy.act("wang", report_progress, "soon", percent=90, text="即将完成")
    busy.in_progress("new", due=date(2025, 4, 15))
    assert draw_up(busy, APRIL) == 1, "asked for a second time, it is the first"
    assert printed(busy, APRIL) == before


def test_agenda_when_drawn_up_again_then_the_second_version_is_of_today_and_the_first_is_kept(busy: World):
    draw_up(busy, APRIL)
    first = printed(busy, APRIL)
    busy.at(APRIL).act("zhao", close_measure, "close-out")
    assert draw_up(busy, APRIL, again=True) == 2
    second = printed(busy, APRIL)
    assert (second.version, second.as_of, second.figures["closed"]) == (2, APRIL, 1)
    assert Section.CLOSE_OUT not in codes(second)
    assert printed(busy, APRIL, version=1) == first
    assert draw_up(busy, APRIL) == 2
    assert draw_up(busy, APRIL, again=True) == 3
    assert [(one.version, one.as_of) for one in rows_of(busy, Agenda)] == [(1, CUT_OFF), (2, APRIL), (3, APRIL)]
    assert len(rows_of(busy, Meeting)) == 1


def test_agenda_when_there_is_nothing_to_say_then_an_empty_one(either_world: World):
    assert draw_up(either_world, APRIL) == 1
    agenda = printed(either_world, APRIL)
    assert codes(agenda) == {}
    assert [section for section, _ in agenda.sections] == list(Section)
    assert (agenda.figures["measures"], agenda.change, agenda.aspects) == (0, {}, ())


def test_agenda_when_there_was_a_month_before_then_it_tells_the_change(busy: World):
    busy.at(APRIL)
    with busy.sessions.begin() as session:
        kept = {"round_id": busy.round, "period": "2025-04", "moment": busy.moment, "calendar": busy.calendar}
        snapshot_ledger(session, **kept)
    busy.act("zhao", close_measure, "close-out")
    draw_up(busy, APRIL)
    assert printed(busy, APRIL).change == {}, "this month's own snapshot is not the month before"
    draw_up(busy.at(MAY))
    change = printed(busy, MAY).change
    assert (change["closed"], change["verified"], change["overdue"], change["measures"]) == (1, -1, 1, 0)


def test_agenda_when_aspects_are_known_then_their_progress_as_it_was(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        round_ = session.get_one(Round, world.round)
        aspect = build_finding(session, round_, level="aspect", code="1", text="方面一")
        item = build_finding(session, round_, parent_id=aspect.id, code="1.1")
    world.verified(finding_id=item.id)
    draw_up(world, APRIL)
    world.act("zhao", close_measure, "1-01")
    (one,) = printed(world, APRIL).aspects
    assert (one.text, one.measures, one.closed, one.overdue) == ("方面一", 1, 0, 0)


def test_meeting_when_asked_for_on_another_day_of_the_month_stays_until_a_new_version_moves_it(either_world: World):
    draw_up(either_world, APRIL)
    days = []
    for again in (False, True):
        draw_up(either_world, date(2025, 4, 14), again=again)
        (meeting,) = rows_of(either_world, Meeting)
        days.append((meeting.period, meeting.held_on))
    assert days == [("2025-04", APRIL), ("2025-04", date(2025, 4, 14))]
    assert printed(either_world, APRIL, version=1).held_on == APRIL, "this version was frozen for the tenth"


def test_agenda_when_its_meeting_is_moved_then_each_version_keeps_the_day_it_was_for(either_world: World):
    world = either_world
    draw_up(world, date(2025, 4, 10))
    assert draw_up(world, date(2025, 4, 17), again=True) == 2
    assert [printed(world, APRIL, version).held_on for version in (1, 2)] == [date(2025, 4, 10), date(2025, 4, 17)]


def test_meeting_when_it_has_decided_then_it_took_place_on_its_day(either_world: World):
    draw_up(either_world.at(APRIL))
    decide(either_world, "task", None)
    with pytest.raises(NotReady, match="the meeting of 2025-04-10 has decided something"):
        draw_up(either_world, date(2025, 4, 14), again=True)
    assert draw_up(either_world, APRIL, again=True) == 2
    assert printed(either_world, APRIL).held_on == APRIL


def test_meeting_when_two_have_one_body_and_month_then_the_database_refuses(either_world: World):
    world = either_world
    draw_up(world, APRIL)
    row = {"round_id": world.round, "body": "leading_group", "period": "2025-04", "held_on": APRIL}
    with pytest.raises(IntegrityError), world.engine.begin() as connection:
        connection.execute(insert(Meeting), row | {"created_at": world.moment.at})
    for other in ({"body": "task_force"}, {"period": "2025-05"}):
        with world.engine.begin() as connection:
            connection.execute(insert(Meeting), row | other | {"created_at": world.moment.at})


def test_agenda_when_of_another_round_then_they_know_nothing_of_each_other(busy: World):
    with busy.sessions.begin() as session:
        other = build_round(session).id
    assert draw_up(busy, APRIL, round_id=other) == 1
    assert rows_of(busy, AgendaItem) == []
    assert draw_up(busy, APRIL) == 1
    assert len(rows_of(busy, AgendaItem)) == 5


@pytest.mark.parametrize(("period", "version"), [(MAY, None), (APRIL, 2)])
def test_agenda_when_there_is_none_then_it_says_so(either_world: World, period: date, version: int | None):
    draw_up(either_world, APRIL)
    with pytest.raises(NotFound, match=f"there is no agenda for {period:%Y-%m}; run the monthly run first"):
        printed(either_world, period, version)


def test_agenda_when_two_draw_it_up_at_once_then_one_version(busy: World):
    versions: list[int] = []
    threads = [Thread(target=lambda: versions.append(draw_up(busy, APRIL)), daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert versions == [1, 1]
    assert len(rows_of(busy, AgendaItem)) == 5


def test_agenda_when_the_ledger_is_long_then_as_many_statements_as_for_a_short_one(either_world: World):
    world = either_world
    world.verified("1-00")
    with statements(world.engine) as short:
        draw_up(world, APRIL)
    for number in range(1, 9):
        world.verified(f"1-0{number}")
        world.in_progress(f"2-0{number}", due=date(2025, 3, 5))
        world.act("wang", request_extension, f"2-0{number}", new_due=JUNE, reason="资金")
    with statements(world.engine) as long:
        draw_up(world.at(MAY))
    assert long == short, "more lines, not more statements"

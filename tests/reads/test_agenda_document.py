"""A frozen agenda is read as it was frozen: plain values, sentences in no language yet."""

from __future__ import annotations

from datetime import date

import pytest

from engine.actions.request_extension import request_extension
from engine.reads.agenda_document import PrintedLine
from engine.rules.agenda import Section
from engine.rules.refusal import NotFound
from engine.rules.text import Text
from engine.rules.vocabulary import Slip
from models import AgendaItem
from tests.group_meetings import APRIL, JUNE, MAY, codes, decide, draw_up, lines_in, printed, rows_of, statements
from tests.world import World


def test_agenda_when_read_then_head_and_lines_as_frozen(either_world: World):
    world = either_world
    world.in_progress("1-01", due=date(2025, 3, 20), text="完善招标制度")
    world.fast_forward(date(2025, 4, 9))
    draw_up(world, APRIL)
    agenda = printed(world, APRIL)
    assert (agenda.organisation, agenda.round_title, agenda.version) == ("某局党委", "巡察整改", 1)
    assert (agenda.held_on, agenda.as_of) == (APRIL, date(2025, 4, 9))
    assert lines_in(agenda, Section.ESCALATED) == (
        PrintedLine(
            code="1-01",
            text="完善招标制度",
            unit="一处",
            leader="钱副局长",
            owner="王经办",
            deadline=date(2025, 3, 20),
            lateness=13,
            slip=Slip.GROUP,
            reason=None,
            ask=Text("hear the reason; decide: urge, reassign, extend, or accept the risk", {}),
            subject=f"measure:{world.get('1-01').id}",
        ),
    )


def test_agenda_when_a_sentence_has_a_day_in_it_then_the_sentence_and_its_day_come_back(either_world: World):
    world = either_world
    world.in_progress(lead=None)
    world.act("wang", request_extension, "1-01", new_due=date(2025, 10, 31), reason="招标流标")
    draw_up(world, APRIL)
    (line,) = lines_in(printed(world, APRIL), Section.EXTENSIONS)
    assert (line.ask.msgid, dict(line.ask.params)) == ("decide on the extension to {day}", {"day": "2025-10-31"})
    assert isinstance(line.text, str)


def test_agenda_when_decisions_were_closed_then_their_line_is_a_sentence(either_world: World):
    world = either_world
    world.verified()
    draw_up(world.at(APRIL))
    decide(world, "close", text="同意销号")
    draw_up(world.at(MAY))
    (line,) = lines_in(printed(world, MAY), Section.LAST_DECISIONS)
    assert isinstance(line.text, Text)
    assert (str(line.text), str(line.ask), line.code, line.deadline) == (
        "1 measures were to be closed out",
        "done: closed",
        None,
        None,
    )


def test_agenda_when_several_versions_and_months_then_the_newest_or_the_one_named(either_world: World):
    world = either_world
    for day in (APRIL, MAY):
        world.at(day).in_progress(f"{day.month}-01", due=day)
        draw_up(world)
        draw_up(world, again=True)
    assert [printed(world, day).version for day in (APRIL, MAY)] == [2, 2]
    assert printed(world, MAY, version=1).held_on == MAY
    assert codes(printed(world, APRIL)) == {Section.DUE_SOON: ["4-01"]}
    with pytest.raises(NotFound):
        printed(world, JUNE)


def test_agenda_when_read_then_every_line_in_its_section_and_in_order(either_world: World):
    world = either_world
    for number in range(12, 0, -1):
        world.verified(f"1-{number:02}", position=number)
    draw_up(world, APRIL)
    with statements(world.engine) as found:
        agenda = printed(world, APRIL)
    assert codes(agenda) == {Section.CLOSE_OUT: [f"1-{number:02}" for number in range(1, 13)]}
    assert [section for section, _ in agenda.sections] == list(Section), "the empty ones, too"
    assert [item.position for item in rows_of(world, AgendaItem)] == list(range(1, 13))
    assert sum(found.values()) <= 5, "begin, round, agenda, lines"

"""A coordinator changes the draft of an agenda: it holds until it is published, is in the record, and is printed so."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.actions.close_measure import close_measure
from engine.actions.desk import Desk
from engine.actions.draft_agenda import (
    add_item,
    add_measure,
    drop_line,
    move_line,
    read_laid,
    remove_line,
    restore_line,
    set_meeting,
)
from engine.rules.agenda import Section
from engine.rules.agenda_draft import Way
from engine.rules.refusal import Conflict, NotAllowed, NotFound, NotReady, Refusal
from models import Event, Meeting
from tests.group_meetings import APRIL, JUNE, MAY, codes, decide, draw_up, lines_in, printed
from tests.world import World


@pytest.fixture
def april(either_world: World) -> World:
    """Give a house with three measures that are due soon, one that is not, and a meeting that is being prepared."""
    world = either_world
    for number in (1, 2, 3):
        world.in_progress(f"1-0{number}", due=date(2025, 4, 20 + number))
    world.in_progress("1-09", due=date(2025, 11, 20), text="完善招标制度")
    world.at(APRIL).act("lin", set_meeting, APRIL)
    return world


def meeting(world: World, held_on: date = APRIL) -> Meeting:
    with world.sessions() as session:
        return session.scalars(select(Meeting).where(Meeting.held_on == held_on)).one()


def key(world: World, code: str) -> str:
    return f"measure:{world.get(code).id}"


def shown(world: World, held_on: date = APRIL) -> list[str]:
    """Return the codes, or else the texts, of the draft's lines."""

    def read(desk: Desk) -> list[str]:
        return [line.code or str(line.text) for line in read_laid(desk, meeting(world, held_on)).lines]

    return world.act("lin", read)


def kinds(world: World) -> list[str]:
    with world.sessions() as session:
        found = session.scalars(select(Event.kind).order_by(Event.id))
        return [kind.removeprefix("meeting:agenda:") for kind in found if kind.startswith("meeting:agenda:")]


def test_lines_when_put_in_order_keep_it_and_the_agenda_says_whose_order_it_is(april: World):
    held = meeting(april)
    april.act("lin", move_line, held, key(april, "1-03"), Way.TOP)
    assert shown(april) == ["1-03", "1-01", "1-02"]
    april.act("lin", move_line, held, key(april, "1-01"), Way.DOWN)
    assert shown(april) == ["1-03", "1-02", "1-01"]
    april.act("lin", drop_line, held, key(april, "1-01"), before=key(april, "1-02"))
    assert shown(april) == ["1-03", "1-01", "1-02"]
    april.in_progress("1-00", due=date(2025, 4, 14))  # new on the agenda: after what is in order
    assert shown(april) == ["1-03", "1-01", "1-02", "1-00"]
    assert kinds(april) == ["move", "move", "move"]
    draw_up(april)
    agenda = printed(april, APRIL)
    assert codes(agenda) == {Section.DUE_SOON: ["1-03", "1-01", "1-02", "1-00"]}
    assert agenda.ordered == {Section.DUE_SOON}


def test_measure_when_added_is_on_the_agenda_with_why_and_by_whom(april: World):
    held = meeting(april)
    april.act("lin", add_measure, held, "1-09", note="群众反映强烈")
    assert shown(april) == ["1-01", "1-02", "1-03", "1-09"]
    draw_up(april)
    (line,) = lines_in(printed(april, APRIL), Section.OTHER)
    assert (line.code, line.unit, str(line.ask)) == ("1-09", "一处", "hear and discuss")
    assert str(line.hand) == "added by 林联络: 群众反映强烈"
    with april.sessions() as session:
        (event,) = session.scalars(select(Event).where(Event.kind == "meeting:agenda:add"))
        assert event.data["note"] == "群众反映强烈"
    april.act("lin", remove_line, held, key(april, "1-09"), reason="")
    assert shown(april) == ["1-01", "1-02", "1-03"]


def test_line_when_left_out_stays_so_when_it_comes_to_stand_elsewhere(april: World):
    held = meeting(april)
    april.act("lin", remove_line, held, key(april, "1-01"), reason="已专题研究")
    april.at(date(2025, 4, 28))
    assert shown(april) == ["1-02", "1-03"], "overdue by now"
    draw_up(april, APRIL)
    (off,) = printed(april, APRIL).left_out
    assert (off.code, off.reason, off.by, off.is_deferred) == ("1-01", "已专题研究", "林联络", False)
    april.act("lin", restore_line, held, key(april, "1-01"))
    assert "1-01" in shown(april)
    april.act("lin", remove_line, held, key(april, "1-01"), reason="已专题研究")
    april.act("lin", add_measure, held, "1-01", note="还是要议")
    assert "1-01" in shown(april)


def test_what_was_not_decided_comes_to_the_next_meeting_and_what_was_does_not(april: World):
    held = meeting(april)
    april.act("lin", add_item, held, text="通报暗访情况", presenter="简纪检", minutes=10)
    april.act("lin", add_item, held, text="研究经费", presenter="", minutes=None)
    april.act("lin", add_measure, held, "1-09", note="群众反映强烈")
    april.act("lin", remove_line, held, key(april, "1-02"), reason="材料不全", is_deferred=True)
    draw_up(april)
    others = {str(line.text): line.subject for line in lines_in(printed(april, APRIL), Section.OTHER)}
    decide(april, "task", None, text="同意", subject=others["研究经费"])
    april.at(MAY).act("lin", set_meeting, MAY)
    assert shown(april, MAY) == [
        "Task 1 of the meeting of 2025-04: 同意",
        "1-01",
        "1-02",
        "1-03",
        "通报暗访情况",
        "1-09",
    ]
    draw_up(april)
    told = {line.code or str(line.text): str(line.hand) for _, lines in printed(april, MAY).sections for line in lines}
    assert told["通报暗访情况"] == "carried over from the meeting of 2025-04-10"
    assert told["1-09"] == "carried over from the meeting of 2025-04-10: 群众反映强烈"
    assert told["1-02"] == "carried over from the meeting of 2025-04-10: 材料不全"
    assert told["1-01"] == "None"
    decide(april, "task", "1-09", text="限期报告", owner="wang")
    april.at(JUNE).act("lin", set_meeting, JUNE)
    assert "通报暗访情况" in shown(april, JUNE)
    assert shown(april, JUNE).count("1-09") == 1, "as a decision to follow up"


def test_measure_when_closed_meanwhile_is_not_carried_on(april: World):
    april.act("lin", add_measure, meeting(april), "1-09", note="群众反映强烈")
    april.verified("1-10", due=date(2025, 11, 20))
    april.act("lin", remove_line, meeting(april), key(april, "1-10"), reason="下次再议", is_deferred=True)
    april.act("zhao", close_measure, "1-10")
    april.at(MAY).act("lin", set_meeting, MAY)
    assert "1-09" in shown(april, MAY)
    assert "1-10" not in shown(april, MAY)


@pytest.mark.parametrize(
    ("code", "note", "refusal", "told"),
    [
        ("1-09", " ", NotReady, "say why the measure is on the agenda"),
        ("9-99", "x", NotFound, "there is no measure 9-99"),
        ("1-01", "x", NotReady, "measure 1-01 is on the agenda already"),
        ("1-10", "x", NotReady, "measure 1-10 is settled"),
    ],
)
def test_measure_when_it_cannot_be_added_says_why(
    april: World, code: str, note: str, refusal: type[Refusal], told: str
):
    april.verified("1-10")
    april.act("zhao", close_measure, "1-10")
    with pytest.raises(refusal, match=told):
        april.act("lin", add_measure, meeting(april), code, note=note)
    assert kinds(april) == []


def test_draft_is_changed_by_coordinators_alone_and_only_what_is_there(april: World):
    held, line = meeting(april), key(april, "1-01")
    for person in ("wang", "li", "zhao", "jian", "wu"):
        for action, given in (
            (move_line, {"key": line, "way": Way.UP}),
            (drop_line, {"key": line, "before": None}),
            (remove_line, {"key": line, "reason": "x"}),
            (restore_line, {"key": line}),
            (add_measure, {"code": "1-09", "note": "x"}),
        ):
            with pytest.raises(NotAllowed):
                april.act(person, action, held, **given)  # type: ignore[arg-type]
    for act in (
        lambda: april.act("lin", move_line, held, "measure:999", Way.UP),
        lambda: april.act("lin", drop_line, held, line, before="measure:999"),
        lambda: april.act("lin", remove_line, held, "measure:999", reason="x"),
    ):
        with pytest.raises(Conflict, match="this line is not on the agenda any more"):
            act()
    with pytest.raises(NotReady, match="a reason is needed"):
        april.act("lin", remove_line, held, line, reason=" ", is_deferred=True)
    assert kinds(april) == []

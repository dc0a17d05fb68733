"""What stands in somebody's calendar: their deadlines, what they are asked for, their meetings; nobody else's."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from engine.actions.calendar_feeds import end_calendar_feed, make_calendar_feed
from engine.actions.cancel_measure import cancel_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.desk import find_actor
from engine.actions.draw_up_paper import Printed, draw_up_paper
from engine.actions.keep_minutes import finish_task
from engine.actions.request_extension import request_extension
from engine.actions.return_paper import return_paper
from engine.actions.set_absence import set_absence
from engine.actions.submit_paper import submit_paper
from engine.reads.person_calendar import SHOWN_AFTER, CalendarEntry, Sort, read_calendar_of, read_feed_owner
from models import CalendarFeed, Meeting
from models.database import reading
from tests.group_meetings import decide, draw_up
from tests.world import World

DUE = date(2025, 9, 30)


def entries(world: World, who: str) -> list[CalendarEntry]:
    with world.desk(who) as desk:
        return list(read_calendar_of(desk.session, find_actor(desk), on=world.today))


def short(world: World, who: str) -> list[tuple[Sort, str, bool]]:
    return [(one.sort, one.code, one.is_off) for one in entries(world, who)]


def test_calendar_when_somebody_owns_measures_holds_their_due_dates_and_new_versions(either_world: World):
    world = either_world
    world.in_progress("1-01", due=DUE)
    world.measure("1-02", due=None)
    world.measure("1-03", owner="sun", due=DUE)
    (before,) = entries(world, "wang")
    assert (before.sort, before.code, before.day, before.version) == (Sort.DUE, "1-01", DUE, 1)
    world.act("wang", request_extension, "1-01", new_due=DUE + timedelta(days=30), reason="待批复")
    assert short(world, "li") == [(Sort.EXTENSION, "1-01", False)] or short(world, "qian") == [
        (Sort.EXTENSION, "1-01", False)
    ]
    decider = "li" if short(world, "li") else "qian"
    world.act(decider, decide_extension, "1-01", approve=True)
    (after,) = entries(world, "wang")
    assert (after.id, after.day, after.version) == (before.id, DUE + timedelta(days=30), 2)
    assert entries(world, decider) == []
    assert entries(world, "tang") == []


def test_calendar_when_a_measure_ends_calls_its_day_off_for_a_while(either_world: World):
    world = either_world
    world.in_progress("1-01", due=DUE)
    world.act("zhao", cancel_measure, "1-01", how="cancel", reason="并入他项")
    assert short(world, "wang") == [(Sort.DUE, "1-01", True)]
    world.at(world.today + SHOWN_AFTER)
    assert short(world, "wang") == [(Sort.DUE, "1-01", True)]
    world.at(world.today + timedelta(days=1))
    assert short(world, "wang") == []


def test_calendar_when_somebody_is_asked_to_verify_holds_until_when(either_world: World):
    world = either_world
    world.submitted("1-01", due=DUE)
    assert short(world, "wu") == [(Sort.VERIFY, "1-01", False)]
    assert short(world, "zhou") == []


def test_calendar_when_somebody_stands_in_holds_what_the_absent_person_has_to_do(either_world: World):
    world = either_world
    world.in_progress("1-01", due=DUE)
    day = world.today
    world.act("wang", set_absence, person="wang", substitute="sun", first_day=day, last_day=day)
    assert short(world, "sun") == [(Sort.DUE, "1-01", False)]
    world.at(day + timedelta(days=1))
    assert short(world, "sun") == []


def test_calendar_when_there_is_a_meeting_holds_it_for_who_attends(either_world: World):
    world = either_world
    draw_up(world, DUE)
    for who in ("zhao", "lin"):
        (entry,) = entries(world, who)
        assert (entry.sort, entry.day, entry.code, entry.version) == (Sort.MEETING, DUE, "2025-09", 0)
    assert entries(world, "wang") == []


def test_feed_when_made_anew_or_ended_leads_nowhere_by_its_old_address(either_world: World):
    world = either_world
    first = world.act("wang", make_calendar_feed)
    with reading(world.sessions) as session:
        owner = read_feed_owner(session, first)
        assert owner is not None
        assert owner.person == "wang"
        assert first.encode() not in session.get_one(CalendarFeed, owner.feed).digest
    second = world.act("wang", make_calendar_feed)
    with reading(world.sessions) as session:
        assert read_feed_owner(session, first) is None
        assert read_feed_owner(session, second) is not None
        assert read_feed_owner(session, "") is None
    world.act("wang", end_calendar_feed)
    world.act("wang", end_calendar_feed)
    with reading(world.sessions) as session:
        assert read_feed_owner(session, second) is None


def test_calendar_when_a_meeting_gave_a_task_holds_it_until_a_while_after_it_is_done(either_world: World):
    world = either_world.at(date(2025, 4, 10))
    draw_up(world)
    decide(world, "task", None, owner="tang", text="报送方案", due=date(2025, 4, 18))
    (task,) = entries(world, "tang")
    assert (task.sort, task.code, task.day, task.is_off) == (Sort.TASK, "2025-04/1", date(2025, 4, 18), False)
    assert "报送方案" in str(task.text)
    with world.desk("tang") as desk:
        finish_task(desk, desk.session.scalars(select(Meeting)).one(), 1)
    assert short(world, "tang") == [(Sort.TASK, "2025-04/1", True)]
    world.at(world.today + SHOWN_AFTER + timedelta(days=1))
    assert short(world, "tang") == []


def test_calendar_when_a_paper_waits_holds_it_for_who_may_approve_it(either_world: World):
    world = either_world.at(date(2025, 4, 10))
    document = world.act(
        "lin",
        draw_up_paper,
        kind="notice",
        period="2025-04",
        options={},
        until=world.moment,
        print_draft=lambda *_: Printed(path=Path("documents/1.docx"), sha256="ab" * 32, layout=1, template=None),
    ).draft_id
    world.act("lin", submit_paper, document)
    (paper,) = (one for one in entries(world, "zhao") if one.sort is Sort.APPROVE)
    assert (paper.code, paper.day) == (f"paper/{document}", world.calendar.shift(world.today, 3))
    assert [one.sort for one in entries(world, "lin")] == [], "whoever submitted it does not approve it"
    world.act("zhao", return_paper, document, reason="数据有误")
    assert [one.sort for one in entries(world, "zhao")] == []
    assert [one.sort for one in entries(world, "lin")] == [Sort.MEND]

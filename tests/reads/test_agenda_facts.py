"""What the agenda is selected from: rungs of the present deadline, what was raised to the group, the last words."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from engine.actions.accept_measure import accept_measure
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.reads.agenda_facts import read_last_decisions, read_measure_facts
from engine.rules.agenda import DecisionFacts, MeasureFacts
from engine.rules.moment import day_end
from engine.rules.vocabulary import Role, Slip, State, WaitsFor
from models import Round, StuckTimer
from models.database import Sessions, reading
from tests.factories import ZONE, build_round
from tests.group_meetings import APRIL, JUNE, MAY, decide, draw_up, statements
from tests.plans import PEOPLE, UNITS, ledger, measure, person, store, unit
from tests.world import World

CODE = "1-01"
DUE = date(2025, 9, 3)


def facts_of(world: World, *, as_of: date | None = None) -> dict[str, MeasureFacts]:
    with reading(world.sessions) as session:
        return {one.code: one for one in read_measure_facts(session, world.round, day_end(as_of or world.today, ZONE))}


def last_decisions(world: World, before: date) -> list[DecisionFacts]:
    with reading(world.sessions) as session:
        return read_last_decisions(session, world.round, "leading_group", before, world.moment)


def test_facts_when_measures_are_open_then_each_once_in_the_order_of_the_ledger(either_world: World):
    world = either_world
    world.verified("d", position=1)
    world.submitted("c", position=2)
    world.in_progress("b", position=3)
    world.measure("a", position=4, owner=None, lead=None, unit_id=None)
    world.verified("closed")
    world.act("zhao", close_measure, "closed")
    world.in_progress("gone")
    world.act("zhao", cancel_measure, "gone", how="merge", reason="并入")
    facts = facts_of(world)
    assert [(one.code, one.state) for one in facts.values()] == [
        ("d", State.VERIFIED),
        ("c", State.SUBMITTED),
        ("b", State.IN_PROGRESS),
        ("a", State.ASSIGNED),
    ]
    assert (facts["b"].unit, facts["b"].leader, facts["b"].owner) == ("一处", "钱副局长", "王经办")
    assert (facts["a"].unit, facts["a"].leader, facts["a"].owner) == (None, None, None)
    assert (facts["b"].rung, facts["b"].slip, facts["b"].raised) == (-1, None, frozenset())


def test_rung_when_the_ladder_was_climbed_then_the_highest_with_its_slip(either_world: World):
    world = either_world
    world.at(date(2025, 8, 20)).in_progress()
    seen = {}
    for day in (date(2025, 8, 25), DUE, date(2025, 9, 4), date(2025, 9, 10), date(2025, 9, 17)):
        world.fast_forward(day)
        seen[day] = (facts_of(world)[CODE].rung, facts_of(world)[CODE].slip, facts_of(world)[CODE].raised)
    assert list(seen.values()) == [
        (1, Slip.BLUE, frozenset()),
        (2, Slip.YELLOW, frozenset()),
        (3, Slip.RED, frozenset()),
        (4, Slip.RED, frozenset()),
        (5, Slip.GROUP, frozenset({WaitsFor.DUE_DATE})),
    ]


def test_rung_when_rungs_were_passed_over_then_only_the_one_that_was_climbed_counts(world: World):
    world.at(date(2025, 8, 20)).in_progress()
    world.skip_to(date(2025, 9, 5)).sweep()
    assert (facts_of(world)[CODE].rung, facts_of(world)[CODE].slip) == (3, Slip.RED)


def test_rung_when_extended_then_the_ladder_of_the_new_date_counts(either_world: World):
    world = either_world
    world.at(date(2025, 8, 20)).in_progress()
    world.fast_forward(date(2025, 9, 2))
    world.act("wang", request_extension, CODE, new_due=date(2025, 12, 31), reason="招标流标")
    world.fast_forward(date(2025, 9, 18))
    assert facts_of(world)[CODE].raised == {WaitsFor.DUE_DATE, WaitsFor.EXTENSION}
    world.act("zhao", decide_extension, CODE, approve=True)
    facts = facts_of(world)[CODE]
    assert (facts.due, facts.rung, facts.slip, facts.raised) == (date(2025, 12, 31), -1, None, frozenset())
    assert (facts.extension_to, facts.extension_by) == (None, None)


def test_extension_when_one_is_pending_then_the_newest_request_and_who_decides(either_world: World):
    world = either_world
    world.in_progress()
    for number in range(1, 3):
        world.act("wang", request_extension, CODE, new_due=date(2025, 9 + number, 30), reason=f"理由{number}")
        if number == 1:
            world.act("qian", decide_extension, CODE, approve=False, reason="按期完成")
    facts = facts_of(world)[CODE]
    assert (facts.extension_to, facts.extension_reason, facts.extension_by) == (
        date(2025, 11, 30),
        "理由2",
        Role.LEADER,
    )


def test_raised_when_an_extension_waits_too_long_then_it_is_the_groups_matter(either_world: World):
    world = either_world
    world.in_progress()
    world.at(date(2025, 7, 1))
    world.act("wang", request_extension, CODE, new_due=date(2025, 10, 31), reason="招标流标")
    world.fast_forward(date(2025, 7, 10))
    assert facts_of(world)[CODE].raised == frozenset()
    world.fast_forward(date(2025, 7, 11))
    assert facts_of(world)[CODE].raised == {WaitsFor.EXTENSION}
    world.act("qian", decide_extension, CODE, approve=False, reason="按期完成")
    assert facts_of(world)[CODE].raised == frozenset(), "decided: no longer"
    world.act("wang", request_extension, CODE, new_due=date(2025, 11, 30), reason="资金")
    assert facts_of(world)[CODE].raised == frozenset(), "the next request climbs its own ladder"


def test_raised_when_nobody_is_named_for_long_then_until_somebody_is(world: World):
    world.measure(owner=None)
    world.fast_forward(date(2025, 3, 24))
    assert facts_of(world)[CODE].raised == {WaitsFor.ASSIGNMENT}


def test_reason_when_reported_several_times_then_the_last_word(either_world: World):
    world = either_world
    world.in_progress()
    assert facts_of(world)[CODE].reason is None
    for text in ("起草初稿", "正在招标"):
        world.act("wang", report_progress, CODE, percent=30, text=text)
    world.in_progress("1-02")
    world.act("wang", report_progress, "1-02", percent=5, text="别的事")
    assert facts_of(world)[CODE].reason == "正在招标"


def test_stuck_when_a_timer_was_set_aside_yesterday_or_today_then_it_is_told(either_world: World):
    world = either_world
    for number, days in enumerate((0, 1, 2), start=1):
        world.in_progress(f"1-0{number}")
        with world.sessions.begin() as session:
            stuck = {"measure_id": world.get(f"1-0{number}").id, "waits_for": WaitsFor.DUE_DATE, "error": "x"}
            session.add(StuckTimer(**stuck, on=APRIL - timedelta(days=days), at=world.moment.at))
    assert [one.is_stuck for one in facts_of(world, as_of=APRIL).values()] == [True, True, False]


def test_facts_when_of_another_round_then_left_out(world: World):
    world.in_progress()
    with world.sessions.begin() as session:
        other = build_round(session).id
        assert read_measure_facts(session, other, day_end(APRIL, ZONE)) == []


def test_facts_when_the_ledger_is_long_then_as_many_statements_as_for_a_short_one(either_world: World):
    world = either_world
    world.in_progress("1-00")
    with statements(world.engine) as short:
        facts_of(world)
    for number in range(8):
        world.in_progress(f"2-0{number}", due=date(2025, 3, 4))
        world.act("wang", report_progress, f"2-0{number}", percent=10, text="有困难")
    world.fast_forward(date(2025, 3, 21))
    with statements(world.engine) as long:
        assert len([one for one in facts_of(world).values() if one.raised]) == 8
    assert long == short


def test_decisions_when_there_was_no_meeting_then_none(world: World):
    assert last_decisions(world, MAY) == []
    draw_up(world.at(APRIL))
    assert last_decisions(world, MAY) == [], "it decided nothing"


def test_decisions_when_read_then_with_where_the_measures_stand_now(either_world: World):
    world = either_world
    world.measure()
    draw_up(world.at(APRIL))
    decide(world, "task", text="约谈", owner="qian", due=date(2025, 4, 17))
    decide(world, "task", None, text="推进会")
    decide(world, "reassign", text="换人", owner="sun", amends=True)
    world.act("sun", accept_measure, CODE)
    world.act("sun", report_progress, CODE, percent=10, text="已接手")
    found = last_decisions(world, MAY)
    assert [(one.number, one.kind, one.text, one.code, one.owner, one.due) for one in found] == [
        (1, "task", "约谈", CODE, "钱副局长", date(2025, 4, 17)),
        (2, "task", "推进会", None, None, None),
        (3, "reassign", "换人", CODE, "孙经办", None),
    ]
    assert {(one.unit, one.leader, one.state, one.reason) for one in found if one.code} == {
        ("一处", "钱副局长", State.IN_PROGRESS, "已接手")
    }
    assert (found[1].state, found[1].reason, found[1].held_on) == (None, None, APRIL)


def test_decisions_when_no_owner_was_named_then_the_measures_own(world: World):
    world.in_progress()
    draw_up(world.at(APRIL))
    decide(world, "extend", due=date(2025, 12, 31))
    assert last_decisions(world, MAY)[0].owner == "王经办"


def test_decisions_when_asked_on_the_day_of_the_meeting_then_those_before_it(world: World):
    for day in (APRIL, MAY):
        draw_up(world.at(day))
        decide(world, "task", None, text=f"{day:%m}月任务")
    assert [[one.text for one in last_decisions(world, day)] for day in (APRIL, MAY, JUNE)] == [
        [],
        ["04月任务"],
        ["05月任务"],
    ]


def test_names_when_an_import_has_changed_them_since_then_those_of_the_day(sessions: Sessions):
    before, after = APRIL, JUNE
    store(sessions, ledger(measure()), before)
    units = (*UNITS, unit("新设处", "局党委"))
    people = tuple(person("zhangw", "张为", "新设处") if one.code == "zhangw" else one for one in PEOPLE)
    store(sessions, ledger(measure(unit="新设处", owner="张为"), units=units, people=people), after)

    def names(day: date) -> tuple[str | None, str | None]:
        with reading(sessions) as session:
            (found,) = read_measure_facts(session, session.scalars(select(Round.id)).one(), day_end(day, ZONE))
        return found.unit, found.owner

    assert names(after) == ("新设处", "张为")
    assert names(before) == ("规划处", "张伟")

"""Figures of a past day are told as they were: states, due dates and owners come from the record of events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.judge_verification import pass_verification
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.reads.round_figures import Status, UnitFigures, read_aspects, read_figures, read_status
from engine.rules.moment import day_end
from engine.rules.refusal import Refusal
from engine.rules.vocabulary import Level, State
from models import Base, Round
from models.database import reading
from tests.factories import ZONE, build_finding, build_round
from tests.free_record import free_record
from tests.group_meetings import statements
from tests.world import World

CODE = "1-01"


def figures_on(world: World, day: date) -> dict[str, int]:
    with reading(world.sessions) as session:
        return asdict(read_figures(session, world.round, day_end(day, ZONE), world.calendar))


def told(world: World, *days: date, of: str) -> list[int]:
    return [figures_on(world, day)[of] for day in days]


def status_on(world: World, day: date) -> Status:
    with reading(world.sessions) as session:
        return read_status(session, session.get_one(Round, world.round), day, world.calendar)


def test_figures_when_a_measure_runs_its_course_then_each_day_tells_its_state(either_world: World):
    world = either_world
    world.at(date(2025, 3, 4)).measure()
    world.at(date(2025, 3, 5)).act("wang", accept_measure, CODE)
    world.at(date(2025, 3, 10)).act("wang", attach_evidence, CODE, name="纪要")
    world.act("wang", submit_measure, CODE)
    world.act("lin", start_verification, [CODE], verifier="wu")
    world.at(date(2025, 3, 12)).act("wu", pass_verification, CODE)
    world.at(date(2025, 4, 10)).act("zhao", close_measure, CODE)
    world.at(date(2025, 6, 3)).act("jian", rebound_measure, CODE, due=date(2025, 12, 31), reason="反弹")
    days = [date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 10), date(2025, 3, 11), date(2025, 3, 12)]
    days += [date(2025, 4, 9), date(2025, 4, 10), date(2025, 6, 2), date(2025, 6, 3), date(2026, 1, 5)]
    figures = [figures_on(world, day) for day in days]
    assert [[state.value for state in State if one[state.value]] for one in figures] == [
        ["assigned"],
        ["in_progress"],
        ["submitted"],
        ["submitted"],
        ["verified"],
        ["verified"],
        ["closed"],
        ["closed"],
        ["in_progress"],
        ["in_progress"],
    ]


def test_figures_when_it_was_cancelled_later_then_open_on_the_days_before(either_world: World):
    world = either_world
    world.in_progress()
    world.at(date(2025, 4, 10)).act("zhao", cancel_measure, CODE, how="accept_risk", reason="条件不具备")
    assert told(world, date(2025, 4, 9), date(2025, 4, 10), of="cancelled") == [0, 1]


def test_overdue_when_an_extension_came_later_then_it_was_overdue_all_the_same(either_world: World):
    world = either_world
    world.in_progress(due=date(2025, 4, 30))
    world.at(date(2025, 4, 30)).act("wang", request_extension, CODE, new_due=date(2025, 6, 30), reason="招标流标")
    world.at(date(2025, 5, 9)).act("qian", decide_extension, CODE, approve=True)
    before, since = date(2025, 5, 8), date(2025, 5, 9)
    assert told(world, date(2025, 4, 30), before, since, date(2025, 7, 1), of="overdue") == [0, 1, 0, 1]
    world.act("wang", request_extension, CODE, new_due=date(2025, 9, 30), reason="资金")
    world.at(date(2025, 7, 10)).act("zhao", decide_extension, CODE, approve=True)
    days = (before, since, date(2025, 7, 9), date(2025, 7, 10), date(2025, 10, 9))
    assert told(world, *days, of="overdue") == [1, 0, 1, 0, 1], "each day by the due date of that day"


def test_overdue_when_it_was_reopened_later_then_late_by_the_old_date_and_later_by_the_new(either_world: World):
    world = either_world
    world.in_progress(due=date(2025, 3, 20))
    world.at(date(2025, 4, 1)).act("wang", attach_evidence, CODE, name="纪要")
    world.act("wang", submit_measure, CODE)
    world.act("lin", start_verification, [CODE], verifier="wu")
    world.act("wu", pass_verification, CODE)
    world.at(date(2025, 4, 10)).act("zhao", close_measure, CODE)
    world.at(date(2025, 5, 9)).act("jian", rebound_measure, CODE, due=date(2025, 6, 30), reason="反弹")
    days = (
        date(2025, 3, 20),
        date(2025, 3, 31),
        date(2025, 4, 1),
        date(2025, 5, 8),
        date(2025, 5, 9),
        date(2025, 7, 1),
    )
    assert told(world, *days, of="overdue") == [0, 1, 0, 0, 0, 1]


def test_to_be_assigned_when_an_owner_came_later_then_nobody_owned_it_before(either_world: World):
    world = either_world
    world.measure(owner=None, unit_id=None)
    world.at(date(2025, 4, 10)).act("lin", reassign_measure, CODE, owner="wang")
    world.at(date(2025, 5, 9)).act("lin", reassign_measure, CODE, owner="sun", reason="调岗")
    days = (date(2025, 4, 9), date(2025, 4, 10), date(2025, 5, 8), date(2025, 5, 9))
    assert told(world, *days, of="to_be_assigned") == [1, 0, 0, 0]


def test_items_when_their_last_measure_is_closed_then_done_from_that_day(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        round_ = session.get_one(Round, world.round)
        aspect = build_finding(session, round_, level=Level.ASPECT, code="1")
        problem = build_finding(session, round_, level=Level.PROBLEM, code="1.1", parent_id=aspect.id)
        item = build_finding(session, round_, code="1.1.1", parent_id=problem.id)
    world.verified("1-01", finding_id=item.id)
    world.verified("1-02", finding_id=item.id)
    world.at(date(2025, 4, 10)).act("zhao", close_measure, "1-01")
    world.at(date(2025, 5, 12)).act("zhao", close_measure, "1-02")
    days = (date(2025, 4, 10), date(2025, 5, 11), date(2025, 5, 12))
    assert told(world, *days, of="items_done") == told(world, *days, of="problems_done") == [0, 0, 1]


def test_status_when_printed_then_it_names_the_units_that_have_measures(either_world: World):
    world = either_world
    world.in_progress("1-01", due=date(2025, 4, 9))
    world.verified("1-02")
    world.measure("2-01", owner=None, unit_id=None)
    world.measure("3-01", unit_id=world.units["审计处"])
    world.at(date(2025, 4, 10)).act("zhao", close_measure, "1-02")
    status = status_on(world, date(2025, 4, 10))
    assert status.by_unit == (
        UnitFigures(unit="一处", measures=2, closed=1, overdue=1, done_late=0, closed_late=0),
        UnitFigures(unit="审计处", measures=1, closed=0, overdue=0, done_late=0, closed_late=0),
        UnitFigures(unit=None, measures=1, closed=0, overdue=0, done_late=0, closed_late=0),
    )
    plain = status.as_json()
    assert plain["by_state"] == {
        "assigned": 2,
        "in_progress": 1,
        "submitted": 0,
        "verified": 0,
        "closed": 1,
        "cancelled": 0,
    }
    assert (plain["measures"], plain["closed"], plain["overdue"], plain["to_be_assigned"]) == (4, 1, 1, 1)
    assert (plain["as_of"], plain["plan_due"], plain["declared"]) == ("2025-04-10", "2025-04-03", None)


def test_status_when_the_text_declares_totals_then_they_are_told_without_their_day(either_world: World):
    with either_world.sessions.begin() as session:
        session.get_one(Round, either_world.round).declared = {"items": 46, "as_of": "2025-09-10"}
    assert status_on(either_world, date(2025, 9, 10)).as_json()["declared"] == {"items": 46}


def test_aspects_when_counted_then_every_measure_below_counts_for_its_aspect(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        round_ = session.get_one(Round, world.round)
        first, _empty = (build_finding(session, round_, level=Level.ASPECT, code=code) for code in ("1", "2"))
        deep = build_finding(session, round_, code="1.1", parent_id=first.id)
    world.verified("1-01", finding_id=deep.id)
    world.in_progress("1-02", finding_id=first.id, due=date(2025, 3, 20))
    world.at(date(2025, 4, 10)).act("zhao", close_measure, "1-01")
    with world.sessions.begin() as session:
        build_finding(session, build_round(session), level=Level.ASPECT, code="1")
    with reading(world.sessions) as session:
        aspects = read_aspects(session, world.round, day_end(date(2025, 4, 10), ZONE), world.calendar)
    counted = [(one.code, one.measures, one.closed, one.overdue) for one in aspects]
    assert counted == [("1", 2, 1, 1), ("2", 0, 0, 0)]


def test_figures_when_the_round_is_large_then_as_many_statements_as_for_a_small_one(either_world: World):
    world = either_world
    world.in_progress("0-00")
    with statements(world.engine) as small:
        figures_on(world, date(2025, 3, 1))
    for number in range(8):
        world.verified(f"1-0{number}")
        world.act("zhao", close_measure, f"1-0{number}")
    with statements(world.engine) as large:
        figures_on(world, date(2025, 3, 1))
    assert large == small


def try_to(world: World, person: str, step: Callable[..., object]) -> None:
    try:
        world.act(person, step, CODE)
    except Refusal:
        return


STEPS: tuple[tuple[str, Callable[..., object]], ...] = (
    ("lin", partial(reassign_measure, owner="wang", reason="调岗")),
    ("lin", partial(reassign_measure, owner="sun", reason="调岗")),
    ("wang", accept_measure),
    ("sun", accept_measure),
    ("wang", partial(request_extension, new_due=date(2025, 5, 30), reason="招标流标")),
    ("qian", partial(decide_extension, approve=True)),
    ("zhao", partial(decide_extension, approve=True, new_due=date(2025, 6, 30))),
    ("wang", partial(attach_evidence, name="纪要", sha256="ab" * 32)),
    ("wang", submit_measure),
    ("zhao", close_measure),
    ("zhao", partial(cancel_measure, how="merge", reason="并入")),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 25), st.sampled_from(STEPS)), max_size=14))
def test_figures_when_read_later_then_the_same_as_on_the_day(
    world: World, steps: list[tuple[int, tuple[str, Callable[..., object]]]]
):
    world.at(date(2025, 3, 4)).measure(owner=None, unit_id=None, due=date(2025, 4, 10))
    seen = {}
    for days, (person, step) in steps:
        seen[world.today] = figures_on(world, world.today)
        world.at(date.fromordinal(world.today.toordinal() + days))
        try_to(world, person, step)
    assert {day: figures_on(world, day) for day in seen} == seen
    with world.engine.begin() as connection, free_record(connection):
        for name in (
            "timer",
            "notification",
            "escalation",
            "verification",
            "extension",
            "evidence",
            "event",
            "measure",
        ):
            connection.execute(Base.metadata.tables[name].delete())

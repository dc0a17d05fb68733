"""Why a reminder comes when it comes: past and coming rungs of one measure, with arithmetic, receivers and fate."""

from __future__ import annotations

from datetime import date

from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.cancel_measure import cancel_measure
from engine.actions.close_measure import close_measure
from engine.actions.decide_extension import decide_extension
from engine.actions.fill_calendar import fill_calendar
from engine.actions.reassign_measure import reassign_measure
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.reads.explain import ExplainedRung, Explanation, explain_measure
from engine.rules.vocabulary import MeasureClass, Slip, State, WaitsFor
from intake.calendar.official_calendar import official_days
from tests.fingerprints import fingerprints
from tests.outbox_rows import accept_all, bundle, claim
from tests.world import World

CODE = "1-01"
UNTIL = date(2025, 11, 30)


def explained(world: World, code: str = CODE, until: date = UNTIL) -> Explanation:
    with world.sessions() as session:
        found = explain_measure(
            session, round_id=world.round, code=code, as_of=world.today, until=until, calendar=world.calendar
        )
    assert found is not None
    return found


def due_rungs(found: Explanation) -> list[ExplainedRung]:
    return [rung for rung in found.rungs if rung.waits_for is WaitsFor.DUE_DATE]


def test_explain_when_part_of_the_ladder_is_climbed_then_past_and_coming_rungs_with_their_arithmetic(
    either_world: World,
):
    world = either_world.at(date(2025, 8, 25))
    world.in_progress(due=date(2025, 9, 29))
    world.fast_forward(date(2025, 9, 26))
    found, late = explained(world), ("王经办", "赵书记", "林联络")  # the owner is among the receivers of every repeat
    assert [
        (rung.planned_on, str(rung.arithmetic), rung.slip, rung.receivers, rung.fate, rung.climbed_on)
        for rung in due_rungs(found)
    ] == [
        (
            date(2025, 9, 19),
            "7 working days before 2025-09-29",
            Slip.BLUE,
            ("王经办",),
            "climbed",
            date(2025, 9, 19),
        ),
        (
            date(2025, 9, 25),
            "3 working days before 2025-09-29",
            Slip.YELLOW,
            ("王经办", "李处长"),
            "climbed",
            date(2025, 9, 25),
        ),
        (date(2025, 9, 30), "1 working days after 2025-09-29", Slip.RED, ("王经办", "李处长"), "planned", None),
        (date(2025, 10, 13), "5 working days after 2025-09-29", Slip.RED, ("钱副局长",), "planned", None),
        (date(2025, 10, 20), "10 working days after 2025-09-29", Slip.GROUP, ("赵书记", "林联络"), "planned", None),
        (date(2025, 11, 3), "20 working days after 2025-09-29", Slip.GROUP, late, "planned", None),
        (date(2025, 11, 17), "30 working days after 2025-09-29", Slip.GROUP, late, "planned", None),
    ]
    assert (found.state, found.owner, found.original_due, found.due, found.deadline_version, found.silence) == (
        State.IN_PROGRESS,
        "王经办",
        date(2025, 9, 29),
        date(2025, 9, 29),
        1,
        None,
    )


def test_explain_when_nobody_acts_then_every_planned_rung_is_climbed_on_its_day_by_its_receivers(either_world: World):
    world = either_world.at(date(2025, 8, 25))
    world.in_progress(due=date(2025, 9, 29))
    planned = explained(world).rungs
    assert all(rung.fate == "planned" for rung in planned)
    world.fast_forward(UNTIL)
    past = [rung for rung in explained(world).rungs if rung.fate != "planned"]
    assert sorted(
        (rung.climbed_on, rung.waits_for, rung.rung, rung.slip, rung.receivers) for rung in past if rung.climbed_on
    ) == sorted((rung.planned_on, rung.waits_for, rung.rung, rung.slip, rung.receivers) for rung in planned)
    said = {(rung.waits_for, rung.rung): str(rung.arithmetic) for rung in past}
    assert said == {(rung.waits_for, rung.rung): str(rung.arithmetic) for rung in planned}


def test_explain_when_the_due_date_is_a_day_off_then_it_says_from_which_day_it_counts(world: World):
    world.at(date(2025, 8, 1)).in_progress(due=date(2025, 10, 2))
    said = [str(rung.arithmetic) for rung in due_rungs(explained(world))]
    assert said[0] == "30 working days before 2025-10-09 (2025-10-02 is a day off)"
    assert "1 working days after 2025-10-09 (2025-10-02 is a day off)" in said


def test_explain_when_sweeps_were_missed_then_the_rungs_passed_over_say_so(either_world: World):
    world = either_world.at(date(2025, 8, 20))
    world.in_progress(due=date(2025, 9, 3))
    world.skip_to(date(2025, 9, 11))
    everybody = ("王经办", "钱副局长", "李处长")
    for on, fate in ((None, "planned"), (world.today, "climbed")):
        assert [
            (rung.rung, rung.fate, rung.planned_on, rung.climbed_on, rung.receivers)
            for rung in due_rungs(explained(world))
        ][:4] == [
            (1, "superseded", date(2025, 8, 25), on, ()),
            (2, "superseded", date(2025, 8, 29), on, ()),
            (3, "superseded", date(2025, 9, 4), on, ()),
            (4, fate, date(2025, 9, 10), on, everybody),
        ]
        world.sweep()


def test_explain_when_nobody_holds_the_role_then_the_rung_is_empty_before_and_after(either_world: World):
    world = either_world.at(date(2025, 8, 28))
    world.in_progress(due=date(2025, 9, 3), lead=None)
    assert [rung.receivers for rung in due_rungs(explained(world)) if rung.rung == 4] == [()]
    world.fast_forward(date(2025, 9, 10))
    assert [(rung.fate, rung.receivers) for rung in due_rungs(explained(world)) if rung.rung in {4, 5}] == [
        ("empty", ()),
        ("climbed", ("赵书记", "林联络")),
    ]


def test_explain_when_the_owner_is_away_then_the_stand_in_is_named_with_whom(either_world: World):
    world = either_world.at(date(2025, 9, 1))
    world.in_progress(due=date(2025, 9, 29))
    day = date(2025, 9, 19)
    world.act("wang", set_absence, person="wang", substitute="sun", first_day=day, last_day=day)
    assert [rung.receivers for rung in due_rungs(explained(world))][:2] == [("孙经办(王经办)",), ("王经办", "李处长")]
    world.fast_forward(date(2025, 9, 26))
    assert [rung.receivers for rung in due_rungs(explained(world))][:2] == [("孙经办(王经办)",), ("王经办", "李处长")]


def test_explain_when_a_ladder_is_held_then_the_rung_says_until_when(either_world: World):
    world = either_world.at(date(2025, 9, 1))
    world.in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 9, 9))
    world.act("wang", acknowledge_timer, CODE, waits_for=WaitsFor.DUE_DATE, working_days=3)
    found = explained(world, until=date(2025, 9, 20))
    assert [(rung.rung, rung.planned_on, rung.held_until) for rung in due_rungs(found) if rung.fate == "planned"] == [
        (4, date(2025, 9, 10), date(2025, 9, 12)),
        (5, date(2025, 9, 17), None),
    ]
    assert [(day, kind, who) for day, kind, who, _ in found.history][-1] == (
        date(2025, 9, 9),
        "measure:timer:acknowledge",
        "王经办",
    )


def test_explain_when_the_due_date_was_extended_then_both_versions_and_the_history(either_world: World):
    world = either_world.at(date(2025, 8, 20))
    world.in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 8, 26))
    world.act("wang", request_extension, CODE, new_due=date(2025, 9, 29), reason="流标")
    world.act("qian", decide_extension, CODE, approve=True, reason="属实")
    found = explained(world, until=date(2025, 9, 30))
    assert [(rung.deadline_version, rung.deadline, rung.rung, rung.fate) for rung in due_rungs(found)] == [
        (1, date(2025, 9, 3), 1, "climbed"),
        (2, date(2025, 9, 29), 1, "planned"),
        (2, date(2025, 9, 29), 2, "planned"),
        (2, date(2025, 9, 29), 3, "planned"),
    ]
    assert (found.original_due, found.due, found.deadline_version) == (date(2025, 9, 3), date(2025, 9, 29), 2)
    assert [(kind, who) for _, kind, who, _ in found.history] == [
        ("measure:extension:request", "王经办"),
        ("measure:extension:approve", "钱副局长"),
    ]


def test_explain_when_digests_are_sent_then_each_rung_says_what_became_of_its_notices(either_world: World):
    world = either_world.at(date(2025, 9, 24))
    world.in_progress(due=date(2025, 9, 29))
    world.fast_forward(date(2025, 9, 25))
    rung = due_rungs(explained(world))[0]
    assert rung.deliveries == (("王经办", "pending", None), ("李处长", "pending", None))
    bundle(world)
    accept_all(world, claim(world))
    assert due_rungs(explained(world))[0].deliveries == (("王经办", "sent", None), ("李处长", "sent", None))


def test_explain_when_the_measure_has_ended_then_it_says_why_nothing_is_planned(either_world: World):
    world = either_world.at(date(2025, 9, 1))
    world.verified("1-01")
    world.act("zhao", close_measure, "1-01")
    world.in_progress("1-02")
    world.act("zhao", cancel_measure, "1-02", how="accept_risk", reason="列入长期")
    closed, cancelled = explained(world, "1-01"), explained(world, "1-02")
    assert str(closed.silence) == "closed on 2025-09-01; nothing is waited for"
    assert str(cancelled.silence) == "cancelled since 2025-09-01; nothing is waited for"
    assert not closed.rungs
    assert not cancelled.rungs


def test_explain_when_the_outlook_is_short_then_the_next_rung_of_every_wait_is_told_all_the_same(either_world: World):
    world = either_world.at(date(2025, 3, 10))
    world.in_progress(due=date(2025, 9, 3))
    found = explained(world, until=world.today)
    assert [(rung.waits_for, rung.planned_on) for rung in found.rungs] == [
        (WaitsFor.MONTHLY_REPORT, date(2025, 3, 20)),
        (WaitsFor.DUE_DATE, date(2025, 7, 23)),
    ]


def test_explain_when_open_ended_then_no_due_date_is_waited_for(either_world: World):
    world = either_world
    world.in_progress(measure_class=MeasureClass.CONTINUOUS, due=None, owner="wang")
    found = explained(world)
    assert found.due is None
    assert {rung.waits_for for rung in found.rungs} == {WaitsFor.MONTHLY_REPORT}


def test_explain_when_verifiers_have_worked_on_the_measure_then_who_may_not_check_it_and_why(either_world: World):
    world = either_world
    world.measure(owner="wu")
    world.act("lin", reassign_measure, CODE, owner="wang", reason="调岗")
    assert [(person, str(why)) for person, why in explained(world).recused] == [
        ("吴核验", "owned it, from 2025-03-03 on")
    ]


def test_explain_when_there_is_no_such_measure_or_it_is_of_another_round_then_none(either_world: World):
    world = either_world
    code = world.measure()
    with world.sessions() as session:
        span = {"as_of": world.today, "until": UNTIL, "calendar": world.calendar}
        assert explain_measure(session, round_id=world.round, code="9-99", **span) is None
        assert explain_measure(session, round_id=world.round + 1, code=code, **span) is None


def test_explain_when_asked_then_no_row_of_any_table_changes(either_world: World):
    world = either_world.at(date(2025, 8, 25))
    world.in_progress(due=date(2025, 9, 29))
    world.fast_forward(date(2025, 9, 26))
    before = fingerprints(world.engine)
    with world.sessions.begin() as session:
        span = {"as_of": world.today, "until": UNTIL, "calendar": world.calendar}
        explain_measure(session, round_id=world.round, code=CODE, **span)
    assert fingerprints(world.engine) == before


def test_explain_when_a_due_date_is_a_holiday_then_its_arithmetic_names_it(world: World):
    with world.sessions.begin() as session:
        fill_calendar(session, official_days(date(2025, 9, 1), date(2025, 12, 31)), moment=world.moment)
    world.at(date(2025, 9, 1)).in_progress(due=date(2025, 10, 1))
    told = {str(rung.arithmetic) for rung in due_rungs(explained(world))}
    assert "7 working days before 2025-10-09 (2025-10-01 is off: National Day)" in told

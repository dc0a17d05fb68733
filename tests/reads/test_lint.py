"""What would be missed is found beforehand: one test for each finding, and a clean round gives none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from engine.actions.close_measure import close_measure
from engine.actions.set_absence import set_absence
from engine.reads.lint import LintFinding, lint_round
from engine.rules.vocabulary import MeasureClass, Role, WaitsFor
from engine.rules.working_days import WorkingCalendar
from intake.calendar.official_calendar import official_days
from models import Measure, Person, RoleGrant, StuckTimer, Timer
from tests.factories import build_measure, build_round
from tests.fingerprints import fingerprints
from tests.outbox_rows import statements
from tests.world import World

TODAY = date(2025, 9, 1)
DUE = date(2025, 9, 30)


@pytest.fixture
def house(either_world: World) -> World:
    with either_world.sessions.begin() as session:
        session.execute(update(Person).values(email="somebody@example.org"))  # everybody can be reached
    return either_world.at(TODAY)


def lint(world: World) -> list[LintFinding]:
    with world.sessions() as session:
        return lint_round(session, round_id=world.round, calendar=world.calendar, as_of=world.today)


def told(world: World) -> list[tuple[bool, str, tuple[str, ...]]]:
    """Return (grave, sentence, codes) of every finding."""
    return [(finding.is_grave, str(finding.text), finding.codes) for finding in lint(world)]


def without(world: World, *roles: Role) -> None:
    with world.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.role.in_(roles)))


def change(world: World, code: str, **values: object) -> None:
    with world.sessions.begin() as session:
        session.execute(update(Measure).where(Measure.code == code).values(**values))


def away(world: World, person: str, substitute: str, first_day: date, last_day: date) -> None:
    world.act("lin", set_absence, person=person, substitute=substitute, first_day=first_day, last_day=last_day)


# Nothing to find


def test_lint_when_the_round_is_whole_then_nothing_is_found(house: World):
    house.measure("1-01", due=DUE)
    house.in_progress("1-02", due=DUE)
    house.in_progress("1-03", due=None, measure_class=MeasureClass.CONTINUOUS)
    house.submitted("1-04", due=DUE)
    house.verified("1-05", due=DUE)
    away(house, "wang", "sun", TODAY, DUE)
    assert lint(house) == []


def test_lint_when_the_round_is_empty_or_ended_then_nothing_is_found(house: World):
    assert lint(house) == []
    house.verified(due=DUE)
    house.act("zhao", close_measure, "1-01")
    change(house, "1-01", owner_id=None, lead_id=None, unit_id=None, due=None)
    without(house, *Role)
    assert lint(house) == []


def test_lint_when_another_round_is_incomplete_then_it_is_left_out(house: World):
    house.measure(due=DUE)
    with house.sessions.begin() as session:
        build_measure(session, build_round(session), calendar=house.calendar, on=TODAY)
    assert lint(house) == []


# Each finding


def test_lint_when_an_open_measure_has_no_timer_then_it_is_grave(house: World):
    house.measure("1-01", due=DUE)
    house.measure("1-02", due=DUE)
    with house.sessions.begin() as session:
        session.execute(delete(Timer).where(Timer.measure_id == house.get("1-02").id))
    assert told(house) == [(True, "open measures that wait for nothing: nobody will be reminded", ("1-02",))]


def test_lint_when_a_unit_has_no_head_then_it_is_named_though_no_rung_is_empty(house: World):
    house.measure(due=DUE)
    without(house, Role.UNIT_HEAD)
    text = "1 units have no head, who would hear what is overdue and sign off what is submitted: 一处"
    assert told(house) == [(False, text, ("1-01",))], "the owner hears every rung that speaks to the head"
    change(house, "1-01", owner_id=None)
    found = told(house)
    assert (False, "due date, step 3: nobody is task owner, unit head (一处)", ("1-01",)) in found


def test_lint_when_nobody_leads_then_the_leaders_rung_is_named_and_is_not_grave(house: World):
    house.in_progress(due=DUE, lead=None)
    assert told(house) == [
        (False, "due date, step 5: nobody is responsible leader", ("1-01",)),
        (False, "measures without a responsible leader", ("1-01",)),
    ]


def test_lint_when_nobody_is_at_the_top_of_the_ladder_then_it_is_grave(house: World):
    house.in_progress(due=DUE)
    without(house, Role.LEADING_GROUP, Role.COORDINATOR)
    assert (True, "due date, step 6: nobody is leading group, coordinator", ("1-01",)) in told(house)


def test_lint_when_nobody_coordinates_then_it_is_grave_though_no_rung_is_empty(house: World):
    house.in_progress(due=DUE)
    without(house, Role.COORDINATOR)
    text = "nobody is coordinator: empty steps and failures would be reported to nobody"
    assert told(house) == [(True, text, ())]


def test_lint_when_a_submission_has_no_verifier_yet_then_the_reminder_would_be_empty(house: World):
    house.submitted(due=DUE, verifier=None)
    assert told(house) == [(False, "verification, step 1: nobody is verifier", ("1-01",))]


def test_lint_when_rungs_are_climbed_already_then_only_the_coming_ones_count(house: World):
    house.in_progress(due=DUE, lead=None)
    house.fast_forward(date(2025, 10, 31))  # the leader's rung lies behind
    assert [text for _, text, _ in told(house)] == [
        "measures without a responsible leader",
    ]


def test_lint_when_the_whole_leading_group_has_worked_on_a_measure_then_nobody_could_decide_it(house: World):
    house.measure("1-01", due=DUE, lead="zhao")
    house.verified("1-02", due=DUE, lead="zhao")
    house.measure("1-03", due=DUE)
    text = "nobody could decide: everybody of the leading group (赵书记) has worked on it"
    assert told(house) == [(True, text, ("1-01", "1-02"))]
    with house.sessions.begin() as session:
        session.add(RoleGrant(person_id=house.people["jian"], role=Role.LEADING_GROUP))
    assert lint(house) == []


@pytest.mark.parametrize("near", ["owner", "owner's unit", "responsible unit", "nobody at all"])
def test_lint_when_every_verifier_is_too_near_then_it_is_grave(house: World, near: str):
    house.in_progress(due=DUE)
    with house.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.role == Role.VERIFIER))
        who = {"owner": "wang", "owner's unit": "sun", "responsible unit": "tang"}.get(near)
        if who:
            session.add(RoleGrant(person_id=house.people[who], role=Role.VERIFIER))
    if near == "responsible unit":
        change(house, "1-01", unit_id=house.units["二处"])
    assert (True, "nobody may verify: every verifier is too near", ("1-01",)) in told(house)


def test_lint_when_the_only_verifier_stands_in_for_the_owner_then_it_is_grave(house: World):
    house.in_progress(due=DUE)
    with house.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == house.people["wu"]))
    assert lint(house) == []
    away(house, "wang", "zhou", TODAY, TODAY)
    house.at(date(2025, 9, 5))
    assert told(house) == [(True, "nobody may verify: every verifier is too near", ("1-01",))]


def test_lint_when_the_owner_stood_in_for_the_only_verifier_then_it_is_grave(house: World):
    house.in_progress(due=DUE)
    with house.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == house.people["wu"]))
    away(house, "zhou", "wang", TODAY, TODAY)
    assert [text for _, text, _ in told(house)] == ["nobody may verify: every verifier is too near"]


def test_lint_when_somebody_stood_in_before_the_measure_was_accepted_then_that_is_past(house: World):
    with house.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == house.people["wu"]))
    away(house, "wang", "zhou", TODAY, TODAY)
    house.at(date(2025, 9, 5)).in_progress(due=DUE)
    assert lint(house) == []


def test_lint_when_two_stand_in_for_each_other_on_the_same_days_then_both_are_told(house: World):
    house.measure(due=DUE)
    away(house, "wang", "sun", date(2025, 9, 10), date(2025, 9, 20))
    away(house, "sun", "wang", date(2025, 9, 15), date(2025, 9, 30))
    assert told(house) == [
        (False, "孙经办 is away from 2025-09-15 to 2025-09-30, and so is everyone who stands in", ())
    ]
    house.at(date(2025, 9, 16))
    assert len(lint(house)) == 2
    house.at(date(2025, 9, 21))
    assert lint(house) == [], "wang is back"


def test_lint_when_an_absence_is_over_then_it_is_told_no_more(house: World):
    house.measure(due=DUE)
    away(house, "wang", "sun", TODAY, TODAY)
    away(house, "sun", "wang", TODAY, TODAY)
    assert len(lint(house)) == 2
    assert lint(house.at(TODAY + timedelta(days=1))) == []


def test_lint_when_the_calendar_ends_within_a_year_of_the_last_deadline_then_it_is_grave(house: World):
    house.measure(due=DUE)
    for last, is_found in ((date(2026, 9, 30), True), (date(2026, 10, 1), False)):
        house.calendar = WorkingCalendar.from_rows(official_days(date(2025, 1, 1), last))
        found = told(house)
        expected = f"the calendar ends on {last}, too near to the deadline 2025-09-30"
        assert ((True, expected, ()) in found) is is_found


def test_lint_when_a_deadline_could_not_be_handled_then_it_is_grave_for_seven_days(house: World):
    house.measure(due=DUE)
    with house.sessions.begin() as session:
        for error in ("ValueError: a", "ValueError: b"):
            session.add(
                StuckTimer(
                    measure_id=house.get("1-01").id,
                    waits_for=WaitsFor.DUE_DATE,
                    error=error,
                    on=TODAY,
                    at=house.moment.at,
                )
            )
    assert told(house) == [(True, "a deadline could not be handled: ValueError: b", ("1-01",))]
    assert len(lint(house.at(TODAY + timedelta(days=7)))) == 1
    assert lint(house.at(TODAY + timedelta(days=8))) == []


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("owner_id", "measures without an owner"),
        ("lead_id", "measures without a responsible leader"),
        ("unit_id", "measures without a responsible unit"),
        ("due", "measures without a due date that are not continuous"),
    ],
)
def test_lint_when_something_is_missing_then_it_deserves_a_look(house: World, column: str, text: str):
    house.measure("1-01", due=DUE)
    house.measure("1-02", due=DUE)
    change(house, "1-02", **{column: None})
    assert (False, text, ("1-02",)) in told(house)


# How it is told


def test_lint_when_there_are_grave_findings_then_they_go_first_and_many_codes_are_counted(house: World):
    for number in range(12):
        house.measure(f"1-{number:02}", due=DUE, lead=None)
    without(house, Role.VERIFIER)
    found = lint(house)
    assert [finding.is_grave for finding in found] == sorted((finding.is_grave for finding in found), reverse=True)
    assert found[0].is_grave
    assert all((finding.count, finding.codes) == (12, tuple(f"1-{n:02}" for n in range(10))) for finding in found)


def test_lint_when_measures_are_many_then_it_reads_as_often_as_for_one(house: World):
    house.measure("0-01", due=DUE)

    def reads() -> int:
        with statements(house.engine) as seen:
            lint(house)
        return len(seen)

    once = reads()
    for number in range(20):
        house.measure(f"1-{number:02}", due=DUE)
    assert reads() == once


def test_lint_when_asked_then_no_row_of_any_table_changes(house: World):
    house.measure(due=DUE, lead=None)
    before = fingerprints(house.engine)
    with house.sessions.begin() as session:
        assert lint_round(session, round_id=house.round, calendar=house.calendar, as_of=house.today)
    assert fingerprints(house.engine) == before


def test_lint_when_one_person_holds_trust_or_can_come_in_then_told(world: World):
    with world.sessions.begin() as session:
        trusted = select(Person).where(Person.id.in_(select(RoleGrant.person_id)), Person.code != "lin")
        for person in session.scalars(trusted):
            person.shut_out_at = world.moment.at
    assert any(one.is_grave and "all but one are shut out" in str(one.text) for one in lint(world))
    with world.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.role != Role.COORDINATOR))
    assert any("only one person holds trust (林联络)" in str(one.text) for one in lint(world))


@pytest.mark.parametrize(
    ("on", "is_grave", "words"),
    [
        (date(2025, 12, 1), False, "they may move; import the yearly notice when it comes out, at the end of 2026"),
        (date(2026, 12, 1), False, "whose notice on days off is out: import the yearly notice"),
        (date(2027, 1, 4), True, "whose notice on days off is out: import the yearly notice"),
    ],
)
def test_lint_when_deadlines_lie_in_a_provisional_year_then_which_and_what_to_do(
    house: World, on: date, *, is_grave: bool, words: str
):
    for number in range(1, 13):
        house.in_progress(f"1-{number:02}", due=date(2027, 2, number), reported_on=TODAY)
    house.in_progress("2-01", due=date(2026, 6, 30))
    (found,) = [one for one in lint(house.at(on)) if "2027" in str(one.text)]
    assert (found.is_grave, found.count, len(found.codes)) == (is_grave, 12, 10)
    assert words in str(found.text)
    assert "2-01" not in found.codes

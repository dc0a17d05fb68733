"""Who may, who may not, and who stands in for whom; and where two people change one measure at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select

from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.desk import Desk, find_person
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.rules.refusal import Conflict, FourEyes, NotAllowed, NotFound, NotReady, WrongState
from engine.rules.vocabulary import State
from models import Event, Measure, Notification
from tests.factories import build_person
from tests.world import World

CODE = "1-01"
ASKED: dict[str, Callable[[Desk], object]] = {
    "accept": lambda desk: accept_measure(desk, CODE),
    "report": lambda desk: report_progress(desk, CODE, percent=10, text="进展"),
    "attach": lambda desk: attach_evidence(desk, CODE, name="材料"),
    "submit": lambda desk: submit_measure(desk, CODE),
    "start": lambda desk: start_verification(desk, [CODE]),
    "pass": lambda desk: pass_verification(desk, CODE),
    "return": lambda desk: return_measure(desk, CODE, reason="缺材料"),
    "extend": lambda desk: request_extension(desk, CODE, new_due=date(2025, 12, 31), reason="流标"),
    "rebound": lambda desk: rebound_measure(desk, CODE, due=date(2025, 12, 31), reason="反弹"),
}
IN_STATE = {
    State.IN_PROGRESS: {"report", "attach", "submit", "extend"},
    State.ASSIGNED: {"accept", "extend"},
    State.SUBMITTED: {"attach", "start", "pass", "return"},
    State.CLOSED: {"rebound"},
    State.CANCELLED: set(),
}
PERSON = {"start": "lin", "pass": "wu", "return": "wu", "rebound": "lin"}


@pytest.mark.parametrize("state", list(IN_STATE))
def test_actions_when_the_state_is_wrong_then_refused_and_nothing_changes(either_world: World, state: State):
    world = either_world
    if state is State.SUBMITTED:
        world.submitted()
    else:
        world.measure(state=state)
    before = (world.events(CODE), world.said(), set(world.timers(CODE)))
    for name in set(ASKED) - IN_STATE[state]:
        with pytest.raises(WrongState), world.desk(PERSON.get(name, "wang")) as desk:
            ASKED[name](desk)
    assert (world.events(CODE), world.said(), set(world.timers(CODE))) == before
    assert world.get(CODE).state is state


@pytest.mark.parametrize("state", [State.IN_PROGRESS, State.ASSIGNED, State.SUBMITTED])
def test_actions_when_the_person_is_a_stranger_then_refused_and_nothing_changes(either_world: World, state: State):
    world = either_world
    if state is State.SUBMITTED:
        world.submitted()
    else:
        world.measure(state=state)
    before = (world.events(CODE), world.said())
    for name in IN_STATE[state]:
        for stranger in ("tang", "he", "jian"):
            with pytest.raises(NotAllowed), world.desk(stranger) as desk:
                ASKED[name](desk)
    assert (world.events(CODE), world.said()) == before


def test_actions_when_the_measure_or_the_person_is_unknown_then_said(world: World):
    with pytest.raises(NotFound, match="there is no measure 9-99"):
        world.act("wang", accept_measure, "9-99")
    world.measure()
    with pytest.raises(NotFound, match="there is no person nobody"):
        world.act("nobody", accept_measure, CODE)


def test_person_when_several_share_the_name_then_their_codes_are_asked_for(world: World):
    with world.sessions.begin() as session:
        for code in ("w1", "w2", "王伟", "w4"):
            build_person(session, code=code, name="王伟")
        assert find_person(session, "王伟").code == "王伟", "a code before a name"
        build_person(session, code="z1", name="赵伟")
        build_person(session, code="z2", name="赵伟")
        with pytest.raises(NotFound, match="z1, z2"):
            find_person(session, "赵伟")


def stand_in(world: World, person: str, substitute: str, first: date, last: date) -> None:
    world.act("lin", set_absence, person=person, substitute=substitute, first_day=first, last_day=last)
    world.confirm_trust()


def test_substitute_when_the_owner_is_away_then_acts_on_those_days_only(either_world: World):
    world = either_world
    world.measure()
    stand_in(world, "wang", "tang", date(2025, 3, 10), date(2025, 3, 12))
    for day in (date(2025, 3, 9), date(2025, 3, 13)):
        with pytest.raises(NotAllowed):
            world.at(day).act("tang", accept_measure, CODE)
    world.at(date(2025, 3, 12)).act("tang", accept_measure, CODE)
    with world.sessions() as session:
        assert (
            session.scalars(select(Event.actor_id).where(Event.kind == "measure:state:accept")).one()
            == (world.people["tang"])
        )


def test_substitute_when_the_substitute_is_away_too_then_the_next_acts(either_world: World):
    world = either_world
    world.measure()
    stand_in(world, "wang", "sun", date(2025, 3, 10), date(2025, 3, 14))
    stand_in(world, "sun", "tang", date(2025, 3, 12), date(2025, 3, 13))
    with pytest.raises(NotAllowed):
        world.at(date(2025, 3, 11)).act("tang", accept_measure, CODE)
    world.at(date(2025, 3, 12)).act("tang", accept_measure, CODE)


def test_substitute_when_the_coordinator_is_away_then_holds_the_granted_role(either_world: World):
    world = either_world
    world.submitted(verifier=None)
    with pytest.raises(NotAllowed):
        world.act("tang", start_verification, [CODE])
    stand_in(world, "lin", "tang", date(2025, 3, 1), date(2025, 3, 5))
    world.act("tang", start_verification, [CODE], verifier="wu")


@pytest.mark.parametrize(
    ("away", "substitute", "message"),
    [
        ("wang", "wu", "stood in for .*, who owned it"),  # the verifier stands in for the owner
        ("wu", "wang", "was stood in for by .*, who owned it"),  # and the other way round
    ],
)
def test_pass_when_owner_and_verifier_stand_in_for_each_other_then_refused_either_way(
    either_world: World, away: str, substitute: str, message: str
):
    world = either_world
    world.submitted(verifier="wu")
    stand_in(world, away, substitute, world.today, date(2025, 3, 7))
    with pytest.raises(FourEyes, match=message):
        world.act("wu", pass_verification, CODE)
    if away == "wu":
        with pytest.raises(FourEyes, match="owned it, from"):
            world.act("wang", pass_verification, CODE)  # as the verifier's substitute


def test_pass_when_the_verifier_stood_in_for_the_owner_earlier_then_refused_still(either_world: World):
    world = either_world
    world.submitted(verifier="wu")
    stand_in(world, "wang", "wu", date(2025, 3, 4), date(2025, 3, 5))
    assert world.at(date(2025, 3, 3)).act("lin", start_verification, [CODE])  # still to come: no harm yet
    world.at(date(2025, 3, 10))
    with pytest.raises(FourEyes, match=r"stood in for .*, who owned it"):
        world.act("wu", pass_verification, CODE)
    world.act("lin", start_verification, [CODE])
    assert world.said(kind="verification_asked")[-1].to == "zhou"


def test_pass_when_the_absence_was_over_before_the_measure_was_taken_up_then_allowed(world: World):
    stand_in(world, "wang", "wu", date(2025, 2, 3), date(2025, 2, 28))
    world.submitted(verifier="wu")
    assert world.act("wu", pass_verification, CODE).state is State.VERIFIED


def test_pass_when_the_verifier_is_away_then_the_substitute_may_unless_too_near(either_world: World):
    world = either_world
    world.submitted(verifier="wu")
    stand_in(world, "wu", "sun", date(2025, 3, 3), date(2025, 3, 4))
    stand_in(world, "wu", "tang", date(2025, 3, 5), date(2025, 3, 6))
    with pytest.raises(FourEyes, match="is of a unit that worked on it"):
        world.act("sun", pass_verification, CODE)
    world.at(date(2025, 3, 5)).act("tang", pass_verification, CODE)


@pytest.mark.parametrize(
    ("by", "overrides", "refusal"),
    [
        ("tang", {}, NotAllowed),
        ("lin", {"substitute": "wang"}, NotReady),
        ("lin", {"last_day": date(2025, 2, 1)}, NotReady),
        ("lin", {"substitute": "nemo"}, NotFound),
    ],
)
def test_absence_when_it_makes_no_sense_then_refused(
    world: World, by: str, overrides: dict[str, object], refusal: type[Exception]
):
    plain = {
        "person": "wang",
        "substitute": "sun",
        "first_day": date(2025, 3, 3),
        "last_day": date(2025, 3, 7),
    }
    with pytest.raises(refusal):
        world.act(by, set_absence, **plain | overrides)
    world.act("wang", set_absence, **plain)  # one's own


def test_two_sessions_when_both_change_one_measure_then_the_second_is_a_conflict(either_world: World):
    world = either_world
    world.measure()
    with world.sessions() as slow:
        read = slow.scalars(select(Measure)).one()
        assert read.state is State.ASSIGNED
        slow.commit()
        world.act("wang", accept_measure, CODE)
        desk = Desk(session=slow, moment=world.moment, calendar=world.calendar, person="wang")
        with pytest.raises(Conflict, match="1-01 was changed by somebody else meanwhile"):
            accept_measure(desk, CODE)
        slow.rollback()
        slow.expire_all()
        with pytest.raises(WrongState):
            accept_measure(desk, CODE)
    assert world.events(CODE) == ["measure:state:accept"]


def test_every_action_when_done_then_the_measures_version_counts_it(either_world: World):
    world = either_world
    world.measure()
    versions = [world.get(CODE).version]
    for name in ("accept", "report", "report", "attach", "extend", "submit"):
        with world.desk("wang") as desk:
            ASKED[name](desk)
        versions.append(world.get(CODE).version)
    assert versions == sorted(set(versions))


def test_refusal_when_raised_inside_a_request_then_nothing_of_it_is_kept(either_world: World):
    world = either_world
    world.measure("1-01")
    world.measure("1-02", state=State.CLOSED)

    def both(desk: Desk) -> None:
        accept_measure(desk, "1-01")
        accept_measure(desk, "1-02")

    with pytest.raises(WrongState):
        world.act("wang", both)
    assert world.get("1-01").state is State.ASSIGNED
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 0
        assert session.scalar(select(func.count()).select_from(Notification)) == 0


def test_request_when_the_row_changed_between_reading_and_writing_then_a_conflict(either_world: World):
    world = either_world
    world.measure()
    with world.sessions() as session:
        stale = session.scalars(select(Measure)).one()
    world.act("wang", accept_measure, CODE)
    stale.text = "改过的"
    with pytest.raises(Conflict, match="somebody else changed the same record first"):
        world.act("wang", lambda desk: desk.session.add(stale))


@pytest.mark.postgres
def test_request_when_two_wait_for_each_other_on_postgresql_then_one_is_a_conflict(postgres_database: object):
    from threading import Barrier, Thread  # noqa: PLC0415 - this test alone runs in threads

    world = World(postgres_database)  # type: ignore[arg-type]
    world.measure("1-01")
    world.measure("1-02")
    meet, outcome = Barrier(2), []

    def both(first: str, second: str) -> None:
        try:
            with world.desk("wang") as desk:
                accept_measure(desk, first)
                meet.wait(timeout=20)
                accept_measure(desk, second)
            outcome.append("done")
        except Conflict:
            outcome.append("conflict")

    threads = [Thread(target=both, args=pair) for pair in (("1-01", "1-02"), ("1-02", "1-01"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcome) == ["conflict", "done"]
    assert world.get("1-01").state is world.get("1-02").state is State.IN_PROGRESS

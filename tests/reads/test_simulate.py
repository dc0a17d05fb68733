"""What is foreseen is what then happens: `simulate` against as many daily sweeps, when nobody acts."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import delete, select

from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.bundle_digests import bundle_digests
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.reads.simulate import Foreseen, simulate
from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.vocabulary import MeasureClass, Role, Slip, State, WaitsFor
from engine.rules.working_days import BeyondCalendar
from models import Absence, Digest, Escalation, Fate, Measure, Notification, Person, RoleGrant
from tests.factories import build_measure, build_round, shipped_policies
from tests.fingerprints import fingerprints
from tests.world import World

SUMMER = date(2025, 8, 1)


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """One rung on one day, as both sides tell it."""

    day: date
    code: str
    waits_for: WaitsFor
    rung: int
    deadline: date
    slip: Slip
    told: tuple[str, ...]  #: names that receive, sorted
    superseded: int


def foresee(world: World, first: date, last: date, book: LadderBook | None = None) -> list[Foreseen]:
    with world.sessions() as session:
        return simulate(
            session,
            round_id=world.round,
            as_of=world.today,
            first_day=first,
            last_day=last,
            calendar=world.calendar,
            book=book,
        )


def foreseen(world: World, first: date, last: date) -> list[Step]:
    return foreseen_of(foresee(world, first, last))


def foreseen_of(lines: list[Foreseen]) -> list[Step]:
    return sorted(
        Step(
            line.day,
            line.code,
            line.waits_for,
            line.rung,
            line.deadline,
            line.slip,
            tuple(sorted(line.receivers)),
            line.superseded,
        )
        for line in lines
    )


def lived(world: World, last: date) -> list[Step]:
    """Sweep and bundle on every day from today to `last`; return what was climbed, and who then received it."""
    while True:
        world.sweep()
        with world.sessions.begin() as session:
            bundle_digests(
                session, batch=f"daily:{world.today}", moment=world.moment, channels=("inbox",), digests_per_day=99
            )
        if world.today == last:
            return happened(world)
        world.at(world.today + timedelta(days=1))


def happened(world: World) -> list[Step]:
    """Return every rung on record, from the rows that sweeps and bundling wrote."""
    with world.sessions() as session:
        names = dict(session.execute(select(Person.id, Person.name)).tuples().all())
        told: dict[object, set[str]] = defaultdict(set)
        notes = select(Notification, Digest.person_id).join(Digest).where(Notification.kind == "rung")
        for note, receiver in session.execute(notes):
            own = note.person_id == receiver
            name = names[receiver] if own else f"{names[receiver]}({names[note.person_id]})"
            told[note.measure_id, note.waits_for, note.deadline_version, note.data["rung"]].add(name)
        rows = session.execute(
            select(Escalation, Measure.code).join(Measure, Measure.id == Escalation.measure_id)
        ).all()
    passed_over: dict[object, int] = defaultdict(int)
    for row, _ in rows:
        passed_over[row.measure_id, row.waits_for, row.climbed_on] += row.fate is Fate.SUPERSEDED
    return sorted(
        Step(
            row.climbed_on,
            code,
            row.waits_for,
            row.rung,
            row.deadline,
            row.slip,
            tuple(sorted(told[row.measure_id, row.waits_for, row.deadline_version, row.rung])),
            passed_over[row.measure_id, row.waits_for, row.climbed_on] if row.fate is Fate.CLIMBED else 0,
        )
        for row, code in rows
        if row.fate is not Fate.SUPERSEDED
    )


def house_of_every_wait(world: World) -> None:
    """Add measures that wait for everything a measure can wait for; as of today."""
    world.measure("0-01", owner=None, due=date(2025, 9, 29))
    world.measure("0-02")
    world.measure("0-03", measure_class=MeasureClass.CONTINUOUS, due=None)
    world.in_progress("1-01", due=date(2025, 9, 29))
    world.in_progress("1-02", due=date(2025, 10, 1))  # a holiday: runs to 9 October
    world.in_progress("1-03", due=date(2025, 8, 20), lead=None)
    world.in_progress("1-04", due=date(2025, 11, 14))
    world.act("wang", request_extension, "1-04", new_due=date(2025, 12, 30), reason="流标")
    world.in_progress("1-05", due=date(2025, 9, 26), unit_id=world.units["审计处"])  # a unit without a head
    world.in_progress("1-06", due=date(2025, 9, 19))
    world.submitted("2-01")
    world.submitted("2-02", verifier=None)
    world.verified("3-01")


def test_simulate_when_nobody_acts_then_every_daily_sweep_climbs_what_was_foreseen(either_world: World):
    world = either_world.at(SUMMER)
    house_of_every_wait(world)
    last = date(2025, 11, 20)
    expected = foreseen(world, SUMMER, last)
    assert {step.waits_for for step in expected} == set(WaitsFor)
    assert {step.slip for step in expected} == set(Slip)
    assert lived(world, last) == expected


def test_simulate_when_national_day_lies_between_then_no_holiday_and_every_make_up_day_counts(either_world: World):
    world = either_world.at(SUMMER)
    world.in_progress(due=date(2025, 9, 29))
    lines = foresee(world, date(2025, 9, 15), date(2025, 10, 20))
    assert [
        (line.day, line.offset, line.slip, line.receivers) for line in lines if line.waits_for is WaitsFor.DUE_DATE
    ] == [
        (date(2025, 9, 19), -7, Slip.BLUE, ("王经办",)),  # Sunday 28 September is worked
        (date(2025, 9, 25), -3, Slip.YELLOW, ("王经办", "李处长")),
        (date(2025, 9, 30), 1, Slip.RED, ("王经办", "李处长")),
        (date(2025, 10, 13), 5, Slip.RED, ("钱副局长",)),  # off from 1 to 8 October; Saturday 11 October is worked
        (date(2025, 10, 20), 10, Slip.GROUP, ("赵书记", "林联络")),
    ]
    done = [step for step in lived(world, date(2025, 10, 20)) if step.day >= date(2025, 9, 15)]
    assert done == foreseen_of(lines)


def test_simulate_when_people_are_away_then_the_stand_ins_are_named_on_those_days_alone(either_world: World):
    world = either_world.at(SUMMER)
    world.in_progress(due=date(2025, 9, 29))
    away = [
        ("lin", "wang", "sun", date(2025, 9, 25), date(2025, 10, 13)),
        ("lin", "sun", "tang", date(2025, 9, 30), date(2025, 10, 10)),  # the stand-in is away, too
        ("zhao", "zhao", "lin", date(2025, 10, 20), date(2025, 10, 20)),
        ("lin", "lin", "zhao", date(2025, 10, 20), date(2025, 10, 20)),  # in a circle: each waits for themselves
    ]
    for by, person, substitute, first_day, last_day in away:
        world.act(by, set_absence, person=person, substitute=substitute, first_day=first_day, last_day=last_day)
    lines = foresee(world, SUMMER, date(2025, 10, 31))
    assert [(line.day, line.receivers) for line in lines if line.waits_for is WaitsFor.DUE_DATE] == [
        (date(2025, 8, 19), ("王经办",)),
        (date(2025, 9, 19), ("王经办",)),
        (date(2025, 9, 25), ("孙经办(王经办)", "李处长")),
        (date(2025, 9, 30), ("唐科员(王经办)", "李处长")),
        (date(2025, 10, 13), ("钱副局长",)),
        (date(2025, 10, 20), ("赵书记", "林联络")),
    ]
    assert lived(world, date(2025, 10, 31)) == foreseen_of(lines)


def test_simulate_when_sweeps_were_missed_then_one_climb_says_what_it_passes_over(either_world: World):
    world = either_world.at(SUMMER)
    world.in_progress(due=date(2025, 9, 3))
    world.skip_to(date(2025, 9, 12))
    lines = foresee(world, world.today, date(2025, 9, 30))
    first = next(line for line in lines if line.waits_for is WaitsFor.DUE_DATE)
    assert (first.day, first.offset, first.superseded) == (date(2025, 9, 12), 5, 3)  # T-7, T-3 and T+1 are passed over
    assert lived(world, date(2025, 9, 30)) == foreseen_of(lines)


def test_simulate_when_the_span_begins_later_then_nothing_piles_up_until_then(either_world: World):
    world = either_world.at(SUMMER)
    house_of_every_wait(world)
    first, last = date(2025, 9, 26), date(2025, 10, 31)
    expected = foreseen(world, first, last)
    assert all(step.superseded == 0 for step in expected)
    assert [step for step in lived(world, last) if step.day >= first] == expected


def test_simulate_when_a_ladder_is_held_then_it_comes_back_after_the_hold(either_world: World):
    world = either_world.at(date(2025, 9, 1))
    world.in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 9, 9))
    world.act("wang", acknowledge_timer, "1-01", waits_for=WaitsFor.DUE_DATE, working_days=3)
    world.at(date(2025, 9, 10))
    lines = foresee(world, world.today, date(2025, 9, 30))
    assert [(line.day, line.rung, line.superseded) for line in lines if line.waits_for is WaitsFor.DUE_DATE] == [
        (date(2025, 9, 12), 4, 0),  # planned on 10 September
        (date(2025, 9, 17), 5, 0),
        (date(2025, 9, 30), 6, 0),
    ]
    assert [step for step in lived(world, date(2025, 9, 30)) if step.day >= date(2025, 9, 10)] == foreseen_of(lines)


def test_simulate_when_nobody_holds_a_role_then_the_rung_is_told_with_nobody(either_world: World):
    world = either_world.at(date(2025, 8, 28))
    world.in_progress(due=date(2025, 9, 3), lead=None)
    lines = foresee(world, world.today, date(2025, 9, 12))
    assert [(line.day, line.rung, line.receivers) for line in lines if line.rung >= 4] == [
        (date(2025, 9, 10), 4, ()),  # nobody leads it
        (date(2025, 9, 10), 5, ("赵书记", "林联络")),  # in the leader's place
    ]
    assert lived(world, date(2025, 9, 12)) == foreseen_of(lines)


@pytest.mark.parametrize("seed", range(4))
def test_simulate_when_the_house_is_any_then_it_foresees_what_happens(either_world: World, seed: int):
    world, dice = either_world, Random(seed)  # noqa: S311 - a game, not a secret
    start = SUMMER + timedelta(days=dice.randrange(300))
    world.at(start)
    any_house(world, dice)
    world.at(start + timedelta(days=dice.choice((0, 1, 20))))  # sometimes after an outage
    last = world.today + timedelta(days=30)
    expected = foreseen(world, world.today, last)
    assert expected
    assert lived(world, last) == expected


def any_house(world: World, dice: Random) -> None:
    """Add measures in any state, with any dates and people; grants are lost, people are away."""
    for number in range(12):
        state = dice.choice((State.ASSIGNED, State.IN_PROGRESS, State.SUBMITTED, State.VERIFIED))
        owners = ("wang", "sun", "tang", None) if state is State.ASSIGNED else ("wang", "sun", "tang")
        world.measure(
            f"1-{number:02}",
            state=state,
            owner=dice.choice(owners),
            lead=dice.choice(("qian", None)),
            unit_id=world.units[dice.choice(("一处", "二处", "审计处"))],
            due=dice.choice((None, world.today + timedelta(days=dice.randint(-30, 60)))),
        )
    people = sorted(world.people)
    with world.sessions.begin() as session:
        for _ in range(2):
            session.delete(dice.choice(session.scalars(select(RoleGrant).order_by(RoleGrant.id)).all()))
            session.flush()
        for _ in range(6):
            person, substitute = dice.sample(people, 2)
            first_day = world.today + timedelta(days=dice.randint(-5, 40))
            session.add(
                Absence(
                    person_id=world.people[person],
                    substitute_id=world.people[substitute],
                    first_day=first_day,
                    last_day=first_day + timedelta(days=dice.randint(0, 20)),
                )
            )


def test_simulate_when_asked_then_no_row_of_any_table_changes(either_world: World):
    world = either_world.at(SUMMER)
    house_of_every_wait(world)
    before = fingerprints(world.engine)
    with world.sessions.begin() as session:  # even where the caller commits
        simulate(
            session,
            round_id=world.round,
            as_of=world.today,
            first_day=SUMMER,
            last_day=date(2026, 8, 1),
            calendar=world.calendar,
        )
    assert fingerprints(world.engine) == before
    world.at(date(2025, 9, 30)).sweep()
    assert fingerprints(world.engine) != before, "the fingerprint sees what a sweep writes"


def tried_ladder(*rungs: dict[str, object]) -> LadderBook:
    plain = deepcopy(dict(shipped_policies().ladder))
    plain["waits"]["due_date"] = {"rungs": list(rungs), "repeat_every": 10}
    return parse_ladders(plain)


def test_simulate_when_the_runs_stood_still_then_the_first_day_tells_everybody_as_the_sweep_does(either_world: World):
    world = either_world.at(SUMMER)
    house_of_every_wait(world)
    world.skip_to(date(2025, 10, 30))
    expected = foreseen(world, world.today, date(2025, 11, 20))
    assert {step.superseded for step in expected if step.day == world.today} > {0}
    assert lived(world, date(2025, 11, 20)) == expected


def test_simulate_when_nobody_is_left_to_hear_of_what_is_overdue_then_its_owner_does(either_world: World):
    world = either_world.at(date(2025, 9, 8))
    world.in_progress(due=date(2025, 9, 3), reported_on=date(2025, 10, 1))
    with world.sessions.begin() as session:
        session.execute(delete(RoleGrant).where(RoleGrant.role.in_([Role.LEADING_GROUP, Role.COORDINATOR])))
    world.sweep()
    lines = [line for line in foresee(world, world.today, date(2025, 10, 22)) if line.waits_for is WaitsFor.DUE_DATE]
    assert [(line.rung, line.slip, line.receivers) for line in lines] == [
        (4, Slip.RED, ("钱副局长",)),
        (5, Slip.GROUP, ()),
        (6, Slip.RED, ("王经办",)),
        (7, Slip.RED, ("王经办",)),
    ]
    world.fast_forward(date(2025, 10, 22))
    assert world.heard("wang", WaitsFor.DUE_DATE)[-2:] == [(line.day, Slip.RED) for line in lines[-2:]]


def test_simulate_when_another_ladder_is_tried_then_all_is_counted_as_if_it_had_been_in_force(either_world: World):
    world = either_world.at(SUMMER)
    world.in_progress(due=date(2025, 9, 3))  # its own ladder stands at T-7
    last = date(2025, 9, 30)
    early = tried_ladder(
        {"at": "T-20", "to": ["owner"], "slip": "blue"}, {"at": "T+2", "to": ["leader"], "slip": "red"}
    )
    assert [
        (line.day, line.rung, line.receivers)
        for line in foresee(world, SUMMER, last, early)
        if line.waits_for is WaitsFor.DUE_DATE
    ] == [
        (date(2025, 8, 6), 0, ("王经办",)),
        (date(2025, 9, 5), 1, ("钱副局长",)),
        (date(2025, 9, 19), 2, ("王经办", "钱副局长")),  # every repeat is told to the owner as well
    ]
    before = fingerprints(world.engine)
    foresee(world, SUMMER, last, early)
    assert fingerprints(world.engine) == before


def test_simulate_when_another_ladder_is_tried_late_then_what_it_would_have_said_before_is_left_out(world: World):
    world.at(SUMMER).in_progress(due=date(2025, 9, 3))
    world.fast_forward(date(2025, 9, 8))
    book = tried_ladder({"at": "T+1", "to": ["owner"], "slip": "red"}, {"at": "T+4", "to": ["leader"], "slip": "red"})
    lines = foresee(world, world.today, date(2025, 9, 16), book)
    assert [(line.day, line.rung, line.superseded) for line in lines if line.waits_for is WaitsFor.DUE_DATE] == [
        (date(2025, 9, 9), 1, 0)
    ]


def test_simulate_when_another_round_runs_then_it_is_left_out(either_world: World):
    world = either_world.at(SUMMER)
    world.measure("1-01")
    with world.sessions.begin() as session:
        other = build_round(session)
        build_measure(session, other, calendar=world.calendar, on=SUMMER, code="9-99")
    assert {line.code for line in foresee(world, SUMMER, date(2025, 10, 31))} == {"1-01"}


def test_simulate_when_the_calendar_ends_before_then_it_is_refused(either_world: World):
    either_world.at(SUMMER).measure("1-01")
    with pytest.raises(BeyondCalendar):
        foresee(either_world, SUMMER, date(2040, 1, 1))

"""Is Duban itself late, and who hears it?  `read_lateness`, and the alarm that follows from it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from engine.actions.raise_alarm import raise_alarm
from engine.reads.watchdog import Lateness, read_lateness
from engine.rules.moment import Moment
from engine.rules.vocabulary import Role, Slip, State, WaitsFor
from models import Delivery, Outcome, RoleGrant, Round, Run, Sending, StuckTimer
from tests.factories import at
from tests.fingerprints import fingerprints
from tests.outbox_rows import accept_all, bundle, claim, deliveries, say_to
from tests.world import World

FIRES_ON = date(2025, 9, 4)
ON_TIME = Lateness(oldest_timer=None, overlooked=0, stuck=0, undelivered=0)


def lateness(world: World, moment: Moment | None = None) -> Lateness:
    with world.sessions() as session:
        return read_lateness(session, moment or world.moment, world.calendar)


def overdue(world: World, code: str = "1-01") -> None:
    """Add a measure whose next rung falls on Thursday 4 September."""
    world.at(date(2025, 9, 3)).measure(
        code, state=State.IN_PROGRESS, reported_on=date(2025, 9, 3), due=date(2025, 9, 3), owner="wang"
    )


@pytest.mark.parametrize(
    ("day", "is_late"),
    [
        (FIRES_ON, False),
        (date(2025, 9, 5), False),
        (date(2025, 9, 7), False),  # a Sunday counts like the Monday
        (date(2025, 9, 8), False),  # two working days
        (date(2025, 9, 9), True),
        (date(2026, 9, 9), True),  # and a year later still
    ],
)
def test_lateness_when_a_due_timer_lies_then_it_is_late_after_two_working_days(
    either_world: World,
    day: date,
    is_late: bool,  # noqa: FBT001 - one column of the table above
):
    overdue(either_world)
    found = lateness(either_world.at(day))
    assert found.is_late is is_late
    if is_late:
        assert found.oldest_timer == FIRES_ON
        assert found.overlooked >= 1


def test_lateness_when_the_sweep_ran_then_nothing_is_late(either_world: World):
    overdue(either_world)
    either_world.fast_forward(date(2025, 9, 20))
    assert lateness(either_world) == ON_TIME


def test_lateness_when_a_holiday_lies_between_then_its_days_do_not_count(world: World):
    world.at(date(2025, 9, 29)).measure(
        state=State.IN_PROGRESS, reported_on=date(2025, 9, 29), due=date(2025, 9, 29)
    )  # next rung on 30 September
    assert not lateness(world.at(date(2025, 10, 10))).is_late  # the second working day after
    assert lateness(world.at(date(2025, 10, 11))).is_late  # a Saturday, worked


def ran(world: World, *, left: int = 0) -> None:
    """Put a daily run of today on record that could not look at `left` timers."""
    with world.sessions.begin() as session:
        run = Run(
            kind="daily",
            period=world.today.isoformat(),
            version=1,
            as_of=world.today,
            state=Outcome.DONE,
            report={"notes": [f"left {left}"] if left else []},
            started_at=world.moment.at,
            finished_at=world.moment.at,
        )
        session.add(run)


def long_overdue(world: World) -> None:
    """Add what was due long ago, as an import does."""
    world.measure(state=State.IN_PROGRESS, reported_on=world.today, due=date(2025, 3, 20))


def test_lateness_when_something_overdue_is_imported_after_the_run_of_the_day_then_it_is_no_sign(either_world: World):
    world = either_world.at(date(2025, 10, 9))
    ran(world)
    long_overdue(world)
    assert lateness(world) == ON_TIME
    assert lateness(world.at(date(2025, 10, 13))) == ON_TIME, "the run of 10 October may yet come"
    found = lateness(world.at(date(2025, 10, 15)))
    assert (found.oldest_timer, found.overlooked) == (date(2025, 10, 10), 1), "late since the run that did not come"


def test_lateness_when_nothing_has_run_yet_then_it_counts_from_the_day_of_the_first_import(world: World):
    with world.sessions.begin() as session:
        session.execute(update(Round).values(created_at=at(date(2025, 10, 9)).at))
    world.at(date(2025, 10, 9))
    long_overdue(world)
    assert lateness(world) == ON_TIME
    found = lateness(world.at(date(2025, 10, 15)))
    assert (found.oldest_timer, found.overlooked) == (date(2025, 10, 10), 1)


def test_lateness_when_a_run_could_not_look_at_everything_then_what_it_left_counts(world: World):
    world.at(date(2025, 10, 9))
    ran(world)
    long_overdue(world)
    for day in range(10, 16):
        world.at(date(2025, 10, day))
        ran(world, left=1)
    assert lateness(world).oldest_timer == date(2025, 10, 10)


@pytest.mark.parametrize(("days_ago", "counted"), [(0, 1), (7, 1), (8, 0)])
def test_lateness_when_timers_were_set_aside_then_those_of_seven_days_count(
    either_world: World, days_ago: int, counted: int
):
    world = either_world
    code = world.measure()
    with world.sessions.begin() as session:
        on = world.today - timedelta(days=days_ago)
        row = StuckTimer(
            measure_id=world.get(code).id, waits_for=WaitsFor.ACCEPTANCE, error="ValueError", on=on, at=world.moment.at
        )
        session.add(row)
    assert lateness(world).stuck == counted
    assert lateness(world).is_late is bool(counted)


def test_lateness_when_messages_wait_longer_than_a_day_then_they_count_until_sent(either_world: World):
    world = either_world
    say_to(world, "wang", "li")
    bundle(world)
    day_later = Moment(at=world.moment.at + timedelta(hours=24), on=world.today)
    longer = Moment(at=day_later.at + timedelta(seconds=1), on=world.today)
    assert lateness(world, day_later) == ON_TIME
    assert lateness(world, longer).undelivered == 2
    with world.sessions.begin() as session:
        session.execute(update(Delivery).where(Delivery.id == deliveries(world)[0].id).values(state=Sending.CANCELLED))
    assert lateness(world, longer).undelivered == 1
    accept_all(world, claim(world))
    assert lateness(world, longer) == ON_TIME


def test_alarm_when_raised_then_every_coordinator_hears_it_once_a_day(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        session.add(RoleGrant(person_id=world.people["tang"], role=Role.COORDINATOR))
    overdue(world)
    world.at(date(2025, 9, 15))
    found = lateness(world)

    def alarm() -> int:
        with world.sessions.begin() as session:
            return raise_alarm(session, found, world.moment)

    assert [alarm(), alarm()] == [2, 0]
    assert [(line.to, line.slip, line.role, line.data) for line in world.said(kind="overdue_sweep")] == [
        (who, Slip.RED, Role.COORDINATOR, {"oldest": "2025-09-04", "count": found.overlooked})
        for who in ("lin", "tang")
    ]
    world.at(date(2025, 9, 16))
    assert alarm() == 2, "and again the next day"


def test_alarm_when_only_messages_lie_then_it_names_this_day_and_counts_everything(either_world: World):
    world = either_world
    found = Lateness(oldest_timer=None, overlooked=0, stuck=2, undelivered=3)
    with world.sessions.begin() as session:
        raise_alarm(session, found, world.moment)
    (line,) = world.said(kind="overdue_sweep")
    assert line.data == {"oldest": world.today.isoformat(), "count": 5}


def test_alarm_when_nobody_coordinates_then_nothing_fails(either_world: World):
    world = either_world
    with world.sessions.begin() as session:
        for grant in session.query(RoleGrant).filter_by(role=Role.COORDINATOR):
            session.delete(grant)
    before = fingerprints(world.engine)
    with world.sessions.begin() as session:
        assert (
            raise_alarm(session, Lateness(oldest_timer=None, overlooked=1, stuck=0, undelivered=0), world.moment) == 0
        )
    assert fingerprints(world.engine) == before

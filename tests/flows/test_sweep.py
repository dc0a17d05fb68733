"""The sweep of a daily run: helpers join it, and what it counts stands in the database, whoever wrote it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, select, text

from config.settings import Settings
from engine.actions.fill_calendar import fill_calendar
from engine.actions.keep_run import RunTicket, begin_run
from engine.reads.swept import Swept, read_mark, read_swept
from engine.rules.moment import Moment
from flows import sweep
from flows.daily import run_daily
from flows.house import House
from flows.report import RunReport
from flows.sweep import run_sweeper, sweep_day
from intake.calendar.official_calendar import official_days
from models import Outcome, Run, Timer
from models.database import reading, sessions_of
from tests.factories import FEEDBACK, at, shipped_policies
from tests.flows.conftest import until
from tests.world import World

DAY = date(2025, 9, 4)
"""The working day after the due date of every measure: its red slip."""


@pytest.fixture
def either_house(database: Engine, tmp_path: Path) -> House:
    """Give a house on SQLite, and again on PostgreSQL."""
    return opened(database, Settings(home=tmp_path, language="en", sweepers=3, batch=2))


def opened(database: Engine, settings: Settings) -> House:
    """Open a house that has its calendar."""
    with sessions_of(database).begin() as session:
        fill_calendar(session, official_days(date(2025, 1, 1), date(2026, 12, 31)), moment=at(FEEDBACK))
    return House(settings=settings, policies=shipped_policies(), engine=database, sessions=sessions_of(database))


@pytest.fixture
def overdue(either_world: World) -> World:
    """Give a town with six measures that are overdue, and one that nobody owns."""
    for number in range(6):
        either_world.in_progress(f"1-0{number}", reported_on=date(2025, 9, 1))
    either_world.measure("2-01", owner=None)
    return either_world.at(DAY)


def ticket(house: House) -> RunTicket:
    return begin_run(house.sessions, kind="daily", period=DAY.isoformat(), moment=at(DAY))


def test_swept_when_counted_in_the_database_is_what_the_sweep_says(overdue: World):
    with reading(overdue.sessions) as session:
        mark = read_mark(session)
    for day in (date(2025, 8, 25), date(2025, 8, 29), DAY, date(2025, 9, 10)):
        with reading(overdue.sessions) as session:
            before = read_mark(session)
        done = overdue.at(day).sweep()
        with reading(overdue.sessions) as session:
            found = read_swept(session, before, day, overdue.calendar)
        assert done.escalations + done.reminders > 0
        assert (found.reminders, found.escalations, found.superseded, found.notifications, found.failed) == (
            done.reminders,
            done.escalations,
            done.superseded,
            done.notifications,
            done.failed,
        )
        with reading(overdue.sessions) as session:
            assert read_swept(session, mark, day, overdue.calendar) == found, "only of that day"


def test_sweep_when_cut_short_counts_what_earlier_attempts_wrote(either_house: House, overdue: World):
    sweep._mark_of(either_house, ticket(either_house))
    done = overdue.sweep()  # by an attempt, or a helper of it, that then lost power
    again = ticket(either_house)
    assert again.is_resumed
    found = sweep_day(either_house, at(DAY, hour=17), again, None)
    assert (found.escalations, found.notifications) == (done.escalations, done.notifications)
    assert done.escalations >= 6


def test_daily_when_helpers_are_worth_it_asks_for_them_only_where_many_may_write(
    either_house: House, overdue: World, monkeypatch: pytest.MonkeyPatch
):
    asked: list[tuple[int, int, Moment]] = []
    monkeypatch.setattr(sweep, "WORTH_A_HELPER", 3)
    report = run_daily(either_house, at(DAY), call_helpers=lambda *wanted: asked.append(wanted))
    with overdue.sessions() as session:
        run = session.scalars(select(Run)).one()
    on_postgres = either_house.engine.dialect.name == "postgresql"
    assert asked == ([(2, run.id, at(DAY))] if on_postgres else [])
    assert report.escalations >= 6


@pytest.mark.usefixtures("overdue")
def test_daily_when_little_is_due_asks_for_no_helpers(either_house: House):
    asked: list[object] = []
    run_daily(either_house, at(DAY), call_helpers=lambda *wanted: asked.append(wanted))
    assert asked == []


def test_helper_when_the_run_is_under_way_sweeps_and_when_it_is_over_does_nothing(either_house: House, overdue: World):
    given = ticket(either_house)
    helped = run_sweeper(either_house, at(DAY), run=given.run)
    assert helped.run == "sweep"
    assert helped.escalations >= 6
    found = sweep_day(either_house, at(DAY), ticket(either_house), None)
    assert found.escalations == 0, "its mark was taken after the helper was done"
    run_daily(either_house, at(DAY))
    with overdue.sessions() as session:
        assert session.get_one(Run, given.run).state is Outcome.DONE
    overdue.in_progress("3-01", due=date(2025, 8, 1))
    assert run_sweeper(either_house, at(DAY), run=given.run) == RunReport(run="sweep", as_of="2025-09-04")


@pytest.fixture
def postgres_house(postgres_database: Engine, tmp_path: Path) -> House:
    """Give a house on PostgreSQL with one overdue measure."""
    World(postgres_database).in_progress("1-01", reported_on=date(2025, 9, 1))
    return opened(postgres_database, Settings(home=tmp_path, language="en", batch=2))


@contextmanager
def held(house: House) -> Iterator[None]:
    """Hold every timer that is due, as another sweeper in the midst of its batch does."""
    with house.sessions() as holder:
        assert holder.scalars(select(Timer).where(Timer.fires_on <= DAY).with_for_update()).all()
        yield


def waits_for_a_lock(house: House) -> bool:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with house.sessions() as session:
        return bool(session.scalar(waiting))


@pytest.mark.postgres
def test_sweep_when_another_holds_a_timer_waits_until_it_is_given_back(postgres_house: House):
    found: list[Swept] = []
    given = ticket(postgres_house)
    thread = Thread(target=lambda: found.append(sweep_day(postgres_house, at(DAY), given, None)))
    with held(postgres_house):
        thread.start()
        until(lambda: waits_for_a_lock(postgres_house), seconds=30)
        assert not found
    thread.join(30)
    assert found[0].escalations >= 1

"""The clock: what the crons mean, what is caught up after an outage, and that two clocks are one."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from queue import Queue
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from config.schedule import WEEKDAYS, Schedule, cron_trigger, named_weekdays
from engine.actions.take_lease import drop_lease, take_lease
from engine.now import moment_at
from engine.rules.moment import Moment
from flows.clock import LEASE, LEASE_LASTS, catch_up, missed_tick, start_clock, this_process, tick
from flows.daily import run_daily
from flows.house import House
from flows.monthly import run_monthly
from flows.report import RunReport
from models import Lease, Outcome, Run
from models.database import Sessions
from tests.factories import at, shipped_policies
from tests.flows.conftest import allow_writes, refuse_writes, rows
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2025, 9, 4)
SHIPPED = shipped_policies().schedule


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def at_time(house: House, text: str) -> House:
    """Return the house with its clock standing at a local time."""
    moment = moment_at(local(text), house.zone)
    return replace(house, clock=lambda _zone: moment)


def told_by(work: Callable[[House, Callable[[RunReport], None]], None], house: House) -> list[tuple[str, str]]:
    reports: list[RunReport] = []
    work(house, reports.append)
    return [(report.run, report.as_of) for report in reports]


def runs(house: House) -> list[tuple[str, str, Outcome]]:
    with house.sessions() as session:
        return [(run.kind, run.period, run.state) for run in session.scalars(select(Run).order_by(Run.id))]


# What the crons mean


def ticks(cron: str, first: str, last: str, zone: ZoneInfo = SHANGHAI) -> list[str]:
    trigger, found, before = cron_trigger(cron, zone), [], None
    planned = trigger.get_next_fire_time(None, local(first, zone))
    while planned is not None and planned <= local(last, zone):
        found.append(f"{planned:%m-%d %H:%M}")
        before = planned
        planned = trigger.get_next_fire_time(before, before + timedelta(seconds=1))
    return found


@pytest.mark.parametrize(
    ("weekday", "days"),  # 2025-09-01 is a Monday
    [
        ("0", ["07"]),
        ("7", ["07"]),
        ("1", ["01"]),
        ("6", ["06"]),
        ("1-5", ["01", "02", "03", "04", "05"]),
        ("0-4", ["01", "02", "03", "04", "07"]),
        ("5-7", ["05", "06", "07"]),
        ("6,0", ["06", "07"]),
        ("1-5/2", ["01", "03", "05"]),
        ("*/2", ["02", "04", "06", "07"]),
        ("MON-fri", ["01", "02", "03", "04", "05"]),
        ("fri-mon", ["01", "05", "06", "07"]),
        ("*", ["01", "02", "03", "04", "05", "06", "07"]),
    ],
)
def test_weekday_when_written_as_cron_has_it_means_what_cron_means(weekday: str, days: list[str]):
    assert ticks(f"0 9 * * {weekday}", "2025-09-01", "2025-09-07T23:59") == [f"09-{day} 09:00" for day in days]


@given(st.sets(st.integers(0, 7), min_size=1))
def test_weekdays_when_any_are_listed_are_counted_from_sunday(numbers: set[int]):
    names = named_weekdays(",".join(map(str, numbers)))
    wanted = {WEEKDAYS[number % 7] for number in numbers}
    assert set(WEEKDAYS if names == "*" else names.split(",")) == wanted


@pytest.mark.parametrize("weekday", ["8", "x", "", "1-", "-1", "1-9", "*/0", "1//2", "mo", "²"])
def test_weekday_when_it_is_none_is_refused(weekday: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the schedule says it in its own words
        cron_trigger(f"0 9 * * {weekday or ','}", SHANGHAI)


@pytest.mark.parametrize(
    ("cron", "days"),
    [
        ("0 9 1 * *", ["09-01", "10-01"]),
        ("0 9 10,20 * *", ["09-10", "09-20", "10-10"]),
        ("0 9 31 * *", []),
        ("0 9 */10 9 *", ["09-01", "09-11", "09-21"]),
        ("0 9 8 * 1", ["09-01", "09-08", "09-15", "09-22", "09-29", "10-06", "10-08", "10-13"]),
    ],
)
def test_day_of_the_month_when_given_means_what_cron_means(cron: str, days: list[str]):
    assert ticks(cron, "2025-09-01", "2025-10-15") == [f"{day} 09:00" for day in days]


def test_schedule_when_shipped_is_in_shanghai_time():
    assert SHIPPED.zone == "Asia/Shanghai"
    assert ticks(SHIPPED.crons["daily"], "2025-09-30", "2025-10-01T23:59") == ["09-30 08:30", "10-01 08:30"]
    assert ticks(SHIPPED.crons["monthly"], "2025-09-01", "2025-11-30") == ["09-01 09:00", "10-01 09:00", "11-01 09:00"]
    assert len(ticks(SHIPPED.crons["deliver"], "2025-09-01", "2025-09-01T00:59")) == 12
    planned = cron_trigger(SHIPPED.crons["daily"], SHANGHAI).get_next_fire_time(None, local("2025-09-04"))
    assert planned is not None
    assert planned.astimezone(UTC) == datetime(2025, 9, 4, 0, 30, tzinfo=UTC)


# What was missed


@pytest.mark.parametrize(
    ("last", "now", "missed"),
    [
        (None, "2025-09-04T12:00", None),
        ("2025-09-04T08:30", "2025-09-04T12:00", None),
        ("2025-09-04T08:30:01", "2025-09-05T08:29:59", None),
        ("2025-09-04T08:30", "2025-09-05T08:30", "2025-09-05T08:30"),
        ("2025-09-04T08:29", "2025-09-04T12:00", "2025-09-04T08:30"),
        ("2025-09-01T08:30", "2025-09-04T12:00", "2025-09-04T08:30"),
        ("2025-09-01T08:30", "2025-09-04T07:30", "2025-09-03T08:30"),
        ("2020-01-01T08:30", "2025-09-04T12:00", "2025-09-04T08:30"),
    ],
)
def test_missed_tick_when_looked_for_is_the_newest_since(last: str | None, now: str, missed: str | None):
    found = missed_tick("30 8 * * *", SHANGHAI, local(now), local(last) if last else None)
    assert found == (local(missed) if missed else None)


def test_missed_tick_when_monthly_is_found_after_a_month(house: House):
    assert house.zone == "Asia/Shanghai"
    cron = SHIPPED.crons["monthly"]
    assert missed_tick(cron, SHANGHAI, local("2025-10-20"), local("2025-09-01T09:00")) == local("2025-10-01T09:00")
    assert missed_tick(cron, SHANGHAI, local("2025-12-31"), local("2025-01-01")) == local("2025-12-01T09:00")


def test_catch_up_when_days_were_missed_runs_once(house: House, town: World):
    town.in_progress(due=date(2025, 9, 3))
    run_daily(house, at(date(2025, 9, 1)))
    late = at_time(house, "2025-09-20T10:00")
    assert told_by(catch_up, late) == [("daily", "2025-09-20")]
    assert runs(house)[1:] == [("daily", "2025-09-20", Outcome.DONE)]
    before = rows(house.engine)
    assert told_by(catch_up, late) == []
    assert rows(house.engine) == before


def test_catch_up_when_both_were_missed_runs_each_once(house: House):
    run_daily(house, at(date(2025, 7, 1)))
    run_monthly(house, at(date(2025, 7, 1)))
    told = told_by(catch_up, at_time(house, "2025-09-20T10:00"))
    assert told == [("daily", "2025-09-20"), ("monthly", "2025-09-01")]


def test_catch_up_when_the_house_never_ran_misses_nothing(house: House):
    assert told_by(catch_up, at_time(house, "2025-09-20T10:00")) == []
    assert runs(house) == []


def test_catch_up_when_nothing_is_owed_shows_that_a_clock_is_there(house: House):
    now = at_time(house, "2025-09-20T10:00")
    assert told_by(catch_up, now) == []
    with house.sessions() as session:
        lease = session.scalars(select(Lease)).one()
    assert (lease.name, lease.holder) == (LEASE, this_process())
    assert lease.until == now.now().at + LEASE_LASTS


def test_catch_up_when_the_watchdog_slept_does_not_wake_it(house: House):
    tick(at_time(house, "2025-09-01T10:15"), "watchdog", lambda _report: None)
    assert told_by(catch_up, at_time(house, "2025-09-20T10:00")) == []


def test_catch_up_when_it_is_early_morning_in_shanghai_counts_its_days_not_those_of_utc(house: House):
    run_daily(house, moment_at(local("2025-09-03T08:30"), house.zone))
    early = at_time(house, "2025-09-05T07:30")
    assert early.now() == Moment(at=datetime(2025, 9, 4, 23, 30, tzinfo=UTC), on=date(2025, 9, 5))
    assert told_by(catch_up, early) == [("daily", "2025-09-04")]
    with house.sessions() as session:
        started = session.scalars(select(Run.started_at).order_by(Run.id.desc())).first()
    assert started == datetime(2025, 9, 4, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2025-09-05T00:10", "2025-09-05T08:10"])
def test_tick_when_utc_has_another_day_is_for_the_local_day(house: House, text: str):
    standing = at_time(house, text)
    assert told_by(lambda house, told: tick(house, "daily", told), standing) == [("daily", "2025-09-05")]
    assert runs(house) == [("daily", "2025-09-05", Outcome.DONE)]


def test_catch_up_when_the_last_run_failed_takes_it_up(house: House, town: World, caplog: pytest.LogCaptureFixture):
    town.in_progress(due=date(2025, 9, 3), reported_on=date(2025, 9, 1))
    refuse_writes(house, "delivery")
    assert told_by(lambda house, told: tick(house, "daily", told), at_time(house, "2025-09-04T08:30:00")) == []
    (line,) = [line for line in caplog.records if line.levelno == logging.ERROR]
    assert line.getMessage() == "the run failed; it is tried again"
    assert runs(house) == [("daily", "2025-09-04", Outcome.FAILED)]
    allow_writes(house, "delivery")
    assert told_by(catch_up, at_time(house, "2025-09-04T08:45")) == [("daily", "2025-09-04")]
    assert runs(house) == [("daily", "2025-09-04", Outcome.DONE)]


def test_catch_up_when_a_run_was_made_for_a_day_to_come_still_finds_what_was_missed(house: House):
    run_daily(house, at(date(2025, 9, 1)))
    run_daily(house, at(date(2026, 9, 1)))
    assert told_by(catch_up, at_time(house, "2025-09-04T10:00")) == [("daily", "2025-09-04")]


# Two clocks are one


def test_tick_when_another_clock_holds_the_lease_does_nothing_until_it_ends(house: House):
    standing = at_time(house, "2025-09-04T08:30")
    assert take_lease(house.sessions, name=LEASE, holder="other:1", at=standing.now().at, lasts=LEASE_LASTS)
    before = rows(house.engine)

    def knock(text: str) -> list[tuple[str, str]]:
        return told_by(lambda house, told: tick(house, "daily", told), at_time(house, text))

    assert (knock("2025-09-04T08:30"), knock("2025-09-04T08:45")) == ([], [])
    assert rows(house.engine) == before
    assert knock("2025-09-04T08:45:01") == [("daily", "2025-09-04")]
    with house.sessions() as session:
        assert session.get_one(Lease, LEASE).holder == this_process()
    assert not take_lease(house.sessions, name=LEASE, holder="other:1", at=at(DAY, hour=8).at, lasts=LEASE_LASTS)


def test_catch_up_when_a_dead_clock_still_holds_the_lease_comes_after_it(house: House):
    run_daily(house, at(date(2025, 9, 1)))
    died = at_time(house, "2025-09-04T08:30")
    take_lease(house.sessions, name=LEASE, holder="other:1", at=died.now().at, lasts=LEASE_LASTS)
    assert told_by(catch_up, at_time(house, "2025-09-04T08:31")) == []
    assert told_by(catch_up, at_time(house, "2025-09-04T08:46")) == [("daily", "2025-09-04")]


def test_lease_when_many_reach_for_it_goes_to_one(sessions: Sessions):
    got: list[bool] = []

    def reach(holder: str) -> None:
        got.append(take_lease(sessions, name=LEASE, holder=holder, at=at(DAY).at, lasts=LEASE_LASTS))

    threads = [Thread(target=reach, args=(f"host:{number}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(got) == [False, False, False, False, True]


def test_lease_when_given_back_is_free_at_once_and_only_by_its_holder(sessions: Sessions):
    now = at(DAY).at
    assert take_lease(sessions, name=LEASE, holder="one", at=now, lasts=LEASE_LASTS)
    assert take_lease(sessions, name=LEASE, holder="one", at=now, lasts=LEASE_LASTS), "it is renewed"
    drop_lease(sessions, name=LEASE, holder="two", at=now)
    assert not take_lease(sessions, name=LEASE, holder="two", at=now, lasts=LEASE_LASTS)
    drop_lease(sessions, name=LEASE, holder="one", at=now)
    assert take_lease(sessions, name=LEASE, holder="two", at=now, lasts=LEASE_LASTS)


# The real scheduler


def test_clock_when_started_plans_every_run_and_drops_none(house: House):
    crons = {"daily": "30 8 * * 1-5", "monthly": "0 9 1 * *"}
    own = replace(house, policies=replace(house.policies, schedule=Schedule(zone="Asia/Urumqi", crons=crons)))
    scheduler = start_clock(own, lambda _report: None)
    try:
        jobs = {job.id: job for job in scheduler.get_jobs()}
        assert set(crons) <= jobs.keys()
        for run in crons:
            assert (jobs[run].misfire_grace_time, jobs[run].coalesce, jobs[run].max_instances) == (None, True, 1)
            assert jobs[run].next_run_time.tzinfo == ZoneInfo("Asia/Urumqi")
        assert (jobs["daily"].next_run_time.hour, jobs["daily"].next_run_time.minute) == (8, 30)
        assert jobs["daily"].next_run_time.isoweekday() <= 5
        assert jobs["monthly"].next_run_time.day == 1
        assert "catch-up-again" in jobs
    finally:
        scheduler.shutdown(wait=True)


def test_clock_when_started_after_an_outage_catches_up_by_itself(house: House):
    run_daily(house, at(date(2025, 9, 1)))
    told: Queue[RunReport] = Queue()
    scheduler = start_clock(at_time(house, "2025-09-04T10:00"), told.put)
    try:
        report = told.get(timeout=30)
    finally:
        scheduler.shutdown(wait=True)
    assert (report.run, report.as_of, report.repeated) == ("daily", "2025-09-04", False)
    assert told.empty()

"""The watchdog: coordinators hear, once a day, that nobody sweeps, that a timer is stuck or that mail lies about."""

from datetime import date, timedelta

from sqlalchemy import select

from engine.rules.vocabulary import Slip
from flows.daily import run_daily
from flows.house import House
from flows.watchdog import run_watchdog
from models import Run, StuckTimer
from tests.factories import at
from tests.flows.conftest import files, rows
from tests.outbox_rows import bundle, say_to
from tests.world import World

MORNING = date(2025, 9, 4)


def alarms(town: World) -> list[tuple[str, date]]:
    return [(line.to, line.on) for line in town.said(kind="overdue_sweep")]


def first_timer(town: World, code: str) -> date:
    return min(timer.fires_on for timer in town.timers(code).values())


def test_watchdog_when_all_is_swept_is_silent_and_leaves_its_heartbeat(house: House, town: World):
    town.in_progress(due=date(2025, 9, 3))
    run_daily(house, at(MORNING))
    before = rows(house.engine)
    report = run_watchdog(house, at(MORNING, hour=10))
    assert (report.notifications, report.failed) == (0, 0)
    assert report.notes == ["overlooked 0", "stuck 0", "undelivered 0"]
    assert alarms(town) == []
    assert rows(house.engine) == {**before, "run": before["run"] + 1}


def test_watchdog_when_the_daily_run_is_missing_waits_two_working_days_then_alarms(house: House, town: World):
    fires_on = first_timer(town, town.in_progress(due=date(2025, 9, 3)))
    still_fine = town.calendar.shift(fires_on, 2)
    late = town.calendar.shift(fires_on, 3)
    assert run_watchdog(house, at(still_fine)).failed == 0
    report = run_watchdog(house, at(late))
    assert (report.notifications, report.failed, report.sent) == (1, 1, 2)
    assert alarms(town) == [("lin", late)]
    (line,) = town.said(kind="overdue_sweep")
    assert (line.slip, line.data) == (Slip.RED, {"oldest": fires_on.isoformat(), "count": 1})
    (mail,) = files(house.home)
    assert mail.startswith(f"outbox/{late}/lin-"), "it goes out at once, whatever the daily run does"


def test_watchdog_when_the_trouble_lasts_tells_it_once_a_day(house: House, town: World):
    fires_on = first_timer(town, town.in_progress(due=date(2025, 9, 3)))
    late = town.calendar.shift(fires_on, 10)
    told = [run_watchdog(house, at(late, hour=hour)).notifications for hour in (9, 10, 17)]
    assert told == [1, 0, 0]
    next_day = late + timedelta(days=1)
    assert run_watchdog(house, at(next_day)).notifications == 1
    assert alarms(town) == [("lin", late), ("lin", next_day)]
    assert len(files(house.home)) == 2


def test_watchdog_when_knocked_twice_in_an_hour_looks_once(house: House, town: World):
    first = run_watchdog(house, at(MORNING))
    town.in_progress(due=date(2025, 9, 3))
    second = run_watchdog(house, at(MORNING))
    assert (first.repeated, second.repeated, second.failed) == (False, True, 0)
    with house.sessions() as session:
        assert [run.period for run in session.scalars(select(Run))] == ["2025-09-04T01"], "the hour, UTC"


def test_watchdog_when_a_timer_is_stuck_alarms(house: House, town: World):
    code = town.in_progress()
    with house.sessions.begin() as session:
        waits_for = next(iter(town.timers(code)))
        session.add(
            StuckTimer(
                measure_id=town.get(code).id, waits_for=waits_for, error="boom", on=town.today, at=town.moment.at
            )
        )
    report = run_watchdog(house, town.moment)
    assert (report.notifications, report.notes) == (1, ["overlooked 0", "stuck 1", "undelivered 0"])
    assert alarms(town) == [("lin", town.today)]


def test_watchdog_when_mail_has_lain_for_a_day_alarms_and_sends_it(house: House, town: World):
    town.at(MORNING)
    say_to(town, "zhao")
    bundle(town, channels=("eml",))
    next_day = date(2025, 9, 5)
    assert run_watchdog(house, at(next_day)).failed == 0, "a day is not yet longer than a day"
    town.at(date(2025, 9, 8))
    say_to(town, "zhao")
    bundle(town, "second", channels=("eml",))
    report = run_watchdog(house, at(date(2025, 9, 9), hour=10))
    assert report.notes == ["overlooked 0", "stuck 0", "undelivered 1"]
    assert alarms(town) == [("lin", date(2025, 9, 9))]
    assert sum("/zhao-" in name for name in files(house.home)) == 2

"""The record of runs: whoever begins second finds what the first did, and a run that died is taken over."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event as Signal
from threading import Thread

import pytest
from sqlalchemy import Engine, select

from config.settings import Settings
from engine.actions.fill_calendar import fill_calendar
from engine.actions.keep_run import RunTicket, run_alone
from engine.rules.refusal import Conflict
from flows.house import House
from flows.report import RunReport, once
from intake.calendar.official_calendar import official_days
from models import Outcome, Run
from models.database import sessions_of
from tests.factories import at, shipped_policies

DAY = date(2025, 9, 4)

#: A process that begins the daily run and never ends it.
HOLDER = """
import sys
from datetime import date
from pathlib import Path
from config.settings import Settings
from config.files import load_policies
from engine.now import moment_on
from flows.house import House
from flows.report import once
from models.database import open_database, sessions_of

engine = open_database(sys.argv[1])
house = House(settings=Settings(), policies=load_policies(Path("none")), engine=engine, sessions=sessions_of(engine))

def work(ticket):
    print("begun", flush=True)
    sys.stdin.read()

once(house, "daily", "2025-09-04", moment_on(date(2025, 9, 4), house.zone), work)
"""


@pytest.fixture
def either_house(database: Engine, tmp_path: Path) -> House:
    """Give a house on SQLite, and again on PostgreSQL; its calendar reaches far enough for runs of `DAY`."""
    settings, sessions = Settings(home=tmp_path), sessions_of(database)
    with sessions.begin() as session:
        fill_calendar(session, official_days(date(2025, 1, 1), date(2026, 12, 31)), moment=at(DAY))
    return House(settings=settings, policies=shipped_policies(), engine=database, sessions=sessions)


def report(_ticket: RunTicket) -> RunReport:
    return RunReport(run="daily", as_of=DAY.isoformat(), sent=7)


def the_runs(house: House) -> list[tuple[str, str, int, Outcome]]:
    with house.sessions() as session:
        runs = session.scalars(select(Run).order_by(Run.id))
        return [(run.kind, run.period, run.version, run.state) for run in runs]


@contextmanager
def a_holder(house: House) -> Iterator[subprocess.Popen[str]]:
    """Give another process that is in the middle of the day's run."""
    url = house.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "begun\n"
            yield holder
        finally:
            holder.kill()


def test_run_when_two_threads_begin_it_is_done_by_one_and_told_by_both(either_house: House):
    begun, go_on = Signal(), Signal()
    done: list[str] = []
    told: list[RunReport] = []

    def slow(ticket: RunTicket) -> RunReport:
        done.append("first")
        begun.set()
        assert go_on.wait(timeout=30)
        return report(ticket)

    def quick(ticket: RunTicket) -> RunReport:
        done.append("second")
        return report(ticket)

    first = Thread(target=lambda: told.append(once(either_house, "daily", "2025-09-04", at(DAY), slow)))
    second = Thread(target=lambda: told.append(once(either_house, "daily", "2025-09-04", at(DAY), quick)))
    first.start()
    assert begun.wait(timeout=30)
    second.start()
    second.join(timeout=0.3)
    assert second.is_alive(), "it waits for the first"
    go_on.set()
    for thread in (first, second):
        thread.join(timeout=30)
        assert not thread.is_alive()
    assert done == ["first"]
    assert told == [told[0], replace(told[0], repeated=True)]
    assert the_runs(either_house) == [("daily", "2025-09-04", 1, Outcome.DONE)]


def test_run_when_another_process_is_at_it_is_refused_after_the_wait(either_house: House):
    with a_holder(either_house):
        with pytest.raises(Conflict, match="daily"), run_alone(either_house.engine, "daily", wait_seconds=0.2):
            pytest.fail("two at once")
        with run_alone(either_house.engine, "watchdog", wait_seconds=0):
            pass  # runs of another kind do not wait for it
    assert the_runs(either_house) == [("daily", "2025-09-04", 1, Outcome.RUNNING)]


def test_run_when_its_process_was_killed_is_taken_over_at_once(either_house: House):
    with a_holder(either_house) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait(timeout=30)
    seen: list[RunTicket] = []
    done = once(
        either_house, "daily", "2025-09-04", at(DAY, hour=11), lambda ticket: seen.append(ticket) or report(ticket)
    )
    assert (done.version, done.repeated, done.sent) == (1, False, 7)
    assert [(ticket.is_resumed, ticket.began_at) for ticket in seen] == [(True, at(DAY).at)]
    assert the_runs(either_house) == [("daily", "2025-09-04", 1, Outcome.DONE)]


def test_run_when_asked_again_while_unfinished_stays_the_same_version(either_house: House):
    def fail(_ticket: RunTicket) -> RunReport:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - whatever it is, it comes through
        once(either_house, "daily", "2025-09-04", at(DAY), fail)
    assert the_runs(either_house) == [("daily", "2025-09-04", 1, Outcome.FAILED)]
    done = once(either_house, "daily", "2025-09-04", at(DAY), report, again=True)
    assert (done.version, done.repeated) == (1, False)
    anew = once(either_house, "daily", "2025-09-04", at(DAY), report, again=True)
    assert (anew.version, anew.repeated) == (2, False)
    assert once(either_house, "daily", "2025-09-04", at(DAY), report) == replace(anew, repeated=True)
    assert once(either_house, "daily", "2025-09-05", at(DAY), report).version == 1
    assert once(either_house, "watchdog", "2025-09-04", at(DAY), report).version == 1

"""The daily run: it climbs, bundles and delivers once a day, whatever happens on the way."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.now import moment_at
from engine.reads.inbox import read_failures, read_inbox
from flows.daily import run_daily
from flows.house import House
from models import Outcome, Run
from tests.factories import at
from tests.flows.conftest import allow_writes, files, refuse_writes, rows
from tests.world import World

DAY = date(2025, 9, 4)
"""The working day after the due date of every measure: its red slip."""


@pytest.fixture
def overdue(town: World) -> World:
    """Give a town with two overdue measures that nobody was told about."""
    town.in_progress("1-01", reported_on=date(2025, 9, 1))
    town.in_progress("1-02", reported_on=date(2025, 9, 1))
    return town.at(DAY)


def the_runs(house: House) -> list[Run]:
    with house.sessions() as session:
        return list(session.scalars(select(Run).order_by(Run.id)))


def test_daily_when_something_is_overdue_climbs_bundles_and_delivers(house: House, overdue: World):
    report = run_daily(house, at(DAY))
    assert (report.run, report.as_of, report.version, report.repeated) == ("daily", "2025-09-04", 1, False)
    assert report.escalations >= 2
    assert (report.failed, report.cancelled) == (0, 0)
    told = {line.to for line in overdue.said()}
    assert {"li", "wang"} <= told
    mails = {name for name in files(house.home) if name.endswith(".eml")}
    assert {name.split("/")[-1].split("-")[0] for name in mails} == told, "one mail for each"
    assert len(mails) == len(told)
    assert all(name.startswith("outbox/2025-09-04/") for name in mails)
    assert report.sent == 2 * len(told), "inbox and .eml"
    with house.sessions() as session:
        (message,) = read_inbox(session, "li", limit=5)
    assert "1-01" in message.text
    assert "1-02" in message.text


@pytest.mark.usefixtures("overdue")
def test_daily_when_the_day_is_done_does_nothing_more(house: House):
    first = run_daily(house, at(DAY))
    before, kept = rows(house.engine), files(house.home)
    second = run_daily(house, at(DAY, hour=17))
    assert second == replace(first, repeated=True)
    assert (rows(house.engine), files(house.home)) == (before, kept)


def test_daily_when_asked_again_makes_version_2_and_tells_only_what_is_new(house: House, overdue: World):
    run_daily(house, at(DAY))
    kept, said = files(house.home), len(overdue.said())
    overdue.in_progress("1-03", reported_on=date(2025, 9, 1), due=date(2025, 9, 3))
    second = run_daily(house, at(DAY, hour=17), again=True)
    assert (second.version, second.repeated) == (2, False)
    assert [run.version for run in the_runs(house)] == [1, 2]
    new = overdue.said()[said:]
    assert {line.measure for line in new} == {"1-03"}
    after = files(house.home)
    assert kept.items() < after.items(), "what was sent stays as it was"
    assert len(after) - len(kept) == len({line.to for line in new})


def test_daily_when_it_fails_halfway_is_recorded_and_runs_again_with_nothing_double(house: House, overdue: World):
    refuse_writes(house, "delivery")
    with pytest.raises(IntegrityError, match="disk full"):
        run_daily(house, at(DAY))
    (run,) = the_runs(house)
    assert run.state is Outcome.FAILED
    assert run.report is not None
    assert "disk full" in run.report["error"]
    climbed = overdue.said()
    assert climbed, "the sweep was committed before delivery failed"
    assert files(house.home) == {}

    allow_writes(house, "delivery")
    report = run_daily(house, at(DAY, hour=10))
    assert (report.version, report.repeated) == (1, False)
    assert overdue.said() == climbed, "nothing is climbed twice"
    assert len(files(house.home)) == len({line.to for line in climbed})
    (run,) = the_runs(house)
    assert (run.state, run.report) == (Outcome.DONE, report.as_json())


def test_daily_when_the_outbox_is_a_file_sends_the_mail_as_soon_as_it_is_a_folder(house: House, overdue: World):
    (house.home / "outbox").write_text("not a folder")
    report = run_daily(house, at(DAY))
    told = {line.to for line in overdue.said()}
    assert report.sent == len(told), "the inbox has everything"
    with house.sessions() as session:
        failures = read_failures(session)
    assert {(failure.code, failure.channel) for failure in failures} == {(who, "eml") for who in told}
    (house.home / "outbox").unlink()
    next_day = at(date(2025, 9, 5))
    later = replace(house, clock=lambda zone: moment_at(house.now().at + timedelta(minutes=1), zone))
    assert run_daily(later, next_day).sent >= len(told)
    mails = [name.split("/")[-1].split("-")[0] for name in files(house.home)]
    assert sorted(mails) == sorted(told), "each once"
    with house.sessions() as session:
        assert read_failures(session) == ()


@pytest.mark.usefixtures("overdue")
def test_daily_when_days_differ_keeps_a_run_for_each(house: House):
    run_daily(house, at(DAY))
    run_daily(house, at(date(2025, 9, 5)))
    assert [(run.period, run.version) for run in the_runs(house)] == [("2025-09-04", 1), ("2025-09-05", 1)]

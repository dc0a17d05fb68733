"""Delivery between the daily runs: what waits goes out, once; it keeps no record of its own."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.actions.keep_run import run_alone
from engine.now import moment_at
from engine.reads.inbox import read_inbox
from engine.rules.vocabulary import Slip
from flows.deliver import run_deliver
from flows.execute import execute
from flows.house import House
from models import Delivery, Sending
from tests.factories import at
from tests.flows.conftest import files, rows
from tests.outbox_rows import say_to
from tests.world import World

DAY = date(2025, 9, 4)


@pytest.fixture
def waiting(town: World) -> World:
    """Give a town in which two people have something to hear."""
    town.at(DAY)
    say_to(town, "zhao", "qian")
    return town


@pytest.mark.usefixtures("waiting")
def test_deliver_when_something_waits_sends_it_over_every_channel(house: House):
    report = run_deliver(house, at(DAY))
    assert (report.run, report.as_of, report.notifications, report.sent) == ("deliver", "2025-09-04", 2, 4)
    assert {name.split("/")[-1].split("-")[0] for name in files(house.home)} == {"zhao", "qian"}
    with house.sessions() as session:
        assert len(read_inbox(session, "qian", limit=5)) == 1


@pytest.mark.usefixtures("waiting")
def test_deliver_when_nothing_is_left_does_nothing_and_keeps_no_run(house: House):
    run_deliver(house, at(DAY))
    before, kept = rows(house.engine), files(house.home)
    assert before["run"] == 0
    report = execute(house, "deliver", at(DAY, hour=10), mode="plain")
    assert (report.notifications, report.sent, report.failed, report.repeated) == (0, 0, 0, False)
    assert (rows(house.engine), files(house.home)) == (before, kept)


def test_deliver_when_knocked_every_five_minutes_holds_back_what_is_over_the_cap(house: House, waiting: World):
    sent = [run_deliver(house, at(DAY)).sent]
    for hour in range(10, 15):
        say_to(waiting, "zhao")
        sent.append(run_deliver(house, at(DAY, hour=hour)).sent)
    assert sent == [4, 2, 2, 0, 0, 0], "three messages a day, two channels"
    assert run_deliver(house, at(DAY + timedelta(days=1))).notifications == 3, "the rest comes on the next day"


@pytest.mark.usefixtures("waiting")
def test_deliver_when_a_daily_run_is_at_work_leaves_it_to_that(house: House):
    with run_alone(house.engine, "daily"):
        report = run_deliver(house, at(DAY))
        assert (report.sent, report.notes) == (0, ["the daily run is under way and delivers itself"])
    assert run_deliver(house, at(DAY)).sent == 4


@pytest.mark.usefixtures("waiting")
def test_deliver_when_the_outbox_cannot_be_written_tries_again_later(house: House):
    (house.home / "outbox").write_text("not a folder")
    assert run_deliver(house, at(DAY)).sent == 2
    with house.sessions() as session:
        kept = session.scalars(select(Delivery).where(Delivery.channel == "eml")).all()
    assert {delivery.state for delivery in kept} == {Sending.PENDING}
    assert {delivery.attempts for delivery in kept} == {1}
    (house.home / "outbox").unlink()
    assert run_deliver(house, at(DAY, hour=12)).sent == 0, "whatever day a run is for: not before the minute is over"
    in_a_minute = house.now().at + timedelta(minutes=1)
    later = replace(house, clock=lambda zone: moment_at(in_a_minute, zone))
    assert run_deliver(later, at(DAY, hour=12)).sent == 2
    assert len(files(house.home)) == 2


def test_deliver_by_night_and_on_days_off_sends_only_what_is_urgent(house: House, town: World):
    friday, monday = date(2025, 9, 5), date(2025, 9, 8)
    town.at(friday)
    say_to(town, "zhao")
    say_to(town, "qian", slip=Slip.GROUP)
    told = [
        run_deliver(house, at(friday, hour=21)).notifications,
        run_deliver(house, at(friday + timedelta(days=1), hour=10)).notifications,
        run_deliver(house, at(monday, hour=7)).notifications,
        run_deliver(house, at(monday, hour=8)).notifications,
    ]
    assert told == [1, 0, 0, 1]

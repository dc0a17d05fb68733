"""/healthz and /metrics: in this process, and over HTTP from a real `duban serve`."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, select

from config.settings import Settings
from engine.actions.fill_calendar import fill_calendar
from engine.rules.moment import Moment
from engine.rules.text import Text
from flows.daily import run_daily
from flows.house import House
from intake.calendar.official_calendar import official_days
from models import Attempt
from models.database import open_database, sessions_of
from tests.factories import FEEDBACK, at, shipped_policies
from tests.world import World, real_calendar
from web.listen import listening

DAY = date(2025, 9, 10)


def house_of(engine: Engine, home: Path, moment: Moment) -> House:
    return House(
        settings=Settings(home=home, listen="127.0.0.1:0"),
        policies=shipped_policies(),
        engine=engine,
        sessions=sessions_of(engine),
        clock=lambda _zone: moment,
    )


@pytest.fixture
def house(either_world: World, tmp_path: Path) -> House:
    """Give a house with a measure, on the tenth of September, swept."""
    calendar = real_calendar()
    with either_world.sessions.begin() as session:
        fill_calendar(session, official_days(calendar.first, calendar.last), moment=at(FEEDBACK))
    either_world.in_progress("1-01", due=date(2025, 9, 3))
    either_world.measure("1-02")
    house = house_of(either_world.engine, tmp_path, at(DAY))
    run_daily(house, at(DAY))
    return house


def ask(address: str) -> tuple[int, str, str]:
    """Return status, content type and text of a page."""
    try:
        answer = build_opener(ProxyHandler({})).open(address, timeout=10)
    except HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers["content-type"], answer.read().decode()


@contextmanager
def pages(house: House) -> Iterator[str]:
    """Serve the pages of a house; give their address."""
    said: list[Text] = []
    with listening(house, said.append):
        yield str(said[0].params["address"])


def healthz(house: House) -> tuple[int, dict[str, Any]]:
    with pages(house) as address:
        status, _, text = ask(f"{address}/healthz")
    return status, json.loads(text)


def metrics(house: House) -> dict[str, float]:
    with pages(house) as address:
        status, kind, text = ask(f"{address}/metrics")
    assert (status, kind.partition(";")[0]) == (200, "text/plain")
    return figures(text)


def figures(text: str) -> dict[str, float]:
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_healthz_when_all_is_well_is_200(house: House):
    status, answer = healthz(house)
    assert (status, answer["status"], answer["bad"]) == (200, "ok", [])
    assert answer["checks"]["database"] == "ok"


def test_healthz_when_the_sweep_is_late_is_503_and_names_the_checks(house: House):
    status, answer = healthz(house_of(house.engine, house.home, at(date(2025, 12, 10))))
    assert (status, answer["status"]) == (503, "bad")
    assert set(answer["bad"]) == {"daily_run", "timers"}


def test_pages_when_asked_name_nobody(house: House, either_world: World):
    with pages(house) as address:
        told = "".join(ask(f"{address}/{page}")[2] for page in ("healthz", "metrics"))
    for person in either_world.people:
        assert f'"{person}"' not in told
    assert not any(letter > "\u2e80" for letter in told)


def test_pages_when_the_database_is_gone_are_503(tmp_path: Path):
    engine = open_database(f"sqlite:///{tmp_path / 'gone' / 'gone.db'}")
    with pages(house_of(engine, tmp_path, at(DAY))) as address:
        assert ask(f"{address}/healthz")[0] == 503
        assert ask(f"{address}/metrics")[0] == 503
    engine.dispose()


def test_metrics_when_read_tell_what_is_there(house: House):
    found = metrics(house)
    assert found["duban_measures in_progress"] == 1
    assert found["duban_measures assigned"] == 1
    assert found["duban_measures closed"] == 0
    assert found["duban_measures_overdue"] == 2
    assert found["duban_timers_due"] == 0
    assert found["duban_oldest_due_timer_age_seconds"] == 0
    assert found["duban_timers_stuck"] == 0
    assert found["duban_outbox_notifications sent"] > 0
    assert found["duban_deliveries inbox sent"] > 0
    assert found["duban_deliveries_late"] == 0
    assert found["duban_runs daily done"] == 1
    assert found["duban_daily_run_age_seconds"] == 0
    assert found["duban_events_total"] > 0


def test_metrics_when_nobody_sweeps_tell_the_age_of_the_oldest_timer(house: House):
    found = metrics(house_of(house.engine, house.home, at(date(2025, 12, 10))))
    assert found["duban_timers_due"] >= 1
    assert found["duban_oldest_due_timer_age_seconds"] % 86400 == 9 * 3600  # since midnight of its day, local time
    assert found["duban_daily_run_age_seconds"] == timedelta(days=91).total_seconds()


def test_monitors_when_something_overdue_came_after_the_run_of_the_day_see_no_trouble(
    house: House, either_world: World
):
    either_world.at(DAY).measure("1-03", due=date(2025, 3, 20))
    assert healthz(house)[0] == 200
    found = metrics(house)
    assert found["duban_timers_due"] >= 1
    assert found["duban_oldest_due_timer_age_seconds"] == 0


def test_metrics_when_no_daily_run_was_ever_done_leave_its_age_out(either_world: World, tmp_path: Path):
    calendar = real_calendar()
    with either_world.sessions.begin() as session:
        fill_calendar(session, official_days(calendar.first, calendar.last), moment=at(FEEDBACK))
    found = metrics(house_of(either_world.engine, tmp_path, at(DAY)))
    assert "duban_daily_run_age_seconds" not in found
    assert found["duban_measures_overdue"] == 0


def test_listening_when_it_ends_gives_the_port_back(house: House):
    said: list[Text] = []
    with listening(house, said.append):
        address = str(said[0].params["address"])
        assert ask(f"{address}/healthz")[0] == 200
        assert ask(f"{address}/nosuch")[0] == 404
    with pytest.raises(OSError, match="refused"):
        ask(f"{address}/healthz")


@pytest.mark.parametrize(("proxies", "is_believed"), [(("127.0.0.1", "::1"), True), (("10.0.0.0/8",), False)])
def test_listening_believes_of_who_asks_only_what_its_proxies_say(
    house: House, proxies: tuple[str, ...], *, is_believed: bool
):
    settings = house.settings.model_copy(update={"proxies": proxies})
    there = House(settings=settings, policies=house.policies, engine=house.engine, sessions=house.sessions)
    said: list[Text] = []
    with listening(there, said.append):
        address = str(said[0].params["address"])
        headers = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "https"}
        form = {"who": "nobody", "password": "not a password"}
        assert httpx.post(f"{address}/sign-in", data=form, headers=headers, trust_env=False).status_code == 403
    with there.sessions() as session:
        sources = session.scalars(select(Attempt.subject).where(Attempt.subject.startswith("source:"))).all()
    assert sources == [f"source:{'10.9.8.7' if is_believed else '127.0.0.1'}"]


def test_listening_when_the_port_is_taken_says_so_and_goes_on(house: House):
    said: list[Text] = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        settings = house.settings.model_copy(update={"listen": taken})
        there = House(settings=settings, policies=house.policies, engine=house.engine, sessions=house.sessions)
        with listening(there, said.append):
            pass
    (line,) = map(str, said)
    assert taken in line
    assert "DUBAN_LISTEN" in line


def test_listening_when_off_says_nothing(house: House):
    said: list[Text] = []
    settings = house.settings.model_copy(update={"listen": "off"})
    there = House(settings=settings, policies=house.policies, engine=house.engine, sessions=house.sessions)
    with listening(there, said.append):
        assert said == []


@pytest.mark.parametrize("value", ["8765", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000", ":8765"])
def test_setting_when_it_names_no_place_is_refused(value: str):
    with pytest.raises(ValueError, match="listen"):
        Settings(listen=value)


def test_setting_when_it_names_a_place_is_read():
    assert Settings().listen_at == ("127.0.0.1", 8765)
    assert Settings(listen="[::1]:0").listen_at == ("::1", 0)
    assert Settings(listen="off").listen_at is None

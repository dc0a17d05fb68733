"""`duban serve`: starts, catches up, and ends cleanly when it is told to."""

import json
import re
from datetime import UTC, date, timedelta
from urllib.request import ProxyHandler, build_opener

import pytest
from sqlalchemy import select

from engine.actions.take_lease import keep_lease, lease_keeper, take_lease
from flows.clock import LEASE, LEASE_LASTS
from flows.daily import run_daily
from flows.house import House
from models import Lease, Outcome, Run
from tests.factories import at
from tests.flows.conftest import files, serving, until
from tests.world import World

pytestmark = pytest.mark.e2e


def newest_daily(house: House) -> Run:
    with house.sessions() as session:
        return session.scalars(select(Run).where(Run.kind == "daily").order_by(Run.id.desc())).first() or Run()


def lease(house: House) -> Lease | None:
    with house.sessions() as session:
        return session.get(Lease, LEASE)


def test_serve_when_started_catches_up_and_when_terminated_gives_back_the_lease(house: House, town: World):
    town.in_progress(due=date(2025, 9, 3))
    run_daily(house, at(date(2025, 9, 1)))
    with serving(house, "--no-prefect") as served:
        said = served.await_words("daily run for", seconds=60)
        assert f"Duban serves {house.home}" in said
        assert "daily run: next at" in said
        until(lambda: newest_daily(house).state is Outcome.DONE, seconds=30)
        held = lease(house)
        assert held is not None
        assert held.until > house.now().at
        assert held.holder.endswith(f":{served.process.pid}")
        assert served.end() == 0, served.said()
    assert "Traceback" not in served.said()
    assert '"event": "run finished"' in served.said(), "a service manager has the log too"
    assert house.now().on - newest_daily(house).as_of <= timedelta(days=1)
    assert any("/li-" in name for name in files(house.home)), "the mail went out"
    given_back = lease(house)
    assert given_back is not None
    assert given_back.until < house.now().at
    assert given_back.until.tzinfo is UTC
    now = house.now().at
    assert take_lease(house.sessions, name=LEASE, holder="another", at=now, lasts=LEASE_LASTS)


def test_serve_when_asked_over_http_answers_monitors_and_ends_cleanly(house: House, town: World):
    town.in_progress(due=date(2025, 9, 3))
    with serving(house, "--no-prefect") as served:
        said = served.await_words("/healthz and /metrics", seconds=60)
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert found is not None, said
        ask = build_opener(ProxyHandler({})).open
        served.await_words("Duban serves", seconds=60)
        with ask(f"{found[0]}/metrics", timeout=10) as answer:
            assert b"duban_measures_overdue 1.0" in answer.read()
        run_daily(house, house.now())
        with ask(f"{found[0]}/healthz", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        assert served.end() == 0, served.said()
    assert "Traceback" not in served.said()


def test_serve_when_deployments_have_the_clock_says_so_and_stands_still_until_told(house: House, town: World):
    town.in_progress(due=date(2025, 9, 3))
    run_daily(house, at(date(2025, 9, 1)))
    keep_lease(house.sessions, name=LEASE, holder="duban@prefect.example:4200")
    with serving(house) as served:
        said = served.await_words("Duban serves", seconds=60)
        assert "duban@prefect.example:4200 has the clock" in said
        assert "Prefect server" not in said.replace("prefect.example", ""), "none of its own: nothing would go there"
        assert "next at" not in said
        assert served.end() == 0
    assert newest_daily(house).as_of == date(2025, 9, 1)
    with serving(house, "--clock", "--no-prefect") as served:
        said = served.await_words("daily run for", seconds=60)
        assert "has the clock" not in said
        assert served.end() == 0
    assert lease_keeper(house.sessions, name=LEASE) == "duban@prefect.example:4200", "it is theirs still"


def test_serve_without_prefect_when_a_server_is_named_never_asks_it(house: House, town: World):
    town.in_progress(due=date(2025, 9, 3))
    run_daily(house, at(date(2025, 9, 1)))
    nobody = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}  # whoever asks it fails
    with serving(house, "--no-prefect", **nobody) as served:
        said = served.await_words("daily run for", seconds=60)
        assert "127.0.0.1:9" not in said
        until(lambda: newest_daily(house).state is Outcome.DONE, seconds=30)
        assert served.end() == 0, served.said()
    assert not (house.home / "prefect").exists()

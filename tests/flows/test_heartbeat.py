"""The heartbeat: an address outside hears how the watchdog fared; whatever it answers harms nothing."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import delete, select

from config.settings import Settings
from flows.heartbeat import beat
from flows.house import House
from flows.log_file import logging_to
from flows.watchdog import run_watchdog
from models import RoleGrant, Run
from tests.factories import at
from tests.flows.conftest import allow_writes, refuse_writes
from tests.local_server import Answering, LocalServer, listening
from tests.world import World

TODAY = date(2025, 9, 4)
SECRET = "c0ffee-4711"  # noqa: S105 - of no server
Call = tuple[str, str, str]  #: method, path, body


class Monitor(LocalServer):
    """A server of the operator's: notes every call, and answers as it is told to."""

    def __init__(self) -> None:
        super().__init__(_Answering)
        self.calls: list[Call] = []
        self.answer = 200
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.address = f"{self.root}/ping/{SECRET}"


class _Answering(Answering):
    def _answer(self) -> None:
        assert isinstance(self.server, Monitor)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.calls.append((self.command, self.path, body))
        self.server.may_answer.wait(20)
        self.send_response(self.server.answer)
        self.end_headers()

    do_GET = do_POST = _answer  # noqa: N815 - names of the standard library


@contextmanager
def monitoring() -> Iterator[Monitor]:
    with listening(Monitor()) as server:
        try:
            yield server
        finally:
            server.may_answer.set()


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with monitoring() as server:
        yield server


def watched(house: House, address: str, *, on: date = TODAY, hour: int = 9) -> House:
    """Return the house with the address set, in which it is nine o'clock on `on`."""
    settings = house.settings.model_copy(update={"heartbeat_url": SecretStr(address)})
    return replace(house, settings=settings, clock=lambda _zone: at(on, hour=hour))


def late(town: World) -> date:
    """Return a day on which the sweep is overdue."""
    code = town.in_progress(due=date(2025, 9, 3))
    return town.calendar.shift(min(timer.fires_on for timer in town.timers(code).values()), 10)


def test_watchdog_when_all_is_well_calls_the_address_itself(house: House, town: World, monitor: Monitor):
    assert town.today < TODAY
    house = watched(house, monitor.address)
    run_watchdog(house, house.now())
    assert monitor.calls == [("GET", f"/ping/{SECRET}", "")]


def test_watchdog_when_something_is_late_calls_fail_with_counts_only(house: House, town: World, monitor: Monitor):
    house = watched(house, monitor.address, on=late(town))
    run_watchdog(house, house.now())
    assert monitor.calls == [("POST", f"/ping/{SECRET}/fail", "overlooked 1\nstuck 0\nundelivered 0\n")]


def test_watchdog_when_nobody_coordinates_still_calls_fail(house: House, town: World, monitor: Monitor):
    house = watched(house, monitor.address, on=late(town))
    with house.sessions.begin() as session:
        session.execute(delete(RoleGrant))
    assert run_watchdog(house, house.now()).notifications == 0, "the alarm itself reaches nobody"
    ((method, path, _),) = monitor.calls
    assert (method, path) == ("POST", f"/ping/{SECRET}/fail")


def test_watchdog_when_it_fails_itself_calls_fail_and_fails(house: House, town: World, monitor: Monitor):
    house = watched(house, monitor.address, on=late(town))
    refuse_writes(house, "notification")
    with pytest.raises(Exception, match="disk full"):
        run_watchdog(house, house.now())
    assert monitor.calls == [("POST", f"/ping/{SECRET}/fail", "failed 1\n")]
    allow_writes(house, "notification")
    run_watchdog(house, house.now())
    assert len(monitor.calls) == 2


def test_watchdog_when_it_was_done_this_hour_or_looks_at_another_day_calls_nobody(
    house: House, town: World, monitor: Monitor
):
    house = watched(house, monitor.address)
    run_watchdog(house, at(town.today))
    assert monitor.calls == []
    run_watchdog(house, house.now())
    run_watchdog(house, house.now())
    assert len(monitor.calls) == 1


def test_watchdog_when_it_calls_holds_no_transaction(house: House, town: World, monitor: Monitor):
    house = watched(house, monitor.address, on=late(town))
    monitor.may_answer.clear()
    run = threading.Thread(target=run_watchdog, args=(house, house.now()))
    run.start()
    try:
        while not monitor.calls:
            run.join(0.01)
        with house.sessions.begin() as session:  # SQLite lets one write at a time: this would wait for a minute
            session.execute(delete(RoleGrant))
            (record,) = session.scalars(select(Run))
            assert record.report is not None, "the run is on record before anybody is called"
    finally:
        monitor.may_answer.set()
        run.join()


@pytest.mark.parametrize("answer", [404, 500])
def test_watchdog_when_the_address_refuses_says_so_in_the_log_and_goes_on(
    house: House, town: World, monitor: Monitor, answer: int
):
    assert town.today < TODAY
    house = watched(house, monitor.address)
    monitor.answer = answer
    with logging_to(house.home):
        assert run_watchdog(house, house.now()).failed == 0
    log = (house.home / "logs" / "duban.log").read_text(encoding="utf-8")
    told = json.loads(log.splitlines()[-1])
    assert (told["event"], told["status"]) == ("heartbeat refused", answer)
    assert SECRET not in log


def test_watchdog_when_nobody_listens_says_so_in_the_log_and_goes_on(house: House, town: World):
    assert town.today < TODAY
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        house = watched(house, f"http://127.0.0.1:{probe.getsockname()[1]}/{SECRET}")
        with logging_to(house.home):
            assert run_watchdog(house, house.now()).failed == 0
    log = (house.home / "logs" / "duban.log").read_text(encoding="utf-8")
    told = json.loads(log.splitlines()[-1])
    assert (told["event"], told["error"]) == ("heartbeat not sent", "ConnectionRefusedError")
    assert SECRET not in log


def test_beat_when_the_server_is_slow_gives_up_in_time(monitor: Monitor, caplog: pytest.LogCaptureFixture):
    monitor.may_answer.clear()
    assert not beat(monitor.address, within=0.2)
    assert "in time" in caplog.text or "not sent" in caplog.text
    assert SECRET not in caplog.text


def test_beat_when_the_answer_drips_gives_up_in_time(caplog: pytest.LogCaptureFixture):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ends = threading.Event()

        def drip() -> None:
            taken, _ = listening.accept()
            with taken:
                while not ends.wait(0.05):
                    taken.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: " if not sent else b"x")
                    sent.append(1)

        sent: list[int] = []
        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        with caplog.at_level(logging.WARNING):
            assert not beat(f"http://127.0.0.1:{listening.getsockname()[1]}/{SECRET}", within=0.4)
        assert time.monotonic() - began < 5
        ends.set()
        thread.join()
    assert caplog.records[0].message == "heartbeat not answered in time"


@pytest.mark.parametrize(
    ("address", "path"),
    [("/ping/1", "/ping/1/fail"), ("/ping/1/", "/ping/1/fail"), ("/ping/1?rid=7", "/ping/1/fail?rid=7"), ("", "/fail")],
)
def test_beat_when_there_is_trouble_puts_fail_at_the_end_of_the_path(monitor: Monitor, address: str, path: str):
    assert beat(f"http://127.0.0.1:{monitor.server_port}{address}", {"stuck": 2}, within=5)
    assert monitor.calls == [("POST", path, "stuck 2\n")]


@pytest.mark.parametrize("address", ["http://[", "http://127.0.0.1:port/x", "http://\x00/"])
def test_beat_when_the_address_cannot_be_one_is_only_logged(address: str, caplog: pytest.LogCaptureFixture):
    assert not beat(address, {"stuck": 1}, within=5)
    assert caplog.records


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://host/x", "monitor.example/ping", "https://", "http://["]
)
def test_setting_when_it_is_no_web_address_is_refused(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUBAN_HEARTBEAT_URL", address)
    with pytest.raises(ValidationError):
        Settings()


def test_setting_when_shown_hides_the_address():
    settings = Settings(heartbeat_url=SecretStr(f"https://host/{SECRET}"))
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.model_dump())

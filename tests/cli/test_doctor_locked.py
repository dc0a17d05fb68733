"""Somebody else holds the database: doctor, /healthz and commands say so soon instead of waiting in silence."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from cli.frame import WAITING
from cli.output import Screen
from config.settings import Settings
from engine.actions.fill_calendar import fill_calendar
from engine.rules.text import Text
from flows.checks.finding import Check, Level
from flows.checks.run import examine, run_checks
from flows.house import House
from intake.calendar.official_calendar import official_days
from tests.cli.conftest import Line
from tests.factories import at, shipped_policies
from tests.web.house import house_of
from tests.world import World
from web.health import health_routes

WITHIN = 5  #: seconds
DAY = date(2025, 9, 10)


@contextmanager
def held(path: Path, *, to_readers: bool = False) -> Iterator[None]:
    """Hold a SQLite file as another process would that writes; `to_readers`: as one that wants it alone."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        if to_readers:
            other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def in_time(look: Callable[[], Iterator[Check]]) -> dict[str, Check]:
    """Return what checks find, before anybody loses patience."""
    began = time.monotonic()
    found = {check.name: check for check in look()}
    assert time.monotonic() - began < WITHIN
    return found


def monitored(house: House) -> tuple[int, dict[str, str]]:
    """Ask as a monitor does, which gets its answer in time; return the status and the levels."""
    app = FastAPI()
    app.include_router(health_routes(house))
    began = time.monotonic()
    answer = TestClient(app).get("/healthz")
    assert time.monotonic() - began < WITHIN
    return answer.status_code, answer.json()["checks"]


def test_doctor_when_somebody_writes_without_end_looks_at_all_and_says_who_waits(founded: Line):
    settings = Settings(home=founded.home)
    with held(founded.home / "duban.db"):
        checks = in_time(lambda: examine(settings))
        said = founded("doctor", language="zh_CN")
    assert checks["locks"].level is Level.WARN
    assert {"calendar", "disk"} <= set(checks)
    assert "一切变更操作都要等待" in said.out
    assert in_time(lambda: examine(settings))["locks"].level is Level.OK


def test_doctor_when_nobody_else_is_let_in_says_that_all_wait(founded: Line, house: World):
    settings = Settings(home=founded.home)
    there = House(settings=settings, policies=shipped_policies(), engine=house.engine, sessions=house.sessions)
    house.engine.dispose()  # whoever has the file open keeps it from being held alone
    with held(founded.home / "duban.db", to_readers=True):
        checks = in_time(lambda: examine(settings))
        assert monitored(there) == (503, {"database": "bad"})
    assert checks["database"].level is Level.BAD
    assert "locked by another process" in str(checks["database"].text)
    assert monitored(there)[1]["locks"] == "ok"


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["measure", "alembic_version", "timer"])
def test_doctor_when_a_table_is_locked_names_it_and_its_process(postgres_database: Engine, tmp_path: Path, table: str):
    world = World(postgres_database)
    house = house_of(world, tmp_path)
    with world.engine.connect() as other, other.begin():
        other.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        other.exec_driver_sql("SELECT pg_sleep(1.1)")
        process = other.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        checks = in_time(lambda: run_checks(house, at(DAY)))
        status, levels = monitored(house)
    expected = {"measure": (200, "warn"), "timer": (503, "warn"), "alembic_version": (503, None)}
    assert (status, levels.get("locks")) == expected[table]
    told = {name: str(check.text) for name, check in checks.items() if check.level is not Level.OK}
    assert any(f"table {table} is locked by process {process}" in one for one in told.values()), told


def test_doctor_when_the_server_takes_calls_and_says_nothing_does_not_wait_for_it(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # as a server that is stopped, or behind a lost line
        address = f"postgresql+psycopg://duban@127.0.0.1:{silent.getsockname()[1]}/duban"
        checks = in_time(lambda: examine(Settings(home=tmp_path, database_url=address)))
    assert checks["database"].level is Level.BAD
    assert "does not answer" in str(checks["database"].text)


def test_command_when_it_must_wait_for_a_writer_says_so_and_goes_on(
    founded: Line, house: World, monkeypatch: pytest.MonkeyPatch
):
    house.measure()
    monkeypatch.setattr("models.database.TELL_AFTER_SECONDS", 0.05)
    release, told = threading.Event(), []

    def hold() -> None:
        with held(founded.home / "duban.db"):
            started.set()
            release.wait(30)

    def hear(self: Screen, text: Text) -> None:
        told.append((self.as_json, str(text)))
        release.set()

    started = threading.Event()
    monkeypatch.setattr(Screen, "aside", hear)
    writer = threading.Thread(target=hold)
    writer.start()
    assert started.wait(30)
    said = founded("measure", "accept", "1-01", "--as", "wang", "--as-of", str(house.today))
    writer.join()
    assert said.status == 0, said.err
    assert [text for _, text in told] == [WAITING.msgid]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("lock", "words"),
    [
        ("LOCK TABLE measure IN ACCESS EXCLUSIVE MODE", "has locked the table measure for"),
        ("SELECT id FROM measure FOR UPDATE", "has held what is needed for"),
    ],
)
def test_command_when_another_process_of_postgresql_holds_it_says_who_and_goes_on(
    duban: Line, postgres_database: Engine, monkeypatch: pytest.MonkeyPatch, lock: str, words: str
):
    world = World(postgres_database)
    fill_house(world)
    url = postgres_database.url.render_as_string(hide_password=False)
    monkeypatch.setattr("models.database.TELL_AFTER_SECONDS", 0.05)
    told: list[str] = []
    with world.engine.connect() as other, other.begin():
        other.exec_driver_sql(lock)
        process = other.exec_driver_sql("SELECT pg_backend_pid()").scalar()

        def hear(_self: Screen, text: Text) -> None:
            told.append(str(text))
            other.exec_driver_sql("ROLLBACK")

        monkeypatch.setattr(Screen, "aside", hear)
        said = duban("measure", "accept", "1-01", "--as", "wang", "--as-of", world.today, database_url=url)
    assert said.status == 0, said.err
    assert [f"process {process} " in one and words in one for one in told] == [True]


@pytest.mark.postgres
def test_command_when_the_other_process_never_ends_is_refused_within_its_time(duban: Line, postgres_database: Engine):
    world = World(postgres_database)
    fill_house(world)
    url = postgres_database.url.update_query_dict({"options": "-c lock_timeout=300"})
    with world.engine.connect() as other, other.begin():
        other.exec_driver_sql("SELECT id FROM measure FOR UPDATE")
        words = ("measure", "accept", "1-01", "--as", "wang", "--as-of", world.today)
        said = duban(*words, database_url=url.render_as_string(hide_password=False))
    assert (said.status, "another process has held what this needs" in said.err) == (1, True), said.err


def fill_house(world: World) -> None:
    """Put a measure, and days as far as commands want them, into a database."""
    world.measure("1-01")
    with world.sessions.begin() as session:
        fill_calendar(session, official_days(world.calendar.first, world.calendar.last), moment=world.moment)

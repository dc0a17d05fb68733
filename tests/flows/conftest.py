"""A house to run in: a home of its own, opened as an entry point would, with the small house of `tests.world` in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from config.settings import Settings
from engine.actions.fill_calendar import fill_calendar
from flows.house import House, open_house
from intake.calendar.official_calendar import official_days
from models import Base
from models.database import open_database, reading, sessions_of
from tests.factories import FEEDBACK, at
from tests.world import World, real_calendar

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def founded_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the database of a founded home once: schema and calendar."""
    path = tmp_path_factory.mktemp("founded") / "duban.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    calendar = real_calendar()
    with sessions_of(engine).begin() as session:
        fill_calendar(session, official_days(calendar.first, calendar.last), moment=at(FEEDBACK))
    engine.dispose()
    return path


@pytest.fixture
def house(founded_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Give an open installation in a folder of its own, with no round yet."""
    for name in ("DUBAN_DATABASE_URL", "DUBAN_CONFIG", "DUBAN_CHANNELS", "DUBAN_BATCH", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    shutil.copyfile(founded_template, home / "duban.db")
    house = open_house(Settings(home=home, language="en"))
    yield house
    house.engine.dispose()


@pytest.fixture
def town(house: House) -> World:
    """Give the people and the round that live in `house`."""
    return World(house.engine)


def clean_environment() -> dict[str, str]:
    """Return the environment of a process in which nothing is set yet."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "PREFECT_"))}


class Serving:
    """`duban serve` as a process of its own, in the home of a house."""

    def __init__(self, house: House, *options: str, **environment: str) -> None:
        self.log = house.home.parent / "serve.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from cli.main import run; run()", "serve", *options],
                cwd=ROOT,
                env={
                    **clean_environment(),
                    "DUBAN_HOME": str(house.home),
                    "DUBAN_LANGUAGE": "en",
                    "DUBAN_LISTEN": "127.0.0.1:0",  # tests that run beside each other must not share a port
                    "COLUMNS": "200",
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        """Return everything that it has printed."""
        return self.log.read_text(encoding="utf-8")

    def await_words(self, words: str, *, seconds: float) -> str:
        """Return what it has printed as soon as `words` are among it."""
        until(lambda: words in self.said() or self.process.poll() is not None, seconds=seconds)
        assert words in self.said(), self.said()
        return self.said()

    def end(self) -> int:
        """Ask it to stop, as a service manager does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextmanager
def serving(house: House, *options: str, **environment: str) -> Iterator[Serving]:
    """Give `duban serve`, and see that it does not outlive the test."""
    served = Serving(house, *options, **environment)
    try:
        yield served
    finally:
        served.process.kill()
        served.process.wait()


def until(condition: Callable[[], bool], *, seconds: float) -> None:
    """Look again and again until `condition` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.05)


def rows(engine: Engine) -> dict[str, int]:
    """Count the rows of every table."""
    with reading(sessions_of(engine)) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def files(home: Path) -> dict[str, bytes]:
    """Return what lies in the home, but for the database itself."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.startswith("duban.db")
    }


def refuse_writes(house: House, table: str) -> None:
    """Let the database refuse every new row of `table`, as a full disk would."""
    with house.engine.begin() as connection:
        connection.execute(
            text(f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        )


def allow_writes(house: House, table: str) -> None:
    """End what `refuse_writes` began."""
    with house.engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER full_{table}"))

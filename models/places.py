"""Places of which a database has one: who holds it is alone, and loses it with the process, whatever kills that."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Protocol

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

LOOK_AGAIN_SECONDS = 0.1  #: between two looks at whether a place is free


@contextmanager
def alone(engine: Engine, name: str, *, wait_seconds: float) -> Iterator[Place]:
    """Hold the place called `name`, of which the database has one: others wait.  It is lost with the process.

    Whoever holds it for long asks it now and then whether it still is held.  Raises TimeoutError when it is not free
    within `wait_seconds`.
    """
    kind = _PostgresPlace if engine.dialect.name == "postgresql" else _FilePlace
    with closing(kind(engine, name)) as place:
        until = time.monotonic() + wait_seconds
        while not place.take():
            if time.monotonic() >= until:
                raise TimeoutError(name)
            time.sleep(LOOK_AGAIN_SECONDS)
        yield place


class Place(Protocol):
    """What is held."""

    def is_held(self) -> bool:
        """Return whether it has not been lost meanwhile."""


class _PostgresPlace:
    """An advisory lock on a connection of its own: the server gives it back when the connection ends."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._name = name
        self._server: int | None = None  #: the number of the server's process that has the lock for us

    def take(self) -> bool:
        """Take the place if it is free."""
        lock = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0)), pg_backend_pid()")
        is_taken, self._server = self._connection.execute(lock, {"name": self._name}).tuples().one()
        return bool(is_taken)

    def is_held(self) -> bool:
        """Return whether the connection is the one that took the place: a new one would not have it."""
        try:
            return bool(self._connection.scalar(text("SELECT pg_backend_pid()")) == self._server)
        except SQLAlchemyError:
            return False

    def close(self) -> None:
        """End the connection, and with it the lock."""
        self._connection.invalidate()
        self._connection.close()


class _FilePlace:
    """A write lock on an empty SQLite file beside the database: the system gives it back when the process ends."""

    def __init__(self, engine: Engine, name: str) -> None:
        database = engine.url.database or ":memory:"
        beside = database if database == ":memory:" else f"{database}.{name}.lock"
        self._connection = sqlite3.connect(beside, timeout=0, isolation_level=None)

    def take(self) -> bool:
        """Take the place if it is free."""
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def is_held(self) -> bool:
        """Return True: only the end of the process, or of `alone`, takes it away."""
        return True

    def close(self) -> None:
        """Give the place back."""
        self._connection.close()

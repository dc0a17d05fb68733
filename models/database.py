"""Opens the database: SQLite in a folder of its own, or PostgreSQL by address.

On SQLite every transaction that writes takes the write lock when it begins (BEGIN IMMEDIATE), so that two processes
queue instead of failing half-way; the journal is a WAL and every commit is synced (an acknowledged change survives a
power cut).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

Sessions = sessionmaker[Session]

LOCK_WAIT_SECONDS = 60
TELL_AFTER_SECONDS = 3  #: that somebody is kept from writing
LOOK_WAIT_SECONDS = 1.0  #: for a lock, of whoever only looks how the database is
RESTED_SECONDS = 5  #: after so long, a connection of the pool may have lost its server unnoticed


def open_database(url: str, on_wait: Callable[[], None] | None = None) -> Engine:
    """Return an engine for `url` (sqlite:///… or postgresql+psycopg://…).

    On SQLite `on_wait` is called when somebody else has kept us from writing for a while; a minute is waited in all.
    """
    address = _address(url)
    if address.get_backend_name() != "sqlite":
        return _looked_at_after_rest(create_engine(address))
    engine = create_engine(address, connect_args={"timeout": LOCK_WAIT_SECONDS})
    return _set_up_sqlite(engine, partial(_telling, on_wait) if on_wait else nullcontext)


def open_for_a_look(url: URL) -> Engine:
    """Return an engine for whoever looks how the database is: nobody is waited for longer than LOOK_WAIT_SECONDS.

    Every connection is a new one, and closed after its use.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": LOOK_WAIT_SECONDS}, poolclass=NullPool)
        return _set_up_sqlite(engine, nullcontext, keeps_journal=True)
    limit = int(LOOK_WAIT_SECONDS * 1000)
    arguments = {
        "connect_timeout": 2,  # the shortest that the library knows
        "options": f"-c lock_timeout={limit} -c statement_timeout={3 * limit}",
    }
    return create_engine(url, connect_args=arguments, poolclass=NullPool)


def _address(url: str) -> URL:
    address = make_url(url)
    if address.drivername == "postgresql":  # people write it so; psycopg is the driver that comes with Duban
        return address.set(drivername="postgresql+psycopg")
    return address


@contextmanager
def _telling(on_wait: Callable[[], None]) -> Iterator[None]:
    """Call `on_wait` when what is done inside takes long."""
    timer = Timer(TELL_AFTER_SECONDS, on_wait)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _set_up_sqlite(
    engine: Engine, waiting: Callable[[], AbstractContextManager[None]], *, keeps_journal: bool = False
) -> Engine:
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        cursor = connection.cursor()
        if not keeps_journal:  # it is kept in the file; to ask for it waits for everybody else
            with waiting():
                cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        with nullcontext() if reads_only else waiting():
            connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def _looked_at_after_rest(engine: Engine) -> Engine:
    """Let a connection that has rested prove that its server is still there; looking every time costs a round trip."""

    @event.listens_for(engine, "checkin")
    def rest(_connection: Any, record: ConnectionPoolEntry | None) -> None:
        if record is not None:
            record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another

    return engine


def sessions_of(engine: Engine) -> Sessions:
    """Return the factory that actions get their sessions from."""
    sessions = sessionmaker(engine, expire_on_commit=False)
    event.listen(sessions, "before_commit", _refuse_to_lose)
    return sessions


def unkept(session: Session) -> list[dict[str, Any]]:
    """Return the events of this transaction that still wait to be written."""
    waiting: list[dict[str, Any]] = session.info.setdefault("unkept", [])
    return waiting


def _refuse_to_lose(session: Session) -> None:
    if unkept(session):
        msg = f"events were recorded but not kept: {[one['kind'] for one in unkept(session)]}"
        raise RuntimeError(msg)


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """Give a session that only reads: it never waits for, and never holds, SQLite's write lock."""
    with sessions() as session:
        session.connection(execution_options={"reads_only": True})
        yield session


@contextmanager
def glancing(sessions: Sessions) -> Iterator[Session]:
    """Give a session that reads a page; nothing may be written in it, nor streamed.

    On PostgreSQL no transaction is opened: at its isolation every statement sees the newest commits in any case, and
    two round trips of three are saved.
    """
    with sessions() as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        session.connection(execution_options={"reads_only": True} if is_sqlite else {"isolation_level": "AUTOCOMMIT"})
        yield session


def size_of(session: Session) -> int:
    """Return how many bytes the database takes on its disk."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    name = connection.engine.url.database or ""
    return sum(path.stat().st_size for path in (Path(name), Path(f"{name}-wal")) if path.exists())

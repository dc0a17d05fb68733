"""Opens the database: SQLite in a folder of its own, or PostgreSQL by address.  The schema comes from the migrations.

On SQLite every transaction that writes takes the write lock when it begins (BEGIN IMMEDIATE), so that two processes
queue instead of failing half-way; the journal is a WAL and every commit is synced (an acknowledged change survives a
power cut).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from engine.rules.refusal import NotReady
from engine.rules.text import N_

if TYPE_CHECKING:
    from alembic.config import Config

Sessions = sessionmaker[Session]

LOCK_WAIT_SECONDS = 60
MIGRATION_WAITS_MILLISECONDS = 10_000  #: for a lock, on PostgreSQL
MIGRATION_TAKES_MILLISECONDS = 30 * 60_000  #: one statement of it
TIMED_OUT = frozenset({"55P03", "57014"})  #: PostgreSQL: no lock was to be had, the statement took too long
RESTED_SECONDS = 5  #: after so long, a connection of the pool may have lost its server unnoticed
LOOK_AGAIN_SECONDS = 0.1  #: between two looks at whether a place is free


def open_database(url: str) -> Engine:
    """Return an engine for `url` (sqlite:///… or postgresql+psycopg://…)."""
    if not url.startswith("sqlite"):
        address = make_url(url)
        if address.drivername == "postgresql":  # people write it so; psycopg is the driver that comes with Duban
            address = address.set(drivername="postgresql+psycopg")
        return _looked_at_after_rest(create_engine(address))
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
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


@contextmanager
def alone(engine: Engine, name: str, *, wait_seconds: float) -> Iterator[None]:
    """Hold the place called `name`, of which the database has one: others wait.  It is lost with the process.

    Raises TimeoutError when it is not free within `wait_seconds`.
    """
    kind = _PostgresPlace if engine.dialect.name == "postgresql" else _FilePlace
    with closing(kind(engine, name)) as place:
        until = time.monotonic() + wait_seconds
        while not place.take():
            if time.monotonic() >= until:
                raise TimeoutError(name)
            time.sleep(LOOK_AGAIN_SECONDS)
        yield


class _PostgresPlace:
    """An advisory lock on a connection of its own: the server gives it back when the connection ends."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._name = name

    def take(self) -> bool:
        """Take the place if it is free."""
        lock = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
        return bool(self._connection.scalar(lock, {"name": self._name}))

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

    def close(self) -> None:
        """Give the place back."""
        self._connection.close()


#: PostgreSQL's classes of errors that are about the server, not about a statement: its connection, its resources, an
#: operator's intervention, its system.
_SERVER_CLASSES = ("08", "53", "57P", "58")
#: The same of SQLite: input or output failed, the disk is full, the file is read-only, cannot be opened, or is damaged.
_FILE_CODES = frozenset(
    (
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )
)


def why_down(error: BaseException) -> DBAPIError | None:
    """Return the error that shows that the database itself failed: gone, full or faulty, whatever was asked of it.

    It may be the one before `error`: a full SQLite takes the whole transaction back, and then misses the savepoint.
    """
    one: BaseException | None = error
    while one is not None:
        if isinstance(one, DBAPIError) and _is_of_database(one):
            return one
        one = one.__cause__ or one.__context__
    return None


def _is_of_database(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or ""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return (
        error.connection_invalidated
        or state.startswith(_SERVER_CLASSES)
        or (code is not None and code & 0xFF in _FILE_CODES)  # the higher bits only tell more of the same
    )


def migrations_config() -> Config:
    """Return Alembic's configuration; the migrations travel inside this package."""
    from alembic.config import Config  # noqa: PLC0415 - heavy, and most commands change no schema

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(engine: Engine, config: Config | None = None, *, revision: str = "head") -> None:
    """Bring the schema to `revision`, by default the newest; nothing happens when it is there already.

    Raises NotReady for a database that another program, or a newer Duban, has made, and where others are at work on it
    for longer than a migration may wait: whoever comes after would wait for the migration.
    """
    from alembic import command  # noqa: PLC0415 - heavy, and most commands change no schema
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - the same
    from alembic.util.exc import CommandError  # noqa: PLC0415 - the same

    config = config or migrations_config()
    with engine.connect() as connection, _free_to_rebuild(connection), connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = {MIGRATION_WAITS_MILLISECONDS}"))
            connection.execute(text(f"SET LOCAL statement_timeout = {MIGRATION_TAKES_MILLISECONDS}"))
        before = MigrationContext.configure(connection).get_current_revision()
        _refuse_others(connection, before)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            told = N_("this database was made by another program or a newer Duban: {problem}", problem=str(error))
            raise NotReady(told) from None
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in TIMED_OUT:
                raise
            told = N_("the schema could not be brought up to date: others are at work on it; stop them and repeat")
            raise NotReady(told) from None
        is_new = MigrationContext.configure(connection).get_current_revision() != before
        if is_new and engine.dialect.name == "sqlite":
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if lost is not None:
                message = f"the migration left rows of {lost[0]} that refer to nothing; it was taken back"
                raise RuntimeError(message)


def knows_revision(revision: str) -> bool:
    """Say whether there is such a revision: a newer Duban has others, too."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - heavy, and most commands change no schema

    return any(one.revision == revision for one in ScriptDirectory.from_config(migrations_config()).walk_revisions())


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """Return the revision that the database has (None: it is not set up) and the newest that there is."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - heavy, and most commands change no schema

    with engine.connect().execution_options(reads_only=True) as connection:
        return MigrationContext.configure(connection).get_current_revision(), _newest_revision()


@cache
def _newest_revision() -> str | None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - heavy, and most commands change no schema

    return ScriptDirectory.from_config(migrations_config()).get_current_head()


def size_of(session: Session) -> int:
    """Return how many bytes the database takes on its disk."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    name = connection.engine.url.database or ""
    return sum(path.stat().st_size for path in (Path(name), Path(f"{name}-wal")) if path.exists())


def _refuse_others(connection: Connection, revision: str | None) -> None:
    """Refuse a file that holds tables, but none of Duban's; a server's schema may be shared."""
    if revision is not None or connection.dialect.name != "sqlite":
        return
    tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    if tables:
        raise NotReady(N_("this is the database of another program: it holds {table}", table=min(tables)))


@contextmanager
def _free_to_rebuild(connection: Connection) -> Iterator[None]:
    """Let SQLite drop and rebuild tables that others refer to, as migrations must; it heeds this only before BEGIN."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.cursor()
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
        driver.close()

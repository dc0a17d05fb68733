"""Brings the database's schema to the newest revision, and says which one it has.  It comes from the migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from engine.rules.refusal import NotReady
from engine.rules.text import N_
from models.failures import took_too_long

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATION_WAITS_MILLISECONDS = 10_000  #: for a lock, on PostgreSQL
MIGRATION_TAKES_MILLISECONDS = 30 * 60_000  #: one statement of it


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
            if not took_too_long(error):
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

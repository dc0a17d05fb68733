"""Who keeps others from the database: asked by whoever looks how it is, and answered at once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from models.database import LOOK_WAIT_SECONDS
from models.failures import is_held

#: A lock of a whole table that keeps others from writing, or from reading too; the oldest that is not just passing.
_HELD = text(
    """
    SELECT c.relname, a.pid, coalesce(nullif(a.application_name, ''), a.backend_type) AS program,
           extract(epoch FROM clock_timestamp() - a.xact_start)::int AS seconds
    FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p')
    JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()
      AND c.relnamespace = to_regnamespace(current_schema())
      AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      AND clock_timestamp() - a.xact_start > make_interval(secs => :seconds)
    ORDER BY a.xact_start
    LIMIT 1
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Somebody who keeps others waiting."""

    seconds: int  #: for at least so long
    table: str = ""  #: on PostgreSQL
    process: int | None = None  #: on PostgreSQL; None: SQLite does not tell
    program: str = ""


def read_lock(engine: Engine) -> Lock | None:
    """Return who keeps others from writing for a second or longer; None: nobody does.  Changes nothing.

    `engine` must wait for nobody long (`open_for_a_look`).  On PostgreSQL locks of whole tables count: those of rows
    are held by everybody who changes something.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            row = connection.execute(_HELD, {"seconds": LOOK_WAIT_SECONDS}).first()
        return (
            None if row is None else Lock(seconds=row.seconds, table=row.relname, process=row.pid, program=row.program)
        )
    try:
        with engine.connect() as connection, connection.begin() as writing:  # takes the write lock
            writing.rollback()
    except OperationalError as error:
        if not is_held(error):
            raise
        return Lock(seconds=int(LOOK_WAIT_SECONDS))
    return None

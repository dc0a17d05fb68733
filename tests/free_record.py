"""Lets a test do to the record what nobody may: the triggers that refuse it are set aside for a moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

TABLES = ("event", "checkpoint")


@contextmanager
def free_record(connection: Connection) -> Iterator[None]:
    """Change and delete events inside; it all belongs to the transaction of `connection`."""
    if connection.dialect.name == "postgresql":
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        return
    of_tables = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('event', 'checkpoint')"
    found = connection.execute(text(of_tables)).tuples().all()
    for name, _ in found:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, statement in found:
        connection.execute(text(statement))

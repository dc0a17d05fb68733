"""Tables whose rows the database itself refuses to change or to delete: triggers, on SQLite and on PostgreSQL."""

from __future__ import annotations

from sqlalchemy import DDL, MetaData, event

REFUSED = "the record is append-only"

#: One statement each; PostgreSQL runs a function, which all such tables share.
SQLITE = tuple(
    f"CREATE TRIGGER {{table}}_refuses_{what.lower()} BEFORE {what} ON {{table}} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    for what in ("UPDATE", "DELETE")
)
POSTGRESQL = (
    (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{REFUSED}'; END$$"
    ),
    (
        "CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
)


def append_only(table: str, metadata: MetaData) -> None:
    """Put the triggers on `table` wherever its tables are made from the models; the migrations do it by themselves."""
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            ddl: DDL = DDL(  # type: ignore[no-untyped-call]
                statement.format(table=table).replace("%", "%%")
            )
            event.listen(metadata.tables[table], "after_create", ddl.execute_if(dialect=dialect))

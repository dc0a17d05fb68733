"""Tables as lines of text, the same on both databases: a JSON array for each row, in the order of the table's key.

The database itself puts the lines together, which is ten times as quick as Python.  Days and moments (UTC) are text,
booleans 0 and 1, bytes hexadecimal digits, and JSON columns their text as it is stored: every row comes back as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    cast,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.sql.elements import ColumnElement

from models.base import FOLLOWS, Base

ROWS_AT_ONCE = 500  #: a row may be a message of a hundred pages


def tables_of(connection: Connection) -> list[Table]:
    """Return Duban's tables as they are in the database, each after those that it refers to.

    They are read from the database, not from the code: so a backup of an earlier revision is whole, too.  What triggers
    fill from the others is left out.
    """
    found = MetaData()
    kept = {name for name, table in Base.metadata.tables.items() if not table.info.get(FOLLOWS)}
    found.reflect(connection, only=lambda name, _: name in kept)
    return found.sorted_tables


def binary_columns(table: Table) -> tuple[str, ...]:
    """Return the names of the columns that hold bytes."""
    return tuple(column.name for column in table.columns if isinstance(column.type, LargeBinary))


def lines_of(connection: Connection, table: Table) -> Iterator[str]:
    """Yield the rows of `table`; the two databases give the same lines for the same rows."""
    line, collation = (_postgres_line, "C") if connection.dialect.name == "postgresql" else (_sqlite_line, "BINARY")
    keys = [key.collate(collation) if isinstance(key.type, String) else key for key in table.primary_key.columns]
    query = select(line(table)).order_by(*keys).execution_options(yield_per=ROWS_AT_ONCE)
    return iter(connection.scalars(query))


def _sqlite_line(table: Table) -> ColumnElement[str]:
    def written(column: Column[Any]) -> ColumnElement[Any]:
        if isinstance(column.type, LargeBinary):  # hex() makes a word of nothing, too
            return func.iif(column.is_(None), None, func.lower(func.hex(column)))
        return column

    return func.json_array(*map(written, table.columns))


def _postgres_line(table: Table) -> ColumnElement[str]:
    def written(column: Column[Any]) -> ColumnElement[Any]:
        match column.type:
            case DateTime():
                return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
            case LargeBinary():
                return func.encode(column, "hex")
            case JSON():
                return cast(column, Text)
            case Boolean():
                return cast(column, Integer)
            case _:
                return column

    values = (func.coalesce(cast(func.to_json(written(column)), Text), "null") for column in table.columns)
    return func.concat("[", func.concat_ws(",", *values), literal("]"))


def put_rows(connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterable[list[Any]]) -> None:
    """Store rows that `lines_of` gave; `columns` says what stands where."""
    binary = [place for place, name in enumerate(columns) if name in binary_columns(table)]
    quoted = connection.dialect.identifier_preparer.quote
    target = f"{quoted(table.name)} ({', '.join(map(quoted, columns))})"
    if connection.dialect.name == "postgresql":
        with connection.connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:  # type: ignore[attr-defined]
            for row in rows:
                for place in binary:
                    row[place] = None if row[place] is None else f"\\x{row[place]}"
                copy.write_row(row)
        return
    insert = f"INSERT INTO {target} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - names of our own schema
    block: list[tuple[Any, ...]] = []
    for row in rows:
        for place in binary:
            row[place] = None if row[place] is None else bytes.fromhex(row[place])
        block.append(tuple(row))
        if len(block) == ROWS_AT_ONCE:
            connection.exec_driver_sql(insert, block)
            block = []
    if block:
        connection.exec_driver_sql(insert, block)


def count_on(connection: Connection, tables: Iterable[Table]) -> None:
    """Let PostgreSQL number new rows after those that are there; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        number = table.columns.get("id")
        if number is None:
            continue
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
        newest = connection.scalar(select(func.max(number)))
        if sequence and newest:
            connection.execute(text("SELECT setval(:sequence, :newest)"), {"sequence": sequence, "newest": newest})

"""Many rows at once, as quick as the driver can: many in a statement on SQLite, COPY on PostgreSQL.

Ids can be had beforehand, so that rows may refer to each other before they are stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice, repeat
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Connection,
    Date,
    LargeBinary,
    Table,
    any_,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.base import Base, UtcMoment

ROWS_AT_ONCE = 5000  #: made ready for the driver
PARAMETERS = 2000  #: of one statement on SQLite: what it does once per statement (as for each check) hardly counts then
IDS_AT_ONCE = 1000  #: taken from a sequence of PostgreSQL; what is not used is left out

Convert = Callable[[Any], Any]


def insert_rows(
    session: Session,
    model: type[Base],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    same: Mapping[str, Any] | None = None,
) -> None:
    """Insert `rows` into the table of `model`: values for `columns`, in their order; `same` is the same in every row.

    Values are what the model holds; every column without a default of the database must be named.  What the session
    itself holds is not written first.  Errors come as SQLAlchemy raises them.
    """
    connection = session.connection()
    table = model.__table__
    assert isinstance(table, Table)
    names = (*columns, *(same or ()))
    ready = _ready_rows(connection, table, columns, rows, same or {})
    quoted = connection.dialect.identifier_preparer.quote
    target = f"{quoted(table.name)} ({', '.join(map(quoted, names))})"
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {target} FROM STDIN", ready)
        return
    one = f"({', '.join('?' * len(names))})"
    while block := list(islice(ready, max(PARAMETERS // len(names), 1))):
        statement = f"INSERT INTO {target} VALUES {', '.join([one] * len(block))}"  # noqa: S608 - our own schema
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(block)))


def new_ids(session: Session, model: type[Base]) -> Iterator[int]:
    """Yield ids for new rows of `model`, without end.

    PostgreSQL gives them from its sequence; on SQLite nobody else writes until the transaction ends, and until then all
    new rows of this table must take theirs from here.
    """
    connection, name = session.connection(), model.__tablename__
    if connection.dialect.name == "sqlite":
        newest = connection.exec_driver_sql(f"SELECT max(id) FROM {name}").scalar()  # noqa: S608 - our own schema
        yield from count((newest or 0) + 1)
    take = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    while True:
        yield from connection.scalars(take, {"name": name, "count": IDS_AT_ONCE}).all()


def is_one_of(session: Session, column: InstrumentedAttribute[Any], values: Iterable[int | str]) -> ColumnElement[bool]:
    """Return the condition that `column` holds one of `values`: one parameter, however many there are."""
    if session.connection().dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(column.type)))
    return column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value").c.value))


def _ready_rows(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]], same: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    """Yield rows of values as the driver wants them: made ready column by column, which is quicker than row by row."""
    converts = [_convert(connection, table, name) for name in names]
    last = [convert(value) if (convert := _convert(connection, table, name)) else value for name, value in same.items()]
    rest = iter(rows)
    while block := list(islice(rest, ROWS_AT_ONCE)):
        columns = [
            map(convert, column) if convert else column
            for convert, column in zip(converts, zip(*block, strict=True), strict=True)
        ]
        yield from zip(*columns, *(repeat(value, len(block)) for value in last), strict=True)


def _convert(connection: Connection, table: Table, name: str) -> Convert | None:
    """Return how a value of this column is made ready; dates, moments and words come again and again."""
    kind = table.c[name].type
    convert: Convert | None = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if connection.dialect.name == "postgresql" and isinstance(kind, JSON | Date | UtcMoment):
        convert = _written(connection, convert)
    if convert is None or isinstance(kind, LargeBinary):
        return convert
    return _remembering(convert) if isinstance(kind, JSON) else _Remembered(convert).__getitem__


def _written(connection: Connection, convert: Convert | None) -> Convert:
    """Return what makes a value into the text that psycopg would make of it anew for every row."""
    from psycopg.adapt import PyFormat, Transformer  # noqa: PLC0415 - only where there is PostgreSQL

    driver: Any = connection.connection.dbapi_connection
    transformer = Transformer(driver)

    def written(value: Any) -> str | None:
        bound = convert(value) if convert else value
        if bound is None:
            return None
        text = transformer.get_dumper(bound, PyFormat.TEXT).dump(bound)
        return bytes(text or b"").decode()

    return written


def _remembering(convert: Convert) -> Convert:
    """Return `convert` for values that cannot be keys: the very same one, given again and again, is converted once."""
    known: dict[int, tuple[Any, Any]] = {}  # with the value itself: while it is kept, nothing else has its identity

    def remembered(value: Any) -> Any:
        found = known.get(id(value))
        if found is None:
            if len(known) == ROWS_AT_ONCE:
                known.clear()
            found = known[id(value)] = value, convert(value)
        return found[1]

    return remembered


class _Remembered(dict[Any, Any]):
    """What values became."""

    def __init__(self, convert: Convert) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: Any) -> Any:
        ready = self[value] = self._convert(value)
        return ready


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    raw: Any = connection.connection
    driver: Any = connection.dialect.loaded_dbapi
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        is_gone = connection.dialect.is_disconnect(error, raw, None)
        if is_gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, driver.Error, connection_invalidated=is_gone, dialect=connection.dialect
        ) from error

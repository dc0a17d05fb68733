"""W2's second floor: the very rows that Duban's sweep writes, ready-made, in one transaction of four statements.

Nothing is read, judged, hashed or put into words: what is left is what keeping the promise costs the database.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select, update

from bench.ledgers import calendar, moment
from bench.timing import stopwatch
from engine.actions.sweep_deadlines import sweep_deadlines
from models import Escalation, Event, Notification, Timer
from models.database import open_database, sessions_of

_timer: Any = Timer.__table__


class Written(NamedTuple):
    """What a sweep adds to a table, or leaves in it."""

    table: Table
    rows: list[dict[str, Any]]


def rows_of_sweep(url: str) -> list[Written]:
    """Sweep a database that nobody needs any more, and return what that wrote: the moved timers last."""
    engine = open_database(url)
    event: Any = Event.__table__
    with engine.connect() as connection:
        before = connection.scalar(select(func.max(event.c.id)))
    sweep_deadlines(sessions_of(engine), moment=moment(), calendar=calendar())
    with engine.connect() as connection:
        new = event.c.id > before
        swept = select(event.c.measure_id).where(new)
        queries = [
            select(Escalation.__table__),
            select(event).where(new),
            select(Notification.__table__),
            select(_timer).where(_timer.c.measure_id.in_(swept)),
        ]
        written = [
            Written(query.get_final_froms()[0], [dict(row) for row in connection.execute(query).mappings()])  # type: ignore[arg-type]
            for query in queries
        ]
    engine.dispose()
    return written


def write_ready(url: str, written: list[Written]) -> float:
    """Return the seconds in which the database takes over what lies ready in it."""
    engine = open_database(url)
    with engine.connect() as connection:
        ready = [_lay_ready(connection, one) for one in written]
        connection.commit()
        with stopwatch() as watch, connection.begin():
            for table, rows in zip([one.table for one in written[:-1]], ready[:-1], strict=True):
                connection.execute(insert(table).from_select(list(rows.c.keys()), select(rows).order_by(rows.c.id)))
            moved = ready[-1].c
            which = (_timer.c.measure_id == moved.measure_id, _timer.c.waits_for == moved.waits_for)
            changed = _timer.c.fires_on != moved.fires_on
            connection.execute(update(_timer).where(*which, changed).values(fires_on=moved.fires_on, rung=moved.rung))
    engine.dispose()
    return watch.seconds


def _lay_ready(connection: Connection, written: Written) -> Table:
    columns = (Column(column.name, column.type) for column in written.table.columns)
    ready = Table(f"ready_{written.table.name}", MetaData(), *columns, prefixes=["TEMPORARY"])
    ready.create(connection)
    connection.execute(insert(ready), written.rows)
    connection.exec_driver_sql(f"ANALYZE {ready.name}")
    return ready

"""A database that goes away, or takes no more, in the middle of a sweep: no timer is blamed for it and set aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.exc import OperationalError

from engine.rules.vocabulary import State
from models import Escalation, Notification, StuckTimer, Timer
from tests.world import World

DUE, OVERDUE = date(2025, 9, 3), date(2025, 9, 4)
MEASURES = 120


def overdue(engine: Engine) -> World:
    """Give a house in which one rung of every measure is owed."""
    world = World(engine, on=DUE)
    for number in range(MEASURES):
        world.measure(f"1-{number:03d}", state=State.IN_PROGRESS, reported_on=DUE, due=DUE)
    return world.at(OVERDUE)


def count(world: World, table: type[Any]) -> int:
    with world.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def listening(engine: Engine, name: str, listener: Callable[..., object]) -> Iterator[None]:
    event.listen(engine, name, listener)
    yield
    event.remove(engine, name, listener)


def see_that_nothing_is_lost(world: World) -> None:
    assert count(world, StuckTimer) == 0
    assert count(world, Notification) == 0, "nobody is told that timers are stuck"
    assert world.sweep().escalations == MEASURES
    assert count(world, Escalation) == MEASURES
    with world.sessions() as session:
        assert session.scalar(select(func.count()).where(Timer.fires_on <= OVERDUE)) == 0


@pytest.mark.parametrize("pages", [0, 2, 8])
def test_sweep_when_the_disk_is_full_stops_and_climbs_later(sqlite_database: Engine, pages: int):
    world = overdue(sqlite_database)
    with closing(sqlite3.connect(str(sqlite_database.url.database), isolation_level=None)) as connection:
        connection.execute("VACUUM")  # or pages that others have left would do
        (size,) = connection.execute("PRAGMA page_count").fetchone()
    sqlite_database.dispose()

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {size + pages}")

    with listening(sqlite_database, "connect", limit), pytest.raises(OperationalError, match="is full"):
        world.sweep()
    sqlite_database.dispose()
    see_that_nothing_is_lost(world)


CUT_OFF = (
    "CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END$$"
)


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["escalation", "event", "notification", "timer"])
def test_sweep_when_the_server_goes_away_stops_and_climbs_later(postgres_database: Engine, table: str):
    world = overdue(postgres_database)
    with postgres_database.begin() as connection:
        connection.execute(text(CUT_OFF))
        when = f"BEFORE INSERT OR UPDATE ON {table} FOR EACH STATEMENT"
        connection.execute(text(f"CREATE TRIGGER cut_off {when} EXECUTE FUNCTION cut_off()"))
    with pytest.raises(OperationalError, match=r"terminating connection|closed the connection"):
        world.sweep()
    with postgres_database.begin() as connection:
        connection.execute(text("DROP FUNCTION cut_off CASCADE"))
    see_that_nothing_is_lost(world)

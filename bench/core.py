"""SQLAlchemy Core on the plain tables: the same statements as the floor, built and sent by the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, insert, literal, select, update

from bench.floor import ACTOR, DIGEST, STATES
from bench.plain import NEXT, TODAY, UNITS, audit, counter, escalation, measure, notification, person, timer
from bench.timing import stopwatch
from models.database import open_database


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Give an engine that is opened as Duban opens its own."""
    engine = open_database(url)
    with engine.connect() as connection:
        connection.execute(select(1))
    try:
        yield engine
    finally:
        engine.dispose()


_STATE = select(measure.c.due, measure.c.state).where(measure.c.id == bindparam("of"))
_MOVE = (
    update(measure)
    .where(measure.c.id == bindparam("of"), measure.c.state == bindparam("before"))
    .values(state=bindparam("after"))
)


def lifecycle(url: str, order: Sequence[tuple[int, int]]) -> float:
    """W1: three statements and a commit for every (measure, step)."""
    with opened(url) as engine, stopwatch() as watch:
        for number, step in order:
            with engine.begin() as connection:
                _move(connection, number, step)
    return watch.seconds


def _move(connection: Connection, number: int, step: int) -> None:
    before, after = STATES[step], STATES[step + 1]
    connection.execute(_STATE, {"of": number}).one()
    assert connection.execute(_MOVE, {"of": number, "before": before, "after": after}).rowcount == 1
    record: dict[str, Any] = {"measure_id": number, "actor_id": ACTOR, "from_state": before, "to_state": after}
    connection.execute(insert(audit), {**record, "at": TODAY})


def sweep(url: str) -> float:
    """W2: four statements over the narrow timer table."""
    with opened(url) as engine, stopwatch() as watch, engine.begin() as connection:
        due = timer.c.fires_on <= TODAY
        connection.execute(
            insert(escalation).from_select(
                ["measure_id", "level", "at"], select(timer.c.measure_id, timer.c.level, literal(TODAY)).where(due)
            )
        )
        connection.execute(
            insert(audit).from_select(["measure_id", "at"], select(timer.c.measure_id, literal(TODAY)).where(due))
        )
        connection.execute(
            insert(notification).from_select(
                ["measure_id", "person_id", "level", "state"],
                select(timer.c.measure_id, person.c.superior_id, timer.c.level, literal("pending"))
                .join(measure, measure.c.id == timer.c.measure_id)
                .join(person, person.c.id == measure.c.owner_id)
                .where(due),
            )
        )
        connection.execute(update(timer).where(due).values(fires_on=NEXT, level=timer.c.level + 1))
    return watch.seconds


def digest(url: str) -> float:
    """W3: one query, one message for each recipient, one update."""
    query = (
        select(person.c.id, person.c.name, notification.c.level, measure.c.id, measure.c.text)
        .join(notification, notification.c.person_id == person.c.id)
        .join(measure, measure.c.id == notification.c.measure_id)
        .where(notification.c.state == "pending")
        .order_by(person.c.id, notification.c.id)
    )
    with opened(url) as engine, stopwatch() as watch, engine.begin() as connection:
        messages: dict[int, tuple[str, list[dict[str, Any]]]] = {}
        for who, name, level, number, words in connection.execute(query):
            messages.setdefault(who, (name, []))[1].append({"level": level, "measure": number, "text": words})
        for name, lines in messages.values():
            DIGEST.render(name=name, lines=lines)
        connection.execute(update(notification).where(notification.c.state == "pending").values(state="sent"))
    return watch.seconds


def page(url: str, times: int) -> float:
    """W4: return the mean seconds of a unit's first 50 open measures by due date."""
    query = (
        select(measure.c.id, measure.c.text, measure.c.state, measure.c.due, person.c.name)
        .join(person, person.c.id == measure.c.owner_id)
        .where(measure.c.unit_id == bindparam("unit"), measure.c.state == bindparam("in_state"))
        .order_by(measure.c.due)
        .limit(50)
    )
    with opened(url) as engine, stopwatch() as watch:
        for number in range(times):
            with engine.connect().execution_options(reads_only=True) as connection:
                connection.execute(query, {"unit": number % UNITS + 1, "in_state": "in_progress"}).all()
    return watch.seconds / times


def counts(url: str, times: int) -> float:
    """W4: return the mean seconds of reading kept counters."""
    with opened(url) as engine, stopwatch() as watch:
        for _ in range(times):
            with engine.connect().execution_options(reads_only=True) as connection:
                connection.execute(select(counter)).all()
    return watch.seconds / times

"""The floor: the same work in raw SQL over the bare driver, with nothing around it.

Two designs: the next check on the measure's own row ("row"), and in a narrow timer table ("timer").
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal

import psycopg
from jinja2 import Environment
from sqlalchemy import make_url

from bench.places import file_of, log_position
from bench.plain import NEXT, TODAY, UNITS
from bench.timing import stopwatch

Design = Literal["row", "timer"]
STATES = ("assigned", "in_progress", "verified", "closed")
ACTOR = 7

#: What one recipient reads; Core and the ORM render the same.
DIGEST = Environment(autoescape=True).from_string(
    "{{ name }}:\n{% for line in lines %}{{ loop.index }}. [{{ line.level }}] {{ line.measure }} {{ line.text }}\n"
    "{% endfor %}"
)


class Raw:
    """A connection of the bare driver; SQL is written with `:name` for both."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._connection: Any
        if self.is_sqlite:
            self._connection = sqlite3.connect(file_of(url), isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
        else:
            address = make_url(url).set(drivername="postgresql")
            self._connection = psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)

    def run(self, sql: str, **values: Any) -> Any:
        """Execute one statement."""
        return self._connection.execute(sql if self.is_sqlite else _for_postgres(sql), values)

    def run_many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Execute one statement for each of `rows`."""
        self._connection.cursor().executemany(sql if self.is_sqlite else _for_postgres(sql), rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block writes."""
        self.run("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
        yield
        self.run("COMMIT")

    def keep_log(self) -> None:
        """Let SQLite not fold its log back, so that it can be measured."""
        if self.is_sqlite:
            self.run("PRAGMA wal_autocheckpoint=0")

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@cache
def _for_postgres(sql: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", sql)


_AUDIT = (
    "INSERT INTO audit (measure_id, actor_id, from_state, to_state, at) VALUES (:measure, :actor, :before, :after, :on)"
)


def lifecycle(url: str, order: Sequence[tuple[int, int]], *, design: Design) -> float:
    """W1: carry out every (measure, step) as a commit of its own: read the state, change it, add an audit record.

    With the timer table each step also takes the old timer away and arms the next.
    """
    with closing(Raw(url)) as raw, stopwatch() as watch:
        for number, step in order:
            facts = {"measure": number, "before": STATES[step], "after": STATES[step + 1], "on": TODAY.isoformat()}
            with raw.transaction():
                due = raw.run("SELECT due, state FROM measure WHERE id = :measure", **facts).fetchone()[0]
                change = "UPDATE measure SET state = :after WHERE id = :measure AND state = :before"
                assert raw.run(change, **facts).rowcount == 1
                raw.run(_AUDIT, actor=ACTOR, **facts)
                if design == "timer":
                    _rearm(raw, number, step, date.fromisoformat(str(due)))
    return watch.seconds


def _rearm(raw: Raw, number: int, step: int, due: date) -> None:
    before, after = ((due + timedelta(days=one)).isoformat() for one in (step, step + 1))
    gone = raw.run("DELETE FROM timer WHERE fires_on = :on AND measure_id = :measure", on=before, measure=number)
    assert gone.rowcount == 1
    if STATES[step + 1] != "closed":
        raw.run("INSERT INTO timer VALUES (:on, :measure, 0)", on=after, measure=number)


_SWEEP: dict[Design, str] = {
    "row": """
        INSERT INTO escalation (measure_id, level, at) SELECT id, level, :today FROM measure WHERE next_check <= :today;
        INSERT INTO audit (measure_id, at) SELECT id, :today FROM measure WHERE next_check <= :today;
        INSERT INTO notification (measure_id, person_id, level, state)
            SELECT measure.id, person.superior_id, level, 'pending' FROM measure
            JOIN person ON person.id = measure.owner_id WHERE next_check <= :today;
        UPDATE measure SET next_check = :next, level = level + 1 WHERE next_check <= :today
    """,
    "timer": """
        INSERT INTO escalation (measure_id, level, at)
            SELECT measure_id, level, :today FROM timer WHERE fires_on <= :today;
        INSERT INTO audit (measure_id, at) SELECT measure_id, :today FROM timer WHERE fires_on <= :today;
        INSERT INTO notification (measure_id, person_id, level, state)
            SELECT timer.measure_id, person.superior_id, timer.level, 'pending' FROM timer
            JOIN measure ON measure.id = timer.measure_id
            JOIN person ON person.id = measure.owner_id WHERE fires_on <= :today;
        UPDATE timer SET fires_on = :next, level = level + 1 WHERE fires_on <= :today
    """,
}


def sweep(url: str, *, design: Design) -> float:
    """W2: escalate everything due today in one transaction of four statements."""
    with closing(Raw(url)) as raw, stopwatch() as watch, raw.transaction():
        for statement in _SWEEP[design].split(";"):
            raw.run(statement, today=TODAY.isoformat(), next=NEXT.isoformat())
    return watch.seconds


def sweep_log(url: str, *, design: Design) -> int:
    """W2: return the bytes of log that the same sweep writes."""
    with closing(Raw(url)) as raw:
        raw.keep_log()
        before = log_position(url)
        with raw.transaction():
            for statement in _SWEEP[design].split(";"):
                raw.run(statement, today=TODAY.isoformat(), next=NEXT.isoformat())
        return log_position(url) - before


_DIGESTS = (
    "SELECT person.id, person.name, notification.id, notification.level, measure.id, measure.text FROM notification "
    "JOIN person ON person.id = notification.person_id JOIN measure ON measure.id = notification.measure_id "
    "WHERE notification.state = 'pending' ORDER BY person.id, notification.id"
)


def digest(url: str) -> float:
    """W3: render one message for each recipient and mark everything as sent."""
    with closing(Raw(url)) as raw, stopwatch() as watch, raw.transaction():
        messages: dict[int, tuple[str, list[dict[str, Any]]]] = {}
        for who, name, _, level, number, words in raw.run(_DIGESTS):
            messages.setdefault(who, (name, []))[1].append({"level": level, "measure": number, "text": words})
        for name, lines in messages.values():
            DIGEST.render(name=name, lines=lines)
        raw.run("UPDATE notification SET state = 'sent' WHERE state = 'pending'")
    return watch.seconds


_PAGE = (
    "SELECT measure.id, text, state, due, person.name FROM measure JOIN person ON person.id = measure.owner_id "
    "WHERE measure.unit_id = :unit AND state = :state ORDER BY due LIMIT 50"
)


def page(url: str, times: int) -> float:
    """W4: return the mean seconds of a unit's first 50 open measures by due date."""
    with closing(Raw(url)) as raw, stopwatch() as watch:
        for number in range(times):
            raw.run(_PAGE, unit=number % UNITS + 1, state="in_progress").fetchall()
    return watch.seconds / times


def counts(url: str, times: int, *, kept: bool) -> float:
    """W4: return the mean seconds of the counts by unit and state: of kept counters, or counted every time."""
    counted = "SELECT unit_id, state, count(*) FROM measure GROUP BY unit_id, state"
    with closing(Raw(url)) as raw, stopwatch() as watch:
        for _ in range(times):
            raw.run("SELECT unit_id, state, measures FROM counter" if kept else counted).fetchall()
    return watch.seconds / times

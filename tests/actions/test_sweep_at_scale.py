"""A ledger of 100,000 measures with 1,000 due: the sweep touches what is due, in a constant number of statements."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, event, func, select, text

from engine.rules.vocabulary import State
from models import Escalation, Measure, Notification, Timer
from models.database import open_database
from tests.world import World

TODAY = date(2025, 9, 4)
LEDGER, DUE = 100_000, 1_000


@pytest.fixture(scope="module")
def big(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give a ledger in which every hundredth measure has a red slip owed today."""
    path = tmp_path_factory.mktemp("big") / "duban.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    world = World(engine)
    fill(world, LEDGER, every=LEDGER // DUE)
    yield world
    engine.dispose()


def fill(world: World, count: int, *, every: int) -> None:
    """Copy one measure `count` times inside the database; every so many are due, the others next year."""
    pattern = world.measure("pattern", state=State.IN_PROGRESS)
    own = {"id": ":first + i", "code": "'M' || i", "position": "i", "due": "day", "original_due": "day"}
    names = [column.name for column in Measure.__table__.columns]
    rows = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count),"
        " d(i, day) AS (SELECT i, CASE WHEN i % :every = 0 THEN :due ELSE :later END FROM n)"
    )
    values = {
        "count": count,
        "every": every,
        "due": str(TODAY - timedelta(days=1)),
        "later": str(TODAY + timedelta(days=400)),
        "first": world.get(pattern).id,
        "today": str(TODAY),
    }
    with world.engine.begin() as connection:
        connection.execute(delete(Timer))
        connection.execute(
            text(
                f"INSERT INTO measure ({', '.join(names)}) {rows}"  # noqa: S608 - column names of our own table
                f" SELECT {', '.join(own.get(name, 'p.' + name) for name in names)}"
                " FROM d, measure AS p WHERE p.id = :first"
            ),
            values,
        )
        connection.execute(
            text(
                f"INSERT INTO timer (fires_on, measure_id, waits_for, deadline, deadline_version, rung) {rows}"  # noqa: S608
                " SELECT CASE WHEN day = :due THEN :today ELSE date(:today, '+' || (1 + i % 300) || ' days') END,"
                " :first + i, 'due_date', day, 1, CASE WHEN day = :due THEN 3 ELSE 0 END FROM d"
            ),
            values,
        )
    world.at(TODAY)


@contextmanager
def counted(engine: Engine) -> Iterator[Counter[str]]:
    found: Counter[str] = Counter()

    def keep(*args: object) -> None:
        found[str(args[2]).split("\n")[0].split("(")[0].strip()[:40]] += 1

    event.listen(engine, "before_cursor_execute", keep)
    yield found
    event.remove(engine, "before_cursor_execute", keep)


def test_sweep_when_the_ledger_is_large_then_as_many_statements_as_for_a_small_one(big: World, world: World):
    fill(world, 40, every=10)
    with counted(world.engine) as small:
        assert world.sweep(batch=1).batches == 4
    with counted(big.engine) as large:
        report = big.sweep(batch=DUE // 4)
    assert (report.batches, report.escalations, report.failed) == (4, DUE, 0)
    assert report.notifications == 2 * DUE
    inserts = Counter({name: large[name] for name in large if name.startswith("INSERT")})
    assert large - inserts == small - inserts, "four batches of one or of 250, among 40 measures or 100,000"
    assert inserts.total() <= 4 * 8, "250 rows of three tables, in as few statements as SQLite takes them"
    assert small.total() <= 4 * 12 + 4 + 7, "seven more look after what is no measure, however much of that there is"
    with big.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Escalation)) == DUE
        assert session.scalar(select(func.count()).select_from(Notification)) == 2 * DUE


def test_sweep_when_it_looks_for_what_is_due_then_it_searches_by_date(big: World):
    query = "EXPLAIN QUERY PLAN SELECT * FROM timer WHERE fires_on <= '2025-09-04' ORDER BY fires_on, measure_id"
    with big.engine.connect() as connection:
        plan = [row[-1] for row in connection.execute(text(query))]
    assert plan == ["SEARCH timer USING PRIMARY KEY (fires_on<?)"]

"""DBOS: a durable workflow for each measure, and for each due reminder.

W1: a workflow receives a message for each step and carries it out as a transaction; all messages are sent in shuffled
order, and the clock runs until every workflow has ended.  W2: a workflow for each due case, put into a queue.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from dbos import DBOS, SQLAlchemyDatasource
from sqlalchemy import create_engine, text

from bench.peer_process import STATES, SUPERIORS, Watch, file_of, is_sqlite, main, schema, shuffled

QUEUE = "reminders"


def _set_up(url: str) -> None:
    if is_sqlite(url):
        with sqlite3.connect(file_of(url)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in schema(url):
            connection.execute(text(statement))
    engine.dispose()
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR"})
    House.source = SQLAlchemyDatasource.create(url)


class House:
    """Where the measures' own tables are."""

    source: Any


def take_step(case: int, step: int) -> None:
    """Write the audit record of a step."""
    House.source.sql_session().execute(
        text(
            "INSERT INTO audit (measure_id, actor_id, from_state, to_state, at) "
            "VALUES (:case, 7, :before, :after, CURRENT_TIMESTAMP)"
        ),
        {"case": case, "before": STATES[step], "after": STATES[step + 1]},
    )


@DBOS.workflow()
def measure(case: int) -> str:
    """Wait for each step's message, and carry it out."""
    for step in range(3):
        assert DBOS.recv(f"step{step}", timeout_seconds=120) is not None
        House.source.run_tx_step({}, take_step, case, step)
    return STATES[3]


def write_reminder(case: int, owner: int) -> None:
    """Write everything that one due case asks for."""
    facts = {"case": case, "person": owner % SUPERIORS}
    session = House.source.sql_session()
    session.execute(text("INSERT INTO escalation (measure_id, level) VALUES (:case, 1)"), facts)
    session.execute(
        text("INSERT INTO notification (measure_id, person_id, state) VALUES (:case, :person, 'pending')"), facts
    )
    session.execute(text("INSERT INTO audit (measure_id, at) VALUES (:case, CURRENT_TIMESTAMP)"), facts)


@DBOS.workflow()
def remind(case: int, owner: int) -> None:
    """Be one reminder."""
    House.source.run_tx_step({}, write_reminder, case, owner)


def lifecycle(url: str, cases: int) -> float:
    """W1: send every step's message; time until every workflow has ended."""
    _set_up(url)
    DBOS.launch()
    handles: list[Any] = [DBOS.start_workflow(measure, case) for case in range(1, cases + 1)]
    watch = Watch()
    with watch.running():
        for case, step in shuffled(cases):
            DBOS.send(handles[case - 1].workflow_id, "go", f"step{step}")
        assert all(handle.get_result() == "closed" for handle in handles)
    DBOS.destroy()
    return watch.seconds


def sweep(url: str, due: int) -> float:
    """W2: enqueue a workflow for each due case; time until all have ended."""
    _set_up(url)
    DBOS.launch()
    queue = DBOS.register_queue(QUEUE, polling_interval_sec=0.1)  # the default is a second
    watch = Watch()
    with watch.running():
        handles: list[Any] = [queue.enqueue(remind, case, case % 2000) for case in range(1, due + 1)]
        for handle in handles:
            handle.get_result()
    DBOS.destroy()
    return watch.seconds


if __name__ == "__main__":
    main("dbos", {"W1": lifecycle, "W2": sweep})

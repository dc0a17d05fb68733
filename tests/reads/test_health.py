"""What monitors read: right counts on both databases, and each answered by an index."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from engine.actions.deliver_digests import claim_deliveries
from engine.reads.health import (
    count_deliveries,
    count_due_timers,
    count_lately,
    count_outbox,
    count_overdue,
    last_done,
    latest_deadline,
    newest_event,
    read_condition,
)
from engine.reads.watchdog import read_lateness
from engine.rules.vocabulary import State
from models import Delivery, Digest, Event, Outcome, Run, Said, Sending
from tests.factories import at
from tests.world import World, real_calendar

DAY = date(2025, 9, 10)


def test_condition_when_read_counts_what_is_there(either_world: World):
    either_world.in_progress("1-01", due=date(2025, 9, 3))
    either_world.measure("1-02")
    either_world.verified("1-03", due=DAY)
    with either_world.sessions.begin() as session:
        made = at(DAY).at
        session.add(
            Run(kind="daily", period="x", version=1, as_of=DAY, state=Outcome.DONE, started_at=made, finished_at=made)
        )
        digest = Digest(batch="x", person_id=either_world.people["wang"], on=DAY, created_at=made)
        session.add(digest)
        session.flush()
        for channel, state in (("eml", Sending.PENDING), ("inbox", Sending.SENT)):
            session.add(
                Delivery(
                    digest_id=digest.id,
                    channel=channel,
                    state=state,
                    message_id="m",
                    attempts=0,
                    next_try_at=made - timedelta(days=2),
                )
            )
    with either_world.sessions() as session:
        found = read_condition(session, at(DAY), real_calendar())
    assert found.measures == dict.fromkeys(State, 0) | {State.IN_PROGRESS: 1, State.ASSIGNED: 1, State.VERIFIED: 1}
    assert found.overdue == 2  # one was due a week ago, one in the round's concentrated period
    assert found.due_timers >= 3
    assert found.oldest_due == DAY + timedelta(days=1), "they came after the run of the day"
    assert found.outbox[Said.PENDING] > 0
    assert found.deliveries == {("eml", Sending.PENDING): 1, ("inbox", Sending.SENT): 1}
    assert found.runs == {("daily", Outcome.DONE): 1}
    assert found.last_daily == made
    with either_world.sessions() as session:
        assert found.events == session.scalars(select(Event.id).order_by(Event.id.desc())).first()
    assert found.lateness.undelivered == 1


def test_condition_when_nothing_is_there_is_all_noughts(either_world: World):
    with either_world.sessions() as session:
        found = read_condition(session, at(DAY), real_calendar())
    assert (found.overdue, found.due_timers, found.oldest_due, found.last_daily, found.events) == (0, 0, None, None, 0)


@pytest.mark.parametrize(
    ("read", "table"),
    [
        (lambda session: count_overdue(session, DAY), "measure"),
        (lambda session: count_due_timers(session, DAY), "timer"),
        (newest_event, "event"),
        (count_outbox, "notification"),
        (count_deliveries, "delivery"),
        (lambda session: read_lateness(session, at(DAY), real_calendar()), "delivery"),
        (lambda session: claim_deliveries(session, moment=at(DAY), limit=10), "delivery"),
        (lambda session: last_done(session, "daily", at(DAY).at), "run"),
    ],
)
def test_figure_when_read_on_sqlite_reads_no_table_from_end_to_end(
    sqlite_database: Engine, read: Callable[[Session], Any], table: str
):
    plans: list[str] = []

    def explain(_conn: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.extend(line[3] for line in plan)

    event.listen(sqlite_database, "before_cursor_execute", explain)
    try:
        with Session(sqlite_database) as session:
            read(session)
    finally:
        event.remove(sqlite_database, "before_cursor_execute", explain)
    whole = [line for line in plans if line == f"SCAN {table}"]
    bounded = [line for line in plans if "SCAN newest" in line or "CO-ROUTINE" in line or "SCAN anon" in line]
    assert plans
    assert len(whole) <= (1 if bounded else 0), plans


@pytest.mark.usefixtures("sqlite_database")
def test_far_figures_when_nothing_is_there_are_empty(world: World):
    with world.sessions() as session:
        assert latest_deadline(session) is None
        assert count_lately(session, DAY, Sending.FAILED) == {Sending.FAILED: 0}

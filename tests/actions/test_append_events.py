"""The record: every event in its chain, with what it changed; the database takes nothing back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from engine.actions.accept_measure import accept_measure
from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.desk import record
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.rules.chain import Link, next_link
from engine.rules.vocabulary import WaitsFor
from models import Checkpoint, Event
from tests.plans import ledger, measure, store
from tests.world import World


def events(world: World, code: str = "1-01") -> list[Event]:
    with world.sessions() as session:
        return list(session.scalars(select(Event).where(Event.measure_id == world.get(code).id).order_by(Event.seq)))


def row(event: Event) -> dict[str, Any]:
    return {column.key: getattr(event, column.key) for column in Event.__table__.columns}


def test_events_when_a_measure_lives_then_one_chain_that_follows_from_its_rows(either_world: World):
    world = either_world
    world.in_progress(due=date(2025, 4, 30))
    world.act("wang", report_progress, "1-01", percent=40, text="初稿")
    world.act("wang", request_extension, "1-01", new_due=date(2025, 5, 30), reason="招标流标")
    world.fast_forward(date(2025, 4, 25))
    world.act("wang", acknowledge_timer, "1-01", waits_for=WaitsFor.DUE_DATE, working_days=1)
    found = events(world)
    assert {"measure:progress:report", "measure:ladder:climb", "measure:timer:acknowledge"} <= {e.kind for e in found}
    link = Link()
    for event in found:
        link = next_link(row(event), link)
        assert (event.seq, event.hash) == (link.seq, link.hash)


def test_events_when_an_action_changes_the_measure_then_the_last_tells_column_by_column(either_world: World):
    either_world.measure()
    either_world.act("wang", accept_measure, "1-01")
    either_world.act("wang", report_progress, "1-01", percent=40, text="初稿")
    accepted, reported = events(either_world)
    today = either_world.today.isoformat()
    assert accepted.changed == {"state": ["assigned", "in_progress"], "accepted_on": [None, today]}
    assert reported.changed == {"percent": [0, 40], "reported_on": [None, today]}


def test_events_when_a_round_is_imported_then_the_first_tells_every_fact(sessions: Any):
    store(sessions, ledger(measure("1-1"), measure("1-2")))
    with sessions() as session:
        made = session.scalars(select(Event).where(Event.kind == "measure:import:create")).all()
        house = session.scalars(select(Event).where(Event.measure_id.is_(None)).order_by(Event.seq)).all()
    assert [event.seq for event in made] == [1, 1]
    assert all(event.changed["text"][1].startswith("修订制度") for event in made)
    assert [event.seq for event in house] == list(range(1, len(house) + 1))


def test_record_when_it_is_not_kept_then_nothing_is_committed(either_world: World):
    either_world.measure()
    with pytest.raises(RuntimeError, match="not kept"), either_world.desk("lin") as desk:
        record(desk, "measure:owner:assign", actor=None, measure=either_world.get("1-01"))
    assert events(either_world) == []


@pytest.mark.parametrize("table", [Event, Checkpoint])
@pytest.mark.parametrize("what", ["update", "delete"])
def test_record_when_somebody_changes_it_then_the_database_refuses(database: Engine, table: Any, what: str):
    world = World(database)
    world.in_progress()
    with world.sessions.begin() as session:
        session.add(Checkpoint(last_event_id=1, events=1, on=world.today, at=world.moment.at, digest=bytes(32)))
    statement = update(table).values(on=date(2020, 1, 1)) if what == "update" else delete(table)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(statement)


@pytest.mark.postgres
def test_record_when_somebody_empties_it_then_postgresql_refuses(postgres_database: Engine):
    with pytest.raises(DBAPIError, match="append-only"), postgres_database.begin() as connection:
        connection.execute(text("TRUNCATE event"))

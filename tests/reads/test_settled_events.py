"""The record followed by number: no event is passed over, in whatever order transactions commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine.actions.accept_measure import accept_measure
from engine.actions.append_events import append_events
from engine.actions.reassign_measure import reassign_measure
from engine.actions.record_outcome import record_outcome
from engine.actions.write_opinion import write_opinion
from engine.reads.settled_events import read_events_after, settled_until
from engine.rules.vocabulary import OutcomeKind
from models.database import reading
from tests.world import World


@pytest.fixture
def postgres_world(postgres_database: Engine) -> World:
    return World(postgres_database)


def never(_seconds: float) -> None:
    pytest.fail("nobody is writing")


def read(world: World, *patterns: str, after: int = 0, until: int | None = None, limit: int = 100) -> list[str]:
    last = settled_until(world.sessions, wait=never) if until is None else until
    with reading(world.sessions) as session:
        events = read_events_after(session, after, until=last or 0, patterns=patterns or ("*",), limit=limit)
    return [event.kind for event in events]


def write(session: Session, world: World, measure: int) -> None:
    row = {"measure_id": measure, "round_id": world.round, "kind": "measure:test:note", "on": world.today}
    append_events(session, [{**row, "at": world.moment.at, "data": {"of": measure}, "actor_id": None, "changed": None}])


@contextmanager
def writing(world: World, measure: int) -> Iterator[None]:
    """Write an event in a transaction that stays open meanwhile."""
    may_commit, has_written = Signal(), Signal()

    def work() -> None:
        with world.sessions.begin() as session:
            write(session, world, measure)
            has_written.set()
            may_commit.wait(20)

    thread = Thread(target=work)
    thread.start()
    assert has_written.wait(20)
    try:
        yield
    finally:
        may_commit.set()
        thread.join()


def test_events_when_a_kind_is_wanted_are_those_alone_and_in_order(either_world: World):
    world = either_world
    world.measure("1-01")
    world.act("wang", accept_measure, "1-01")
    world.act("wang", write_opinion, "1-01", "好")
    assert read(world, "measure:state:*") == ["measure:state:accept"]
    assert read(world, "measure:state:accept", "round:*") == ["measure:state:accept"]
    everything = read(world)
    assert everything[-2:] == ["measure:state:accept", "measure:opinion:write"]
    assert read(world, limit=1) == everything[:1]
    assert read(world, "measure_state:*") == [], "an underscore stands for itself"


def test_events_when_they_name_people_tell_their_sign_in_names(either_world: World):
    world = either_world
    world.measure("1-01", owner=None)
    world.act("lin", reassign_measure, "1-01", owner="sun")
    with reading(world.sessions) as session:
        *_, event = read_events_after(session, 0, until=2**62, patterns=("measure:owner:assign",), limit=9)
    assert (event.measure, event.actor, event.data) == ("1-01", "lin", {"to": "sun"})


def test_events_when_restricted_are_never_told(world: World):
    world.act("jian", record_outcome, person="wang", kind=OutcomeKind.TALK, decided_on=world.today, text="谈话")
    assert read(world, "*") == []
    assert read(world, "accountability:*") == []


@pytest.mark.postgres
def test_record_when_a_writer_of_a_lower_number_is_still_at_it_is_not_settled(postgres_world: World):
    world = postgres_world
    first, second = (world.get(world.measure(code)).id for code in ("1-01", "1-02"))
    begun = settled_until(world.sessions, wait=never)
    assert begun is not None
    pauses: list[float] = []
    with writing(world, first):
        with world.sessions.begin() as session:
            write(session, world, second)  # a higher number, and it is there first
        visible = read(world, after=begun, until=2**62)
        assert visible == ["measure:test:note"], "the higher number alone is visible: remembering it would lose one"
        assert settled_until(world.sessions, wait=pauses.append, looks=3) is None
        assert len(pauses) == 3
    settled = settled_until(world.sessions, wait=never)
    assert settled is not None
    with reading(world.sessions) as session:
        events = read_events_after(session, begun, until=settled, patterns=("*",), limit=9)
    assert [event.data["of"] for event in events] == [first, second]


@pytest.mark.postgres
def test_record_when_a_writer_ends_while_it_is_waited_for_is_settled(postgres_world: World):
    world = postgres_world
    first, second = (world.get(world.measure(code)).id for code in ("1-01", "1-02"))
    begun = settled_until(world.sessions, wait=never)
    with writing(world, first), world.sessions.begin() as session:
        write(session, world, second)
    others = writing(world, second)  # somebody who begins later is not waited for

    held = writing(world, first)
    held.__enter__()

    def end_the_first(_seconds: float) -> None:
        others.__enter__()
        held.__exit__(None, None, None)

    settled = settled_until(world.sessions, wait=end_the_first)
    others.__exit__(None, None, None)
    assert settled is not None
    assert begun is not None
    assert len(read(world, after=begun, until=settled)) == 2


@pytest.mark.postgres
def test_record_when_a_hundred_writers_race_is_followed_without_a_gap(postgres_world: World):
    world = postgres_world
    measures = [world.get(world.measure(f"1-{number:02}")).id for number in range(1, 9)]
    passed = settled_until(world.sessions, wait=never) or 0
    stop, heard = Signal(), list[int]()

    def work(measure: int) -> None:
        for _ in range(12):
            with world.sessions.begin() as session:
                write(session, world, measure)

    def follow() -> None:
        nonlocal passed
        while True:
            is_last = stop.is_set()
            until = settled_until(world.sessions, wait=lambda _seconds: stop.wait(0.002), looks=500)
            assert until is not None
            with reading(world.sessions) as session:
                events = read_events_after(session, passed, until=until, patterns=("*",), limit=1000)
            heard.extend(event.id for event in events)
            passed = until
            if is_last:
                return

    follower = Thread(target=follow)
    follower.start()
    writers = [Thread(target=work, args=(measure,)) for measure in measures]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    stop.set()
    follower.join()
    assert len(heard) == 12 * len(measures)
    assert heard == sorted(set(heard))

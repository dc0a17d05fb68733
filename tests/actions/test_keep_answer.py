"""A request that comes twice under one key is done once, and answered alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from engine.actions.keep_answer import KEPT, AnotherRequest, Answered, Keyed, find_answer, forget_answers, keep_answer
from engine.rules.moment import Moment
from engine.rules.refusal import Conflict
from tests.world import World

ANSWER = Answered(status=201, etag='"3"', body='{"code":"1-01"}')


def asked(world: World, *, key: str = "k1", who: str = "wang", what: bytes = b"a" * 32) -> Keyed:
    return Keyed(person=world.people[who], key=key, fingerprint=what)


def keep(world: World, one: Keyed) -> None:
    with world.sessions.begin() as session:
        assert find_answer(session, one, world.moment) is None
        keep_answer(session, one, ANSWER, world.moment)


def test_answer_when_the_same_is_asked_again_is_the_same(either_world: World):
    world = either_world
    keep(world, asked(world))
    with world.sessions.begin() as session:
        assert find_answer(session, asked(world), world.moment) == ANSWER
        assert find_answer(session, asked(world, who="sun"), world.moment) is None, "a key is one person's"
        with pytest.raises(AnotherRequest):
            find_answer(session, asked(world, what=b"b" * 32), world.moment)


def test_answer_when_what_was_done_is_rolled_back_is_not_kept(either_world: World):
    world = either_world
    with world.sessions() as session, session.begin() as transaction:
        keep_answer(session, asked(world), ANSWER, world.moment)
        transaction.rollback()
    with world.sessions.begin() as session:
        assert find_answer(session, asked(world), world.moment) is None


def test_answer_when_a_day_has_passed_is_forgotten(either_world: World):
    world = either_world
    keep(world, asked(world))
    keep(world, asked(world, key="k2"))
    late = Moment(at=world.moment.at + KEPT + timedelta(seconds=1), on=world.today)
    assert forget_answers(world.sessions, world.moment) == 0
    with world.sessions.begin() as session:
        assert find_answer(session, asked(world, what=b"b" * 32), late) is None
        keep_answer(session, asked(world, what=b"b" * 32), ANSWER, late)
    assert forget_answers(world.sessions, late) == 1
    with world.sessions.begin() as session:
        assert find_answer(session, asked(world, what=b"b" * 32), late) == ANSWER


@pytest.mark.postgres
def test_answer_when_the_first_is_still_under_way_is_a_conflict(postgres_database: Engine):
    world = World(postgres_database)  # on SQLite the second waits for the first
    with world.sessions.begin() as first:
        assert find_answer(first, asked(world), world.moment) is None
        with world.sessions.begin() as second, pytest.raises(Conflict):
            find_answer(second, asked(world), world.moment)
        with world.sessions.begin() as second:
            assert find_answer(second, asked(world, key="k2"), world.moment) is None
        keep_answer(first, asked(world), ANSWER, world.moment)

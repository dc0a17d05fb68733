"""The clock's lease: one holder at a time, on both databases, whoever else asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from engine.actions.take_lease import drop_lease, take_lease
from models.database import Sessions
from tests.factories import FEEDBACK
from tests.factories import at as moment_of

NOW = moment_of(FEEDBACK).at
LASTS = timedelta(minutes=5)


def take(sessions: Sessions, holder: str, at: datetime = NOW, name: str = "clock") -> bool:
    return take_lease(sessions, name=name, holder=holder, at=at, lasts=LASTS)


def test_lease_when_free_then_the_first_to_ask_has_it_and_the_second_has_not(sessions: Sessions):
    assert take(sessions, "one")
    assert not take(sessions, "two")


def test_lease_when_its_holder_asks_again_then_it_is_renewed(sessions: Sessions):
    take(sessions, "one")
    assert take(sessions, "one", NOW + timedelta(minutes=4))
    assert not take(sessions, "two", NOW + timedelta(minutes=8))
    assert take(sessions, "two", NOW + timedelta(minutes=9, seconds=1))


def test_lease_when_it_ends_then_another_takes_it_only_after_its_last_moment(sessions: Sessions):
    take(sessions, "one")
    assert not take(sessions, "two", NOW + LASTS)
    assert take(sessions, "two", NOW + LASTS + timedelta(seconds=1))
    assert not take(sessions, "one", NOW + LASTS + timedelta(seconds=1))


def test_lease_when_dropped_by_its_holder_then_another_need_not_wait(sessions: Sessions):
    take(sessions, "one")
    drop_lease(sessions, name="clock", holder="one", at=NOW)
    assert take(sessions, "two")


def test_lease_when_dropped_by_somebody_else_then_it_stands(sessions: Sessions):
    take(sessions, "one")
    drop_lease(sessions, name="clock", holder="two", at=NOW)
    drop_lease(sessions, name="other", holder="one", at=NOW)
    assert not take(sessions, "two")


def test_lease_when_of_another_name_then_it_is_another_lease(sessions: Sessions):
    take(sessions, "one")
    assert take(sessions, "two", name="delivery")


def test_lease_when_many_ask_at_once_then_exactly_one_has_it(sessions: Sessions):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: take(sessions, f"process {number}"), range(8)))
    assert answers.count(True) == 1

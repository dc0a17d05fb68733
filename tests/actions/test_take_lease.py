"""The clock's lease: one holder at a time, on both databases, whoever else asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from engine.actions.take_lease import drop_lease, free_lease, keep_lease, lease_keeper, take_lease
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


def test_lease_when_kept_for_good_then_whoever_had_it_has_it_no_more(sessions: Sessions):
    take(sessions, "one")
    assert lease_keeper(sessions, name="clock") is None, "a process has it only for a while"
    keep_lease(sessions, name="clock", holder="deployments")
    assert lease_keeper(sessions, name="clock") == "deployments"
    assert not take(sessions, "one", NOW + timedelta(days=365_000))
    drop_lease(sessions, name="clock", holder="one", at=NOW)
    keep_lease(sessions, name="clock", holder="deployments")
    assert lease_keeper(sessions, name="clock") == "deployments"


def test_lease_when_freed_then_anybody_may_have_it(sessions: Sessions):
    keep_lease(sessions, name="clock", holder="deployments")
    assert free_lease(sessions, name="clock")
    assert lease_keeper(sessions, name="clock") is None
    assert take(sessions, "one")
    assert not free_lease(sessions, name="clock"), "what a process holds is not given up for it"
    assert not take(sessions, "two")

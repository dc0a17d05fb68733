"""A few seeded days of an office in which every promise holds, and broken twins in which each is seen to be broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.year.play import Files, catch, folder, play
from tests.year.promise import PROMISES
from tests.year.twins import BY_PROMISE

DAYS = 25
#: Twins that are caught within the first days, with the seed that does; the others need months: `make year TWINS=1`.
QUICK = {
    "climbed-once": 1,
    "not-early": 1,
    "told": 1,
    "acknowledged": 1,
    "chain": 1,
    "counters": 1,
    "nothing-stuck": 1,
    "refuses-or-does": 1,
    "one-effect": 1,
    "one-mail": 1,
    "sent-is-said": 1,
    "settled": 1,
}


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with folder() as made:
        yield made


@pytest.fixture(scope="module")
def files(place: Path) -> Files:
    return Files(place)


@pytest.mark.parametrize("seed", range(1, 6))
def test_year_when_anything_happens_keeps_every_promise(files: Files, place: Path, seed: int):
    figures = play(files, place / str(seed), seed, days=DAYS)
    assert min(figures.steps, figures.refusals, figures.rungs, figures.mails) > 0


def test_year_when_a_seed_is_played_again_leaves_the_same_trace(files: Files, place: Path):
    first, second = (play(files, place / name, 9, days=10) for name in ("first", "second"))
    assert (first.trace, first.steps, first.mails) == (second.trace, second.steps, second.mails)


def test_twins_when_counted_are_one_for_each_promise():
    assert BY_PROMISE.keys() == PROMISES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_promise_when_its_guard_is_taken_out_is_seen_to_be_broken(files: Files, place: Path, name: str):
    found = catch(files, place / name, BY_PROMISE[name], range(QUICK[name], QUICK[name] + 5), days=DAYS)
    assert found is not None, f"nobody notices that the office lacks {BY_PROMISE[name].lacks}"

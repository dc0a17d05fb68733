"""The chain of events: the same before and after storage, and broken by any change."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.chain import GENESIS, Link, Tale, fold, next_link
from engine.rules.vocabulary import State

EVENT = {
    "round_id": 1,
    "measure_id": 7,
    "kind": "measure:state:accept",
    "actor_id": 3,
    "on": date(2025, 3, 4),
    "at": datetime(2025, 3, 4, 1, 2, 3, 456, tzinfo=UTC),
    "from_state": State.ASSIGNED,
    "to_state": State.IN_PROGRESS,
    "data": {"reason": "整改"},
    "changed": {"state": ["assigned", "in_progress"]},
}
OTHERS = {
    "round_id": 2,
    "measure_id": 8,
    "kind": "measure:state:close",
    "actor_id": None,
    "on": date(2025, 3, 5),
    "at": EVENT["at"] + timedelta(microseconds=1),  # type: ignore[operator]
    "from_state": None,
    "to_state": State.CLOSED,
    "data": {"reason": "整改 "},
    "changed": None,
}


@pytest.mark.parametrize("name", sorted(EVENT))
def test_link_when_anything_differs_then_another_hash(name: str):
    assert next_link(EVENT | {name: OTHERS[name]}, Link()).hash != next_link(EVENT, Link()).hash


def test_link_when_it_follows_another_event_or_stands_elsewhere_then_another_hash():
    first = next_link(EVENT, Link())
    second = next_link(EVENT, first)
    assert (first.seq, second.seq) == (1, 2)
    assert second.hash != first.hash
    assert next_link(EVENT, Link(seq=1, hash=GENESIS)).hash != first.hash


def test_tale_when_the_zone_of_the_moment_differs_then_the_same():
    at = datetime(2025, 3, 4, 9, 2, 3, 456, tzinfo=timezone(timedelta(hours=8)))
    assert Tale.of(EVENT | {"at": at}) == Tale.of(EVENT)


@given(st.none() | st.integers(1), st.none() | st.integers(1), st.integers(1))
def test_tale_when_it_is_told_of_any_measure_then_its_line_is_all_of_it_as_json(
    measure: int | None, round_: int | None, seq: int
):
    line = Tale.of(EVENT | {"round_id": round_}).line(measure, seq)
    whole = [
        1,
        round_,
        measure,
        seq,
        "measure:state:accept",
        3,
        "2025-03-04",
        "2025-03-04T01:02:03.000456+00:00",
        "assigned",
        "in_progress",
        {"reason": "整改"},
        {"state": ["assigned", "in_progress"]},
    ]
    assert line.decode() == json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=6), st.integers(0, 6))
def test_fold_when_taken_in_parts_then_every_event_counts_once(hashes: list[bytes], cut: int):
    whole, count = fold(GENESIS, hashes)
    assert count == len(hashes)
    assert fold(GENESIS, hashes) == (whole, count)
    if hashes[:cut]:
        assert fold(GENESIS, hashes[cut:])[0] != whole

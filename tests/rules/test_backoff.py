from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.backoff import MAX_ATTEMPTS, WAITS, next_try_after


def test_waits_when_read_in_order_grow():
    assert all(shorter < longer for shorter, longer in pairwise(WAITS))


def test_next_try_when_the_last_attempt_failed_is_none():
    assert [next_try_after(attempt) is None for attempt in range(1, MAX_ATTEMPTS + 1)] == [False] * 7 + [True]


@given(st.integers(min_value=1))
def test_next_try_after_any_number_of_attempts_is_a_wait_or_the_end(attempts: int):
    after = next_try_after(attempts)
    assert (after is None) == (attempts >= MAX_ATTEMPTS)
    assert after is None or after in WAITS


@pytest.mark.parametrize("attempts", [0, -1])
def test_next_try_when_nothing_has_failed_is_a_mistake(attempts: int):
    with pytest.raises(ValueError, match="nothing has failed"):
        next_try_after(attempts)

"""What a password must be, and how long somebody waits: longer each time, never for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.passwords import COMMON, LONGEST, PATIENCE, SHORTEST, judge_password, wait_until
from engine.rules.refusal import NotReady

NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)
KINDS = st.sampled_from(sorted(PATIENCE))


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x" * 9,
        "abcde" * 41,
        "aaaaaaaaaaaa",
        "1212121212",
        "PassWord1234",
        "wang.fang-2024",
        "王芳王芳1234567890",
    ],
)
def test_password_when_short_common_or_the_own_name_is_refused(password: str):
    with pytest.raises(NotReady):
        judge_password(password, code="wang.fang", name="王芳")


@pytest.mark.parametrize("password", ["correct horse battery", "整改要见底,销号要见人呀", "x7-Kq2_vvA9", "abcde" * 40])
def test_password_when_long_enough_and_no_pattern_is_taken(password: str):
    judge_password(password, code="wang.fang", name="王芳")


@given(st.sampled_from(sorted(COMMON)), st.sampled_from([str.lower, str.upper, str.title]))
def test_common_password_is_refused_in_any_case(password: str, written: Callable[[str], str]):
    with pytest.raises(NotReady):
        judge_password(written(password), code="x", name="y")


def test_list_of_common_passwords_holds_only_what_length_alone_lets_through():
    assert all(SHORTEST <= len(one) <= LONGEST and one == one.lower() for one in COMMON)


@given(KINDS, st.integers(0, 10**9))
def test_wait_grows_with_failures_and_stays_bounded(kind: str, failures: int):
    wait = wait_until(kind, failures=failures, last_at=NOON) - NOON
    more = wait_until(kind, failures=failures + 1, last_at=NOON) - NOON
    assert timedelta(0) <= wait <= more <= PATIENCE[kind].longest
    assert (wait == timedelta(0)) == (failures < PATIENCE[kind].free)

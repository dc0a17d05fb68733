from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.evidence import evidence_digest

pieces = st.lists(
    st.tuples(st.integers(1, 99), st.text(max_size=12), st.none() | st.text("0123456789abcdef", min_size=1)),
    unique_by=lambda one: one[0],
    max_size=4,
)


@given(pieces, st.randoms(use_true_random=False))
def test_digest_when_pieces_come_in_another_order_then_the_same(
    found: list[tuple[int, str, str | None]], shuffle: object
):
    other = list(found)
    shuffle.shuffle(other)  # type: ignore[attr-defined]
    assert evidence_digest(found) == evidence_digest(other)


@given(pieces, pieces)
def test_digest_when_pieces_differ_then_another(
    one: list[tuple[int, str, str | None]], other: list[tuple[int, str, str | None]]
):
    assert (evidence_digest(one) == evidence_digest(other)) == (sorted(one, key=str) == sorted(other, key=str))


def test_digest_when_one_name_is_written_to_look_like_two_pieces_then_another():
    two = [(1, "a", "ff"), (2, "b", None)]
    assert evidence_digest([(1, "a\0ff\n2\0b", None)]) != evidence_digest(two)


def test_digest_of_no_evidence_then_a_digest_too():
    assert len(evidence_digest([])) == 64

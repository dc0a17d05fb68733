from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.access import CaseFacts
from engine.rules.choose_verifier import Candidate, choose_verifier
from engine.rules.vocabulary import State

FACTS = CaseFacts(
    state=State.SUBMITTED,
    owner=1,
    owner_unit=1,
    unit=2,
    lead=None,
    verifier=None,
    owner_substitutes=frozenset({7}),
    owner_stood_in_for=frozenset({8}),
    evidence_count=1,
    co_units_waiting=0,
    evidence_unchanged=True,
    coordinator_may_close=False,
)


def build(person: int, **overrides: object) -> Candidate:
    return Candidate(person=person, **{"unit": 3, "absent": False, "open_count": 0} | overrides)


candidates = st.lists(
    st.builds(
        Candidate,
        person=st.integers(1, 12),
        unit=st.integers(1, 4),
        absent=st.booleans(),
        open_count=st.integers(0, 5),
        stands_in_for=st.frozensets(st.integers(1, 3), max_size=2),
    ),
    unique_by=lambda one: one.person,
)


def test_choice_when_several_are_free_then_the_least_busy():
    assert choose_verifier([build(4, open_count=2), build(5, open_count=1), build(6, open_count=1)], FACTS) == 5


def test_choice_when_the_least_busy_is_absent_or_too_near_then_the_next():
    near = [
        build(1),
        build(2, unit=1),
        build(3, unit=2),
        build(4, absent=True),
        build(5, stands_in_for=frozenset({1})),
        build(7),
        build(8),
    ]
    assert choose_verifier(near, FACTS) is None
    assert choose_verifier([*near, build(9, open_count=99)], FACTS) == 9


@given(candidates)
def test_choice_when_made_then_free_far_enough_and_least_busy(found: list[Candidate]):
    allowed = {
        one.person
        for one in found
        if not one.absent and one.person not in {1, 7, 8} and one.unit not in {1, 2} and 1 not in one.stands_in_for
    }
    chosen = choose_verifier(found, FACTS)
    assert (chosen is None) == (not allowed)
    if chosen is not None:
        busy = {one.person: one.open_count for one in found}
        assert chosen in allowed
        assert all((busy[chosen], chosen) <= (busy[one], one) for one in allowed)


@given(candidates, st.randoms(use_true_random=False))
def test_choice_when_the_order_differs_then_the_same(found: list[Candidate], shuffle: object):
    other = list(found)
    shuffle.shuffle(other)  # type: ignore[attr-defined]
    assert choose_verifier(found, FACTS) == choose_verifier(other, FACTS)


def test_choice_when_nobody_owns_the_measure_then_units_alone_count():
    assert choose_verifier([build(4, unit=2), build(5)], replace(FACTS, owner=None, owner_unit=None)) == 5

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.choose_verifier import Candidate, choose_verifier
from engine.rules.too_near import Away
from engine.rules.work_record import Hand, Span
from tests.factories import build_work

TODAY = date(2025, 6, 2)
OWNED = Span(whose=1, hand=Hand.OWNED, first=TODAY, last=TODAY)
WORK = build_work(
    hands=(OWNED,),
    units=(Span(whose=1, first=TODAY, last=TODAY), Span(whose=2, first=TODAY, last=TODAY)),
    absences=[
        Away(person=1, substitute=7, first_day=TODAY, last_day=TODAY),
        Away(person=8, substitute=1, first_day=TODAY, last_day=TODAY),
    ],
    today=TODAY,
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
    ),
    unique_by=lambda one: one.person,
)


def test_choice_when_several_are_free_then_the_least_busy():
    assert choose_verifier([build(4, open_count=2), build(5, open_count=1), build(6, open_count=1)], WORK) == 5


def test_choice_when_the_least_busy_is_absent_or_too_near_then_the_next():
    near = [
        build(1),
        build(2, unit=1),
        build(3, unit=2),
        build(4, absent=True),
        build(7),
        build(8),
    ]
    assert choose_verifier(near, WORK) is None
    assert choose_verifier([*near, build(9, open_count=99)], WORK) == 9


@given(candidates)
def test_choice_when_made_then_free_far_enough_and_least_busy(found: list[Candidate]):
    allowed = {one.person for one in found if not one.absent and one.person not in {1, 7, 8} and one.unit not in {1, 2}}
    chosen = choose_verifier(found, WORK)
    assert (chosen is None) == (not allowed)
    if chosen is not None:
        busy = {one.person: one.open_count for one in found}
        assert chosen in allowed
        assert all((busy[chosen], chosen) <= (busy[one], one) for one in allowed)


@given(candidates, st.randoms(use_true_random=False))
def test_choice_when_the_order_differs_then_the_same(found: list[Candidate], shuffle: object):
    other = list(found)
    shuffle.shuffle(other)  # type: ignore[attr-defined]
    assert choose_verifier(found, WORK) == choose_verifier(other, WORK)


def test_choice_when_nobody_owns_the_measure_then_units_alone_count():
    assert choose_verifier([build(4, unit=2), build(5)], replace(WORK, hands=())) == 5

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.stand_ins import MAX_STEPS, receiver

PEOPLE = st.integers(1, 9)


@given(PEOPLE, st.dictionaries(PEOPLE, PEOPLE))
def test_receiver_is_present_or_the_person_themselves(person: int, substitutes: dict[int, int]):
    found = receiver(person, substitutes)
    assert found == person or found not in substitutes


@given(PEOPLE)
def test_receiver_when_nobody_is_away_is_the_person(person: int):
    assert receiver(person, {}) == person


def test_receiver_when_the_chain_is_as_long_as_is_followed_is_its_end():
    assert receiver(0, {step: step + 1 for step in range(MAX_STEPS)}) == MAX_STEPS
    assert receiver(0, {step: step + 1 for step in range(MAX_STEPS + 1)}) == 0

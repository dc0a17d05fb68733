from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.too_near import Away, stand_ins, stood_in_for

FIRST = date(2025, 3, 3)
days = st.integers(0, 60).map(lambda offset: FIRST + timedelta(days=offset))
absences = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 5), days, st.integers(0, 20))
    .filter(lambda one: one[0] != one[1])
    .map(
        lambda one: Away(person=one[0], substitute=one[1], first_day=one[2], last_day=one[2] + timedelta(days=one[3]))
    ),
    max_size=8,
)
UNTIL = FIRST + timedelta(days=80)


def away(person: int, substitute: int, first: int, last: int) -> Away:
    return Away(person=person, substitute=substitute, first_day=date(2025, 7, first), last_day=date(2025, 7, last))


def test_stand_ins_when_the_absence_is_over_or_still_to_come_then_only_days_in_between_count():
    known = [away(1, 2, 1, 4), away(1, 3, 20, 25)]
    assert stand_ins(1, known, since=date(2025, 7, 4), until=date(2025, 7, 19)) == {2}
    assert stand_ins(1, known, since=date(2025, 7, 5), until=date(2025, 7, 20)) == {3}
    assert stand_ins(1, known, since=date(2025, 7, 5), until=date(2025, 7, 19)) == frozenset()


def test_stand_ins_when_the_substitute_is_away_on_other_days_then_no_chain():
    known = [away(1, 2, 1, 4), away(2, 3, 5, 9)]
    assert stand_ins(1, known, since=date(2025, 7, 1), until=date(2025, 7, 31)) == {2}


def test_stand_ins_when_two_stand_in_for_each_other_then_each_is_near_the_other():
    known = [away(1, 2, 1, 9), away(2, 1, 1, 9)]
    assert stand_ins(1, known, since=date(2025, 7, 1), until=date(2025, 7, 31)) == {2}
    assert stood_in_for(1, known, since=date(2025, 7, 1), until=date(2025, 7, 31)) == {2}


@given(absences)
def test_both_directions_when_compared_then_they_mirror_each_other(known: list[Away]):
    for one in range(1, 6):
        for other in stand_ins(one, known, since=FIRST, until=UNTIL):
            assert one in stood_in_for(other, known, since=FIRST, until=UNTIL)


@given(absences)
def test_stand_ins_when_an_absence_is_direct_then_always_found(known: list[Away]):
    for one in known:
        assert one.substitute in stand_ins(one.person, known, since=FIRST, until=UNTIL)

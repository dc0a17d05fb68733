"""Who has worked on a measure follows from its whole record; nothing that happens later takes it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.too_near import Away
from engine.rules.vocabulary import State
from engine.rules.work_record import (
    ASKING_HANDS,
    Hand,
    Present,
    Side,
    Span,
    Told,
    hands_told,
    homes_of,
    units_told,
)
from tests.factories import build_work

BEGUN, TODAY = date(2025, 3, 3), date(2025, 9, 1)
NOW = Present(owner=2, lead=9, unit=20, since=date(2025, 6, 2))
REASSIGNED = Told(kind="measure:state:reassign", actor=5, on=date(2025, 6, 2), changed={"owner_id": [1, 2]})


def read(*told: Told, present: Present = NOW) -> set[tuple[int, Hand, date, date]]:
    return {(one.whose, one.hand, one.first, one.last) for one in hands_told(told, present, TODAY)}


def test_hands_when_the_owner_was_replaced_then_both_owned_it_each_in_their_days():
    created = Told(kind="measure:import:create", actor=5, on=BEGUN, changed={"owner_id": [None, 1]})
    assert read(created, REASSIGNED) == {
        (1, Hand.OWNED, BEGUN, date(2025, 6, 2)),
        (2, Hand.OWNED, date(2025, 6, 2), TODAY),
        (9, Hand.LED, BEGUN, TODAY),
    }
    assert read(replace(created, changed=None), REASSIGNED) == read(created, REASSIGNED), "as an old record tells it"


@pytest.mark.parametrize(
    ("told", "hand"),
    [
        ({"kind": "measure:progress:report"}, Hand.REPORTED),
        ({"kind": "measure:evidence:attach"}, Hand.GAVE_EVIDENCE),
        ({"kind": "measure:extension:request"}, Hand.ASKED),
        ({"kind": "measure:co_unit:done"}, Hand.HELPED),
        (
            {"kind": "measure:state:accept", "from_state": State.ASSIGNED, "to_state": State.IN_PROGRESS},
            Hand.ACCEPTED,
        ),
        (
            {"kind": "measure:state:hand_in", "from_state": State.IN_PROGRESS, "to_state": State.SUBMITTED},
            Hand.SUBMITTED,
        ),
        ({"kind": "measure:import:create", "to_state": State.VERIFIED}, Hand.READ_IN),
        ({"kind": "measure:import:create", "to_state": State.ASSIGNED}, None),
        ({"kind": "measure:import:update", "data": {"evidence": [None, "纪要"]}}, Hand.READ_IN),
        ({"kind": "measure:import:update", "data": {"text": ["旧", "新"]}}, None),
        ({"kind": "measure:state:pass", "from_state": State.SUBMITTED, "to_state": State.VERIFIED}, None),
        ({"kind": "measure:state:return", "from_state": State.SUBMITTED, "to_state": State.IN_PROGRESS}, None),
        ({"kind": "measure:verification:answer"}, None),
        ({"kind": "meeting:decision:record"}, None),
    ],
)
def test_hand_when_somebody_did_something_then_what_it_counts_as(told: dict[str, object], hand: Hand | None):
    found = [one for one in hands_told([Told(actor=7, on=BEGUN, **told)], NOW, TODAY) if one.whose == 7]
    assert [one.hand for one in found] == ([] if hand is None else [hand])


def test_grounds_when_several_then_ones_own_hand_before_that_of_others():
    work = build_work(
        hands=(
            Span(whose=1, hand=Hand.OWNED, first=BEGUN, last=BEGUN),
            Span(whose=2, hand=Hand.LED, first=BEGUN, last=BEGUN),
        ),
        absences=[Away(person=1, substitute=2, first_day=BEGUN, last_day=BEGUN)],
    )
    found = work.grounds()
    assert {person: (one.hand, one.side) for person, one in found.items()} == {
        1: (Hand.OWNED, Side.SELF),
        2: (Hand.LED, Side.SELF),
    }
    asking = work.grounds(ASKING_HANDS)
    assert (asking[2].side, asking[2].through) == (Side.STOOD_IN, 1), "a leader decides, but not who stood in"


def test_grounds_when_somebody_stands_in_today_for_a_former_owner_then_near_for_the_day():
    hands = (Span(whose=1, hand=Hand.OWNED, first=BEGUN, last=date(2025, 6, 2)),)
    away = Away(person=1, substitute=7, first_day=date(2025, 8, 30), last_day=TODAY)
    assert 7 in build_work(hands=hands, absences=[away], today=TODAY).grounds()
    assert 7 not in build_work(hands=hands, absences=[away], today=TODAY + timedelta(days=1)).grounds()


def test_units_when_people_and_measures_moved_then_those_of_the_days_of_the_work():
    moved = Told(kind="measure:import:update", actor=5, on=date(2025, 5, 5), changed={"unit_id": [10, 20]})
    hands = (Span(whose=1, hand=Hand.REPORTED, first=date(2025, 4, 1), last=date(2025, 4, 1)),)
    homes = {1: homes_of([(30, date(2025, 4, 10))], 40, TODAY)}
    units = units_told([replace(moved, on=BEGUN, changed=None), moved], hands, NOW, TODAY, homes)
    assert {(one.whose, one.first, one.last) for one in units} == {
        (10, BEGUN, date(2025, 5, 5)),
        (20, date(2025, 5, 5), TODAY),
        (30, date(2025, 4, 1), date(2025, 4, 1)),
    }
    formerly_of = {7: homes_of([(10, date(2025, 3, 3))], None, TODAY), 8: homes_of([(20, BEGUN)], None, TODAY)}
    work = build_work(units=units, homes=formerly_of)
    assert {unit: work.ground_of(6, unit) is not None for unit in (10, 20, 30, 40)} == {
        10: True,
        20: True,
        30: True,
        40: False,
    }
    assert work.ground_of(7, 40), "they left the unit after the work had begun"
    assert work.ground_of(8, 40) is None, "they had left before the measure came to it"


EVENTS = st.lists(
    st.builds(
        Told,
        kind=st.sampled_from(
            ["measure:progress:report", "measure:evidence:attach", "measure:state:return", "measure:state:reassign"]
        ),
        actor=st.integers(1, 5),
        on=st.dates(BEGUN, TODAY),
        changed=st.none() | st.fixed_dictionaries({"owner_id": st.tuples(st.integers(1, 5), st.integers(1, 5))}),
    ),
    max_size=8,
).map(lambda found: sorted(found, key=lambda one: one.on))


@given(EVENTS, st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7), st.dates(BEGUN, TODAY)), max_size=5))
def test_grounds_when_more_happens_then_nobody_is_ever_let_off(told: list[Told], away: list[tuple[int, int, date]]):
    absences = [
        Away(person=one, substitute=other, first_day=day, last_day=day) for one, other, day in away if one != other
    ]
    near = frozenset[int]()
    for count in range(1, len(told) + 1):
        last = next((one.changed["owner_id"][1] for one in reversed(told[:count]) if one.changed), None)
        hands = hands_told(told[:count], replace(NOW, owner=last, lead=None, since=BEGUN), told[count - 1].on)
        on = told[count - 1].on
        work = build_work(hands=hands, absences=[one for one in absences if one.first_day <= on], today=on)
        direct = {one.actor for one in told[:count] if one.kind.split(":")[1] in {"progress", "evidence"}}
        direct |= {person for one in told[:count] if one.changed for person in one.changed["owner_id"]}
        now = frozenset(person for person, one in work.grounds().items() if one.side is Side.SELF)
        assert direct <= now
        assert near <= now
        near = now

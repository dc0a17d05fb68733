"""Whoever daily runs would have told is told, whatever days the runs are missed; and nobody twice on one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.ladder import Climb, Ladder, Rung, climb, parse_ladders
from engine.rules.recipients import DOERS, Addressed, Grants, addressees, is_held, people_in, spoken, told_by_rung
from engine.rules.vocabulary import Role, Slip, WaitsFor
from tests.factories import shipped_policies
from tests.world import real_calendar

CALENDAR = real_calendar()
BOOK = parse_ladders(shipped_policies().ladder)
DUE_DATE = BOOK.ladders[WaitsFor.DUE_DATE]
DUE = date(2025, 9, 3)
GRANTED = [Role.UNIT_HEAD, Role.COORDINATOR, Role.LEADING_GROUP, Role.SUPERVISOR]


class House(NamedTuple):
    """Who is concerned, and who holds which role."""

    measure: Addressed
    grants: Grants


class Heard(NamedTuple):
    """One notice to one person."""

    day: date
    rung: int
    person: int
    role: Role


nobody_or_one = st.none() | st.integers(1, 4)
houses = st.builds(
    House,
    st.builds(
        Addressed,
        owner=nobody_or_one,
        lead=nobody_or_one,
        unit=st.just(1),
        verifier=nobody_or_one,
        approver_role=st.sampled_from([None, Role.LEADER, Role.LEADING_GROUP]),
    ),
    st.dictionaries(
        st.sampled_from([(role, 1 if role is Role.UNIT_HEAD else None) for role in GRANTED]),
        st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True).map(tuple),
    ),
)
own_ladders = st.builds(
    lambda offsets, roles, every: Ladder(
        rungs=tuple(
            Rung(offset=offset, to=to, slip=Slip.RED) for offset, to in zip(sorted(offsets), roles, strict=False)
        ),
        repeat_every=every,
        within=None,
        hold_at_most=5,
    ),
    st.sets(st.integers(-15, 15), min_size=1, max_size=5),
    st.lists(
        st.lists(st.sampled_from(sorted(Role)), min_size=1, max_size=3, unique=True).map(tuple), min_size=5, max_size=5
    ),
    st.integers(1, 12),
)
waits = st.sampled_from(WaitsFor)
cases = waits.flatmap(lambda wait: st.tuples(st.just(wait), own_ladders | st.just(BOOK.ladders[wait])))
deadlines = st.dates(date(2025, 1, 1), date(2026, 6, 30))
#: After how many days each run comes.
gaps = st.lists(st.integers(1, 60), min_size=1, max_size=8)


class Wait:
    """One wait, as the sweeps find it."""

    def __init__(self, wait: WaitsFor, ladder: Ladder, deadline: date) -> None:
        self.wait, self.ladder, self.deadline = wait, ladder, deadline
        self.rung, self.fires_on = 0, ladder.planned_on(0, deadline, CALENDAR)

    def run(self, day: date, house: House) -> list[Heard]:
        """Run on a day: return who hears."""
        if self.fires_on > day:
            return []
        result = climb(
            self.ladder,
            deadline=self.deadline,
            rung=self.rung,
            as_of=day,
            calendar=CALENDAR,
            is_held=is_held(house.measure, house.grants),
        )
        self.rung, self.fires_on = result.next_rung, result.fires_on
        said = spoken(self.ladder, self.wait, result)
        return [Heard(day, said.rung, *one) for one in addressees(said.to, *house)] if said else []

    def run_daily(self, first: date, last: date, house: House) -> list[Heard]:
        """Run on every day of a span."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [heard for day in days for heard in self.run(day, house)]


def people(heard: Iterable[Heard]) -> set[int]:
    return {one.person for one in heard}


@given(cases, deadlines, houses, gaps)
def test_runs_when_any_days_are_missed_then_the_next_one_tells_exactly_whom_daily_runs_would_have_told(
    case: tuple[WaitsFor, Ladder], deadline: date, house: House, gaps: list[int]
):
    daily, seldom = Wait(*case, deadline), Wait(*case, deadline)
    last = daily.fires_on - timedelta(days=1)
    for gap in gaps:
        first, last = last + timedelta(days=1), last + timedelta(days=gap)
        heard = seldom.run(last, house)
        assert people(heard) == people(daily.run_daily(first, last, house))
        assert len(people(heard)) == len(heard), "one notice each"
        assert seldom.run(last, house) == []


@given(cases, deadlines, houses, houses, st.integers(1, 120))
def test_runs_when_roles_change_hands_meanwhile_then_whoever_still_stands_in_theirs_is_told(
    case: tuple[WaitsFor, Ladder], deadline: date, before: House, after: House, outage: int
):
    daily, seldom = Wait(*case, deadline), Wait(*case, deadline)
    first = daily.fires_on
    last = first + timedelta(days=outage)
    heard = [*daily.run_daily(first, last - timedelta(days=1), before), *daily.run(last, after)]
    owed = [
        one for one in heard if daily.ladder.planned_on(one.rung, deadline, CALENDAR) <= last
    ]  # else: climbed early
    still = {one.person for one in owed if one.person in people_in(one.role, *after)}
    assert still <= people(seldom.run(last, after))


@given(cases, deadlines, houses, st.integers(0, 200))
def test_repeat_when_a_wait_is_overdue_then_whoever_is_waited_for_hears_it_first(
    case: tuple[WaitsFor, Ladder], deadline: date, house: House, days: int
):
    wait = Wait(*case, deadline)
    doers = people_in(DOERS[wait.wait], *house)
    for heard in (wait.run(deadline + timedelta(days=number), house) for number in range(days)):
        numbers = {one.rung for one in heard}
        if any(wait.ladder.is_late_repeat(number) for number in numbers):
            assert tuple(one.person for one in heard[: len(doers)]) == doers


def settled(*, rung: int | None, superseded: tuple[int, ...] = (), empty: tuple[int, ...] = ()) -> Climb:
    return Climb(rung=rung, superseded=superseded, empty=empty, next_rung=9, fires_on=date(2025, 12, 31))


def test_spoken_when_the_leading_group_hears_after_an_outage_then_so_does_everybody_below_the_owner_first():
    said = spoken(DUE_DATE, WaitsFor.DUE_DATE, settled(rung=5, superseded=(1, 2, 3, 4)))
    assert said is not None
    assert (said.rung, said.slip) == (5, Slip.GROUP)
    assert said.to == (Role.OWNER, Role.LEADING_GROUP, Role.COORDINATOR, Role.LEADER, Role.UNIT_HEAD)


def test_spoken_when_one_rung_is_climbed_on_its_day_then_to_those_it_names_and_repeats_to_the_owner_as_well():
    told = {number: spoken(DUE_DATE, WaitsFor.DUE_DATE, settled(rung=number)) for number in (4, 5, 6)}
    assert {number: said.to for number, said in told.items() if said} == {
        4: (Role.LEADER,),
        5: (Role.LEADING_GROUP, Role.COORDINATOR),
        6: (Role.OWNER, Role.LEADING_GROUP, Role.COORDINATOR),
    }
    assert all(
        set(told_by_rung(DUE_DATE, WaitsFor.DUE_DATE, number)) == set(said.to) for number, said in told.items() if said
    )


def test_spoken_when_nobody_holds_the_last_rung_then_its_repeats_still_ask_who_is_waited_for():
    first, repeat = settled(rung=None, empty=(5,)), settled(rung=None, empty=(6, 7))
    assert spoken(DUE_DATE, WaitsFor.DUE_DATE, first) is None
    said = spoken(DUE_DATE, WaitsFor.DUE_DATE, repeat)
    assert said == (7, Slip.RED, (Role.OWNER,)), "nothing is put before a group that is empty"


def test_spoken_when_a_ladder_ends_before_its_deadline_then_only_repeats_after_it_are_told_to_the_owner():
    early = replace(DUE_DATE, rungs=(Rung(offset=-5, to=(Role.LEADER,), slip=Slip.BLUE),), repeat_every=5)
    assert [told_by_rung(early, WaitsFor.DUE_DATE, number) for number in range(3)] == [
        (Role.LEADER,),
        (Role.LEADER,),
        (Role.OWNER, Role.LEADER),
    ]

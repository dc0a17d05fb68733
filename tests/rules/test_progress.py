"""Findings are done when their measures are; every figure is counted once, whatever the tree."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.progress import (
    OWED,
    SETTLED,
    FindingNode,
    Standing,
    Standings,
    change,
    days_late,
    done_findings,
    figures,
    is_late,
    is_overdue,
    latest_overdue,
)
from engine.rules.vocabulary import OPEN_STATES, Level, State
from tests.world import real_calendar

CALENDAR = real_calendar()
AS_OF = date(2025, 9, 10)
CLOSED, CANCELLED, OPEN = State.CLOSED, State.CANCELLED, State.IN_PROGRESS

days = st.dates(date(2024, 6, 1), date(2026, 6, 30))


def build_finding(number: int, parent: int | None = None, level: Level = Level.ITEM) -> FindingNode:
    return FindingNode(id=number, parent=parent, level=level)


def build_measure(finding: int, state: State = OPEN) -> Standing:
    return Standing(finding=finding, unit=None, state=state, has_owner=True, is_overdue=False)


#: One aspect, one problem, two items.
TREE = (
    build_finding(1, None, Level.ASPECT),
    build_finding(2, 1, Level.PROBLEM),
    build_finding(3, 2),
    build_finding(4, 2),
)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[list[FindingNode], Standings]:
    """Draw a tree of aspects, problems and items, with measures below any of them."""
    levels = list(Level)
    findings = [build_finding(1, None, Level.ASPECT)]
    for number in range(2, draw(st.integers(1, 12)) + 1):
        above = draw(st.sampled_from([None, *(one for one in findings if one.level is not Level.ITEM)]))
        level = Level.ASPECT if above is None else levels[levels.index(above.level) + 1]
        findings.append(build_finding(number, above.id if above else None, level))
    measure = st.builds(
        Standing,
        finding=st.sampled_from([finding.id for finding in findings]),
        unit=st.none() | st.integers(1, 3),
        state=st.sampled_from([*State, State.CLOSED, State.CLOSED]),
        has_owner=st.booleans(),
        is_overdue=st.booleans(),
    ).filter(lambda one: one.state in OWED or not one.is_overdue)
    return findings, Counter(draw(st.lists(measure, max_size=30)))


def below(finding: int, findings: list[FindingNode]) -> set[int]:
    """Return a finding with everything under it."""
    found = {finding}
    for one in findings:  # parents stand before their children
        if one.parent in found:
            found.add(one.id)
    return found


@pytest.mark.parametrize(
    ("states", "is_done"),
    [
        ([CLOSED], True),
        ([CLOSED, CLOSED], True),
        ([CLOSED, CANCELLED], True),
        ([CANCELLED, CANCELLED], False),  # nothing was put right
        ([CLOSED, State.VERIFIED], False),
        ([CLOSED, OPEN], False),
        ([], False),
    ],
)
def test_item_when_its_measures_stand_so_then_it_is_done_or_not(states: list[State], *, is_done: bool):
    assert (3 in done_findings(TREE, [build_measure(3, state) for state in states])) is is_done


def test_problem_when_one_of_its_items_is_open_then_not_done():
    closed = [build_measure(3, CLOSED), build_measure(4, OPEN)]
    assert done_findings(TREE, closed) == {3}
    assert done_findings(TREE, [build_measure(3, CLOSED), build_measure(4, CLOSED)]) == {1, 2, 3, 4}


def test_problem_when_nothing_is_planned_for_one_of_its_items_then_not_done():
    assert done_findings(TREE, [build_measure(3, CLOSED)]) == {3}


def test_problem_when_all_measures_of_one_item_are_cancelled_then_the_rest_decides():
    measures = [build_measure(3, CLOSED), build_measure(4, CANCELLED)]
    assert done_findings(TREE, measures) == {1, 2, 3}


@given(rounds())
def test_finding_when_it_is_done_then_everything_below_is_settled_and_the_other_way_round(
    drawn: tuple[list[FindingNode], Standings],
):
    findings, measures = drawn
    done = done_findings(findings, measures)
    for finding in findings:
        nodes = below(finding.id, findings)
        states = [one.state for one in measures if one.finding in nodes]
        planned = all(any(one.finding in below(node, findings) for one in measures) for node in nodes)
        assert (finding.id in done) == (planned and CLOSED in states and set(states) <= SETTLED)


@given(rounds())
def test_figures_when_counted_then_nothing_is_lost_and_nothing_twice(drawn: tuple[list[FindingNode], Standings]):
    findings, measures = drawn
    counted = asdict(figures(findings, measures))
    assert sum(counted[state.value] for state in State) == counted["measures"] == sum(measures.values())
    assert counted["aspects"] + counted["problems"] + counted["items"] == len(findings)
    assert counted["items_done"] <= counted["items"]
    assert counted["problems_done"] <= counted["problems"]
    assert counted["to_be_assigned"] <= counted["assigned"]
    assert counted["overdue"] <= counted["assigned"] + counted["in_progress"]


@given(rounds())
def test_figures_when_a_measure_is_closed_then_no_finding_becomes_undone(drawn: tuple[list[FindingNode], Standings]):
    findings, measures = drawn
    before = figures(findings, measures)
    nearer = Counter(dict(measures))
    for one in list(measures)[:1]:
        nearer -= Counter([one])
        nearer[one._replace(state=CLOSED, is_overdue=False)] += 1
    after = figures(findings, nearer)
    assert done_findings(findings, measures) <= done_findings(findings, nearer)
    assert (after.overdue, before.closed) <= (before.overdue, after.closed)


@given(st.sampled_from(State), days, days)
def test_overdue_when_asked_then_only_owed_work_after_the_due_dates_working_day(state: State, due: date, as_of: date):
    overdue = is_overdue(state, due, as_of, CALENDAR)
    assert overdue == (state in OWED and as_of > CALENDAR.on_or_after(due))
    assert not is_overdue(state, None, as_of, CALENDAR)
    assert is_late(state, due, latest_overdue(as_of, CALENDAR)) == overdue
    assert not is_late(state, None, latest_overdue(as_of, CALENDAR))
    if overdue:
        assert is_overdue(state, due, as_of + timedelta(days=1), CALENDAR), "it does not pass by waiting"


def test_overdue_when_the_due_date_is_a_day_off_then_from_the_day_after_the_next_working_day():
    sunday, thursday, friday = date(2025, 10, 5), date(2025, 10, 9), date(2025, 10, 10)
    assert not is_overdue(OPEN, sunday, thursday, CALENDAR)
    assert is_overdue(OPEN, sunday, friday, CALENDAR)
    assert [days_late(sunday, day, CALENDAR) for day in (date(2025, 9, 30), thursday, friday)] == [0, 0, 1]
    assert days_late(None, friday, CALENDAR) == 0


def test_overdue_when_only_days_off_have_passed_then_overdue_by_no_working_day_yet():
    friday, saturday = date(2025, 9, 5), date(2025, 9, 6)
    assert is_overdue(OPEN, friday, saturday, CALENDAR)
    assert days_late(friday, saturday, CALENDAR) == 0


def test_states_when_sorted_then_owed_and_settled_share_nothing():
    assert not OWED & SETTLED
    assert OWED < OPEN_STATES
    assert set(State) == OPEN_STATES | SETTLED


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (None, {}),
        ({}, {}),
        ({"closed": 3, "overdue": 2}, {"closed": 4, "overdue": -2}),
        ({"closed": 3}, {"closed": 4}),  # a figure that the month before did not know
    ],
)
def test_change_when_there_is_a_month_before_then_the_difference(before: dict[str, int] | None, told: dict[str, int]):
    assert change({"closed": 7, "overdue": 0}, before) == told


def test_latest_overdue_when_the_calendar_begins_later_then_nothing_is():
    assert latest_overdue(CALENDAR.working[0], CALENDAR) == date.min
    assert latest_overdue(date(2001, 1, 1), CALENDAR) == date.min

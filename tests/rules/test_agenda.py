"""The agenda's promises: nothing that needs the group is left out, nothing stands twice, the order is the leaders'."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.agenda import DecisionFacts, Line, MeasureFacts, Section, select_agenda
from engine.rules.progress import is_overdue
from engine.rules.text import pack, unpack
from engine.rules.vocabulary import OPEN_STATES, Role, Slip, State, WaitsFor
from tests.world import real_calendar

CALENDAR = real_calendar()
AS_OF, NEXT = date(2025, 9, 10), date(2025, 10, 10)
LATE = date(2025, 9, 3)  #: five working days before the cut-off
ASSIGNED, IN_PROGRESS, SUBMITTED, VERIFIED = State.ASSIGNED, State.IN_PROGRESS, State.SUBMITTED, State.VERIFIED
GROUP = Role.LEADING_GROUP


def build_facts(number: int = 1, **overrides: object) -> MeasureFacts:
    plain = {
        "id": number,
        "code": f"1-{number:02}",
        "position": number,
        "text": "完善制度",
        "unit": "一处",
        "leader": "钱副局长",
        "owner": "王经办",
        "state": IN_PROGRESS,
        "due": date(2025, 12, 31),
        "rung": -1,
        "slip": None,
        "reason": "招标流标",
        "extension_to": None,
        "extension_reason": None,
        "extension_by": None,
        "raised": frozenset(),
        "is_stuck": False,
    }
    return MeasureFacts(**plain | overrides)


def build_decision(number: int = 1, **overrides: object) -> DecisionFacts:
    plain = {
        "held_on": date(2025, 8, 12),
        "number": number,
        "text": "限期办结",
        "kind": "task",
        "measure": 7,
        "code": "1-07",
        "unit": "一处",
        "leader": "钱副局长",
        "owner": "王经办",
        "due": None,
        "state": IN_PROGRESS,
        "reason": None,
    }
    return DecisionFacts(**plain | overrides)


def asked(by: Role = GROUP) -> dict[str, object]:
    return {"extension_to": date(2025, 10, 31), "extension_reason": "重新招标", "extension_by": by}


def agenda(*measures: MeasureFacts, decisions: tuple[DecisionFacts, ...] = ()) -> tuple[Line, ...]:
    return select_agenda(measures, decisions, as_of=AS_OF, next_meeting_on=NEXT, calendar=CALENDAR)


dues = st.none() | st.dates(AS_OF - timedelta(days=60), AS_OF + timedelta(days=90))
words = st.none() | st.text(max_size=5)
requests = st.sampled_from([{}, asked(Role.LEADER), asked(GROUP)])


@st.composite
def ledgers(draw: st.DrawFn) -> list[MeasureFacts]:
    """Draw open measures of every kind; positions are unique, as in a ledger."""
    numbers = draw(st.lists(st.integers(1, 99), unique=True, max_size=15))
    return [
        build_facts(
            number,
            state=draw(st.sampled_from(sorted(OPEN_STATES))),
            owner=draw(st.sampled_from([None, "王经办", "孙经办"])),
            due=draw(dues),
            rung=draw(st.integers(-1, 8)),
            slip=draw(st.none() | st.sampled_from(Slip)),
            reason=draw(words),
            raised=draw(st.frozensets(st.sampled_from(WaitsFor), max_size=2)),
            is_stuck=draw(st.booleans()),
            **draw(requests),
        )
        for number in numbers
    ]


decided = st.builds(
    build_decision,
    st.integers(1, 9),
    held_on=st.sampled_from([date(2025, 7, 10), date(2025, 8, 12)]),
    kind=st.sampled_from(["close", "extend", "refuse_extension", "reassign", "cancel", "merge", "accept_risk", "task"]),
    state=st.none() | st.sampled_from(State),
    due=dues,
    reason=words,
)
decisions_made = st.lists(decided, unique_by=lambda one: (one.held_on, one.number), max_size=10).map(tuple)


def is_asked_of_group(facts: MeasureFacts) -> bool:
    return facts.extension_by is GROUP or WaitsFor.EXTENSION in facts.raised


def needs_the_group(facts: MeasureFacts) -> bool:
    """Say in other words than the rule what may not be left out."""
    return (
        is_overdue(facts.state, facts.due, AS_OF, CALENDAR)
        or facts.state is VERIFIED
        or is_asked_of_group(facts)
        or (facts.owner is None and facts.state in {ASSIGNED, IN_PROGRESS})
        or bool(facts.raised)
        or facts.is_stuck
        or (facts.state in {ASSIGNED, IN_PROGRESS} and facts.due is not None and facts.due < NEXT)
    )


@pytest.mark.parametrize(
    ("overrides", "section"),
    [
        ({}, None),
        ({"due": None}, None),
        ({"due": NEXT}, None),
        ({"due": NEXT - timedelta(days=1)}, Section.DUE_SOON),
        ({"due": AS_OF}, Section.DUE_SOON),
        ({"due": AS_OF, "state": ASSIGNED}, Section.DUE_SOON),
        ({"due": AS_OF, "state": SUBMITTED}, None),
        ({"due": LATE, "state": SUBMITTED}, None),
        ({"due": LATE}, Section.ESCALATED),
        ({"due": LATE, "state": ASSIGNED}, Section.ESCALATED),
        ({"due": LATE, "is_stuck": True}, Section.ESCALATED),
        ({"due": LATE, "owner": None, "state": ASSIGNED}, Section.UNASSIGNED),
        ({"due": LATE, **asked(Role.LEADER)}, Section.ESCALATED),
        ({"due": LATE, **asked(GROUP)}, Section.EXTENSIONS),
        ({"due": AS_OF, **asked(GROUP)}, Section.EXTENSIONS),
        (asked(Role.LEADER), None),
        ({**asked(Role.LEADER), "raised": frozenset({WaitsFor.EXTENSION})}, Section.EXTENSIONS),
        ({"state": SUBMITTED, "raised": frozenset({WaitsFor.VERIFICATION})}, Section.ESCALATED),
        ({"owner": None, "state": ASSIGNED}, Section.UNASSIGNED),
        ({"owner": None, "state": ASSIGNED, "due": AS_OF}, Section.UNASSIGNED),
        ({"owner": None, "state": ASSIGNED, "raised": frozenset({WaitsFor.ASSIGNMENT})}, Section.UNASSIGNED),
        ({"state": VERIFIED}, Section.CLOSE_OUT),
        ({"state": VERIFIED, "due": LATE, "is_stuck": True}, Section.CLOSE_OUT),
        ({"state": VERIFIED, "raised": frozenset({WaitsFor.CLOSE_OUT})}, Section.CLOSE_OUT),
        ({"is_stuck": True}, Section.OTHER),
    ],
)
def test_measure_when_it_stands_so_then_it_is_in_its_section_or_in_none(
    overrides: dict[str, object], section: Section | None
):
    assert [line.section for line in agenda(build_facts(**overrides))] == ([section] if section else [])


def test_measure_when_its_due_date_is_a_day_off_then_escalated_after_the_next_working_day():
    facts = [build_facts(due=date(2025, 10, 5))]
    sections = [
        [line.section for line in select_agenda(facts, (), as_of=day, next_meeting_on=NEXT, calendar=CALENDAR)]
        for day in (date(2025, 10, 9), date(2025, 10, 10))
    ]
    assert sections == [[Section.DUE_SOON], [Section.ESCALATED]]


@given(ledgers())
def test_agenda_when_selected_then_whatever_needs_the_group_stands_once_and_nothing_else(measures: list[MeasureFacts]):
    lines = agenda(*measures)
    assert Counter(line.measure for line in lines) == Counter(one.id for one in measures if needs_the_group(one))


@given(ledgers())
def test_agenda_when_selected_then_every_line_is_in_the_right_section(measures: list[MeasureFacts]):
    by_id = {one.id: one for one in measures}
    for line in agenda(*measures):
        facts = by_id[line.measure]
        late = is_overdue(facts.state, facts.due, AS_OF, CALENDAR)
        expected = {
            Section.ESCALATED: (late or facts.raised) and not is_asked_of_group(facts),
            Section.DUE_SOON: facts.owner and facts.due is not None and facts.due < NEXT and not late,
            Section.CLOSE_OUT: facts.state is VERIFIED,
            Section.EXTENSIONS: is_asked_of_group(facts) and facts.state is not VERIFIED,
            Section.UNASSIGNED: facts.owner is None,
            Section.OTHER: facts.is_stuck and not late and not facts.raised,
        }
        assert expected[line.section], line
        assert line.lateness == (CALENDAR.between(facts.due, AS_OF) if late else 0)
        assert (line.slip is None) or line.section is Section.ESCALATED


@given(ledgers(), decisions_made, st.randoms())
def test_agenda_when_read_in_another_order_then_the_same(
    measures: list[MeasureFacts], decisions: tuple[DecisionFacts, ...], random: object
):
    mixed, mixed_decisions = list(measures), list(decisions)
    random.shuffle(mixed)
    random.shuffle(mixed_decisions)
    assert agenda(*mixed, decisions=tuple(mixed_decisions)) == agenda(*measures, decisions=decisions)


@given(ledgers(), decisions_made)
def test_agenda_when_selected_then_the_sections_follow_in_order_and_each_is_sorted(
    measures: list[MeasureFacts], decisions: tuple[DecisionFacts, ...]
):
    lines, by_id = agenda(*measures, decisions=decisions), {one.id: one for one in measures}
    order = list(Section)
    assert [order.index(line.section) for line in lines] == sorted(order.index(line.section) for line in lines)
    for section, group in groupby(lines, key=lambda line: line.section):
        if section is Section.LAST_DECISIONS:
            continue
        rows = [(by_id[line.measure], line) for line in group]
        keys = {
            Section.ESCALATED: lambda one, line: (not one.raised, -one.rung, -line.lateness, one.position),
            Section.DUE_SOON: lambda one, _line: (one.due, one.position),
        }
        sorting = [keys.get(section, lambda one, _line: one.position)(*row) for row in rows]
        assert sorting == sorted(sorting)


@given(ledgers(), decisions_made)
def test_agenda_when_frozen_then_every_sentence_comes_back_from_plain_json(
    measures: list[MeasureFacts], decisions: tuple[DecisionFacts, ...]
):
    for line in agenda(*measures, decisions=decisions):
        plain = json.loads(json.dumps([pack(line.text), pack(line.ask)]))
        assert [str(unpack(one)) for one in plain] == [str(line.text), str(line.ask)]


def test_measures_when_of_equal_rank_then_they_keep_the_order_of_the_ledger():
    alike = [build_facts(number, due=LATE, rung=4, position=1) for number in (3, 1, 2)]
    assert [line.measure for line in agenda(*alike)] == [3, 1, 2], "nothing is reshuffled"
    assert [line.measure for line in agenda(*(replace(one, position=one.id) for one in alike))] == [1, 2, 3]


def test_escalated_when_of_different_rungs_then_the_higher_first_and_of_one_rung_the_later():
    raised = frozenset({WaitsFor.DUE_DATE})
    measures = [
        build_facts(1, due=date(2025, 9, 8), rung=3),
        build_facts(2, due=LATE, rung=4),
        build_facts(3, due=date(2025, 8, 20), rung=5, raised=raised),
        build_facts(4, due=date(2025, 9, 1), rung=4),
        build_facts(5, due=LATE, rung=-1),  # read in when it was late already; no sweep has seen it yet
    ]
    assert [(line.measure, line.lateness) for line in agenda(*measures)] == [(3, 15), (4, 7), (2, 5), (1, 2), (5, 5)]


@pytest.mark.parametrize(
    ("overrides", "ask", "reason", "slip"),
    [
        (
            {"due": date(2025, 8, 27), "rung": 4, "slip": Slip.RED},
            "hear the reason; decide: urge, reassign, extend, or accept the risk",  # ten working days
            "招标流标",
            Slip.RED,
        ),
        (
            {"due": date(2025, 8, 28), "rung": 4, "slip": Slip.RED},
            "the responsible leader explains and names a day",
            "招标流标",
            Slip.RED,
        ),
        (
            {"due": LATE, "raised": frozenset({WaitsFor.DUE_DATE}), "slip": Slip.GROUP},
            "hear the reason; decide: urge, reassign, extend, or accept the risk",
            "招标流标",
            Slip.GROUP,
        ),
        (
            {"state": SUBMITTED, "raised": frozenset({WaitsFor.VERIFICATION})},
            "hear the reason; decide: urge, reassign, extend, or accept the risk",
            "招标流标",
            Slip.GROUP,
        ),
        ({"due": LATE, "reason": None}, "the responsible leader explains and names a day", None, None),
        ({"due": AS_OF, "slip": Slip.YELLOW}, "take note; the responsible leader sees to it", "招标流标", None),
        ({"state": VERIFIED}, "decide on close-out", "招标流标", None),
        (asked(), "decide on the extension to 2025-10-31", "重新招标", None),
        ({"owner": None}, "name a responsible unit and an owner", "招标流标", None),
        ({"is_stuck": True}, "the coordinator mends the deadline and reports", "招标流标", None),
    ],
)
def test_line_when_it_stands_in_a_section_then_it_asks_what_that_section_asks(
    overrides: dict[str, object], ask: str, reason: str | None, slip: Slip | None
):
    (line,) = agenda(build_facts(**overrides))
    assert (str(line.ask), line.reason, line.slip) == (ask, reason, slip)
    assert (line.code, line.text, line.unit, line.leader) == ("1-01", "完善制度", "一处", "钱副局长")


@pytest.mark.parametrize(
    ("overrides", "ask", "lateness"),
    [
        ({"state": State.CLOSED}, "done: closed", 0),
        ({"kind": "cancel", "state": State.CANCELLED, "due": LATE}, "done: cancelled", 0),
        ({"kind": "close", "state": IN_PROGRESS}, "under way: in progress", 0),  # it rebounded meanwhile
        ({"due": AS_OF}, "under way: in progress", 0),
        ({"due": LATE}, "5 working days past its date; hear the owner", 5),
        ({"due": LATE, "state": SUBMITTED}, "under way: submitted", 0),  # handed in: no longer the owner's
        ({"due": LATE, "state": None, "measure": None}, "5 working days past its date; hear the owner", 5),
        ({"state": None, "measure": None}, "hear the owner", 0),
        ({"due": LATE, "state": None, "done_on": AS_OF}, f"done on {AS_OF}", 0),
    ],
)
def test_decision_when_the_next_meeting_comes_then_it_heads_the_agenda_with_what_became_of_it(
    overrides: dict[str, object], ask: str, lateness: int
):
    first, *_rest = agenda(build_facts(due=LATE), decisions=(build_decision(**overrides),))
    assert (first.section, str(first.ask), first.lateness) == (Section.LAST_DECISIONS, ask, lateness)
    assert (first.text, first.owner) == ("限期办结", "王经办")


@given(decisions_made)
def test_decisions_when_carried_on_then_each_is_told_once_and_the_closed_ones_in_one_line(
    decisions: tuple[DecisionFacts, ...],
):
    lines = agenda(decisions=decisions)
    closed = [one for one in decisions if (one.kind, one.state) == ("close", State.CLOSED)]
    others = sorted((one for one in decisions if one not in closed), key=lambda one: (one.held_on, one.number))
    if closed:
        first, *lines = lines
        assert (str(first.text), str(first.ask)) == (f"{len(closed)} measures were to be closed out", "done: closed")
    assert [line.text for line in lines] == [one.text for one in others]
    assert [line.deadline for line in lines] == [one.due for one in others]

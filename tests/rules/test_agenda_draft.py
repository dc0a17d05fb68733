"""A draft laid over the selection: nothing is lost or twice, sections keep their order, and hands are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.agenda import Line, Section, subject_of
from engine.rules.agenda_draft import Added, Draft, Laid, LeftOut, Way, dropped, lay_draft, moved
from engine.rules.text import N_


def line(section: Section, measure: int) -> Line:
    return Line(
        section=section,
        subject=subject_of(measure),
        measure=measure,
        code=str(measure),
        text="事项",
        unit=None,
        leader=None,
        owner=None,
        deadline=None,
        lateness=0,
        slip=None,
        reason=None,
        ask=N_("decide on close-out"),
    )


def off(key: str) -> LeftOut:
    return LeftOut(key=key, code=None, text="事项", measure=None, reason="不议", by="林联络", is_deferred=False)


agendas = st.lists(
    st.tuples(st.sampled_from(Section), st.integers(1, 9)), unique_by=lambda one: one[1], max_size=9
).map(lambda pairs: [line(*pair) for pair in sorted(pairs, key=lambda one: list(Section).index(one[0]))])
KEYS = st.sampled_from([subject_of(number) for number in range(1, 12)])
topics = st.uuids().map(lambda key: Added(key=str(key), text="通报"))
measures = st.integers(1, 11).map(lambda number: Added(key=subject_of(number), text="事项", measure=number))
drafts = st.builds(
    Draft,
    order=st.lists(KEYS, max_size=12).map(tuple),
    removed=st.lists(KEYS, max_size=4).map(lambda keys: {key: off(key) for key in keys}),
    added=st.lists(st.one_of(topics, measures), unique_by=lambda one: one.key, max_size=4).map(tuple),
)
OWN_LINES = {number: line(Section.OTHER, number) for number in range(1, 12)}


def lay(lines: list[Line], draft: Draft) -> Laid:
    return lay_draft(lines, draft, OWN_LINES)


@given(agendas, drafts)
def test_draft_whatever_it_says_loses_nothing_and_doubles_nothing(lines: list[Line], draft: Draft):
    laid = lay(lines, draft)
    everything = {one.subject for one in lines} | {one.key for one in draft.added}
    assert sorted(one.subject for one in laid.lines) == sorted(everything - draft.removed.keys())
    assert {one.key for one in laid.left_out} == everything & draft.removed.keys()
    places = [list(Section).index(one.section) for one in laid.lines]
    assert places == sorted(places)
    assert {one.subject for one in laid.lines if one.hand} == {one.key for one in draft.added} - draft.removed.keys()


@given(agendas, drafts, st.data())
def test_line_when_moved_there_and_back_stands_where_it_stood(lines: list[Line], draft: Draft, data: st.DataObject):
    shown = lay(lines, draft).lines
    if not shown:
        return
    key = data.draw(st.sampled_from([one.subject for one in shown]))
    way = data.draw(st.sampled_from([Way.UP, Way.DOWN]))
    order = moved(shown, key, way)
    changed = lay(lines, replace(draft, order=order)).lines
    assert [one.subject for one in changed] == list(order)
    if order != tuple(one.subject for one in shown):
        back = moved(changed, key, Way.DOWN if way is Way.UP else Way.UP)
        assert back == tuple(one.subject for one in shown)


@given(agendas, drafts, st.data())
def test_line_when_dropped_stands_before_the_other_and_the_rest_as_it_stood(
    lines: list[Line], draft: Draft, data: st.DataObject
):
    shown = lay(lines, draft).lines
    if not shown:
        return
    taken = data.draw(st.sampled_from(shown))
    others = [one.subject for one in shown if one.section is taken.section and one is not taken]
    before = data.draw(st.sampled_from([*others, None]))
    order = dropped(shown, taken.subject, before=before)
    changed = lay(lines, replace(draft, order=order)).lines
    section = [one.subject for one in changed if one.section is taken.section]
    assert section[section.index(taken.subject) + 1 :][:1] == ([before] if before else [])
    assert [one for one in section if one != taken.subject] == others


def test_line_when_taken_to_the_top_is_first_of_its_section_and_the_order_is_told():
    lines = [line(Section.DUE_SOON, 1), *(line(Section.OTHER, number) for number in (2, 3, 4))]
    assert lay(lines, Draft()).ordered == frozenset()
    order = moved(lines, subject_of(4), Way.TOP)
    laid = lay(lines, Draft(order=order))
    assert [one.measure for one in laid.lines] == [1, 4, 2, 3]
    assert laid.ordered == {Section.OTHER}


@pytest.mark.parametrize(("key", "before"), [("gone", None), ("measure:2", "measure:1"), ("measure:2", "measure:2")])
def test_line_when_it_or_its_neighbour_is_not_in_the_section_then_nothing_moves(key: str, before: str | None):
    lines = [line(Section.DUE_SOON, 1), line(Section.OTHER, 2), line(Section.OTHER, 3)]
    assert dropped(lines, key, before=before) == ("measure:1", "measure:2", "measure:3")


def test_measure_when_it_comes_to_stand_in_another_section_stays_left_out():
    draft = Draft(removed={subject_of(1): off(subject_of(1))})
    for section in (Section.DUE_SOON, Section.ESCALATED):
        laid = lay([line(section, 1)], draft)
        assert (laid.lines, [one.reason for one in laid.left_out]) == ((), ["不议"])
    assert lay([], draft).left_out == (), "the rule does not select it any more"


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ({"by": "林联络"}, "added by 林联络"),
        ({"by": "林联络", "note": "群众反映"}, "added by 林联络: 群众反映"),
        ({"carried_from": date(2025, 9, 10)}, "carried over from the meeting of 2025-09-10"),
        ({"carried_from": date(2025, 9, 10), "note": "暂缓"}, "carried over from the meeting of 2025-09-10: 暂缓"),
    ],
)
def test_measure_when_added_by_hand_says_so_wherever_it_stands(added: dict[str, object], told: str):
    draft = Draft(added=(Added(key=subject_of(1), text="事项", measure=1, **added),))  # type: ignore[arg-type]
    for lines, section in (([line(Section.ESCALATED, 1)], Section.ESCALATED), ([], Section.OTHER)):
        (shown,) = lay(lines, draft).lines
        assert (shown.section, str(shown.hand)) == (section, told)

"""A draft laid over the selection: nothing is lost or twice, sections keep their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.agenda import Line, Section
from engine.rules.agenda_draft import Added, Draft, key_of, lay_draft, moved
from engine.rules.text import N_


def line(section: Section, measure: int | None, text: str = "事项") -> Line:
    return Line(
        section=section,
        measure=measure,
        code=None if measure is None else str(measure),
        text=text,
        unit=None,
        leader=None,
        owner=None,
        deadline=None,
        lateness=0,
        slip=None,
        reason=None,
        ask=N_("decide on close-out"),
    )


agendas = st.lists(
    st.tuples(st.sampled_from(Section), st.integers(1, 9)), unique_by=lambda one: one[1], max_size=9
).map(lambda pairs: [line(*pair) for pair in sorted(pairs, key=lambda one: list(Section).index(one[0]))])
KEYS = st.sampled_from([f"{section.value}:{number}" for section in Section for number in range(1, 10)])
drafts = st.builds(
    Draft,
    order=st.lists(KEYS, max_size=12).map(tuple),
    removed=st.dictionaries(KEYS, st.just("不议"), max_size=4),
    added=st.lists(
        st.builds(Added, key=st.uuids().map(str), text=st.just("通报"), presenter=st.none(), minutes=st.none()),
        max_size=3,
    ).map(tuple),
)


@given(agendas, drafts)
def test_draft_whatever_it_says_loses_nothing_and_doubles_nothing(lines: list[Line], draft: Draft):
    shown = lay_draft(lines, draft)
    expected = {key_of(one) for one in lines if key_of(one) not in draft.removed} | {one.key for one in draft.added}
    assert sorted(key for key, _ in shown) == sorted(expected)
    places = [list(Section).index(one.section) for _, one in shown]
    assert places == sorted(places)


@given(agendas, drafts, st.data(), st.booleans())
def test_line_when_moved_there_and_back_stands_where_it_stood(
    lines: list[Line],
    draft: Draft,
    data: st.DataObject,
    up: bool,  # noqa: FBT001
):
    shown = lay_draft(lines, draft)
    if not shown:
        return
    key = data.draw(st.sampled_from([key for key, _ in shown]))
    order = moved(shown, key, up=up)
    assert sorted(order) == sorted(key for key, _ in shown)
    changed = lay_draft(lines, Draft(order=order, removed=draft.removed, added=draft.added))
    assert [one for one, _ in changed] == list(order)
    if order != tuple(one for one, _ in shown):
        assert moved(changed, key, up=not up) == tuple(one for one, _ in shown)


def test_line_that_is_not_there_moves_nothing():
    shown = lay_draft([line(Section.OTHER, 1)], Draft())
    assert moved(shown, "gone", up=True) == ("other:1",)

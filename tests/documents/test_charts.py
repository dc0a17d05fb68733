"""Whatever is drawn is well-formed, escaped, within its bounds, and tells the figures that it was given."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from documents.charts.axis import ticks
from documents.charts.bars import Bar, Bars, Part, draw_bars
from documents.charts.burn_up import BurnUp, draw_burn_up
from documents.charts.lamps import Lamps, draw_lamps
from documents.charts.lifecycle_graph import Arrow, LifecycleGraph, draw_lifecycle, main_line
from documents.charts.paint import STATE_PAINTS
from documents.charts.sparkline import Sparkline, draw_sparkline
from documents.charts.svg import number, tag
from documents.charts.text_width import shortened, width_of, wrapped
from documents.charts.trend import Trend, draw_trend
from documents.policy_charts import PolicyCharts
from engine.rules.ladder import Ladder, Rung, parse_ladders
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.lights import Light
from engine.rules.vocabulary import Role, Slip, State, WaitsFor
from engine.rules.working_days import DayRow
from i18n import LANGUAGES
from intake.calendar.official_calendar import official_days
from tests.documents.drawings import NAMESPACE, check, writings
from tests.factories import shipped_policies

NASTY = '<script>alert("x")</script> & \'"{% if %}\x00\ud800 市水务局党委（组织人事处、离退休干部处合署办公）'
NAMES = st.text(max_size=60) | st.just(NASTY)
COUNTS = st.integers(0, 1_000_000)
FIRST = date(2025, 3, 3)
PARTS = tuple(Part(paint=paint, name=state.value) for state, paint in STATE_PAINTS.items())
HEAD = {"name": "chart", "title": NASTY, "told": NASTY}
TITLES = st.fixed_dictionaries({"name": st.just("chart"), "title": NAMES, "told": NAMES})


def bars_of(*bars: Bar, **overrides: object) -> Bars:
    plain = {"name": "bars", "title": "t", "told": "d", "parts": PARTS, "late_name": "逾期"} | overrides
    return Bars(bars=bars, **plain)  # type: ignore[arg-type]


@given(
    head=TITLES,
    bars=st.lists(
        st.builds(
            Bar,
            label=NAMES,
            counts=st.tuples(*[COUNTS] * len(PARTS)),
            note=st.just("142/160 · 89%"),
            late=st.integers(0, 999),
        ),
        max_size=6,
    ),
    width=st.sampled_from((520, 760)),
)
def test_bars_when_drawn_from_anything_are_whole(head: dict[str, str], bars: list[Bar], width: int):
    tree = check(draw_bars(bars_of(*bars, **head, width=width)))
    told = Counter(re.findall(r" (\d+)$", "\n".join(tree.xpath("//*[local-name()='rect']/*/text()")), re.MULTILINE))
    assert told == Counter(str(count) for bar in bars for count in bar.counts if count), "each part tells its figure"


def test_bars_when_drawn_are_as_long_as_their_counts():
    tree = check(draw_bars(bars_of(Bar(label="一处", counts=(0, 1, 0, 0, 3, 0), note="3/4"))))
    widths = [float(one.get("width")) for one in tree.iter(f"{NAMESPACE}rect") if one.findtext(f"{NAMESPACE}title")]
    assert widths[1] == pytest.approx(3 * widths[0], abs=0.05)


def test_bars_when_a_name_is_too_long_tell_the_whole_to_who_points_at_it():
    name = "中共某市自然资源和规划局委员会组织人事处（离退休干部处、机关党委办公室合署办公）"
    tree = check(draw_bars(bars_of(Bar(label=name, counts=(1, 0, 0, 0, 0, 0), note="0/1"), width=520)))
    assert not any(one.text == name for one in writings(tree))
    assert name in tree.xpath("//*[local-name()='text']/*[local-name()='title']/text()")


def test_drawings_when_they_show_what_people_typed_escape_it():
    svg = draw_bars(bars_of(Bar(label="<b>&", counts=(0,) * 6, note="")))
    assert "&lt;b&gt;&amp;" in svg
    assert tag("text", NASTY).count("<") == 2
    assert str(tag("g", tag("text", "a"))) == "<g><text>a</text></g>"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_coordinate_when_it_is_no_number_is_an_error(value: float):
    with pytest.raises(ValueError, match="no coordinate"):
        number(value)


POINTS = st.lists(st.tuples(st.integers(0, 250), COUNTS), max_size=12).map(
    lambda raw: tuple((FIRST + timedelta(days=day), count) for day, count in sorted(raw))
)


@given(head=TITLES, lines=st.tuples(POINTS, POINTS, POINTS), name=st.text(max_size=8), length=st.integers(0, 300))
def test_burn_up_when_drawn_from_anything_is_whole(
    head: dict[str, str], lines: tuple[tuple[tuple[date, int], ...], ...], name: str, length: int
):
    check(draw_burn_up(burn_up(*lines, length=length, plan_name=name, **head)))


def burn_up(*points: tuple[tuple[date, int], ...], length: int = 198, **overrides: object) -> BurnUp:
    plain = {"name": "burn-up", "title": "t", "told": "d", "plan_name": "计划"} | overrides
    return BurnUp(
        planned=points[0],
        closed=points[1],
        forecast=points[2],
        first=FIRST,
        last=FIRST + timedelta(days=length),
        as_of=FIRST + timedelta(days=length // 2),
        deadline=FIRST + timedelta(days=184),
        closed_name="累计",
        forecast_name="预测",
        deadline_name="2025年9月3日",
        days=((date(2025, 4, 1), "4月"), (date(2025, 4, 3), "挤在一起")),
        **plain,  # type: ignore[arg-type]
    )


def test_burn_up_when_drawn_ends_each_line_with_its_figure():
    middle = FIRST + timedelta(days=99)
    data = burn_up(((FIRST, 100), (middle, 132)), ((FIRST, 0), (middle, 51)), ((middle, 51), (middle, 84)))
    shown = [one.text for one in writings(check(draw_burn_up(data)))]
    assert {"51", "84", "132"} <= set(shown)
    assert "挤在一起" not in shown, "days that would run into each other go unwritten"


@given(head=TITLES, figures=st.lists(COUNTS, max_size=40), name=st.text(max_size=6))
@example(head={"name": "chart", "title": "", "told": ""}, figures=[100_000] * 20, name="")
def test_trend_when_drawn_from_anything_is_whole(head: dict[str, str], figures: list[int], name: str):
    points = tuple((FIRST + timedelta(days=7 * place), name, figure) for place, figure in enumerate(figures))
    tree = check(draw_trend(Trend(points=points, **head)))
    columns = [one for one in tree.iter(f"{NAMESPACE}rect") if one.get("stroke")]
    assert len(columns) == len(figures)
    check(draw_sparkline(Sparkline(values=tuple(figures), **head)))


@given(head=TITLES, counts=st.lists(COUNTS, min_size=6, max_size=6), names=st.lists(NAMES, min_size=6, max_size=6))
def test_lamps_when_drawn_from_anything_are_whole_and_each_has_a_shape(
    head: dict[str, str], counts: list[int], names: list[str]
):
    lamps = tuple(zip(Light, names, counts, strict=True))
    tree = check(draw_lamps(Lamps(lamps=lamps, **head)))
    assert [one.text for one in writings(tree) if one.text.isascii() and one.text.isdigit()][: len(counts)]
    corners = [len(one.get("points").split()) for one in tree.iter(f"{NAMESPACE}polygon")]
    assert corners == [4, 4, 3, 6], "square, diamond, triangle, hexagon; the rest are round"


def test_ticks_reach_the_highest_figure_and_begin_at_none():
    for most in range(2000):
        steps = ticks(most)
        assert steps[0] == 0
        assert steps[-1] >= most
        assert 2 <= len(steps) <= 8


@given(text=NAMES, most=st.integers(20, 300), lines=st.integers(1, 3))
def test_text_when_wrapped_or_shortened_fits(text: str, most: int, lines: int):
    assert width_of(shortened(text, 13, most), 13) <= most
    rows = wrapped(text, 13, most, lines)
    assert len(rows) <= lines
    assert all(width_of(row, 13) <= most for row in rows)


# Policies


ARROWS = st.lists(
    st.builds(Arrow, source=st.sampled_from(State), target=st.sampled_from(State), name=NAMES, by=NAMES), max_size=14
)


@given(head=TITLES, arrows=ARROWS, name=NAMES)
def test_lifecycle_when_laid_out_from_any_transitions_is_whole(head: dict[str, str], arrows: list[Arrow], name: str):
    states = tuple((state, f"{state}{name}") for state in State)
    tree = check(draw_lifecycle(LifecycleGraph(states=states, arrows=tuple(arrows), **head)))
    line = main_line(arrows, State.ASSIGNED, State.CLOSED)
    assert (line[0], line[-1], len(set(line))) == (State.ASSIGNED, State.CLOSED, len(line))
    boxes = [one for one in tree.iter(f"{NAMESPACE}rect") if one.get("stroke")]
    assert len(boxes) == len(State), "every state has its box"


@pytest.mark.parametrize("language", LANGUAGES)
def test_lifecycle_when_it_is_the_shipped_one_runs_along_the_main_line(language: str):
    lifecycle = parse_lifecycle(shipped_policies().lifecycle)
    arrows = [
        Arrow(source=state, target=one.target, name=one.name, by="")
        for one in lifecycle.transitions.values()
        for state in one.sources
    ]
    line = (State.ASSIGNED, State.IN_PROGRESS, State.SUBMITTED, State.VERIFIED, State.CLOSED)
    assert main_line(arrows, State.ASSIGNED, State.CLOSED) == line
    chart = PolicyCharts(language).lifecycle(lifecycle)
    check(chart.svg)
    assert len(chart.rows) == len(lifecycle.transitions)


@pytest.mark.parametrize("wait", WaitsFor)
@pytest.mark.parametrize("language", LANGUAGES)
def test_ladder_when_it_is_a_shipped_one_shows_every_rung(wait: WaitsFor, language: str):
    ladder = parse_ladders(shipped_policies().ladder).ladders[wait]
    chart = PolicyCharts(language).ladder(ladder, wait)
    tree = check(chart.svg)
    assert len(chart.rows) == len(ladder.rungs)
    days = {cell.text for cell, *_ in chart.rows}
    assert days <= {word for one in writings(tree) for word in one.text.split()}


@given(
    offsets=st.lists(st.integers(-250, 250), min_size=1, max_size=12, unique=True).map(sorted),
    slip=st.sampled_from(Slip),
    roles=st.lists(st.sampled_from(Role), min_size=1, max_size=4, unique=True),
    every=st.integers(1, 250),
)
def test_ladder_when_its_rungs_crowd_then_no_flag_covers_another(
    offsets: list[int], slip: Slip, roles: list[Role], every: int
):
    rungs = tuple(Rung(offset=offset, to=tuple(roles), slip=slip) for offset in offsets)
    ladder = Ladder(rungs=rungs, repeat_every=every, within=None, hold_at_most=5)
    tree = check(PolicyCharts("zh_CN").ladder(ladder, WaitsFor.DUE_DATE).svg)
    flags = [
        tuple(float(one.get(name)) for name in ("x", "y", "width", "height"))
        for one in tree.iter(f"{NAMESPACE}rect")
        if one.get("stroke")
    ]
    assert len(flags) == len(offsets) + 2
    for place, (x, y, wide, tall) in enumerate(flags):
        for left, top, across, down in flags[place + 1 :]:
            assert x + wide <= left or left + across <= x or y + tall <= top or top + down <= y


@pytest.mark.parametrize("language", LANGUAGES)
def test_year_when_drawn_marks_holidays_make_up_days_and_own_edits(language: str):
    days = list(official_days(date(2025, 1, 1), date(2025, 12, 31)))
    own = date(2025, 7, 1)
    days = [replace(row, is_working=False, source="own", note="抗洪") if row.day == own else row for row in days]
    chart = PolicyCharts(language).year(2025, days)
    tree = check(chart.svg)
    told = {cells[0].text: cells[2].text for cells in chart.rows}
    assert told["2025-07-01"] == "抗洪"
    assert {"2025-10-01", "2025-10-11", "2025-01-26"} <= told.keys()
    assert "2025-10-04" not in told, "a Saturday is off in any case"
    cells = [one for one in tree.iter(f"{NAMESPACE}rect") if one.find(f"{NAMESPACE}title") is not None]
    assert len(cells) == 365


def test_year_when_its_days_are_not_known_shows_them_plain():
    row = DayRow(day=date(2031, 2, 3), is_working=True, note=None, source="provisional")
    tree = check(PolicyCharts("en").year(2031, [row]).svg)
    assert sum(one.text.isdigit() for one in writings(tree)) == 365


@pytest.mark.parametrize("language", LANGUAGES)
def test_policies_when_they_ship_with_duban_are_drawn_without_cutting_off_a_label(language: str):
    policies, draw = shipped_policies(), PolicyCharts(language)
    charts = [draw.lifecycle(parse_lifecycle(policies.lifecycle))]
    charts += [draw.ladder(ladder, wait) for wait, ladder in parse_ladders(policies.ladder).ladders.items()]
    assert [one.text for chart in charts for one in writings(check(chart.svg)) if "…" in one.text] == []

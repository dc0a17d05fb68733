"""When measures are due, by the labels beside them; the labels themselves are no part of the measures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.rules.vocabulary import MeasureClass, State
from intake.notice.read_notice import read_notice, read_notice_whole
from tests.notice_files import write_text

HEAD = ("2025年1月10日,巡察组反馈了意见。", "(一)关于“甲”问题的整改", "1.针对“乙”的问题。")
JUNE, DECEMBER = date(2025, 6, 30), date(2025, 12, 31)
OPEN, AT_ONCE = MeasureClass.CONTINUOUS, MeasureClass.AT_ONCE

#: lines under a problem → (text, due, class) of its measures
BESIDE: dict[str, tuple[tuple[str, ...], list[tuple[str, date | None, MeasureClass | None]]]] = {
    "behind-each": (
        ("(1)清退。责任单位:建管科。完成时限:2025年6月底。", "(2)追责。完成时限:立行立改,长期坚持。"),
        [("清退。", JUNE, None), ("追责。", None, OPEN)],
    ),
    "in-brackets": (("(1)清退(责任单位:建管科;完成时限:2025年6月30日)。",), [("清退", JUNE, None)]),
    "behind-commas": (("(1)清退,责任单位:建管科,完成时限:2025年6月30日",), [("清退", JUNE, None)]),
    "lines-of-their-own": (
        ("(1)清退。", "责任科室:建管科", "整改时限:6月底", "(2)追责。", "整改时限:12月底前"),
        [("清退。", JUNE, None), ("追责。", DECEMBER, None)],
    ),
    "once-for-all": (
        ("整改措施:(1)清退。(2)追责。", "完成时限:2025年6月底。责任人:周某。"),
        [("清退。", JUNE, None), ("追责。", JUNE, None)],
    ),
    "before-all": (
        ("整改时限:2025年6月底。责任单位:建管科。", "一是清退。二是追责。"),
        [("清退。", JUNE, None), ("追责。", JUNE, None)],
    ),
    "at-once": (("一是清退。完成时限:立行立改。",), [("清退。", None, AT_ONCE)]),
    "class-told": (("一是清退。整改类型:立行立改。",), [("清退。", None, AT_ONCE)]),
    "full-width": (("(1)清退。责任单位\uff1a建管科\uff1b完成时限\uff1a2025年6月底。",), [("清退。", JUNE, None)]),
    "next-year": (("(1)清退。完成时限:1月5日。",), [("清退。", date(2026, 1, 5), None)]),
    "not-told-for-sure": (("(1)清退。完成时限:条件成熟时。",), [("清退。", None, None)]),
    "two-answers": (("(1)清退。完成时限:6月底。完成时限:12月底。",), [("清退。", None, None)]),
    "fault-first": (("具体表现:走过场。办事慢。", "整改措施:一是清退。"), [("清退。", None, None)]),
    "fault-counted": (("存在问题:一是走过场。二是办事慢。", "整改措施:一是清退。"), [("清退。", None, None)]),
    "fault-then-measures": (
        ("主要表现:走过场。一是清退。二是追责。",),
        [("清退。", None, None), ("追责。", None, None)],
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_measure_when_labels_stand_beside_it_has_their_deadline_and_not_their_words(tmp_path: Path, name: str):
    lines, expected = BESIDE[name]
    plan = read_notice(write_text(tmp_path / "通报.txt", [*HEAD, *lines]))
    assert [(one.text, one.due, one.measure_class) for one in plan.measures()] == expected


TABLE = """<html><body><p>关于整改情况的公示</p><p>2025年1月10日,巡察组反馈了意见。</p><table>
<tr><td>序号</td><td>存在问题</td><td>整改措施</td><td>完成时限</td><td>责任单位</td><td>备注栏</td></tr>
<tr><td rowspan="2">1</td><td rowspan="2">巡查少</td><td>一是建日志。二是配人员。</td><td>3月底</td>
<td rowspan="2">河湖科。</td><td>略</td></tr>
<tr><td>买设备</td><td>长期坚持</td><td></td></tr></table></body></html>"""


def test_table_when_it_has_deadlines_gives_each_measure_its_own(tmp_path: Path):
    (tmp_path / "a.html").write_text(TABLE, encoding="utf-8")
    reading = read_notice_whole(tmp_path / "a.html")
    march = date(2025, 3, 31)
    assert [(one.text, one.due, one.measure_class) for one in reading.plan.measures()] == [
        ("建日志。", march, None),
        ("配人员。", march, None),
        ("买设备", None, OPEN),
    ]
    assert {one.unit for one in reading.plan.measures()} == {"河湖科"}
    assert [str(one).split("“")[1].split("”")[0] for one in reading.notes] == ["备注栏:略"]


CELLS = """<html><body><p>关于整改情况的公示</p><p>2025年1月10日,巡察组反馈了意见。</p><table>
<tr><th>存在问题</th><th>整改措施</th><th>完成时限</th><th>责任单位</th><th>完成情况</th></tr>
<tr><td>巡查少</td><td>1.建日志。<br>2.配人员。</td><td>%s</td><td>河湖科、办公室</td><td>已完成</td></tr>
<tr><td>设备旧</td><td><table><tr><td>1</td><td>买设备</td></tr><tr><td>2</td><td>修设备</td></tr></table></td>
<td>长期坚持</td><td></td><td></td></tr></table></body></html>"""


def test_cell_when_it_holds_a_deadline_for_each_measure_gives_each_its_own(tmp_path: Path):
    (tmp_path / "a.html").write_text(CELLS % "3月底<br>6月底", encoding="utf-8")
    measures = read_notice(tmp_path / "a.html").measures()
    assert [(one.text, one.due) for one in measures[:2]] == [("建日志。", date(2025, 3, 31)), ("配人员。", JUNE)]
    assert [(one.unit, one.co_units, one.state) for one in measures[:2]] == [("河湖科", ("办公室",), State.CLOSED)] * 2
    assert [(one.text, one.measure_class) for one in measures[2:]] == [("买设备", OPEN), ("修设备", OPEN)]


@pytest.mark.parametrize("cell", ["3月底、6月底、9月底", "3月底<br>6月底<br>9月底", "3月底或6月底"])
def test_cell_when_it_holds_other_deadlines_than_measures_is_told(tmp_path: Path, cell: str):
    (tmp_path / "a.html").write_text(CELLS % cell, encoding="utf-8")
    reading = read_notice_whole(tmp_path / "a.html")
    assert [one.due for one in reading.plan.measures()[:2]] == [None, None]
    assert [str(one) for one in reading.notes if "完成时限:3月底" in str(one) and "relied on" in str(one)]


#: lines under a problem → (text, unit, co-units, leader, owner, state) of its measures
WHO: dict[
    str, tuple[tuple[str, ...], list[tuple[str, str | None, tuple[str, ...], str | None, str | None, State | None]]]
] = {
    "unit": (("(1)清退。责任单位:建管科。",), [("清退。", "建管科", (), None, None, None)]),
    "units": (("(1)清退。责任单位:建管科、财务科。",), [("清退。", "建管科", ("财务科",), None, None, None)]),
    "helping": (
        ("(1)清退。牵头单位:建管科;配合科室:办公室、财务科。",),
        [("清退。", "建管科", ("办公室", "财务科"), None, None, None)],
    ),
    "people": (("(1)清退。责任领导:周某。责任人:吴某。",), [("清退。", None, (), "周某", "吴某", None)]),
    "both": (("(1)清退。责任单位及责任人:建管科 吴某。",), [("清退。", "建管科", (), None, "吴某", None)]),
    "once-for-all": (
        ("整改措施:(1)清退。(2)追责。", "责任单位:建管科。责任领导:周某。"),
        [("清退。", "建管科", (), "周某", None, None), ("追责。", "建管科", (), "周某", None, None)],
    ),
    "before-numbered": (
        ("责任单位:建管科。", "(1)清退。", "(2)追责。责任单位:财务科。"),
        [("清退。", "建管科", (), None, None, None), ("追责。", "财务科", (), None, None, None)],
    ),
    "state-label": (("(1)清退。完成状态:已完成。",), [("清退。", None, (), None, None, State.CLOSED)]),
    "state-in-brackets": (
        ("(1)清退(已完成)。", "(2)追责。【正在推进】"),
        [
            ("清退(已完成)。", None, (), None, None, State.CLOSED),
            ("追责。【正在推进】", None, (), None, None, State.IN_PROGRESS),
        ],
    ),
    "state-before-clauses": (
        ("整改情况:已完成。一是清退。二是追责。",),
        [("清退。", None, (), None, None, State.CLOSED), ("追责。", None, (), None, None, State.CLOSED)],
    ),
    "state-before-a-text": (
        ("整改情况:已整改。财务科清退了5万元。",),
        [("财务科清退了5万元。", None, (), None, None, State.CLOSED)],
    ),
    "state-before-numbered": (
        ("整改进展情况:已经完成,长期坚持。", "(1)清退。", "(2)追责。"),
        [("清退。", None, (), None, None, State.CLOSED), ("追责。", None, (), None, None, State.CLOSED)],
    ),
}


@pytest.mark.parametrize("name", WHO)
def test_measure_when_units_people_and_states_stand_beside_it_has_them(tmp_path: Path, name: str):
    lines, expected = WHO[name]
    reading = read_notice_whole(write_text(tmp_path / "通报.txt", [*HEAD, *lines]))
    read = [(one.text, one.unit, one.co_units, one.lead, one.owner, one.state) for one in reading.plan.measures()]
    assert read == expected
    assert reading.notes == ()


@pytest.mark.parametrize(
    ("tag", "state", "kind"),
    [
        ("(已完成)", State.CLOSED, None),
        ("【长期坚持】", None, OPEN),
        ("(正在推进)", State.IN_PROGRESS, None),
        ("(立行立改)", None, AT_ONCE),
        ("(已完成,长期坚持)", State.CLOSED, OPEN),
    ],
)
def test_heading_when_a_state_stands_behind_it_gives_it_to_every_measure_below(
    tmp_path: Path, tag: str, state: State | None, kind: MeasureClass | None
):
    lines = (*HEAD[:2], f"1.关于“乙”的问题{tag}", "(1)清退。", "(2)追责(未完成)。")
    reading = read_notice_whole(write_text(tmp_path / "通报.txt", lines))
    first, second = reading.plan.measures()
    assert (first.state, first.measure_class, second.state) == (state, kind, State.IN_PROGRESS)
    assert reading.notes == ()


@pytest.mark.parametrize(
    ("remark", "due"),
    [("(2025年6月底前完成)", JUNE), ("(6月30日前)", JUNE), ("(年底前整改到位)", DECEMBER), ("(第二季度完成)", JUNE)],
)
def test_deadline_when_it_stands_in_brackets_behind_a_measure_is_taken(tmp_path: Path, remark: str, due: date):
    reading = read_notice_whole(write_text(tmp_path / "通报.txt", [*HEAD, f"一是清退{remark};二是追责。"]))
    assert [one.due for one in reading.plan.measures()] == [due, None]
    assert reading.notes == ()

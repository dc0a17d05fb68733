"""When measures are due, by the labels beside them; the labels themselves are no part of the measures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.rules.vocabulary import MeasureClass
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
    assert [str(one).split("“")[1].split("”")[0] for one in reading.notes] == ["责任单位:河湖科", "备注栏:略"]

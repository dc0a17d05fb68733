"""What became of each passage of a notice; and what people say that one is, which is read then."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.rules.passages import Became, count_lines
from engine.rules.plan import RoundPlan
from engine.rules.vocabulary import Level
from intake.notice.read_notice import NoticeReading, NoticeRefused, read_notice_whole
from tests.notice_files import write_text

LINES = (
    "关于整改情况的通报",
    "2025年1月10日,巡察组反馈了意见。",
    "(一)关于“甲”问题的整改",
    "1.针对“乙”的问题。高度重视。一是清退。责任单位:建管科。完成时限:2025年6月底。二是追责;",
    "坚持举一反三。",
    "拟于七月底前完成",
    "内部管理松散",
    "(1)压实责任。",
    "截至目前,反馈的4个问题已完成整改3个。",
)


def _read(tmp_path: Path, **answers: Became) -> NoticeReading:
    return read_notice_whole(write_text(tmp_path / "通报.txt", LINES), answers=answers)


def _tree(plan: RoundPlan) -> list[tuple[str, list[str]]]:
    return [(one.text, [measure.text for measure in one.measures]) for one in plan.findings[0].children]


def test_passages_when_read_are_all_of_the_text_and_what_became_of_it(tmp_path: Path):
    reading = _read(tmp_path)
    told = [(one.row, one.became.value, one.text) for one in reading.passages if one.row in {3, 4, 5, 9}]
    assert told == [
        (3, "aspect", "(一)关于“甲”问题的整改"),
        (4, "problem", "1.针对“乙”的问题。"),
        (4, "told", "高度重视。"),
        (4, "measure", "一是清退。"),
        (4, "beside", "责任单位:建管科。"),
        (4, "deadline", "完成时限:2025年6月底。"),
        (4, "measure", "二是追责;"),
        (5, "measure", "坚持举一反三。"),
        (9, "total", "截至目前,反馈的4个问题已完成整改3个。"),
    ]
    assert all(one.why is not None for one in reading.passages if one.became is Became.TOLD)
    whole = "".join(one.text for one in reading.passages)
    assert "".join(whole.split()) == "".join("".join(LINES).split())
    counts = count_lines(reading.passages)
    assert (counts.taken + counts.told + counts.left_out, counts.told, counts.left_out) == (len(LINES), 1, 2)


@pytest.mark.parametrize(
    ("text", "became", "tree"),
    [
        ("坚持举一反三。", Became.NOTHING, [("乙", ["清退。", "追责;拟于七月底前完成内部管理松散", "压实责任。"])]),
        (
            "坚持举一反三。",
            Became.MEASURE,
            [("乙", ["清退。", "追责", "坚持举一反三。拟于七月底前完成内部管理松散", "压实责任。"])],
        ),
        (
            "内部管理松散",
            Became.PROBLEM,
            [("乙", ["清退。", "追责;坚持举一反三。拟于七月底前完成"]), ("内部管理松散", ["压实责任。"])],
        ),
    ],
)
def test_passage_when_somebody_says_what_it_is_is_read_as_that(
    tmp_path: Path, text: str, became: Became, tree: list[tuple[str, list[str]]]
):
    reading = _read(tmp_path, **{text: became})
    assert _tree(reading.plan) == tree
    (answered,) = [one for one in reading.passages if one.is_answered]
    assert (answered.text, answered.became) == (text, became)
    assert not [one for one in reading.notes if text in str(one)]


def test_passage_when_somebody_says_that_it_is_a_deadline_dates_the_measure_above(tmp_path: Path):
    plan = _read(tmp_path, 拟于七月底前完成=Became.DEADLINE).plan
    assert [str(one.due) for one in plan.measures()] == ["2025-06-30", "2025-07-31", "None"]


def test_part_of_a_line_when_it_is_said_to_be_a_measure_is_one(tmp_path: Path):
    plan = _read(tmp_path, **{"二是追责;": Became.NOTHING}).plan
    assert [one.text for one in plan.measures()][:1] == ["清退。"]
    assert not [one for one in plan.measures() if "追责" in one.text and "举一反三" not in one.text]


def test_notice_when_nothing_is_recognised_can_be_answered_for(tmp_path: Path):
    path = write_text(tmp_path / "通报.txt", ("整改通报", "2025年1月10日反馈。", "学习抓得不紧", "制定学习计划"))
    with pytest.raises(NoticeRefused) as refused:
        read_notice_whole(path)
    assert [one.text for one in refused.value.passages][2:] == ["学习抓得不紧", "制定学习计划"]
    answers = {"学习抓得不紧": Became.PROBLEM, "制定学习计划": Became.MEASURE}
    plan = read_notice_whole(path, answers=answers).plan
    assert (plan.count(Level.PROBLEM), [one.text for one in plan.measures()]) == (1, ["制定学习计划"])


@pytest.mark.parametrize(
    ("text", "became", "why"),
    [
        ("内部管理松散", Became.DEADLINE, "no deadline that can be"),
        ("2025年1月10日,巡察组反馈了意见。", Became.MEASURE, "no finding above"),
    ],
)
def test_answer_when_it_cannot_be_followed_is_told(tmp_path: Path, text: str, became: Became, why: str):
    assert [str(one) for one in _read(tmp_path, **{text: became}).notes if text in str(one) and why in str(one)]

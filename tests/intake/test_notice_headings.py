"""Headings as offices write them: tags behind them, who pointed it out before them, words instead of numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.notice.read_notice import read_notice
from tests.notice_files import Outline, outline_of, write_text

#: a heading → what it names
PROBLEMS = {
    "1.关于学习不深的问题(已完成)": "学习不深",
    "1.关于学习不深的问题【长期坚持】": "学习不深",
    "1.关于学习不深的问题[正在推进]": "学习不深",
    "1.关于学习不深的问题\uff08已完成\uff0c长期坚持\uff09。": "学习不深",
    "1.关于“学习不深”问题的整改(基本完成)": "学习不深",
    "1.关于“学习不深”的问题(三级干部)": "学习不深",
    "1.针对巡察反馈指出的“学习不深”问题": "学习不深",
    "1.针对市委巡视组反馈意见中提出的“学习不深”的问题": "学习不深",
    "1.关于督察发现的“学习不深”问题整改情况": "学习不深",
    "1.关于“学习不深,未见行动。”整改进展情况:已经完成。": "学习不深,未见行动。",
    "1.关于“学习不深”整改情况": "学习不深",
    "1.关于上轮巡视反馈问题整改不彻底的问题": "上轮巡视反馈问题整改不彻底",
    "问题1:学习不深。": "学习不深",
    "【问题1】学习不深": "学习不深",
    "问题一、学习不深": "学习不深",
    "反馈意见1:学习不深": "学习不深",
    "第一个问题:学习不深。": "学习不深",
}


@pytest.mark.parametrize("heading", PROBLEMS)
@pytest.mark.parametrize(
    "measures", [("整改措施:(1)清退。(2)追责。",), ("一是清退。二是追责。",), ("措施1:清退。", "措施2:追责。")]
)
def test_problem_when_its_heading_is_written_so_is_named_by_its_fault(
    tmp_path: Path, heading: str, measures: tuple[str, ...]
):
    lines = ["一、关于“作风”方面", heading, *measures]
    assert outline_of(read_notice(write_text(tmp_path / "通报.txt", lines))).children == (
        Outline("作风", (Outline(PROBLEMS[heading], (), ("清退。", "追责。")),)),
    )


#: a heading → what it names
ASPECTS = {
    "二、关于落实巡察整改不到位方面": "落实巡察整改不到位",
    "二、关于“落实巡视、审计整改有差距”的问题": "落实巡视、审计整改有差距",
    "二、关于对巡视反馈问题整改不够有力方面": "对巡视反馈问题整改不够有力",
    "第二方面:巡视整改责任缺失": "巡视整改责任缺失",
}


@pytest.mark.parametrize("heading", ASPECTS)
def test_aspect_when_it_speaks_of_an_earlier_feedback_is_an_aspect(tmp_path: Path, heading: str):
    problem = ("1.关于“学习不深”的问题", "一是清退。")
    lines = ["一、关于“作风”方面", *problem, heading, *problem]
    below = (Outline("学习不深", (), ("清退。",)),)
    assert outline_of(read_notice(write_text(tmp_path / "通报.txt", lines))).children == (
        Outline("作风", below),
        Outline(ASPECTS[heading], below),
    )

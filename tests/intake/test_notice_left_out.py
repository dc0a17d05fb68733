"""Nothing numbered, labelled or counted is dropped in silence: what was not taken is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from i18n import say
from intake.notice.read_notice import read_notice_whole
from tests.notice_files import SMALL, Style, lines_of, write_text

HEAD = ("关于整改情况的通报", "2025年1月10日,巡察组反馈了意见。", "(一)关于“甲”问题的整改", "1.针对“乙”的问题。")
LAST = "(1)追责。"

#: lines under a problem → row, passage and a part of the reason of what is told
LEFT_OUT: dict[str, tuple[tuple[str, ...], tuple[str, str, str]]] = {
    "unit": (("(1)清退。责任单位:建管科,由其牵头。",), ("5", "责任单位:建管科,由其牵头", "no unit or person")),
    "two-leaders": (("(1)清退。", "责任领导:周某、吴某"), ("6", "责任领导:周某、吴某", "no unit or person")),
    "overseer": (("(1)清退。督办单位:纪委。",), ("5", "督办单位:纪委", "no field of a measure")),
    "evidence": (("(1)清退。〔佐证材料〕:照片。",), ("5", "佐证材料:照片", "taken from the ledger")),
    "state": (("(1)清退。完成状态:好转。",), ("5", "完成状态:好转", "no known state")),
    "two-states": (("(1)清退(已完成)。完成状态:正在整改。",), ("5", "完成状态:正在整改", "no known state")),
    "deadline": (
        ("(1)清退。完成时限:条件成熟时。",),
        ("5", "完成时限:条件成熟时", "no deadline that can be"),
    ),
    "deadline-in-prose": (("(1)计划9月底前清退。",), ("5", "计划9月底前清退。", "in the words of a measure")),
    "fault": (("具体表现:走过场。", "整改措施:一是清退。"), ("5", "具体表现:走过场", "describes the finding")),
    "goal": (("(1)清退。整改目标:全部到位。",), ("5", "整改目标:全部到位", "no field of a measure")),
    "progress-in-a-line": (("整改措施:清退。整改情况:退回5万元。",), ("5", "退回5万元。", "how far they are")),
    "progress": (("整改措施:清退。", "整改情况:", "(1)退回5万元。"), ("7", "退回5万元。", "how far they are")),
    "finding-without-a-number": (("一是清退。", "关于“丁”的问题。"), ("6", "关于“丁”的问题。", "worded as a finding")),
    "introduction": (
        ("高度重视,专题研究。一是清退。",),
        ("5", "高度重视,专题研究。", "neither a finding"),
    ),
}


def _notes(tmp_path: Path, lines: tuple[str, ...]) -> list[str]:
    return [str(one) for one in read_notice_whole(write_text(tmp_path / "通报.txt", lines)).notes]


@pytest.mark.parametrize("name", LEFT_OUT)
def test_passage_when_it_is_not_taken_is_told_with_its_line(tmp_path: Path, name: str):
    lines, (row, passage, why) = LEFT_OUT[name]
    (note,) = _notes(tmp_path, (*HEAD, *lines, "2.针对“丙”的问题。", LAST))
    assert note.startswith(f"row {row}: “{passage}” was not taken: ")
    assert why in note


@pytest.mark.parametrize(
    ("remark", "why"), [("(推进不快,已完成一半)", "no known state"), ("(含二级单位)", "neither a finding")]
)
def test_remark_when_it_stands_behind_a_heading_is_told(tmp_path: Path, remark: str, why: str):
    (note,) = _notes(tmp_path, (*HEAD[:3], f"1.关于“乙”的问题{remark}", LAST))
    assert note.startswith("row 4: ")
    assert why in note


def test_section_when_it_holds_no_finding_is_told_with_all_of_its_lines(tmp_path: Path):
    before = ("一、组织整改情况", "1.召开会议。", "文字。", "2.成立专班。", "二、整改情况")
    after = ("三、下一步打算", "(一)持续整改。")
    assert _notes(tmp_path, (HEAD[0], *before, *HEAD[2:], LAST, *after)) == [
        "rows 2–3, 5–6: 4 passages were not taken, the first is “一、组织整改情况”: it stands before the first finding",
        "rows 10–11: 2 passages were not taken, the first is “三、下一步打算”: it stands after the last measure",
    ]


def test_total_when_it_is_not_among_those_taken_is_told(tmp_path: Path):
    total = "截至目前,反馈的46项问题已完成32项,另有移交的7个问题。"
    assert _notes(tmp_path, (*HEAD, LAST, total)) == [
        f"row 6: “{total}” was not taken: another total than those that are taken"
    ]


def test_total_when_the_notice_contradicts_itself_is_told(tmp_path: Path):
    total = "制定整改措施160条。142条整改措施已完成,其余9条正在推进。"
    (note,) = _notes(tmp_path, (*HEAD, LAST, total))
    assert note.startswith("rows 6: 2 passages were not taken, the first is “制定整改措施160条。”: another total")


def test_notice_when_all_of_its_findings_are_read_tells_its_other_sections_alone(tmp_path: Path):
    notes = read_notice_whole(write_text(tmp_path / "通报.txt", lines_of(SMALL, Style()))).notes
    assert [say(one, "zh_CN").split("：")[-1] for one in notes] == [
        "位于第一个反馈问题之前",
        "位于最后一条整改措施之后",
    ]

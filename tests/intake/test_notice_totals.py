"""Totals in unusual wordings, with the sentence that each comes from, and where a notice contradicts itself."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import pytest

from intake.notice.read_notice import read_notice_whole
from intake.notice.source import text_lines
from intake.notice.totals import read_totals
from tests.notice_files import write_text

HEAD = ("关于整改情况的通报", "2025年1月10日,巡察组反馈了意见。", "(一)关于“甲”问题的整改", "1.针对“乙”的问题。")
LAST = "(1)追责。"
N = None

#: text → aspects, problems, problems done, items, items done, measures, measures done
TOTALS: dict[str, tuple[int | None, ...]] = {
    "反馈问题共1,024个,已整改1,000个;制定措施2,048条,已完成2,000条。": (N, N, N, 1024, 1000, 2048, 2000),
    "共制定整改措施1\uff0c024条\uff0c已完成1\uff0c000条。": (N, N, N, N, N, 1024, 1000),
    "制定整改措施\uff11\uff0c\uff10\uff12\uff14条,已完成\uff11\uff10\uff10\uff10条。": (N, N, N, N, N, 1024, 1000),
    "一千零二十四条整改措施已完成一千条。": (N, N, N, N, N, 1024, 1000),
    "制定整改措施50条。已完成43条。": (N, N, N, N, N, 50, 43),
    "制定整改措施50条。其中43条已完成,7条正在推进。": (N, N, N, N, N, 50, 43),
    "制定整改措施50条。截至8月20日,已按时完成43条,完成率86%。": (N, N, N, N, N, 50, 43),
    "制定整改措施50条。会议开了5次。": (N, N, N, N, N, 50, N),
    "反馈问题46个(已整改32个),制定措施160条(已完成142条)。": (N, N, N, 46, 32, 160, 142),
    "制定整改措施50条,完成率86%。": (N, N, N, N, N, 50, 43),
    "制定整改措施50条。已完成86%。": (N, N, N, N, N, 50, 43),
    "反馈的40个问题整改完成率为85%。": (N, N, N, 40, 34, N, N),
    "已落实整改措施43条,占50条的86%。": (N, N, N, N, N, 50, 43),
    "反馈了4个方面16类43个具体问题,已整改39个,制定126条措施,落实116条。": (4, 16, N, 43, 39, 126, 116),
    "巡视反馈的3个方面10个问题38项具体表现,已完成整改35项。": (3, 10, N, 38, 35, N, N),
    "46个问题,立行立改20个已全部完成,限期整改26个已完成12个。": (N, N, N, 46, 32, N, N),
    "完成整改问题32个、正在推进14个;完成整改措施142条、正在推进18条。": (N, N, N, 46, 32, 160, 142),
    "反馈问题46个,32个已整改到位、10个取得阶段性成效、4个长期坚持。": (N, N, N, 46, 32, N, N),
}


@pytest.mark.parametrize("text", TOTALS)
def test_total_when_worded_unusually_is_read(text: str):
    assert astuple(read_totals(text_lines(text)).declared)[:7] == TOTALS[text]


#: sentence behind the findings → a part of what is told
REMARKS = {
    "制定整改措施160条,已完成142条,其余9条正在推进。": "142 done and 9 not done do not make 160",
    "制定整改措施160条,已完成142条,20条正在推进。": "142 done and 20 not done do not make 160",
    "制定整改措施160条,已完成142条,完成率90%。": "142 of 160 are not 90 per cent",
    "制定整改措施160条,已完成192条。": "192 of 160 cannot be done",
    "制定整改措施1000条,完成率86%。": "86 per cent done were not taken",
    "制定整改措施160条,已完成142/160条。": "another total",
}


@pytest.mark.parametrize("text", REMARKS)
def test_total_when_the_numbers_do_not_go_together_is_told_with_its_line(tmp_path: Path, text: str):
    notes = [str(one) for one in read_notice_whole(write_text(tmp_path / "通报.txt", (*HEAD, LAST, text))).notes]
    assert [note for note in notes if REMARKS[text] in note and note.startswith("row 6: ")]


def test_section_when_it_tells_totals_of_its_own_never_overrides_those_of_the_whole(tmp_path: Path):
    section = "反馈问题3个,已完成整改2个,完成整改措施5条。"
    whole = "截至目前,反馈的46项问题已完成整改32项。制定措施160条,已完成142条。"
    lines = (*HEAD[:3], section, HEAD[3], LAST, whole)
    reading = read_notice_whole(write_text(tmp_path / "通报.txt", lines))
    assert astuple(reading.plan.declared)[3:7] == (46, 32, 160, 142)
    assert [str(one) for one in reading.notes if "反馈问题3个" in str(one)]
    alone = read_notice_whole(write_text(tmp_path / "另.txt", lines[:-1]))
    assert astuple(alone.plan.declared)[3:7] == (None,) * 4


def test_total_when_read_is_told_with_its_sentence(tmp_path: Path):
    whole = "反馈的46项问题已完成整改32项;制定措施160条。已完成142条。"
    plan = read_notice_whole(write_text(tmp_path / "通报.txt", (*HEAD, LAST, whole))).plan
    assert [(one.what, one.number, one.row, one.text) for one in plan.claims] == [
        ("items", 46, 6, "反馈的46项问题已完成整改32项"),
        ("items_done", 32, 6, "反馈的46项问题已完成整改32项"),
        ("measures", 160, 6, "制定措施160条。"),
        ("measures_done", 142, 6, "已完成142条。"),
    ]


def test_checks_when_told_one_by_one_are_fewer_than_in_all_is_told(tmp_path: Path):
    in_all = "筛选出“空转”等3个重点问题,组织实施专项核查9次。"
    one_by_one = (
        "一是成立专项核查组针对“空转”和“走单”问题开展实地核查3次。二是针对拆分合同问题成立专项核查组开展核查2次。"
    )
    lines = (HEAD[0], in_all, *HEAD[1:], one_by_one)
    notes = [str(one) for one in read_notice_whole(write_text(tmp_path / "通报.txt", lines)).notes]
    told = (
        "row 2: the text declares “3个重点问题,组织实施专项核查9次”; told one by one are 5 times on 3 topics (rows 6)"
    )
    assert told in notes
    agreed = [line.replace("9次", "5次") for line in lines]
    assert not [one for one in read_notice_whole(write_text(tmp_path / "另.txt", agreed)).notes if "topics" in str(one)]

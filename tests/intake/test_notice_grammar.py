"""The rules of the grammar one by one, each on the smallest text that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.notice.read_notice import read_notice, read_notice_whole
from intake.notice.word import word_lines
from tests.notice_files import Outline, outline_of, write_numbered_word, write_text

HEAD = ("(一)关于“甲”问题的整改", "1.针对“乙”的问题。")


def _measures(tmp_path: Path, *lines: str) -> list[str]:
    plan = read_notice(write_text(tmp_path / "通报.txt", [*HEAD, *lines]))
    return [measure.text for measure in plan.findings[0].children[0].measures]


#: lines under a problem → its measures
MEASURES: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "quoted-count": (
        ("一是贯彻“一是学习,二是调研”的要求。二是开展检查。",),
        ["贯彻“一是学习,二是调研”的要求。", "开展检查。"],
    ),
    "quoted-heading": (
        ("一是印发《汇编。1.关于作风问题的规定》。二是宣讲。",),
        ["印发《汇编。1.关于作风问题的规定》。", "宣讲。"],
    ),
    "quotes-never-closed": (("一是落实“三会一课制度。二是开展“回头看”。",), ["落实“三会一课制度。", "开展“回头看”。"]),
    "action-on-a-problem": (("(1)解决群众反映的突出问题。",), ["解决群众反映的突出问题。"]),
    "plan-then-progress": (
        ("整改措施:", "(1)修订办法。", "(2)开展培训。", "整改情况:", "(1)已修订。", "(2)已培训。"),
        ["修订办法。", "开展培训。"],
    ),
    "plan-and-progress-in-a-line": (("整改措施:修订办法。整改情况:已修订。责任单位:办公室。",), ["修订办法。"]),
    "progress-alone": (("整改情况:修订办法。",), ["修订办法。"]),
    "labels-in-brackets": (("【整改措施】修订办法。", "【整改情况】已修订。"), ["修订办法。"]),
    "asides-before-clauses": (("责任单位:办公室。一是修订办法。二是培训。",), ["修订办法。", "培训。"]),
    "parts-of-a-numbered-measure": (
        ("(1)完善制度。", "①修订甲办法。", "②修订乙办法。", "(2)开展培训。"),
        ["完善制度。①修订甲办法。②修订乙办法。", "开展培训。"],
    ),
    "several-numbers-in-a-line": (("(1)完善制度;(2)开展培训。", "(3)回头看。"), ["完善制度", "开展培训。", "回头看。"]),
    "decimals-are-no-numbers": (
        ("1.5亿元资金全部追回,同比下降2.3个百分点。",),
        ["1.5亿元资金全部追回,同比下降2.3个百分点。"],
    ),
    "now-under-a-bare-heading": (("目前,违规款项已整改退还。",), ["目前,违规款项已整改退还。"]),
    "summary-after-measures": (("一是清退。", "截至2025年6月1日,反馈的问题已完成1项。", "特此通报。"), ["清退。"]),
    "introduction-before-clauses": (("高度重视,认真整改。一是清退。二是追责。",), ["清退。", "追责。"]),
    "ordinals-with-a-comma": (("第一,清退。第二,追责。",), ["清退。", "追责。"]),
    "bullets": (("●清退。", "再核对。", "●追责。"), ["清退。再核对。", "追责。"]),
    "words-of-order": (("首先,清退。其次,追责。最后回头看。",), ["清退。", "追责。", "回头看。"]),
    "one-numbered": (("整改措施:①清退。",), ["清退。"]),
    "parts-numbered": (
        ("(1)存在问题:学习少。", "(2)整改措施:一是清退。二是追责。", "(3)完成时限:长期坚持。"),
        ["清退。", "追责。"],
    ),
    "eleven-and-more": (
        ("".join(f"{number}是办事;" for number in "一二三四五六七八九十") + "十一是办妥;十二是办好。",),
        ["办事"] * 10 + ["办妥", "办好。"],
    ),
}


@pytest.mark.parametrize("name", MEASURES)
def test_measures_when_written_so_are_those(tmp_path: Path, name: str):
    lines, measures = MEASURES[name]
    assert _measures(tmp_path, *lines) == measures


def test_numbered_measure_when_as_high_as_an_item_belongs_to_the_problem(tmp_path: Path):
    lines = ("(1)关于“丙”的问题。一是清退。", "(2)召开会议,举一反三。")
    plan = read_notice(write_text(tmp_path / "通报.txt", [*HEAD, *lines]))
    assert outline_of(plan).children[0].children == (
        Outline("乙", (Outline("丙", (), ("清退。",)),), ("召开会议,举一反三。",)),
    )


def test_levels_when_numbers_have_points_are_told_by_their_parts(tmp_path: Path):
    lines = [
        "1.关于“作风”方面的问题",
        "1.1关于“乙”的问题",
        "1.1.1清退。",
        "1.1.2追责。",
        "1.2 关于“丙”的问题",
        "1.2.1修订。",
    ]
    assert outline_of(read_notice(write_text(tmp_path / "通报.txt", lines))).children == (
        Outline("作风", (Outline("乙", (), ("清退。", "追责。")), Outline("丙", (), ("修订。",)))),
    )


def test_problem_when_who_and_when_and_measures_follow_in_its_line_is_a_problem(tmp_path: Path):
    asides = "责任单位:办公室;整改时限:长期坚持。整改措施:(1)清退。(2)追责。"
    lines = ["一、关于“作风”方面", f"1.学习少。{asides}", f"2.办事慢。{asides}"]
    both = ("清退。", "追责。")
    assert outline_of(read_notice(write_text(tmp_path / "通报.txt", lines))).children == (
        Outline("作风", (Outline("学习少", (), both), Outline("办事慢", (), both))),
    )


@pytest.mark.parametrize("section", ["需要长期整改的事项", "尚未完成整改的问题", "持续推进的任务"])
def test_section_when_it_names_findings_again_adds_none(tmp_path: Path, section: str):
    problem = ["1.关于“乙”的问题", "一是清退。", "2.关于“丙”的问题", "一是追责。"]
    lines = ["一、反馈问题整改情况", *problem, f"二、{section}", "1.关于“丙”的问题", "一是继续追责。"]
    reading = read_notice_whole(write_text(tmp_path / "通报.txt", lines))
    assert outline_of(reading.plan).children == (Outline("乙", (), ("清退。",)), Outline("丙", (), ("追责。",)))
    assert f"“二、{section}”: it stands after the last measure" in str(reading.notes[-1])


def test_section_of_what_goes_on_when_its_findings_stand_there_alone_is_read(tmp_path: Path):
    lines = [
        "一、已完成的问题",
        "1.关于“乙”的问题",
        "一是清退。",
        "二、尚未完成整改的问题",
        "1.关于“丙”的问题",
        "一是追责。",
    ]
    findings = outline_of(read_notice(write_text(tmp_path / "通报.txt", lines))).children
    assert [one.text for two in findings for one in (two, *two.children) if one.measures] == ["乙", "丙"]


def test_heading_when_its_quotation_goes_on_in_the_next_line_is_whole(tmp_path: Path):
    lines = ["一、关于“作风”方面", "1.关于“学习少,", "落实慢”的问题", "一是清退。"]
    reading = read_notice_whole(write_text(tmp_path / "通报.txt", lines))
    assert outline_of(reading.plan).children == (Outline("作风", (Outline("学习少,落实慢", (), ("清退。",)),)),)
    assert not reading.notes


def test_levels_when_aspects_have_no_set_words_are_told_by_their_numbers(tmp_path: Path):
    lines = [
        "二、整改进展",
        "(一)加强党的建设",
        "1.针对“乙”的问题。",
        "(1)关于“丙”的问题。一是清退。",
        "(二)改进工作作风",
        "1.针对“丁”的问题。一是追责。",
    ]
    assert outline_of(read_notice(write_text(tmp_path / "通报.txt", lines))).children == (
        Outline("加强党的建设", (Outline("乙", (Outline("丙", (), ("清退。",)),)),)),
        Outline("改进工作作风", (Outline("丁", (), ("追责。",)),)),
    )


@pytest.mark.parametrize(
    "wording", ["巡视反馈问题的整改情况", "关于巡视整改任务落实情况", "关于突出问题的整改情况", "关于移交问题线索情况"]
)
def test_heading_when_it_is_about_the_whole_is_no_aspect(tmp_path: Path, wording: str):
    lines = [f"二、{wording}", "(一)关于“甲”的问题。一是清退。", "(二)关于“乙”的问题。一是追责。"]
    assert [one.text for one in outline_of(read_notice(write_text(tmp_path / "a.txt", lines))).children] == ["甲", "乙"]


TABLE = """<html><body><p>关于整改情况的公示</p><table>
<tr><td>整改台账</td></tr>
<tr><td>序号</td><td>存在问题</td><td>具体表现</td><td>整改措施(含时限)</td></tr>
<tr><td>1</td><td rowspan="2">规划滞后</td><td>未修编</td><td rowspan="2">一是修编。二是评审。</td></tr>
<tr><td>2</td><td>未衔接</td></tr>
<tr><td rowspan="2">3</td><td rowspan="2">“双随机”走样</td><td></td><td rowspan="2">完善抽查名录库</td></tr>
<tr><td></td></tr>
</table><p>以上情况请监督。</p></body></html>"""


def test_table_when_cells_are_merged_gives_every_finding_its_measures(tmp_path: Path):
    (tmp_path / "a.html").write_text(TABLE, encoding="utf-8")
    both = ("修编。", "评审。")
    assert outline_of(read_notice(tmp_path / "a.html")).children == (
        Outline("规划滞后", (Outline("未修编", (), both), Outline("未衔接", (), both))),
        Outline("“双随机”走样", (), ("完善抽查名录库",)),
    )


def test_word_numbers_when_levels_restart_are_those_that_word_shows(tmp_path: Path):
    levels = [("chineseCounting", "%1、"), ("decimal", "%1.%2"), ("bullet", "-")]
    lines = [(0, "甲"), (1, "乙"), (1, "丙"), (2, "点"), (None, "文"), (1, "丁"), (0, "戊"), (1, "己")]
    path = write_numbered_word(tmp_path / "a.docx", lines, levels)
    read = [line.text for line in word_lines(path, path.read_bytes())]
    assert read == ["一、甲", "一.1乙", "一.2丙", "点", "文", "一.3丁", "二、戊", "二.1己"]

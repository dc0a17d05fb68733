"""One outline in many layouts: numbering, width, encodings, pages, Word documents; always the same findings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.rules.vocabulary import Level
from intake.kind import tell_kind
from intake.notice.read_notice import read_notice
from tests.notice_files import (
    SMALL,
    Outline,
    Style,
    expected,
    lines_of,
    outline_of,
    write_numbered_word,
    write_page,
    write_text,
    write_word,
)

LINES = lines_of(SMALL, Style())
STYLES = {
    "published": Style(),
    "full-width": Style(wide=True),
    "chinese-aspects": Style(numbers=("{}、", "{}.", "({})"), sections=False),
    "chinese-problems": Style(numbers=("{}、", "({})", "{}."), sections=False),
    "chinese-problems-full-width": Style(numbers=("{}、", "({})", "{}、"), sections=False, wide=True),
    "pause-marks": Style(numbers=("({})", "{}、", "({})")),
    "full-width-dots": Style(numbers=("({})", "{}\uff0e", "({})、"), wide=True),
    "fullwidth-items": Style(numbers=("({})", "{}.", "{})")),
    "aspects-by-field": Style(headings=("关于“{}”方面", "关于“{}”的问题。", "关于“{}”的问题。")),
    "aspects-by-field-unquoted": Style(headings=("{}方面", "关于“{}”问题。", "针对“{}”问题:")),
    "aspects-with-problems": Style(headings=("{}方面存在的问题", "针对{}的问题。", "关于{}问题:")),
    "without-about": Style(headings=("{}方面", "{}的问题。", "“{}”的问题。")),
    "corner-quotes": Style(headings=("关于「{}」问题的整改", "针对「{}」的问题。", "关于「{}」的问题。")),
    "straight-quotes": Style(headings=('关于"{}"问题的整改', '针对"{}"的问题。', '关于"{}"的问题。')),
    "own-lines": Style(own_lines=True),
    "own-lines-numbered": Style(own_lines=True, measures="①"),
    "circled": Style(measures="①", end=";"),
    "bracketed": Style(measures="{})", end=";"),
    "semicolons": Style(end=";"),
    "semicolons-full-width": Style(end=";", wide=True),
    "commands": Style(measures="{}要"),
}


@pytest.mark.parametrize("name", STYLES)
def test_outline_when_written_in_a_style_is_read_back(tmp_path: Path, name: str):
    style = STYLES[name]
    path = write_text(tmp_path / "通报.txt", lines_of(SMALL, style))
    assert tell_kind(path) == "notice"
    assert outline_of(read_notice(path)) == expected(SMALL, style)


ENCODINGS = {
    "utf-8": ("utf-8", "\n"),
    "utf-8 with a mark": ("utf-8-sig", "\n"),
    "utf-8 of Windows": ("utf-8", "\r\n"),
    "utf-8 of old Macs": ("utf-8", "\r"),
    "utf-16 with a mark": ("utf-16", "\r\n"),
    "utf-16-le without a mark": ("utf-16-le", "\r\n"),
    "utf-16-be without a mark": ("utf-16-be", "\n"),
    "gb18030": ("gb18030", "\r\n"),
    "gbk": ("gbk", "\n"),
}


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("wide", [False, True])
def test_text_when_in_any_usual_encoding_is_read_the_same(tmp_path: Path, name: str, wide: bool):  # noqa: FBT001 - a parameter of the test
    encoding, newline = ENCODINGS[name]
    style = Style(wide=wide)
    path = write_text(tmp_path / "通报.txt", lines_of(SMALL, style), encoding=encoding, newline=newline)
    plan = read_notice(path)
    assert outline_of(plan) == expected(SMALL, style)
    assert plan.findings[0].place.row == LINES.index("(一)关于“学习不深入,落实‘最后一公里’不到位”问题的整改") + 1


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gb18030", "utf-16"])
def test_page_when_it_has_menus_scripts_and_footers_gives_the_text_alone(tmp_path: Path, charset: str):
    path = write_page(tmp_path / "通报.html", LINES, charset=charset)
    plan = read_notice(path)
    assert tell_kind(path) == "notice"
    assert outline_of(plan) == expected(SMALL, Style())
    assert plan.organisation == "中共云溪市文化局委员会"


def test_page_when_lists_show_their_numbers_reads_them(tmp_path: Path):
    page = """<html><body><h1>关于巡视整改进展情况的通报</h1><h2>(一)关于“学习不深入”问题的整改</h2>
    <ol><li>针对“学用脱节”的问题。<ul><li>一是开展调研。</li><li>二是转化成果。</li></ul></li>
    <li><p>针对“制度空转”的问题。</p><p>一是修订制度。</p></li></ol></body></html>"""
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    assert outline_of(read_notice(tmp_path / "a.html")).children == (
        Outline(
            "学习不深入",
            (Outline("学用脱节", (), ("开展调研。", "转化成果。")), Outline("制度空转", (), ("修订制度。",))),
        ),
    )


@pytest.mark.parametrize("in_table", [False, True])
def test_word_document_when_in_paragraphs_or_cells_is_read_the_same(tmp_path: Path, in_table: bool):  # noqa: FBT001 - a parameter of the test
    path = write_word(tmp_path / "通报.docx", LINES, in_table=in_table)
    assert tell_kind(path) == "notice"
    assert outline_of(read_notice(path)) == expected(SMALL, Style())


def test_word_document_when_it_numbers_by_itself_is_read_with_its_numbers(tmp_path: Path):
    levels = [("chineseCounting", "(%1)"), ("decimal", "%2."), ("decimalEnclosedCircle", "%3")]
    lines = [
        (None, "关于巡视整改进展情况的通报"),
        (0, "关于“甲事”问题的整改"),
        (1, "针对“乙事”的问题。"),
        *((2, f"办第{number}件事。") for number in range(1, 13)),
        (1, "针对“丙事”的问题。一是做好。"),
        (0, "关于“丁事”问题的整改"),
        (1, "针对“戊事”的问题。"),
        (2, "办妥。"),
    ]
    plan = read_notice(write_numbered_word(tmp_path / "通报.docx", lines, levels))
    assert [[len(problem.measures) for problem in aspect.children] for aspect in plan.findings] == [[12, 1], [1]]
    assert plan.findings[0].children[0].measures[-1].text == "办第12件事。"
    assert plan.findings[1].children[0].text == "戊事"


def test_text_when_its_line_breaks_are_lost_is_read_the_same(tmp_path: Path):
    head, body, tail = LINES[:8], LINES[8:-5], LINES[-5:]
    path = write_text(tmp_path / "通报.txt", [*head, "".join(body), *tail])
    assert outline_of(read_notice(path)) == expected(SMALL, Style())


@pytest.mark.parametrize("own_lines", [False, True])
@pytest.mark.parametrize("style", [Style(), Style(wide=True, end=";"), Style(measures="①", end=";")])
def test_measures_when_there_are_more_than_ten_are_all_read(tmp_path: Path, own_lines: bool, style: Style):  # noqa: FBT001 - a parameter of the test
    style = replace(style, own_lines=own_lines)
    many = Outline("", (Outline("甲", (Outline("乙", (), tuple(f"办理第{number}件" for number in range(20))),)),))
    path = write_text(tmp_path / "通报.txt", lines_of(many, style))
    assert outline_of(read_notice(path)) == expected(many, style)


def test_measure_when_it_goes_on_in_further_paragraphs_is_one(tmp_path: Path):
    lines = [
        "(一)关于“甲”问题的整改",
        "1.针对“乙”的问题。",
        "一是修订办法。",
        "办法共五章,自7月1日起施行。",
        "二是开展检查:",
        "(1)查账目;",
        "(2)查实物。",
        "2.针对“丙”的问题。",
        "已全面整改。",
        "群众满意。",
    ]
    plan = read_notice(write_text(tmp_path / "a.txt", lines))
    texts = [[measure.text for measure in problem.measures] for problem in plan.findings[0].children]
    assert texts[1] == ["已全面整改。群众满意。"]
    assert texts[0][0] == "修订办法。办法共五章,自7月1日起施行。"
    assert texts[0][1] == "开展检查:(1)查账目;(2)查实物。"
    assert len(texts[0]) == 2


WORDS = (
    *("修订办法", "开展“回头看”", "印发《关于解决作风问题的意见》", "占比提高1.5个百分点", "于2025年3月5日完成"),
    *("落实“一是一、二是二”的要求", "走访(含夜访)3个村", "召开会议:逐条研究", "坚持‘四下基层’", "截至目前已办结12件"),
    *("“双随机、一公开”检查", "按5类20项逐一核对", "对“‘两张皮’现象”排查", "关于经费使用", "问题整改到位"),
)
NAMES = ("作风不实", "“一岗双责”落实不够", "政策落地‘最后一公里’不畅通,群众有意见", "用权不规范", "《条例》执行不严")
SPOKEN_NAMES = NAMES[:1] + NAMES[2:]  # the wording of a style puts quotation marks around a name
_measure = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(WORDS),
        st.lists(st.sampled_from(WORDS), max_size=2).map(lambda more: "".join(f",{one}" for one in more)),
    ),
)
_measures = st.lists(_measure, min_size=1, max_size=13).map(tuple)
_name = st.builds("{}之{}".format, st.sampled_from(SPOKEN_NAMES), st.sampled_from("甲乙丙丁戊己"))
_leaf = st.builds(Outline, _name, st.just(()), _measures)
_problem = _leaf | st.builds(Outline, _name, st.lists(_leaf, min_size=1, max_size=3).map(tuple), st.just(()))
_aspect = st.builds(Outline, _name, st.lists(_problem, min_size=1, max_size=3).map(tuple))
_outline = st.builds(Outline, st.just(""), st.lists(_aspect, min_size=1, max_size=4).map(tuple))
_style = st.builds(
    Style,
    numbers=st.sampled_from(
        [
            ("({})", "{}.", "({})"),
            ("({})", "{}、", "{})"),
            ("{}、", "({})", "{}."),
            ("{}、", "{}.", "({})"),
            ("{}、", "({})", "({})"),
        ]
    ),
    headings=st.tuples(
        st.sampled_from(["关于“{}”问题的整改", "关于“{}”方面", "关于“{}”方面存在的问题", "关于“{}”问题整改落实情况"]),
        st.sampled_from(["针对“{}”的问题。", "关于“{}”的问题", "关于“{}”问题的整改。", "针对“{}”问题:"]),
        st.sampled_from(["关于“{}”的问题。", "针对“{}”的问题:", "关于“{}”问题的整改情况"]),
    ),
    measures=st.sampled_from(["{}是", "{}要", "①"]),
    end=st.sampled_from("。;"),
    own_lines=st.booleans(),
    wide=st.booleans(),
).map(lambda style: replace(style, sections=style.numbers[0] == "({})"))
_file = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "page", "gbk page", "word", "table"])


def _write(folder: Path, kind: str, lines: list[str]) -> Path:
    if "page" in kind:
        return write_page(folder / "a.html", lines, charset="gbk" if "gbk" in kind else "utf-8")
    if kind in {"word", "table"}:
        return write_word(folder / "a.docx", lines, in_table=kind == "table")
    return write_text(folder / "a.txt", lines, encoding=kind, newline="\r\n")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outline=_outline, style=_style, kind=_file)
def test_any_outline_when_written_in_any_layout_is_read_back_exactly(
    tmp_path: Path, outline: Outline, style: Style, kind: str
):
    plan = read_notice(_write(tmp_path, kind, lines_of(outline, style)))
    assert outline_of(plan) == expected(outline, style)
    assert plan.count(Level.ASPECT) == len(outline.children)

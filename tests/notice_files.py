"""Notices for tests: one outline of findings written out in many layouts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from engine.rules.plan import FindingPlan, RoundPlan
from engine.rules.vocabulary import Level
from intake.notice.chinese_numbers import write_number

#: Half-width signs as the full-width ones that most notices use.
WIDE = {ord(sign): ord(sign) + 0xFEE0 for sign in "(),:;!?"}


@dataclass(frozen=True, slots=True)
class Outline:
    """A finding with what hangs below it; the top of all is nothing of its own."""

    text: str
    children: tuple[Outline, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a notice is laid out."""

    numbers: tuple[str, str, str] = ("({})", "{}.", "({})")  #: of aspects, problems, items
    headings: tuple[str, str, str] = ("关于“{}”问题的整改", "针对“{}”的问题。", "关于“{}”的问题。")
    measures: str = "{}是"  #: number before each; empty: none, for a single one
    end: str = "。"  #: of every measure but the last
    own_lines: bool = False  #: a line for each measure
    wide: bool = False  #: full-width signs
    sections: bool = True  #: the findings are one section among others

    def sign(self, text: str) -> str:
        """Return a text with the signs of this style."""
        return text.translate(WIDE) if self.wide else text


def numbered(form: str, number: int, *, chinese: bool) -> str:
    """Return a number as it stands before a line."""
    if form.startswith("①"):
        return chr(ord("①") + number - 1)
    return form.format(write_number(number) if chinese else number)


BEFORE = (
    "中共云溪市文化局委员会关于市委第三巡视组巡视整改进展情况的通报",
    "发布时间:2025-11-20",
    "2024年9月2日至11月15日,市委第三巡视组对市文化局党委进行了巡视。2025年1月8日,巡视组向局党委反馈了意见。现公布如下。",
)
ORGANISED = (
    "一、组织整改情况",
    "(一)加强组织领导",
    "1.召开会议。一是学习。二是部署,认领问题,制定措施。",
    "2.压实责任,对照反馈的问题逐条研究。",
    "二、集中整改进展情况",
)
AFTER = (
    "截至2025年7月31日,反馈的6项问题已完成整改5项;提出整改措施30条,已经完成28条。",
    "三、下一步工作安排",
    "(一)持续整改。一是不松劲。二是常回头看。",
    "联系电话:0000-7654321",
    "电子邮箱:zhenggai@wenhua.example",
)


def lines_of(outline: Outline, style: Style) -> list[str]:
    """Return the lines of a whole notice."""
    before = (*BEFORE, *ORGANISED) if style.sections else BEFORE
    body = [line for number, one in enumerate(outline.children, 1) for line in _finding(one, number, 0, style)]
    return [style.sign(line) for line in (*before, *body, *AFTER)]


def _finding(finding: Outline, number: int, depth: int, style: Style) -> Iterator[str]:
    is_chinese = depth == 0 or (depth == 1 and style.numbers[1] == "({})")
    head = numbered(style.numbers[depth], number, chinese=is_chinese) + style.headings[depth].format(finding.text)
    clauses = list(_clauses(finding.measures, style))
    if style.own_lines or not clauses:
        yield from (head, *clauses)
    else:
        yield head if head.endswith(("。", ":")) else head + "。"
        yield "".join(clauses)
    for place, child in enumerate(finding.children, 1):
        yield from _finding(child, place, depth + 1, style)


def _clauses(measures: Sequence[str], style: Style) -> Iterator[str]:
    for number, text in enumerate(measures, 1):
        end = "。" if number == len(measures) else style.end
        mark = numbered(style.measures, number, chinese=style.measures[-1] in "是要") if style.measures else ""
        yield f"{mark}{text}{end}"


def expected(outline: Outline, style: Style) -> Outline:
    """Return what a reading must give: the texts in the style's signs, without the signs that join measures."""

    def finding(one: Outline) -> Outline:
        last = len(one.measures) - 1
        ends = ["。" if place == last or style.end == "。" else "" for place in range(last + 1)]
        return replace(
            one,
            text=style.sign(one.text),
            children=tuple(finding(child) for child in one.children),
            measures=tuple(style.sign(text) + end for text, end in zip(one.measures, ends, strict=True)),
        )

    return finding(outline)


def outline_of(plan: RoundPlan) -> Outline:
    """Return what was read, as an outline; every level where it belongs."""

    def finding(one: FindingPlan, depth: int) -> Outline:
        assert one.level is list(Level)[depth]
        return Outline(
            one.text,
            tuple(finding(child, depth + 1) for child in one.children),
            tuple(measure.text for measure in one.measures),
        )

    top = 0 if plan.count(Level.ASPECT) else 1
    return Outline("", tuple(finding(one, top) for one in plan.findings))


def write_text(path: Path, lines: Sequence[str], *, encoding: str = "utf-8", newline: str = "\n") -> Path:
    """Write a notice as a text file."""
    path.write_bytes(newline.join(lines).encode(encoding))
    return path


PAGE = """<!DOCTYPE html>
<html><head><meta charset="{charset}"><title>通报</title><style>p {{ margin: 0 }}</style></head><body>
<nav><ul><li>首页</li><li>1.关于“导航”的问题</li></ul></nav>
<script>var text = "1.关于“脚本”的问题。一是不读。";</script>
<div class="content"><table><tr><td>
{body}
</td></tr></table></div>
<footer><p>版权所有 关于“页脚”的问题</p></footer></body></html>
"""


def write_page(path: Path, lines: Sequence[str], *, charset: str = "utf-8") -> Path:
    """Write a notice as a page, with all that stands around it; a sign that the charset lacks becomes a reference."""
    shown = (f"<p><span>&nbsp;&nbsp;{line[:3]}</span><b>{line[3:]}</b></p>" for line in lines)
    path.write_bytes(PAGE.format(charset=charset, body="\n".join(shown)).encode(charset, "xmlcharrefreplace"))
    return path


def write_word(path: Path, lines: Sequence[str], *, in_table: bool = False) -> Path:
    """Write a notice as a Word document, each line cut into runs as Word cuts them."""
    document = docx.Document()
    if in_table:
        table = document.add_table(rows=len(lines), cols=1)
        paragraphs = [table.cell(row, 0).paragraphs[0] for row in range(len(lines))]
    else:
        paragraphs = [document.add_paragraph() for _ in lines]
    for paragraph, line in zip(paragraphs, lines, strict=True):
        for piece in (line[:2], line[2:5], line[5:]):
            paragraph.add_run(piece)
    document.save(str(path))
    return path


def word_bytes() -> bytes:
    """Return a small Word document with a good notice."""
    content = io.BytesIO()
    document = docx.Document()
    for line in lines_of(SMALL, Style()):
        document.add_paragraph(line)
    document.save(content)
    return content.getvalue()


def write_numbered_word(path: Path, lines: Sequence[tuple[int | None, str]], levels: Sequence[tuple[str, str]]) -> Path:
    """Write a document whose numbers Word counts: (level or None, text), and by level (format, pattern)."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    shown = "".join(
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for place, (form, text) in enumerate(levels)
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{shown}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level, text in lines:
        paragraph = document.add_paragraph(text)
        if level is not None:
            properties = paragraph._p.get_or_add_pPr()
            properties.append(
                parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>')
            )
            assert properties.find(qn("w:numPr")) is not None
    document.save(str(path))
    return path


SMALL = Outline(
    "",
    (
        Outline(
            "学习不深入,落实‘最后一公里’不到位",
            (
                Outline("理论学习不系统", (), ("修订学习计划,每月一次", "印发《关于加强学习问题的若干措施》")),
                Outline(
                    "联系实际不紧",
                    (
                        Outline("调研走过场", (), ("开展“四下基层”调研:走访3个村", "建立台账(试行)", "按月通报")),
                        Outline("成果转化少", (), ("完成12项转化",)),
                    ),
                ),
            ),
        ),
        Outline("管理有漏洞", (Outline("资产底数不清", (), ("全面清查,比上年增加1.5%", "“一是一、二是二”逐笔核对")),)),
    ),
)

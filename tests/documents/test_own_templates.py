"""Word templates that an office edits: what may stand in one, how it is filled, and what is told of a broken one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.shared import Pt

from documents.kinds import SIGNED
from documents.official.blocks import (
    Chart,
    Head,
    Heading,
    Imprint,
    Paper,
    Series,
    Signature,
    Table,
    cell,
    text,
)
from documents.official.own_template import load_own_templates, look
from documents.official.word import paper_docx
from documents.official.word_template import begin, fill
from documents.papers.shapes import SHAPES
from engine.rules.figure import Figure, Measures
from i18n import say

ONE = Figure(value=1, source=Measures())
DAY = date(2025, 9, 10)
PAPER = Paper(
    title=("某局党委", "关于<整改>&进展情况的通报"),
    author="某局党委",
    as_of=DAY,
    head=Head(mark="某局党委文件", number="某党〔2025〕3号"),
    body=(
        Heading(text="一、总体情况"),
        text("共有{{ title }}项措施。"),
        Table(heads=("甲", "乙"), widths=(40, 40), rows=((cell("1"), cell("2")),)),
        Chart(title="图", labels=("甲",), series=(Series(name="完成", colour="2C9A55", figures=(ONE,)),)),
        Heading(text="（一）进展", level=2),
        Signature(organisation="某局党委", day=DAY),
    ),
    imprint=Imprint(copies=None, printer="某局办公室", printed_on="2025年9月10日"),
    draft="草稿",
    record="版本：第1版",
)


def edited(kind: str, edit: Callable[[Any], None]) -> bytes:
    document = Document(io.BytesIO(begin(SHAPES[kind])))
    edit(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def lines(content: bytes) -> list[str]:
    return [line.text for line in Document(io.BytesIO(content)).paragraphs]


@pytest.mark.parametrize("kind", sorted(SIGNED))
def test_shipped_template_when_written_is_in_order_and_the_same_again(kind: str):
    made = begin(SHAPES[kind])
    assert list(look(made)) == []
    assert made == begin(SHAPES[kind])


def test_shapes_when_listed_are_the_kinds_that_are_signed():
    assert set(SHAPES) == SIGNED


def test_paper_when_filled_into_the_shipped_template_says_what_duban_itself_says():
    made = fill(begin(SHAPES["notice"]), PAPER)
    own = [line for line in lines(paper_docx(PAPER)) if line.strip()]
    assert [line for line in "\n".join(lines(made)).split("\n") if line.strip()] == own
    assert made == fill(begin(SHAPES["notice"]), PAPER)
    document = Document(io.BytesIO(made))
    for head in (document.sections[0].header, document.sections[0].even_page_header):
        assert [line.text for line in head.paragraphs] == ["草稿"]
    assert len(document.tables) == 1
    assert len([name for name in zipfile.ZipFile(io.BytesIO(made)).namelist() if "chart" in name]) == 1


def test_paper_when_approved_has_no_mark_in_the_template():
    document = Document(io.BytesIO(fill(begin(SHAPES["notice"]), replace(PAPER, draft=None))))
    assert [line.text for line in document.sections[0].header.paragraphs] == [""]


def test_text_when_set_in_a_template_follows_its_styles():
    def change(document: Any) -> None:
        document.styles["Body Text"].font.size = Pt(12)
        document.paragraphs[0].insert_paragraph_before("内部资料　{{ number or '未编号' }}　请勿外传")

    document = Document(io.BytesIO(fill(edited("notice", change), PAPER)))
    told = next(line for line in document.paragraphs if line.text.startswith("共有"))
    assert told.style.name == "Body Text"
    assert {run.font.size for run in told.runs} == {None}
    assert told.paragraph_format.first_line_indent is None
    assert next(line for line in document.paragraphs if line.text == "一、总体情况").style.name == "Heading 1"
    assert document.paragraphs[0].text == "内部资料　某党〔2025〕3号　请勿外传"


def test_place_when_word_has_split_it_into_runs_is_filled_all_the_same():
    def split(document: Any) -> None:
        line = document.paragraphs[0].insert_paragraph_before("")
        for part in ("甲{", "{ tit", "le }", "}乙"):
            line.add_run(part)

    first = lines(fill(edited("notice", split), PAPER))[0]
    assert first == "甲某局党委\n关于<整改>&进展情况的通报乙"


def test_line_when_all_its_places_are_empty_goes():
    def copies(document: Any) -> None:
        document.paragraphs[0].insert_paragraph_before("抄送：{{ copies }}")

    assert not [line for line in lines(fill(edited("notice", copies), PAPER)) if "抄送" in line]
    copied = replace(PAPER, imprint=Imprint(copies="各单位", printer="x", printed_on="x"))
    assert lines(fill(edited("notice", copies), copied))[0] == "抄送：各单位"


def _says(told: str) -> Callable[[Any], None]:
    return lambda document: document.paragraphs[0].insert_paragraph_before(told)


def _no_body(document: Any) -> None:
    next(line for line in document.paragraphs if line.text == "{{ body }}").clear()


def _no_mark(document: Any) -> None:
    document.sections[0].header.paragraphs[0].clear()


def _no_style(document: Any) -> None:
    style = document.styles["Body Text"]
    style.element.getparent().remove(style.element)


def _tracked(tag: str, *, at: str = "body") -> Callable[[Any], None]:
    """Track a change of the first paragraph, as Word does: its first run lies within, or a mark stands beside it."""

    def edit(document: Any) -> None:
        line = document.sections[0].header.paragraphs[0] if at == "header" else document.paragraphs[0]
        run = line.add_run("原文")._r
        change = OxmlElement(f"w:{tag}")
        run.addprevious(change)
        change.append(run)

    return edit


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (_tracked("ins"), "tracked changes"),
        (_tracked("del"), "tracked changes"),
        (_tracked("moveFrom"), "tracked changes"),
        (_tracked("rPrChange"), "tracked changes"),
        (_tracked("commentReference"), "tracked changes"),
        (_tracked("del", at="header"), "tracked changes"),
        (_says("{{ nothing }}"), "nothing is not known; known are: addressee"),
        (_says("{{ title.__class__ }}"), "nothing is called or reached into"),
        (_says("{{ title['x'] }}"), "nothing is called or reached into"),
        (_says("{{ '%999999999d' % 1 }}"), "nothing is called or reached into"),
        (_says("{{ cycler() }}"), "nothing is called or reached into"),
        (_says("{{ title | pprint }}"), "pprint is not known"),
        (_says("{{ title"), "is not known here"),
        (_says("{% if title %}x"), "is not known here"),
        (_says("{{ body }}"), "stands there 2 times"),
        (_says("x {{ body }}"), "stands alone"),
        (_no_body, "stands there 0 times"),
        (_no_mark, "{{ draft }} must stand in every head"),
        (_no_style, "the style Body Text is missing"),
    ],
)
def test_template_when_it_is_broken_is_told_with_what_is_allowed(edit: Callable[[Any], None], told: str):
    found = [say(message, "en") for _row, _value, message in look(edited("notice", edit))]
    assert [one for one in found if told in one], found


def _with(name: str, content: bytes, *, instead: bytes | None = None) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(begin(SHAPES["notice"]))) as parts, zipfile.ZipFile(written, "w") as made:
        for one in parts.namelist():
            told = parts.read(one)
            made.writestr(one, told.replace(instead, content) if instead and one == name else told)
        if instead is None:
            made.writestr(name, content)
    return written.getvalue()


_ELSEWHERE = (
    b'<Relationship Id="rId99" Type="http://x/image" Target="http://x/y.png" TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no zip at all", "a Word file (.docx) was expected"),
        (_with("word/vbaProject.bin", b"x"), "macros"),
        (_with("[Content_Types].xml", b"macroEnabled.12", instead=b"wordprocessingml.document"), "macros"),
        (_with("word/_rels/document.xml.rels", _ELSEWHERE, instead=b"</Relationships>"), "loads something"),
        (_with("word/document.xml", b"<w:nothing>", instead=b"<w:body>"), "a Word file (.docx) was expected"),
    ],
)
def test_file_when_it_is_no_plain_word_file_is_not_used(content: bytes, told: str):
    assert [told in say(message, "en") for _row, _value, message in look(content)] == [True]


def test_templates_when_loaded_tell_file_and_paragraph_of_the_broken_ones(tmp_path: Path):
    (tmp_path / "notice.docx").write_bytes(begin(SHAPES["notice"]))
    (tmp_path / "report.docx").write_bytes(edited("report", _says("{{ nothing }}")))
    (tmp_path / "agenda.docx").write_bytes(begin(SHAPES["notice"]))
    (tmp_path / "~$notice.docx").write_bytes(b"a lock file of Word")
    found, faults = load_own_templates(tmp_path, SIGNED)
    assert set(found) == {"notice"}
    told = [(Path(one.place.file).name, one.place.row, one.value) for one in faults]
    assert told == [("agenda.docx", None, None), ("report.docx", 1, "{{ nothing }}")]

"""The printed agenda: Word document, page and Markdown carry the same, in both languages, whatever people wrote."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from documents.agenda import write_agenda
from documents.agenda_view import MOST, plain, say_agenda
from engine.reads.agenda_document import AgendaDocument, PrintedAspect, PrintedLine
from engine.rules.agenda import Section
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Slip
from i18n import LANGUAGES
from tests.agenda_readers import READERS, ReadAgenda
from tests.documents.official_layout import check_layout

FORMS = tuple(READERS)
ASK = N_("decide on close-out")
NASTY = (
    "<script>alert(1)</script>",
    "</td></tr></table><h1>x</h1>",
    "{{ agenda.title }}{% for x in y %}",
    "=cmd|' /C calc'!A0",
    "&lt;b&gt; &amp; &#x41;",
    "a|b\\|c\\\\|d",
    "**bold** _it_ `code` ~~no~~ [a](javascript:x) ![i](http://x) <http://example.cn>",
    "1. one",
    "- one",
    "# head",
    "{TOC \\o}",
    "_x0041_ %s {0} {name}",
    "$x^2$ \\alpha",
    "W" * MOST,
    "关于“甲”问题《乙》的通报……",
    "🙂👨‍👩‍👧 é ﷽",
    "<!-- --> ]]> <?php ?>",
)


def line_of(code: str | None = "1.1.1-01", text: str = "修订制度", **other: object) -> PrintedLine:
    values: dict[str, object] = {
        "code": code,
        "text": text,
        "unit": "局办公室",
        "leader": "钱一",
        "owner": "王二",
        "deadline": date(2025, 9, 2),
        "lateness": 0,
        "slip": None,
        "reason": "正在办理",
        "ask": ASK,
    }
    return PrintedLine(**(values | other))  # type: ignore[arg-type]


LATE = (
    line_of("4.1.2-03", "复审十八个项目", lateness=8, slip=Slip.RED),
    line_of("1.2.2-04", "新增排水泵车", lateness=6, slip=Slip.GROUP, leader=None, reason=None),
    line_of("2.1.2-04", "完成小区改造", lateness=1, slip=Slip.YELLOW, unit=None, leader=None, owner=None),
)
READY = tuple(line_of(f"5.1.{number}-01", f"措施{number}", deadline=None) for number in (3, 1, 2))
DECIDED = (line_of(None, "同意销号", unit=None, leader=None, owner=None, deadline=None, reason=None),)
FIGURES = {
    "aspects": 2,
    "problems": 14,
    "problems_done": 3,
    "items": 46,
    "items_done": 10,
    "measures": 160,
    "assigned": 7,
    "in_progress": 15,
    "submitted": 4,
    "verified": 36,
    "closed": 106,
    "cancelled": 2,
    "to_be_assigned": 1,
    "overdue": 5,
}
ASPECTS = (
    PrintedAspect(code="1", text="守牢城市水安全底线不够有力", measures=35, closed=23, overdue=2),
    PrintedAspect(code="2", text="服务群众用水有落差", measures=125, closed=83, overdue=3),
)


def agenda_of(sections: dict[Section, tuple[PrintedLine, ...]] | None = None, **other: object) -> AgendaDocument:
    lines = sections or {}
    values: dict[str, object] = {
        "organisation": "局党委",
        "round_title": "整改进展情况的通报",
        "round_code": "LX-2024-4",
        "held_on": date(2025, 9, 10),
        "as_of": date(2025, 9, 9),
        "version": 2,
        "figures": FIGURES,
        "change": {"closed": 29, "items_done": 0, "overdue": -1, "measures": 0},
        "aspects": ASPECTS,
        "sections": tuple((section, lines.get(section, ())) for section in Section),
    }
    return AgendaDocument(**(values | other))  # type: ignore[arg-type]


FULL = agenda_of({Section.LAST_DECISIONS: DECIDED, Section.ESCALATED: LATE, Section.CLOSE_OUT: READY})
EMPTY = agenda_of(figures=dict.fromkeys(FIGURES, 0), change={}, aspects=())


def read_forms(folder: Path, agenda: AgendaDocument, language: str) -> dict[str, ReadAgenda]:
    found = {}
    for form, read in READERS.items():
        path = folder / f"agenda{form}"
        write_agenda(path, agenda, language=language)
        found[form] = read(path)
    return found


def the_same(forms: dict[str, ReadAgenda]) -> ReadAgenda:
    """Return what all forms say."""
    first, *others = forms.values()
    for other in others:
        assert other == first
    return first


def codes(agenda: ReadAgenda, section: int) -> list[str]:
    """Return the first column of a section's table."""
    return [row[0] for row in agenda.sections[section].tables[0][1:]]


def texts_of(read: ReadAgenda) -> list[str]:
    """Return everything that stands in the document, in no order."""
    tables = [table for section in read.sections for table in section.tables]
    told = [*read.title, *(text for section in read.sections for text in (section.heading, *section.texts))]
    return [*told, *(cell for row in (*read.facts, *(row for table in tables for row in table)) for cell in row)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("agenda", [FULL, EMPTY], ids=["full", "empty"])
def test_forms_when_read_back_say_the_same_in_the_same_order(tmp_path: Path, agenda: AgendaDocument, language: str):
    read = the_same(read_forms(tmp_path, agenda, language))
    said = say_agenda(agenda, language)
    assert read.title == (said.organisation, said.title)
    assert read.facts == said.facts
    ordered = [said.decisions.heading, said.progress_heading, *(one.heading for one in said.sections)]
    assert [section.heading for section in read.sections] == ordered


def test_lines_when_printed_keep_their_order_and_every_field(tmp_path: Path):
    read = the_same(read_forms(tmp_path, FULL, "en"))
    assert codes(read, 0) == ["—"]
    assert codes(read, 2) == ["4.1.2-03", "1.2.2-04", "2.1.2-04"]
    assert codes(read, 4) == ["5.1.3-01", "5.1.1-01", "5.1.2-01"]
    first, second, third = read.sections[2].tables[0][1:]
    assert first == (
        "4.1.2-03",
        "复审十八个项目",
        "局办公室\nleader: 钱一\nowner: 王二",
        "2025-09-02\n8 working days late\nred slip",
        "正在办理",
        "decide on close-out",
    )
    assert second[2:5] == (
        "局办公室\nowner: 王二",
        "2025-09-02\n6 working days late\nsubmitted to the leading group",
        "—",
    )
    assert third[2] == "—"
    assert read.sections[4].tables[0][1][3] == "—"


def test_figures_when_printed_are_those_of_the_agenda(tmp_path: Path):
    progress = the_same(read_forms(tmp_path, FULL, "en")).sections[1]
    figures, aspects = progress.tables
    assert [(row[1], row[2]) for row in figures[1:]] == [
        *(("14", "—"), ("3", "—"), ("46", "—"), ("10", "0"), ("160", "0"), ("106", "+29"), ("36", "—"), ("4", "—")),
        *(("15", "—"), ("7", "—"), ("1", "—"), ("5", "-1"), ("2", "—")),
    ]
    assert aspects[1:] == (
        ("守牢城市水安全底线不够有力", "35", "23", "65%", "2"),
        ("服务群众用水有落差", "125", "83", "66%", "3"),
        ("All aspects", "160", "106", "66%", "5"),
    )
    assert progress.texts[0] == (
        "As of 2025-09-09, 10 of 46 items are done, 106 of 160 measures are closed out (66%), and 5 measures are "
        "overdue. Against last month: measures closed out up by 29, items done as before, measures overdue down by 1."
    )


def test_sections_when_empty_say_so_in_words(tmp_path: Path):
    read = the_same(read_forms(tmp_path, EMPTY, "en"))
    told = [section.texts for number, section in enumerate(read.sections) if number != 1]
    assert told == [("None.",)] * len(Section)
    assert [len(section.tables) for section in read.sections] == [0, 1, 0, 0, 0, 0, 0, 0]


def test_agenda_when_chinese_holds_no_english_word(tmp_path: Path):
    everything = agenda_of(dict.fromkeys(Section, (*LATE, *READY, *DECIDED)), round_code="4")
    read = the_same(read_forms(tmp_path, everything, "zh_CN"))
    assert not [text for text in texts_of(read) if re.search("[A-Za-z]", text)]


def test_agenda_when_english_and_nobody_wrote_chinese_holds_no_chinese(tmp_path: Path):
    lines = (line_of("1", "a", unit="b", leader="c", owner="d", reason="e", lateness=3, slip=Slip.BLUE),)
    aspect = PrintedAspect(code="1", text="f", measures=1, closed=0, overdue=0)
    english = agenda_of(dict.fromkeys(Section, lines), organisation="g", round_title="h", aspects=(aspect,))
    read = the_same(read_forms(tmp_path, english, "en"))
    assert not [text for text in texts_of(read) if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)]


@pytest.mark.parametrize("text", NASTY)
def test_text_when_it_looks_like_markup_stays_text_in_every_form(tmp_path: Path, text: str):
    line = line_of(text, text, unit=text, leader=text, owner=text, reason=text)
    aspect = PrintedAspect(code="1", text=text, measures=1, closed=0, overdue=0)
    agenda = agenda_of(
        {Section.ESCALATED: (line,)}, organisation=text, round_title=text, round_code=text, aspects=(aspect,)
    )
    read = the_same(read_forms(tmp_path, agenda, "en"))
    assert read.title[0] == text
    assert read.facts[2][1] == text
    assert read.sections[1].tables[1][1][0] == text
    code, told, who, _deadline, reason, _ask = read.sections[2].tables[0][1]
    assert {code, told, reason} == {text}
    assert who == f"{text}\nleader: {text}\nowner: {text}"


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    organisation=st.text(),
    texts=st.lists(st.tuples(*[st.text(min_size=1, max_size=MOST)] * 4), min_size=1, max_size=8),
    language=st.sampled_from(LANGUAGES),
)
def test_any_text_when_printed_is_the_same_in_every_form(
    tmp_path: Path, organisation: str, texts: list[tuple[str, ...]], language: str
):
    lines = tuple(
        line_of("1", text, unit=unit, leader=None, owner=owner, reason=reason) for text, unit, owner, reason in texts
    )
    agenda = agenda_of({Section.DUE_SOON: lines}, organisation=organisation)
    read = the_same(read_forms(tmp_path, agenda, language))
    rows = read.sections[3].tables[0][1:]
    assert read.title[0] == plain(organisation)
    assert [(row[1], row[4]) for row in rows] == [(plain(text), plain(reason)) for text, _, _, reason in texts]
    for row, (_text, unit, owner, _reason) in zip(rows, texts, strict=True):
        assert row[2].startswith(f"{plain(unit)}\n")
        assert row[2].endswith(plain(owner))


@pytest.mark.parametrize("form", FORMS)
def test_agenda_when_it_has_300_lines_is_complete(tmp_path: Path, form: str):
    many = tuple(line_of(f"{number}.1.1-01", "很长" * MOST) for number in range(300))
    path = tmp_path / f"agenda{form}"
    write_agenda(path, agenda_of({Section.CLOSE_OUT: many}), language="zh_CN")
    read = READERS[form](path)
    assert codes(read, 4) == [line.code for line in many]
    assert {row[1] for row in read.sections[4].tables[0][1:]} == {("很长" * MOST)[: MOST - 1] + "…"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_agenda_when_written_twice_has_the_same_bytes(tmp_path: Path, form: str, language: str):
    written = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}{form}"
        write_agenda(path, FULL, language=language)
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one{form}", f"two{form}"]


def test_word_document_when_written_keeps_the_national_layout(tmp_path: Path):
    path = tmp_path / "agenda.docx"
    write_agenda(path, FULL)
    check_layout(path, FULL.as_of)


def test_word_document_when_written_carries_the_cut_off_as_its_only_time(tmp_path: Path):
    path = tmp_path / "agenda.docx"
    write_agenda(path, FULL)
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2025, 9, 9, 0, 0, 0)}
    about = Document(str(path)).core_properties
    assert (about.created.date(), about.modified.date(), about.author) == (FULL.as_of, FULL.as_of, "局党委")


def test_word_document_when_written_runs_nothing_and_numbers_its_pages(tmp_path: Path):
    path = tmp_path / "agenda.docx"
    text = "=cmd|' /C calc'!A0 <script>"
    write_agenda(path, agenda_of({Section.ESCALATED: (line_of(text, text),)}))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    told = [one for content in parts.values() for one in re.findall(rb"<w:instrText[^>]*>([^<]*)<", content)]
    assert told == [b"PAGE", b"PAGE"]
    assert not [name for name in parts if "vba" in name.lower() or "embed" in name.lower()]
    assert b'TargetMode="External"' not in b"".join(parts.values())


def test_word_tables_when_they_break_repeat_their_heads_and_split_no_row(tmp_path: Path):
    path = tmp_path / "agenda.docx"
    write_agenda(path, FULL)
    document = Document(str(path))
    for table in document.tables:
        rows = table._tbl.tr_lst
        assert [len(row.xpath("w:trPr/w:tblHeader")) for row in rows] == [1] + [0] * (len(rows) - 1)
        assert all(row.xpath("w:trPr/w:cantSplit") for row in rows)
        assert all(paragraph.paragraph_format.keep_with_next for paragraph in table.rows[0].cells[0].paragraphs)
    headings = [one for one in document.paragraphs if one.style.name == "Heading 1"]
    assert len(headings) == len(Section) + 1
    assert all(one.style.paragraph_format.keep_with_next for one in headings)


def test_page_when_written_runs_nothing_and_loads_nothing(tmp_path: Path):
    path = tmp_path / "agenda.html"
    write_agenda(path, agenda_of({Section.ESCALATED: tuple(line_of(text, text) for text in NASTY)}))
    page = html.fromstring(path.read_bytes())
    assert not page.xpath("//script|//link|//img|//iframe|//@src|//@href|//@*[starts-with(name(), 'on')]")
    assert not re.search(r"url\(|@import", "".join(page.xpath("//style/text()")))
    etree.parse(io.BytesIO(path.read_bytes()), etree.HTMLParser(recover=False))


def test_agenda_when_the_ending_is_unknown_is_refused(tmp_path: Path):
    with pytest.raises(NotReady):
        write_agenda(tmp_path / "agenda.pdf", FULL)
    assert not list(tmp_path.iterdir())


def test_agenda_when_writing_fails_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "agenda.md"
    path.write_text("old", encoding="utf-8")
    broken = agenda_of(sections=(), aspects=(replace(ASPECTS[0], closed="x"),))
    with pytest.raises(TypeError):
        write_agenda(path, broken)
    assert path.read_text(encoding="utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["agenda.md"]

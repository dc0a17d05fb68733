"""The ledger that is written: it reads back as the same plan, runs nothing, and looks like a ledger."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.ledger import LedgerBook, LedgerRow, PersonRow, UnitRow, fitting_text
from documents.write_ledger import write_ledger, write_ledger_csv
from engine.rules.ledger_layout import LEDGER, MAX_CELL, NEVER_GRANTED, ROLE_WORDS, TOTAL_WORDS, clean_text, key_of
from engine.rules.plan import FindingPlan, MeasurePlan, PersonPlan, Place, RoundPlan, UnitPlan
from engine.rules.vocabulary import Level, MeasureClass, Role, State, UnitKind
from intake.workbook.cell_values import ERRORS, squeeze
from intake.workbook.ledger_words import Known
from intake.workbook.read_workbook import read_ledger, read_workbook

NOWHERE = Place(file="")
CREATED = datetime(2025, 9, 10, 1, tzinfo=UTC)
NASTY = (
    *(
        "=cmd|' /C calc'!A0",
        "=1+1",
        "+86 10 1234",
        "-",
        "@SUM(A1)",
        "'leading",
        "''twice",
        '"quoted"',
        "a;b,c\td",
        "多行\n文字",
    ),
    *(
        "🙂👨‍👩‍👧",
        "<b>&amp;</b>",
        "_x0041_",
        "%s {0} {name}",
        "#REF",
        "http://example.cn",
        "1.10",
        "2025-09-03",
    ),
    *("(一)聚焦", "1.关于“甲”问题", '=HYPERLINK("http://x")', "\\n", "]]>", "＝1", "{=A1}", "TRUE", "长期坚持", "null"),
)
TEXTS = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
).map(clean_text)
ODD = {
    *ERRORS,
    *(key_of(word) for word in TOTAL_WORDS),
    *(name for names in LEDGER.headings.values() for name in names),
}
PLAIN = TEXTS.filter(lambda text: bool(squeeze(text)) and text not in ODD and key_of(text) not in ODD)
NAMES = PLAIN.map(squeeze).filter(lambda name: not re.search("[、,，;；/]", name))
STROKED = st.one_of(NAMES, st.just("教务/科研处"), st.just("党政办、统战部"))


@st.composite
def ledgers(draw: st.DrawFn, *, names: st.SearchStrategy[str] = STROKED) -> LedgerBook:
    units = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    unit_rows = tuple(
        UnitRow(
            name=name,
            kind=draw(st.sampled_from(UnitKind)),
            parent=draw(st.sampled_from([None, *units[:number]])),
        )
        for number, name in enumerate(units)
    )
    codes = draw(st.lists(NAMES, max_size=4, unique=True))
    granted = st.lists(st.sampled_from([role for role in Role if role not in NEVER_GRANTED]), unique=True, max_size=3)
    people = tuple(
        PersonRow(
            name=draw(NAMES),
            code=code,
            unit=draw(st.sampled_from(units)),
            roles=tuple(draw(granted)),
            email=draw(st.sampled_from([None, "li.si@example.cn"])),
            language=draw(st.sampled_from([None, "zh_CN", "en"])),
        )
        for code in codes
    )
    texts = draw(st.lists(PLAIN, min_size=2, max_size=4, unique_by=squeeze))
    numbers = draw(st.lists(PLAIN.map(lambda text: " ".join(text.split())), min_size=1, max_size=8, unique=True))
    return LedgerBook(
        title=draw(st.sampled_from(["巡视整改台账", "=1+1", "关于“甲”的台账(2025年)"])),
        as_of=date(2025, 9, 10),
        created=CREATED,
        units=unit_rows,
        people=people,
        rows=tuple(_row(draw, code, texts, units, codes) for code in numbers),
    )


def _row(draw: st.DrawFn, code: str, texts: list[str], units: list[str], people: list[str]) -> LedgerRow:
    open_ended = draw(st.booleans())
    person = st.sampled_from([None, *people])
    return LedgerRow(
        code=code,
        aspect=draw(st.sampled_from(texts)),
        problem=draw(st.sampled_from(texts)),
        item=draw(st.sampled_from([None, *texts])),
        measure=draw(PLAIN),
        measure_class=MeasureClass.CONTINUOUS if open_ended else draw(st.sampled_from([None, *MeasureClass])),
        lead=draw(person),
        unit=draw(st.sampled_from([None, *units])),
        co_units=tuple(draw(st.lists(st.sampled_from(units), unique=True, max_size=3))),
        owner=draw(person),
        due=None if open_ended else draw(st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31))),
        open_ended=open_ended,
        progress=draw(st.none() | PLAIN),
        state=draw(st.sampled_from([None, *State])),
        evidence=tuple(draw(st.lists(NAMES, unique=True, max_size=2))),
        overdue=draw(st.booleans()),
    )


def _expected(ledger: LedgerBook) -> RoundPlan:
    """Return the plan that says the same as the ledger."""

    def below(rows: list[LedgerRow], levels: tuple[tuple[Level, str], ...]) -> tuple[FindingPlan, ...]:
        (level, name), *deeper = levels
        texts = dict.fromkeys(text for row in rows if (text := getattr(row, name)))
        plans = []
        for number, text in enumerate(texts, 1):
            held = [row for row in rows if getattr(row, name) == text]
            here = held if not deeper else [row for row in held if deeper[0][1] == "item" and row.item is None]
            plans.append(
                FindingPlan(
                    level=level,
                    number=number,
                    text=text,
                    children=below(held, tuple(deeper)) if deeper else (),
                    measures=tuple(map(_measure, here)),
                    place=NOWHERE,
                )
            )
        return tuple(plans)

    return RoundPlan(
        kind="ledger",
        title=ledger.title,
        findings=below(list(ledger.rows), ((Level.ASPECT, "aspect"), (Level.PROBLEM, "problem"), (Level.ITEM, "item"))),
        units=tuple(
            UnitPlan(name=unit.name, kind=unit.kind, parent=unit.parent, place=NOWHERE) for unit in ledger.units
        ),
        people=tuple(
            PersonPlan(
                name=one.name,
                code=one.code,
                unit=one.unit,
                roles=one.roles,
                email=one.email,
                language=one.language,
                place=NOWHERE,
            )
            for one in ledger.people
        ),
    )


def _measure(row: LedgerRow) -> MeasurePlan:
    return MeasurePlan(
        code=row.code,
        text=row.measure,
        measure_class=row.measure_class,
        lead=row.lead,
        unit=row.unit,
        co_units=row.co_units,
        owner=row.owner,
        due=row.due,
        progress=row.progress,
        state=row.state,
        evidence=row.evidence,
        place=NOWHERE,
    )


def _known(ledger: LedgerBook) -> Known:
    """Return the names on record, as whoever imports tells them."""
    rows = ledger.rows
    return Known(
        units=frozenset(row.unit for row in rows if row.unit),
        people=frozenset(name for row in rows for name in (row.lead, row.owner) if name),
        measures=frozenset("".join(row.measure.split()) for row in rows),
    )


def _anywhere(plan: RoundPlan) -> RoundPlan:
    """Return the plan without its places, and without doubts of codes that read like dates: the record knows them."""

    def bare(node: FindingPlan) -> FindingPlan:
        measures = tuple(replace(one, place=NOWHERE, code_told=True, code_lost=False) for one in node.measures)
        return replace(node, place=NOWHERE, measures=measures, children=tuple(map(bare, node.children)))

    return replace(
        plan,
        findings=tuple(map(bare, plan.findings)),
        units=tuple(replace(unit, place=NOWHERE) for unit in plan.units),
        people=tuple(replace(one, place=NOWHERE) for one in plan.people),
    )


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ledger=ledgers())
def test_ledger_when_written_and_read_says_the_same(tmp_path: Path, ledger: LedgerBook):
    path = tmp_path / "ledger.xlsx"
    write_ledger(path, ledger)
    reading = read_ledger(path, known=_known(ledger))
    assert _anywhere(reading.plan) == _expected(ledger)
    assert reading.notes == ()


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ledger=ledgers(names=NAMES))
def test_csv_when_written_and_read_says_the_same(tmp_path: Path, ledger: LedgerBook):
    path = tmp_path / "ledger.csv"
    write_ledger_csv(path, ledger)
    expected = replace(_expected(ledger), title=None, units=(), people=())
    assert _anywhere(read_workbook(path, known=_known(ledger))) == expected


def _nasty_book() -> LedgerBook:
    rows = tuple(
        LedgerRow(
            code=f"={number}",
            aspect=text,
            problem=text,
            item=text,
            measure=text,
            progress=text,
            due=date(2025, 9, 3),
            state=State.IN_PROGRESS,
            overdue=True,
        )
        for number, text in enumerate(NASTY)
    )
    units = (UnitRow(name="=1+1", kind=UnitKind.COMMITTEE),)
    people = (PersonRow(name="=2+2", code="=3+3", unit="=1+1"),)
    return LedgerBook(title="=4+4", as_of=date(2025, 9, 10), created=CREATED, units=units, people=people, rows=rows)


def test_workbook_when_texts_look_like_formulas_holds_none(tmp_path: Path):
    write_ledger(tmp_path / "a.xlsx", _nasty_book())
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 3
    assert not any(b"<f>" in sheet or b"<f " in sheet or b"<hyperlink" in sheet for sheet in sheets)


def test_csv_when_texts_look_like_formulas_begins_them_with_an_apostrophe(tmp_path: Path):
    write_ledger_csv(tmp_path / "a.csv", _nasty_book())
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert not re.search(r'(?m)(?:^|,)"?[=+@＝]', content.decode("utf-8-sig"))


def test_workbook_when_written_twice_has_the_same_bytes(tmp_path: Path):
    write_ledger(tmp_path / "a.xlsx", _nasty_book())
    write_ledger(tmp_path / "b.xlsx", _nasty_book())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_workbook_when_opened_is_set_up_for_screen_and_paper(tmp_path: Path):
    write_ledger(tmp_path / "a.xlsx", _nasty_book())
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["台账", "单位", "人员"]
    sheet = book["台账"]
    last = 3 + len(NASTY)
    assert [cell.value for cell in sheet[3]] == [LEDGER.heading(field) for field in LEDGER.headings]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B4", f"A3:O{last}")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet["A4"].number_format, sheet["K4"].number_format) == ("@", "yyyy-mm-dd")
    assert sheet["K4"].value == datetime(2025, 9, 3)  # noqa: DTZ001 - a workbook knows no zones
    assert sheet["K4"].fill.fgColor.rgb == "FFF8CBAD"
    lists = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists["F4"] == '"立行立改,限期整改,长期坚持"'
    assert lists["M4"] == '"待分派,待签收,整改中,待核验,已核验,已销号,不再整改"'
    assert (lists["H4"], lists["J4"]) == ("'单位'!$A$2:$A$501", "'人员'!$A$2:$A$501")
    assert len({cell.font.color.rgb for cell in sheet["B"][3:] if cell.font.color}) <= 2


def test_roles_when_a_cell_is_chosen_are_all_told_beside_it(tmp_path: Path):
    write_ledger(tmp_path / "a.xlsx", _nasty_book())
    rules = openpyxl.load_workbook(tmp_path / "a.xlsx")["人员"].data_validations.dataValidation
    (hint,) = (rule for rule in rules if str(rule.sqref).startswith("D2:"))
    granted = [told[0] for role, told in ROLE_WORDS.items() if role not in NEVER_GRANTED]
    assert [word for word in granted if word not in hint.prompt] == []


def test_findings_when_repeated_keep_their_text_in_grey(tmp_path: Path):
    row = LedgerRow(code="1", aspect="甲", problem="乙", item=None, measure="丙")
    rows = (row, replace(row, code="2"), replace(row, code="3", problem="丁"))
    write_ledger(tmp_path / "a.xlsx", LedgerBook(title="台账", as_of=date(2025, 9, 10), created=CREATED, rows=rows))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["台账"]
    colours = {cell.coordinate: cell.font.color.rgb for line in sheet["B4:C6"] for cell in line if cell.font.color}
    assert [cell.value for cell in sheet["B"][3:]] == ["甲"] * 3
    grey = {place for place, colour in colours.items() if colour == "FF707070"}
    assert grey == {"B5", "C5", "B6"}


@pytest.mark.parametrize("text", ["字" * 40_000, "🙂" * 20_000, "a" * 32_767, "🙂" * 16_383])
def test_text_when_longer_than_a_cell_ends_in_a_visible_mark(text: str):
    fitted = fitting_text(text)
    units = len(fitted.encode("utf-16-le")) // 2
    assert units <= MAX_CELL
    assert fitted == text or (fitted.endswith("…") and units >= MAX_CELL - 1)


def test_ledger_when_it_has_no_rows_is_still_a_form_to_fill_in(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    write_ledger(path, LedgerBook(title="台账", as_of=date(2025, 9, 10), created=CREATED))
    book = openpyxl.load_workbook(path)
    sheet = book["台账"]
    for column, value in enumerate(("1", "甲", "乙", "", "丙", "立行立改", "", "", "", "", "9月底"), 1):
        sheet.cell(4, column).value = value or None
    filled = io.BytesIO()
    book.save(filled)
    path.write_bytes(filled.getvalue())
    (measure,) = read_workbook(path, year=2025).measures()
    assert (measure.text, measure.due) == ("丙", date(2025, 9, 30))

"""Workbooks broken by one named change each: refused, every fault with its place, never another exception."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.rules.plan import InputRefused
from i18n import say
from intake.workbook import open_file, table
from intake.workbook.read_workbook import read_ledger, read_workbook
from tests.ledger_files import FIRST_ROW, HEADING_ROW, HEADINGS, SHEETS, book_of, csv_text, good_book, put

Place = tuple[str | None, int | None, str | None]

#: name → (sheet, row, heading, the value put there, another heading at fault or None)
CELLS: dict[str, tuple[str, int, str, object]] = {
    "code-missing": ("台账", 3, "序号", None),
    "code-of-spaces": ("台账", 4, "序号", "   "),
    "code-twice": ("台账", 4, "序号", "1-1"),
    "code-twice-but-for-space": ("台账", 5, "序号", " 1-2 "),
    "code-too-long": ("台账", 3, "序号", "9" * 65),
    "code-error": ("台账", 3, "序号", "#REF!"),
    "code-formula": ("台账", 3, "序号", "=ROW()"),
    "aspect-missing-at-first": ("台账", 3, "方面", None),
    "aspect-error-at-first": ("台账", 3, "方面", "#NAME?"),
    "problem-missing-at-first": ("台账", 3, "反馈问题", None),
    "problem-missing-in-new-aspect": ("台账", 6, "反馈问题", None),
    "problem-formula": ("台账", 3, "反馈问题", "=A1"),
    "item-error": ("台账", 3, "具体事项", "#N/A"),
    "measure-missing": ("台账", 4, "整改措施", None),
    "measure-of-control-characters": ("台账", 4, "整改措施", "\u200b\ufeff"),
    "measure-error": ("台账", 4, "整改措施", "#VALUE!"),
    "measure-formula": ("台账", 4, "整改措施", "=CONCATENATE(A1,B1)"),
    "class-unknown": ("台账", 3, "整改类型", "马上改"),
    "class-number": ("台账", 3, "整改类型", 1),
    "class-error": ("台账", 3, "整改类型", "#DIV/0!"),
    "lead-too-long": ("台账", 3, "责任领导", "王" * 201),
    "unit-too-long": ("台账", 3, "责任单位", "处" * 201),
    "unit-error": ("台账", 3, "责任单位", "#REF!"),
    "co-unit-too-long": ("台账", 3, "配合单位", "财务处、" + "处" * 201),
    "owner-too-long": ("台账", 3, "责任人", "李" * 201),
    "due-formula": ("台账", 4, "整改时限", "=TODAY()+30"),
    "due-error": ("台账", 4, "整改时限", "#NUM!"),
    "progress-error": ("台账", 3, "进展情况", "#NULL!"),
    "state-unknown": ("台账", 3, "完成状态", "差不多了"),
    "state-two-at-once": ("台账", 3, "完成状态", "整改中/已销号"),
    "state-percent": ("台账", 3, "完成状态", 0.8),
    "state-formula": ("台账", 3, "完成状态", '=IF(A1="","","已完成")'),
    "evidence-error": ("台账", 3, "佐证材料", "#SPILL!"),
    "unit-name-missing": ("单位", 3, "单位名称", None),
    "unit-name-twice": ("单位", 4, "单位名称", "规划处"),
    "unit-name-too-long": ("单位", 5, "单位名称", "处" * 201),
    "unit-kind-missing": ("单位", 3, "类别", None),
    "unit-kind-unknown": ("单位", 3, "类别", "联营公司"),
    "unit-kind-error": ("单位", 3, "类别", "#REF!"),
    "unit-parent-unknown": ("单位", 3, "上级单位", "省水利厅"),
    "unit-parent-itself": ("单位", 3, "上级单位", "规划处"),
    "unit-parents-in-a-ring": ("单位", 2, "上级单位", "规划处"),
    "person-name-missing": ("人员", 3, "姓名", None),
    "person-account-twice": ("人员", 3, "账号", "wangjg"),
    "person-account-too-long": ("人员", 3, "账号", "a" * 65),
    "person-unit-missing": ("人员", 3, "单位", None),
    "person-role-unknown": ("人员", 3, "角色", "单位负责人、司机"),
    "person-email-wrong": ("人员", 3, "邮箱", "li.hm(at)example.cn"),
    "person-emails-two": ("人员", 3, "邮箱", "a@example.cn;b@example.cn"),
    "person-language-unknown": ("人员", 3, "语言", "法语"),
}

#: name → (row, what stands under 整改时限)
DAYS: dict[str, tuple[int, object]] = {
    "word": (4, "尽快"),
    "no-such-day": (4, "2025-02-30"),
    "no-such-month": (4, "2025年13月"),
    "no-such-leap-day": (4, "2025.2.29"),
    "too-early": (4, "1925-09-03"),
    "too-late": (4, "20250-09-03"),
    "year-unknown": (3, "9月底"),
    "number-of-two-meanings": (4, 2025.1),
    "serial-out-of-range": (4, 999999),
    "negative": (4, -45903),
    "truth-value": (4, True),
    "time": (4, time(9, 30)),
    "span-backwards": (4, "2025年9月至2025年3月"),
    "words-of-working-days": (4, "10个工作日内"),
    "day-and-month-alike": (4, "9/3/2025"),
}


@pytest.mark.parametrize("name", DAYS)
def test_deadline_when_no_day_can_be_relied_on_is_told_with_its_row(tmp_path: Path, name: str):
    row, value = DAYS[name]
    book = good_book()
    put(book, "台账", row, "整改时限", value)
    book.save(tmp_path / "台账.xlsx")
    reading = read_ledger(tmp_path / "台账.xlsx")
    measure = next(one for one in reading.plan.measures() if one.place.row == row)
    assert measure.due is None
    (told,) = [str(note) for note in reading.notes if "no deadline was taken" in str(note)]
    assert f"row {row} " in told
    assert "expected" in told


def _refused(path: Path) -> list[Place]:
    with pytest.raises(InputRefused) as refused:
        read_workbook(path)
    faults = refused.value.faults
    assert faults
    for fault in faults:
        assert fault.place.file == path.name
        assert str(fault.message)
        assert say(fault.message)
        assert fault.value is None or len(fault.value) <= 60
    places = [(fault.place.sheet, fault.place.row, fault.place.column) for fault in faults]
    assert len({*map(str, zip(places, (fault.message.msgid for fault in faults), strict=True))}) == len(faults)
    return places


def _read_or_refused(path: Path) -> None:
    try:
        read_workbook(path)
    except InputRefused:
        _refused(path)


@pytest.mark.parametrize("name", CELLS)
def test_workbook_when_one_cell_is_broken_is_refused_at_that_cell(tmp_path: Path, name: str):
    sheet, row, heading, value = CELLS[name]
    book = good_book()
    put(book, sheet, row, heading, value)
    book.save(tmp_path / "台账.xlsx")
    places = _refused(tmp_path / "台账.xlsx")
    assert (sheet, row, heading) in places
    assert len(places) <= 3


def _second_heading(heading: str, other: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        put(book, "台账", HEADING_ROW, heading, other)

    return change


def _repeat_headings(book: openpyxl.Workbook) -> None:
    book["台账"].insert_rows(5)
    for column, heading in enumerate(HEADINGS, 1):
        book["台账"].cell(5, column).value = heading


def _headings_twice_at_once(book: openpyxl.Workbook) -> None:
    book["台账"].insert_rows(3)
    for column, heading in enumerate(HEADINGS, 1):
        book["台账"].cell(3, column).value = heading


def _no_headings(book: openpyxl.Workbook) -> None:
    book["台账"].delete_rows(1, 2)


def _only_notes(book: openpyxl.Workbook) -> None:
    for name in tuple(book.sheetnames):
        del book[name]
    book.create_sheet("说明").append(["无"])


def _rename(old: str, new: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book[old].title = new

    return change


def _copy(name: str, title: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book.copy_worksheet(book[name]).title = title

    return change


def _two_unnamed(book: openpyxl.Workbook) -> None:
    book["台账"].title = "Sheet1"
    book.copy_worksheet(book["Sheet1"]).title = "Sheet2"


def _headings_only(book: openpyxl.Workbook) -> None:
    del book["单位"], book["人员"]
    book["台账"].delete_rows(3, 10)


def _accounts_forgotten(book: openpyxl.Workbook) -> None:
    for row in (2, 3):
        put(book, "人员", row, "姓名", "王伟")
        put(book, "人员", row, "账号", None)


SHAPES: dict[str, tuple[Callable[[openpyxl.Workbook], None], Place]] = {
    "column-twice": (_second_heading("进展情况", "责任单位"), ("台账", HEADING_ROW, "责任单位")),
    "column-by-two-synonyms": (
        lambda book: (_second_heading("责任单位", "责任部门")(book), _second_heading("进展情况", "主责单位")(book))[0],
        ("台账", HEADING_ROW, "主责单位"),
    ),
    "unit-kind-column-missing": (lambda book: put(book, "单位", 1, "类别", "其他"), ("单位", 1, "类别")),
    "person-unit-column-missing": (lambda book: put(book, "人员", 1, "单位", "其他"), ("人员", 1, "单位")),
    "headings-again-below": (_repeat_headings, ("台账", 5, None)),
    "headings-twice-at-once": (_headings_twice_at_once, ("台账", 3, None)),
    "headings-missing": (_no_headings, ("台账", 1, None)),
    "unit-headings-missing": (lambda book: book["单位"].delete_rows(1), ("单位", 1, None)),
    "only-notes": (_only_notes, ("说明", 1, None)),
    "two-lists-of-units": (_copy("单位", "单位名单"), ("单位名单", None, None)),
    "two-ledgers-alike": (_two_unnamed, ("Sheet2", 3, "序号")),
    "headings-only": (_headings_only, (None, None, None)),
    "names-without-accounts": (_accounts_forgotten, ("人员", 3, "姓名")),
}


@pytest.mark.parametrize("name", SHAPES)
def test_workbook_when_its_shape_is_broken_is_refused_there(tmp_path: Path, name: str):
    change, place = SHAPES[name]
    book = good_book()
    change(book)
    book.save(tmp_path / "台账.xlsx")
    assert place in _refused(tmp_path / "台账.xlsx")


def _good_bytes() -> bytes:
    """Return the good ledger as Excel writes it: with a part for the strings, which openpyxl has not."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd"})
    for name, rows in SHEETS.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return content.getvalue()


GOOD = _good_bytes()


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def _without(*names: str) -> bytes:
    return _packed({name: part for name, part in _parts().items() if name not in names})


def _rewritten(name: str, old: bytes, new: bytes) -> bytes:
    parts = _parts()
    changed = re.sub(old, new, parts[name], count=1)
    assert changed != parts[name]
    return _packed(parts | {name: changed})


def _locked_entries() -> bytes:
    content = bytearray(GOOD)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = content.find(signature)
        while position >= 0:
            content[position + offset] |= 1
            position = content.find(signature, position + 4)
    return bytes(content)


_SHEET, _OLE = "xl/worksheets/sheet1.xml", bytes.fromhex("d0cf11e0a1b11ae1")
_GB_CSV = csv_text(SHEETS["台账"][1:3])
BYTES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "one-byte": lambda: b"\x00",
    "only-a-signature": lambda: b"PK\x03\x04",
    "cut-in-half": lambda: GOOD[: len(GOOD) // 2],
    "cut-at-the-end": lambda: GOOD[:-30],
    "cut-at-the-beginning": lambda: b"PK" + GOOD[200:],
    "sheet-flipped": lambda: GOOD.replace(GOOD[900:960], bytes(60)),
    "locked-by-office": lambda: _OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500),
    "locked-archive": _locked_entries,
    "old-xls": lambda: _OLE + bytes(500) + "Workbook".encode("utf-16-le") + bytes(500),
    "word-document": lambda: _packed({"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}),
    "open-document": lambda: _packed({"mimetype": b"application/vnd.oasis", "content.xml": b"<x/>"}),
    "binary-workbook": lambda: _packed({"xl/workbook.bin": b"\x00", "[Content_Types].xml": b"<x/>"}),
    "archive-of-anything": lambda: _packed({"a.txt": b"hello"}),
    "no-content-types": lambda: _without("[Content_Types].xml"),
    "no-workbook-part": lambda: _without("xl/workbook.xml"),
    "no-sheet-part": lambda: _without(_SHEET),
    "no-strings-part": lambda: _without("xl/sharedStrings.xml"),
    "no-relations-part": lambda: _without("xl/_rels/workbook.xml.rels"),
    "sheet-not-closed": lambda: _rewritten(_SHEET, rb"</sheetData>.*", b""),
    "sheet-row-cut": lambda: _rewritten(_SHEET, rb"</row>", b""),
    "sheet-no-xml": lambda: _packed(_parts() | {_SHEET: b"\x89PNG\r\n"}),
    "sheet-empty": lambda: _packed(_parts() | {_SHEET: b""}),
    "string-number-too-large": lambda: _rewritten(_SHEET, rb'(t="s"[^>]*><v>)\d+', rb"\g<1>99999"),
    "string-number-a-word": lambda: _rewritten(_SHEET, rb'(t="s"[^>]*><v>)\d+', rb"\g<1>x"),
    "cell-coordinate-nonsense": lambda: _rewritten(_SHEET, rb'r="A3"', b'r="??"'),
    "cell-column-too-far": lambda: _rewritten(_SHEET, rb'r="A3"', b'r="AAAAA3"'),
    "row-number-a-word": lambda: _rewritten(_SHEET, rb'row r="3"', b'row r="x"'),
    "row-number-huge": lambda: _rewritten(_SHEET, rb'row r="3"', b'row r="99999999999"'),
    "strings-cut": lambda: _packed(_parts() | {"xl/sharedStrings.xml": _parts()["xl/sharedStrings.xml"][:300]}),
    "styles-no-xml": lambda: _packed(_parts() | {"xl/styles.xml": b"styles"}),
    "entities-that-explode": lambda: _rewritten(
        _SHEET,
        rb"^",
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (str(n - 1).encode() if n else b"") * 10) for n in range(10))
        + b"]>",
    ),
    "csv-no-headings": lambda: b"1,2,3\r\n4,5,6\r\n",
    "csv-open-quote": (_GB_CSV + '"1-9,"没有,结束\r\n').encode,
    "csv-no-encoding": lambda: b"\xff\x81\x00" * 50,
    "csv-utf16-cut": lambda: b"\xff\xfe" + _GB_CSV.encode("utf-16-le")[:-1],
    "picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "pdf": lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "web-page": lambda: b"<html><table><tr><td>\xe5\xba\x8f\xe5\x8f\xb7</td></tr></table></html>",
}


@pytest.mark.parametrize("name", BYTES)
def test_file_when_its_bytes_are_broken_is_refused(tmp_path: Path, name: str):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(BYTES[name]())
    assert len(_refused(path)) == 1


CSV: dict[str, tuple[list[object], Place]] = {
    "csv-code-missing": (["", "甲", "乙", "", "丙"], (None, 2, "序号")),
    "csv-measure-missing": (["1", "甲", "乙", "", ""], (None, 2, "整改措施")),
    "csv-cell-too-long": (["1", "甲", "乙", "", "措" * 32_768], (None, 2, "整改措施")),
    "csv-row-short": (["1"], (None, 2, "方面")),
    "csv-error": (["1", "甲", "乙", "#REF!", "丙"], (None, 2, "具体事项")),
}


@pytest.mark.parametrize("name", CSV)
def test_csv_when_one_row_is_broken_is_refused_there(tmp_path: Path, name: str):
    row, place = CSV[name]
    path = tmp_path / "台账.csv"
    path.write_bytes(csv_text([list(HEADINGS), row]).encode("gb18030"))
    assert place in _refused(path)


def test_mutations_are_as_many_as_promised():
    assert len(CELLS) + len(DAYS) + len(SHAPES) + len(BYTES) + len(CSV) >= 120


def test_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path):
    assert _refused(tmp_path / "nichts.xlsx") == [(None, None, None)]
    assert _refused(tmp_path) == [(None, None, None)]


def test_workbook_when_larger_than_allowed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(_packed(_parts() | {"xl/media/large.bin": bytes(30_000_000)}))
    assert path.stat().st_size < 100_000
    monkeypatch.setattr("intake.workbook.xlsx_file.MAX_BYTES", 20_000_000)
    assert _refused(path) == [(None, None, None)]
    monkeypatch.setattr(open_file, "MAX_BYTES", 1_000)
    assert _refused(path) == [(None, None, None)]


def test_workbook_with_too_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(table, "MAX_ROWS", 3)
    good_book().save(tmp_path / "台账.xlsx")
    assert ("台账", FIRST_ROW + 3, None) in _refused(tmp_path / "台账.xlsx")


def test_formula_with_its_result_is_read_as_the_result(tmp_path: Path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(_rewritten(_SHEET, rb'<c r="K3"([^>]*)><v>', rb'<c r="K3"\1><f>TODAY()</f><v>'))
    assert str(read_workbook(path).measures()[0].due) == "2025-09-03"


def test_date_cell_beyond_the_calendar_is_refused_without_a_warning(tmp_path: Path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(_rewritten(_SHEET, rb'(<c r="K3"[^>]*><v>)[^<]*', rb"\g<1>99999999999"))
    assert _refused(path) == [("台账", 3, "整改时限")]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_file_when_bytes_are_changed_anywhere_is_read_or_refused(tmp_path: Path, data: st.DataObject):
    content = bytearray(data.draw(st.sampled_from([GOOD, _GB_CSV.encode("gb18030"), _GB_CSV.encode()])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "台账"
    path.write_bytes(content)
    _read_or_refused(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sheet_when_its_xml_is_changed_anywhere_is_read_or_refused(tmp_path: Path, data: st.DataObject):
    parts = _parts()
    name = data.draw(st.sampled_from(sorted(parts)))
    part = parts[name]
    start = data.draw(st.integers(0, len(part)))
    new = data.draw(
        st.sampled_from([b"", b"<", b">", b'"', b"0", b"-1", b"99999999", b"</c>", b"<f/>", b"\xff", b"&x;"])
    )
    path = tmp_path / "台账.xlsx"
    path.write_bytes(_packed(parts | {name: part[:start] + new + part[start + data.draw(st.integers(0, 12)) :]}))
    _read_or_refused(path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.tuples(
            st.sampled_from([(name, row) for name, rows in SHEETS.items() for row in range(1, len(rows) + 1)]),
            st.integers(1, len(HEADINGS)),
            st.one_of(
                st.none(),
                st.integers(-(10**12), 10**12),
                st.floats(allow_nan=False, allow_infinity=False),
                st.booleans(),
                st.dates(date(1950, 1, 1)),
                st.just(timedelta(days=3)),
                st.sampled_from([*HEADINGS, "=1/0", "#REF!", "合计", "1-1", "长期坚持", "9月底", "x" * 32_767]),
                st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), max_size=20),
            ),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_workbook_when_cells_hold_anything_is_read_or_refused(
    tmp_path: Path, cells: list[tuple[tuple[str, int], int, object]]
):
    book = book_of(SHEETS)
    for (sheet, row), column, value in cells:
        book[sheet].cell(row, column).value = value
    path = tmp_path / "台账.xlsx"
    book.save(path)
    _read_or_refused(path)

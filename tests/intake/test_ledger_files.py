"""Ledgers in other files than .xlsx and .csv: read as the tables they are, or refused by their own name."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from engine.rules.plan import InputRefused, MeasurePlan
from intake.import_files import read_source
from intake.workbook.calamine_file import plain_value
from intake.workbook.read_workbook import LedgerReading, read_ledger
from tests.ledger_files import book_of

FILES = Path(__file__).parent / "ledgers"
DERIVED = ["1-01", "1-02", "1-03", "2-01", "2-02"]
SEPTEMBER = date(2025, 9, 30)
HEADINGS: list[object] = ["序号", "方面", "反馈问题", "整改措施", "整改时限"]


def told(reading: LedgerReading) -> list[tuple[str | None, str | None, date | None]]:
    return [(one.code, one.unit, one.due) for one in reading.plan.measures()]


@pytest.mark.parametrize("name", ["merged.xls", "merged.ods", "merged-page.xls"])
def test_ledger_of_another_program_reads_like_the_workbook(name: str):
    assert told(read_ledger(FILES / name)) == [(code, "办公室", SEPTEMBER) for code in DERIVED]
    assert len(read_source(FILES / name).plan.measures()) == 5


XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="台账"><Table>
<Row ss:Index="2"><Cell><Data ss:Type="String">序号</Data></Cell><Cell><Data ss:Type="String">方面</Data></Cell>
<Cell><Data ss:Type="String">反馈问题</Data></Cell><Cell><Data ss:Type="String">整改措施</Data></Cell>
<Cell ss:Index="6"><Data ss:Type="String">整改时限</Data></Cell></Row>
<Row><Cell ss:MergeDown="1"><Data ss:Type="Number">1</Data></Cell><Cell><Data ss:Type="String">政治</Data></Cell>
<Cell><Data ss:Type="String">学习不深</Data></Cell><Cell><Data ss:Type="String">制定<B>计划</B></Data></Cell>
<Cell ss:Index="6" ss:MergeDown="1"><Data ss:Type="DateTime">2025-09-30T00:00:00.000</Data></Cell></Row>
<Row><Cell ss:Index="4"><Data ss:Type="String">开展抽查</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("name", ["台账.xls", "台账.xml"])
def test_xml_spreadsheet_of_excel_2003_is_read(tmp_path: Path, name: str):
    (tmp_path / name).write_text(XML, encoding="utf-8")
    reading = read_ledger(tmp_path / name)
    assert told(reading) == [("1-01", None, SEPTEMBER), ("1-02", None, SEPTEMBER)]
    assert read_source(tmp_path / name).plan.measures()[0].text == "制定计划"


def test_page_named_as_a_workbook_is_read_in_the_encoding_it_tells(tmp_path: Path):
    rows = "<tr><td>序号<td>方面<td>反馈问题<td>整改措施</tr><tr><td>1<td>政治<td>学习<br>不深<td>制定计划</tr>"
    page = f"<html><head><meta charset=gb2312></head><table>{rows}</table></html>"
    (tmp_path / "台账.xls").write_bytes(page.encode("gb18030"))
    plan = read_source(tmp_path / "台账.xls").plan
    assert (plan.findings[0].children[0].text, plan.measures()[0].text) == ("学习\n不深", "制定计划")


def packed(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def ods(body: str, before: str = "") -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    inner = f"<office:body>{body}</office:body>"
    content = f'<?xml version="1.0"?>{before}<office:document-content {spaces}>{inner}</office:document-content>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": kind, "content.xml": content.encode()})


_CELL = '<table:table-cell {more} office:value-type="string"><text:p>x</text:p></table:table-cell>'
_BOMB = (
    '<office:spreadsheet><table:table table:name="台账"><table:table-row table:number-rows-repeated="1000000">'
    + _CELL.format(more='table:number-columns-repeated="16000"')
    + "</table:table-row></table:table></office:spreadsheet>"
)
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "repeated-cells": ("a.ods", ods(_BOMB), "at most"),
    "entities-in-ods": ("a.ods", ods("", '<!DOCTYPE x [<!ENTITY a "a">]>'), "entities"),
    "entities-in-xml": ("a.xls", XML.replace("?>\n", '?><!DOCTYPE x [<!ENTITY a "a">]>\n', 1).encode(), "entities"),
    "xml-cut": ("a.xls", XML[:600].encode(), "damaged"),
    "xml-row-far-out": ("a.xls", XML.replace('Index="2"', 'Index="99999999999"').encode(), "damaged"),
    "old-broken": ("a.xls", OLE + bytes(500) + "Workbook".encode("utf-16-le") + bytes(500), "damaged"),
    "old-wps": ("a.et", OLE + bytes(500) + "Workbook".encode("utf-16-le") + bytes(500), "WPS (.et)"),
    "old-other": ("a.wps", OLE + bytes(1000), "old Office"),
    "oscal": ("a.json", b'{"plan-of-action-and-milestones":{"uuid":"x"}}', "OSCAL"),
    "json": ("a.json", b'{"a": 1}', "JSON"),
    "other-xml": ("a.xml", b'<?xml version="1.0"?><a/>', "XML of another kind"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_file_that_is_no_ledger_is_refused_by_its_own_name(tmp_path: Path, name: str):
    file, content, word = REFUSED[name]
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InputRefused) as refused:
        read_ledger(tmp_path / file)
    (fault,) = refused.value.faults
    assert word in str(fault.message)


def test_poam_of_fedramp_is_refused_by_its_own_name(tmp_path: Path):
    book_of({"Open POA&M Items": [["POAM ID", "Controls", "Weakness Name"], ["V-1", "AC-1", "Open port"]]}).save(
        tmp_path / "a.xlsx"
    )
    with pytest.raises(InputRefused) as refused:
        read_ledger(tmp_path / "a.xlsx")
    assert "POA&M" in str(refused.value.faults[0].message)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (3.0, 3),
        (1.5, 1.5),
        ("", None),
        ("PT36H00M00S", timedelta(hours=36)),
        (datetime(2025, 9, 3), date(2025, 9, 3)),  # noqa: DTZ001
        (datetime(2025, 9, 3, 8), datetime(2025, 9, 3, 8)),  # noqa: DTZ001
        (True, True),
    ],
)
def test_value_of_calamine_is_told_as_openpyxl_tells_it(value: object, plain: object):
    assert plain_value(value) == plain
    assert type(plain_value(value)) is type(plain)


def shown(folder: Path, value: object, code: str, column: str = "E") -> MeasurePlan:
    """Return the measure of a ledger with one cell of this number format."""
    book = book_of({"台账": [[*HEADINGS, "完成情况"], ["1-1", "政治", "学习不深", "制定计划", None, None]]})
    book["台账"][f"{column}2"] = value
    book["台账"][f"{column}2"].number_format = code
    book.save(folder / "a.xlsx")
    (measure,) = read_ledger(folder / "a.xlsx").plan.measures()
    return measure


@pytest.mark.parametrize(
    ("code", "due"),
    [
        ('yyyy"年"m"月"', SEPTEMBER),
        ("mmm-yy", SEPTEMBER),
        ("yyyy-mm", SEPTEMBER),
        ('[DBNum1][$-804]yyyy"年"m"月";@', SEPTEMBER),
        ("yyyy", date(2025, 12, 31)),
        ("yyyy-mm-dd", date(2025, 9, 1)),
        ('[DBNum1][$-804]yyyy"年"m"月"d"日";@', date(2025, 9, 1)),
        ('m"月"d"日"', date(2025, 9, 1)),
    ],
)
def test_date_that_is_shown_as_a_month_means_its_end(tmp_path: Path, code: str, due: date):
    assert shown(tmp_path, datetime(2025, 9, 1), code).due == due  # noqa: DTZ001


@pytest.mark.parametrize(("value", "state"), [(1, "closed"), (0.8, "in_progress")])
def test_share_that_is_shown_in_per_cent_is_a_state(tmp_path: Path, value: float, state: str):
    measure = shown(tmp_path, value, "0%", "F")
    assert measure.state is not None
    assert measure.state.value == state


@pytest.mark.parametrize(
    ("number", "due"), [(57, SEPTEMBER), (27, SEPTEMBER), (31, date(2025, 9, 1)), (58, date(2025, 9, 1))]
)
def test_date_in_a_format_of_chinese_excel_is_read_as_shown(tmp_path: Path, number: int, due: date):
    shown(tmp_path, 45901, "0.0000")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    told_by = b'numFmtId="164"'
    styles = parts["xl/styles.xml"].replace(b"<cellXfs", b"<!-- --><cellXfs")
    head, _, tail = styles.partition(b"<cellXfs")
    parts["xl/styles.xml"] = head + b"<cellXfs" + tail.replace(told_by, b'numFmtId="%d"' % number)
    (tmp_path / "a.xlsx").write_bytes(packed(parts))
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["台账"]["E2"].value == 45901, "openpyxl tells a bare number"
    (measure,) = read_ledger(tmp_path / "a.xlsx").plan.measures()
    assert measure.due == due

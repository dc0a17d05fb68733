"""Ledger workbooks for tests: a good one as plain rows, and the ways to write it."""

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

HEADINGS = (
    *("序号", "方面", "反馈问题", "具体事项", "整改措施", "整改类型", "责任领导", "责任单位", "配合单位", "责任人"),
    *("整改时限", "进展情况", "完成状态", "佐证材料"),
)
ASPECTS = ("(一)贯彻落实党的路线方针政策方面", "(二)全面从严治党方面")
TITLE = "市水务局巡视整改台账"
HEADING_ROW, FIRST_ROW = 2, 3
SHEETS: dict[str, list[list[object]]] = {
    "台账": [
        [TITLE],
        list(HEADINGS),
        [
            *("1-1", ASPECTS[0], "1.关于“规划滞后”问题", "(1)规划未及时修订", "修订规划", "立行立改", "王建国"),
            *("规划处", "财务处、审计处", "李红梅", date(2025, 9, 3), "已完成初稿", "整改中", "规划.docx;纪要.pdf"),
        ],
        [
            *("1-2", None, None, None, "召开评审会", "限期整改", "王建国", "规划处", None, "李红梅"),
            *("2025年9月底", None, "待签收", None),
        ],
        [
            *("1-3", None, None, "(2)项目推进缓慢", "建立周调度机制", "长期坚持", "张伟", "财务处", None, "赵志强"),
            *("长期坚持", "持续推进", "整改中", None),
        ],
        [
            *("2-1", ASPECTS[1], "2.关于“压力传导不够”问题", None, "约谈责任人", "立行立改", "张伟", "审计处", None),
            *("陈静", "2025.6.30", None, "已销号", None),
        ],
        ["合计", None, None, None, "4条"],
    ],
    "单位": [
        ["单位名称", "类别", "上级单位"],
        ["市水务局党委", "党委", None],
        ["规划处", "处室", "市水务局党委"],
        ["财务处", "处室", "市水务局党委"],
        ["审计处", "处室", "市水务局党委"],
    ],
    "人员": [
        ["姓名", "账号", "单位", "角色", "邮箱", "语言"],
        ["王建国", "wangjg", "市水务局党委", "领导小组", "wang@example.cn", "中文"],
        ["李红梅", "lihm", "规划处", "单位负责人、核验人", None, None],
        ["张伟", "zhangw", "市水务局党委", None, None, "English"],
        ["赵志强", "zhaozq", "财务处", "专班联络员", None, None],
        ["陈静", "chenj", "审计处", "审计", None, None],
    ],
}


def good_book() -> openpyxl.Workbook:
    """Return the good ledger as a workbook that can still be changed."""
    return book_of(SHEETS)


def book_of(sheets: dict[str, list[list[object]]]) -> openpyxl.Workbook:
    """Return a workbook with these sheets."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def ledger_of(rows: list[list[object]], path: Path, headings: tuple[str, ...] = HEADINGS) -> Path:
    """Write a workbook that has only a 台账 with these rows."""
    book_of({"台账": [list(headings), *rows]}).save(path)
    return path


def csv_text(rows: list[list[object]], separator: str = ",") -> str:
    """Return rows as the text of a .csv."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator).writerows(rows)
    return written.getvalue()


def column_of(sheet: Worksheet, heading: str) -> int:
    """Return the number of the column with this heading, from 1."""
    for row in sheet.iter_rows(min_row=1, max_row=3):
        for cell in row:
            if cell.value == heading:
                assert cell.column is not None
                return cell.column
    raise LookupError(heading)


def put(book: openpyxl.Workbook, sheet: str, row: int, heading: str, value: object) -> None:
    """Change one cell."""
    book[sheet].cell(row, column_of(book[sheet], heading)).value = value

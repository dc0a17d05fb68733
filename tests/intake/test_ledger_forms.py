"""Ledgers in the forms that offices really have: what their rows say is read, or told."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from engine.rules.plan import InputRefused, MeasurePlan
from engine.rules.vocabulary import Level, MeasureClass, State
from intake.workbook.ledger_words import Known
from intake.workbook.read_workbook import LedgerReading, read_ledger
from tests.ledger_files import book_of, csv_text

FEEDBACK = date(2025, 3, 3)
SEPTEMBER = date(2025, 9, 30)


def read(
    folder: Path, sheets: dict[str, list[list[object]]], *merged: tuple[str, str], known: Known | None = None
) -> LedgerReading:
    """Write sheets as a workbook with merged cells, and read it."""
    book = book_of(sheets)
    for sheet, cells in merged:
        book[sheet].merge_cells(cells)
    book.save(folder / "台账.xlsx")
    return read_ledger(folder / "台账.xlsx", feedback_on=FEEDBACK, known=known or Known())


def counts(reading: LedgerReading) -> tuple[int, int, int]:
    """Return how many aspects, problems and measures there are."""
    plan = reading.plan
    return plan.count(Level.ASPECT), plan.count(Level.PROBLEM), len(plan.measures())


def codes(reading: LedgerReading) -> list[str | None]:
    return [one.code for one in reading.plan.measures()]


def notes(reading: LedgerReading) -> str:
    return "\n".join(map(str, reading.notes))


def only(reading: LedgerReading) -> MeasurePlan:
    (measure,) = reading.plan.measures()
    return measure


TOWN: list[list[object]] = [
    ["某镇党委巡察反馈问题整改台账"],
    ["填报单位(盖章):云溪镇", None, None, None, None, "填报日期:2025年7月1日"],
    ["序号", "存在问题", "整改措施", "责任领导", "责任人", "完成时限", "整改进展", "是否完成"],
    [1, "台账不完整", "1.补齐会议记录。\n2.每季度抽查一次。", "李明", "张三", "2025年8月底前", "已补齐", "否"],
    [2, "公开不及时", "1.每月公开。\n2.专项检查。\n3.通报结果。", "王芳", "赵四", "2025.9.30", "正在推进", "是"],
]


def test_ledger_without_aspects_whose_cells_hold_several_measures_is_read(tmp_path: Path):
    reading = read(tmp_path, {"整改台账": TOWN})
    assert counts(reading) == (1, 2, 5)
    assert codes(reading) == ["1-01", "1-02", "2-01", "2-02", "2-03"]
    assert reading.plan.findings[0].text == TOWN[0][0]
    assert reading.plan.organisation == "云溪镇"
    first, *_, last = reading.plan.measures()
    assert (first.text, first.lead, first.owner, first.due) == ("补齐会议记录。", "李明", "张三", date(2025, 8, 31))
    assert (first.state, last.state) == (State.IN_PROGRESS, State.CLOSED)
    assert "told apart by their numbering: row 4" in notes(reading)
    assert "no column tells the aspect" in notes(reading)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1.甲事。2.乙事。", ("甲事。", "乙事。")),
        ("1、甲事；2、乙事；3、丙事", ("甲事", "乙事", "丙事")),
        ("（1）甲事（2）乙事", ("甲事", "乙事")),
        ("①甲事②乙事", ("甲事", "乙事")),
        ("一是甲事。二是乙事。", ("甲事。", "乙事。")),
        ("（一）甲事\n（二）乙事", ("甲事", "乙事")),
        ("第一，甲事。第二，乙事。", ("甲事。", "乙事。")),
        ("措施1：甲事\n措施2：乙事", ("甲事", "乙事")),
        ("采取以下措施：1.甲事。2.乙事。", ("甲事。", "乙事。")),
        ("1.甲事：（1）细一；（2）细二。\n2.乙事", ("甲事：（1）细一；（2）细二。", "乙事")),
    ],
)
def test_measures_in_one_cell_are_told_apart_by_any_numbering(tmp_path: Path, text: str, parts: tuple[str, ...]):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施"],
        [1, "政治", "学习不深", text],
        [2, "政治", "调研少", "下沉"],
    ]
    reading = read(tmp_path, {"整改台账": rows})
    assert [one.text for one in reading.plan.measures()] == [*parts, "下沉"]


@pytest.mark.parametrize("text", ["投入1.5亿元、2.5公里", "完成第1、2期工程", "按1.2.3节要求落实"])
def test_measure_that_only_holds_numbers_stays_one(tmp_path: Path, text: str):
    reading = read(tmp_path, {"台账": [["序号", "方面", "反馈问题", "整改措施"], [1, "政治", "学习不深", text]]})
    assert (only(reading).code, only(reading).text) == ("1", text)


def test_measure_that_numbers_its_parts_beside_others_of_its_problem_stays_one_and_it_is_told(tmp_path: Path):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施"],
        [1, "政治", "学习不深", "一是甲事。二是乙事。"],
        [2, None, None, "丙事"],
    ]
    reading = read(tmp_path, {"台账": rows})
    assert codes(reading) == ["1", "2"]
    assert "stays one: row 2" in notes(reading)
    known = Known(measures=frozenset({"一是甲事。二是乙事。"}))
    assert len(read(tmp_path, {"台账": rows[:2]}, known=known).plan.measures()) == 1


def test_cells_that_number_the_same_parts_or_line_them_up_are_shared_out(tmp_path: Path):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施", "责任人", "整改时限", "完成状态"],
        [1, "政治", "学习不深", "1.甲事\n2.乙事", "1.张三\n2.李四", "2025年8月底\n2025年9月底", "已完成\n整改中"],
    ]
    told = [(one.owner, one.due, one.state) for one in read(tmp_path, {"台账": rows}).plan.measures()]
    assert told == [("张三", date(2025, 8, 31), State.CLOSED), ("李四", SEPTEMBER, State.IN_PROGRESS)]


HAZARDS: list[list[object]] = [
    ["隐患治理信息台账列表"],
    ["序号", "排查时间", "排查人", "隐患部位", "隐患名称", "隐患等级", "治理措施", "完成时限", "责任部门", "整改情况"],
    [1, datetime(2025, 6, 3), "周强", "3号楼", "配电箱未上锁", "一般", "加装锁具", "2025-06-10", "后勤科", "已整改"],  # noqa: DTZ001
    [2, datetime(2025, 6, 3), "周强", "食堂", "灭火器过期", "一般", "更换12具", "2025-07-15", "后勤科", "整改中"],  # noqa: DTZ001
]


def test_hazard_ledger_is_read_with_the_columns_of_its_own(tmp_path: Path):
    reading = read(tmp_path, {"隐患治理信息台账": HAZARDS})
    assert counts(reading) == (1, 2, 2)
    first, second = reading.plan.measures()
    assert (first.text, first.unit, first.due, first.state) == ("加装锁具", "后勤科", date(2025, 6, 10), State.CLOSED)
    assert (second.state, second.progress) == (State.IN_PROGRESS, "整改中")
    assert first.fields == (("排查时间", "2025-06-03"), ("排查人", "周强"), ("隐患部位", "3号楼"), ("隐患等级", "一般"))
    assert "排查时间, 排查人, 隐患部位, 隐患等级" in notes(reading)


@pytest.mark.parametrize("heading", ["督办事项", "督查事项", "交办事项", "隐患内容", "问题描述"])
def test_ledger_without_measures_takes_the_matter_for_the_measure_and_tells_it(tmp_path: Path, heading: str):
    rows: list[list[object]] = [
        ["2025年重点工作督办台账"],
        ["序号", heading, "交办时间", "主办单位", "协办单位", "办理时限", "办理情况", "办理状态"],
        [1, "制定值班方案", "2025/6/3", "办公室", "水旱科、信息科", "2025/6/20", "已印发", "已办结"],
    ]
    reading = read(tmp_path, {"Sheet1": rows})
    measure = only(reading)
    assert counts(reading) == (1, 1, 1)
    assert (measure.text, measure.unit, measure.co_units) == ("制定值班方案", "办公室", ("水旱科", "信息科"))
    assert (measure.due, measure.state) == (date(2025, 6, 20), State.CLOSED)
    assert f"{heading} stands for it" in notes(reading)


def test_headings_in_two_rows_with_a_leading_unit_below_a_wider_heading_are_read(tmp_path: Path):
    rows: list[list[object]] = [
        ["附件1"],
        ["生态环境保护督察反馈意见整改任务清单"],
        ["序号", "类别", "反馈问题", "整改目标", "整改措施", "整改时限", "责任分工", None, None, "备注"],
        [None, None, None, None, None, None, "责任单位", "牵头单位", "责任领导", None],
        [1, "水污染", "污水直排", "全收集", "建成污水厂", "2025年12月底前", "园区管委会", "县工信局", "刘洋", None],
        [2, None, None, None, "改造管网", "2026年6月底前", "园区管委会", "县住建局", "刘洋", None],
        [3, None, "排污口未封堵", "封堵", "封堵7个", "立行立改并长期坚持", "县生态环境局", None, "何静", None],
    ]
    reading = read(tmp_path, {"任务清单": rows}, ("任务清单", "G3:I3"), ("任务清单", "B5:B7"), ("任务清单", "C5:C6"))
    assert counts(reading) == (1, 2, 3)
    first, _, third = reading.plan.measures()
    assert (first.unit, first.co_units, first.lead) == ("县工信局", ("园区管委会",), "刘洋")
    assert (third.unit, third.co_units, third.measure_class) == ("县生态环境局", (), MeasureClass.CONTINUOUS)
    assert "the unit under 牵头单位 leads" in notes(reading)


def test_heading_above_narrower_ones_gives_way_to_them(tmp_path: Path):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施", "责任单位", None, "整改时限"],
        [None, None, None, None, "牵头单位", "配合单位", None],
        [1, "政治", "学习不深", "制定计划", "办公室", "人事科", "2025-09-30"],
    ]
    measure = only(read(tmp_path, {"台账": rows}, ("台账", "E1:F1")))
    assert (measure.unit, measure.co_units, measure.due) == ("办公室", ("人事科",), SEPTEMBER)


def test_row_that_only_numbers_the_columns_is_passed_over_and_told(tmp_path: Path):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施"],
        [1, 2, 3, 4],
        [1, "政治", "学习不深", "制定计划"],
    ]
    reading = read(tmp_path, {"台账": rows})
    assert codes(reading) == ["1"]
    assert "row 2 “1”" in notes(reading)


@pytest.mark.parametrize(
    ("cell", "unit", "others"),
    [
        ("办公室、人事科", "办公室", ("人事科",)),
        ("办公室\n人事科、财务科", "办公室", ("人事科", "财务科")),
        ("办公室（牵头）、人事科（配合）", "办公室", ("人事科",)),
        ("牵头单位：办公室；配合单位：人事科", "办公室", ("人事科",)),
        ("配合：人事科；牵头：办公室", "办公室", ("人事科",)),
    ],
)
def test_units_in_one_cell_the_first_leads_and_the_others_help(
    tmp_path: Path, cell: str, unit: str, others: tuple[str, ...]
):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施", "责任单位"],
        [1, "政治", "学习不深", "制定计划", cell],
    ]
    measure = only(read(tmp_path, {"台账": rows}))
    assert (measure.unit, measure.co_units) == (unit, others)
    whole = only(read(tmp_path, {"台账": rows}, known=Known(units=frozenset({cell}))))
    assert (whole.unit, whole.co_units) == (cell.replace("\n", "\n"), ())


@pytest.mark.parametrize(
    ("cell", "owner", "told"),
    [
        ("张三、李四", "张三", "李四"),
        ("张三（办公室主任）", "张三", "（办公室主任）"),
        ("张三 13800000000", "张三", "13800000000"),
        ("局长 张三", "张三", "局长"),
    ],
)
def test_people_in_one_cell_the_first_is_taken_and_the_rest_told(tmp_path: Path, cell: str, owner: str, told: str):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施", "责任人"],
        [1, "政治", "学习不深", "制定计划", cell],
    ]
    reading = read(tmp_path, {"台账": rows})
    assert only(reading).owner == owner
    assert told in notes(reading)


def _department(name: str, first: int) -> list[list[object]]:
    return [
        [f"{name}巡察整改台账"],
        ["编号", "方面", "反馈问题", "整改措施", "责任单位", "责任人", "完成时限", "完成情况"],
        [f"{first}.1-01", "组织建设", f"{name}问题", f"{name}措施1", name, "甲", datetime(2025, 9, 30), "整改中"],  # noqa: DTZ001
        [f"{first}.1-02", None, None, f"{name}措施2", None, "甲", None, None],
        [f"{first}.1-03", None, None, f"{name}措施3", None, "甲", None, None],
    ]


@pytest.mark.parametrize("ending", ["", "台账", "整改清单"])
def test_sheets_of_departments_are_one_ledger(tmp_path: Path, ending: str):
    names = ("办公室", "人事科", "财务科")
    sheets = {f"{name}{ending}": _department(name, number) for number, name in enumerate(names, 1)}
    merged = [(sheet, f"{letter}3:{letter}5") for sheet in sheets for letter in "CEGH"]
    reading = read(tmp_path, sheets | {"填报说明": [["请于每月25日前报送"]]}, *merged)
    assert counts(reading) == (1, 3, 9)
    assert {one.due for one in reading.plan.measures()} == {SEPTEMBER}
    assert [one.unit for one in reading.plan.measures()] == ["办公室"] * 3 + ["人事科"] * 3 + ["财务科"] * 3
    assert "填报说明" in notes(reading)


def test_sheets_of_departments_that_count_alike_and_name_no_unit_are_kept_apart(tmp_path: Path):
    rows: list[list[object]] = [["序号", "方面", "反馈问题", "整改措施"], [1, "政治", "学习不深", "甲"]]
    other: list[list[object]] = [*rows[:1], [1, "政治", "调研少", "乙"]]
    reading = read(tmp_path, {"办公室": rows, "人事科": other})
    assert codes(reading) == ["办公室-1", "人事科-1"]
    assert [one.unit for one in reading.plan.measures()] == ["办公室", "人事科"]
    assert "the sheet's name stands before each" in notes(reading)


MERGED: list[list[object]] = [
    ["序号", "方面", "反馈问题", "整改措施", "责任单位", "整改时限"],
    [1, "政治", "学习不深", "制定计划", "办公室", datetime(2025, 9, 30)],  # noqa: DTZ001
    [None, None, None, "开展抽查", None, None],
    [None, None, None, "通报结果", None, None],
    [2, "政治", "调研少", "每月下沉", "办公室", datetime(2025, 9, 30)],  # noqa: DTZ001
    [None, None, None, "建清单", None, None],
]
DERIVED = ["1-01", "1-02", "1-03", "2-01", "2-02"]


def test_number_merged_over_the_measures_of_a_problem_is_numbered_on(tmp_path: Path):
    merged = [("整改台账", f"{letter}{rows}") for letter in "ABCEF" for rows in (f"2:{letter}4", f"5:{letter}6")]
    reading = read(tmp_path, {"整改台账": MERGED}, *merged)
    assert (counts(reading), codes(reading)) == ((1, 2, 5), DERIVED)
    assert {(one.unit, one.due) for one in reading.plan.measures()} == {("办公室", SEPTEMBER)}
    assert not any(one.code_told for one in reading.plan.measures())
    assert "1 became 1-01, 1-02, 1-03" in notes(reading)


def test_number_of_a_problem_that_is_written_once_or_on_every_row_is_numbered_on(tmp_path: Path):
    assert codes(read(tmp_path, {"整改台账": MERGED})) == DERIVED
    filled = [
        MERGED[0],
        *([one[0] or above, "政治", *one[2:]] for one, above in zip(MERGED[1:], (1, 1, 1, 2, 2), strict=True)),
    ]
    assert codes(read(tmp_path, {"整改台账": filled})) == DERIVED


def test_number_merged_over_two_problems_is_a_fault(tmp_path: Path):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施"],
        [1, "政治", "甲", "子"],
        [None, None, "乙", "丑"],
    ]
    with pytest.raises(InputRefused) as refused:
        read(tmp_path, {"台账": rows}, ("台账", "A2:A3"))
    assert [(fault.place.row, fault.place.column) for fault in refused.value.faults] == [(3, "序号")]


def test_numbers_that_begin_anew_in_every_aspect_get_its_number(tmp_path: Path):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施"],
        [1, "政治", "甲", "子"],
        [2, None, "乙", "丑"],
        [1, "作风", "丙", "寅"],
    ]
    reading = read(tmp_path, {"台账": rows})
    assert codes(reading) == ["1-1", "1-2", "2-1"]
    assert "begin anew" in notes(reading)


def test_ledger_without_numbers_leaves_them_to_the_import(tmp_path: Path):
    reading = read(tmp_path, {"台账": [["方面", "反馈问题", "整改措施"], ["政治", "甲", "子"]]})
    assert (only(reading).code, only(reading).code_told) == (None, False)
    assert "known by their texts" in notes(reading)


@pytest.mark.parametrize(
    "code",
    ["1月1日", "1-Jan", "Jan-01", "2025/1/1", "2025-01-01", "2025年1月1日", "1/1/2025", datetime(2025, 1, 1)],  # noqa: DTZ001
)
def test_number_that_a_spreadsheet_made_a_date_of_is_doubted(tmp_path: Path, code: object):
    measure = only(read(tmp_path, {"台账": [["序号", "方面", "反馈问题", "整改措施"], [code, "政治", "甲", "子"]]}))
    assert (measure.code_lost, measure.code_told) == (True, False)


@pytest.mark.parametrize(
    ("heading", "word", "state"),
    [
        ("是否完成", "是", State.CLOSED),
        ("是否完成", "否", State.IN_PROGRESS),
        ("是否整改到位", "√", State.CLOSED),
        ("完成情况", "×", State.IN_PROGRESS),
        ("完成情况", "100%", State.CLOSED),
        ("完成情况", "80%", State.IN_PROGRESS),
        ("完成情况", "已完成80%", State.IN_PROGRESS),
        ("完成情况", "基本完成", State.IN_PROGRESS),
        ("完成情况", "持续推进", State.IN_PROGRESS),
        ("完成情况", "已完成（2025年6月）", State.CLOSED),
        ("完成情况", "已完成并长期坚持", State.CLOSED),
    ],
)
def test_states_in_the_words_of_offices_are_read(tmp_path: Path, heading: str, word: str, state: State):
    rows: list[list[object]] = [["序号", "方面", "反馈问题", "整改措施", heading], [1, "政治", "甲", "子", word]]
    assert only(read(tmp_path, {"台账": rows})).state is state


def test_csv_in_which_problems_are_written_once_reads_like_the_sheet(tmp_path: Path):
    path = tmp_path / "台账.csv"
    path.write_bytes(
        csv_text([[one.date() if isinstance(one, datetime) else one for one in row] for row in MERGED]).encode(
            "gb18030"
        )
    )
    assert codes(read_ledger(path)) == DERIVED


def test_class_word_for_a_deadline_is_the_class(tmp_path: Path):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施", "整改时限"],
        ["1.1-01", "政治", "甲", "子", "立行立改"],
    ]
    assert (only(read(tmp_path, {"台账": rows})).measure_class, only(read(tmp_path, {"台账": rows})).due) == (
        MeasureClass.AT_ONCE,
        None,
    )


def test_deadline_that_says_done_is_the_state(tmp_path: Path):
    rows: list[list[object]] = [
        ["序号", "方面", "反馈问题", "整改措施", "整改时限"],
        ["1.1-01", "政治", "甲", "子", "已完成"],
    ]
    assert only(read(tmp_path, {"台账": rows})).state is State.CLOSED

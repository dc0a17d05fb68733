"""Ledgers as offices fill them in: headings, merged cells, totals, encodings, sheets."""

from datetime import date, datetime
from pathlib import Path

import pytest

from engine.rules.ledger_layout import LEDGER, PEOPLE, STATE_WORDS, UNITS, Field, Layout
from engine.rules.plan import InputRefused, MeasurePlan, RoundPlan
from engine.rules.vocabulary import Level, MeasureClass, Role, State, UnitKind
from intake.workbook.read_workbook import read_ledger, read_workbook
from tests.ledger_files import ASPECTS, HEADINGS, SHEETS, TITLE, book_of, csv_text, good_book, ledger_of, put


def _measures(plan: RoundPlan) -> dict[str | None, MeasurePlan]:
    return {measure.code: measure for measure in plan.measures()}


def _row(code: object, **filled: object) -> list[object]:
    texts = {"方面": "方面甲", "反馈问题": "问题甲", "整改措施": f"措施{code}"} | filled
    return [code, *(texts.get(heading) for heading in HEADINGS[1:])]


def _tree(plan: RoundPlan) -> list[tuple[str, list[tuple[str, list[str | None], list[tuple[str, list[str | None]]]]]]]:
    """Return aspects, problems with the codes right below them, items with theirs."""
    return [
        (
            aspect.text,
            [
                (
                    problem.text,
                    [measure.code for measure in problem.measures],
                    [(item.text, [measure.code for measure in item.measures]) for item in problem.children],
                )
                for problem in aspect.children
            ],
        )
        for aspect in plan.findings
    ]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> RoundPlan:
    path = tmp_path_factory.mktemp("good") / "台账.xlsx"
    good_book().save(path)
    return read_workbook(path)


def test_ledger_when_good_gives_the_tree_in_order_of_appearance(good: RoundPlan):
    assert _tree(good) == [
        (
            ASPECTS[0],
            [("1.关于“规划滞后”问题", [], [("(1)规划未及时修订", ["1-1", "1-2"]), ("(2)项目推进缓慢", ["1-3"])])],
        ),
        (ASPECTS[1], [("2.关于“压力传导不够”问题", ["2-1"], [])]),
    ]
    assert (good.kind, good.title, good.count(Level.ITEM)) == ("ledger", TITLE, 2)
    assert [aspect.number for aspect in good.findings] == [1, 2]


def test_ledger_when_good_gives_every_cell_of_a_measure(good: RoundPlan):
    measure = _measures(good)["1-1"]
    assert (measure.place.file, measure.place.sheet, measure.place.row) == ("台账.xlsx", "台账", 3)
    told = (measure.text, measure.measure_class, measure.lead, measure.unit, measure.co_units, measure.owner)
    assert told == ("修订规划", MeasureClass.AT_ONCE, "王建国", "规划处", ("财务处", "审计处"), "李红梅")
    told = (measure.due, measure.progress, measure.state, measure.evidence)
    assert told == (date(2025, 9, 3), "已完成初稿", State.IN_PROGRESS, ("规划.docx", "纪要.pdf"))


def test_ledger_when_good_gives_units_and_people(good: RoundPlan):
    assert [(unit.name, unit.kind, unit.parent) for unit in good.units[:2]] == [
        ("市水务局党委", UnitKind.COMMITTEE, None),
        ("规划处", UnitKind.DEPARTMENT, "市水务局党委"),
    ]
    first, second, third = good.people[:3]
    assert (first.code, first.roles, first.language) == ("wangjg", (Role.LEADING_GROUP,), "zh_CN")
    assert (second.roles, second.email) == ((Role.UNIT_HEAD, Role.VERIFIER), None)
    assert (third.unit, third.roles, third.language) == ("市水务局党委", (), "en")


@pytest.mark.parametrize(
    ("layout", "field", "heading"),
    [
        (layout, field, name)
        for layout in (LEDGER, UNITS, PEOPLE)
        for field, names in layout.headings.items()
        if field is not Field.LATENESS  # written only: it follows from the record
        for name in names
    ],
)
def test_heading_when_any_accepted_name_is_used_reads_the_same(
    tmp_path: Path, good: RoundPlan, layout: Layout, field: Field, heading: str
):
    book = good_book()
    row = 2 if layout is LEDGER else 1
    put(book, layout.name, row, layout.heading(field), f" {heading.upper()}：\n")
    path = tmp_path / "台账.xlsx"
    book.save(path)
    again = read_workbook(path)
    assert _tree(again) == _tree(good)
    assert [(unit.name, unit.parent) for unit in again.units] == [(unit.name, unit.parent) for unit in good.units]
    assert [person.code for person in again.people] == [person.code for person in good.people]


def test_headings_when_in_another_order_with_remarks_below_titles_read_the_same(tmp_path: Path, good: RoundPlan):
    rows = [[*reversed([*row, *(None,) * (len(HEADINGS) - len(row))])] for row in SHEETS["台账"][2:]]
    headings = [f"{heading}（必填）" for heading in reversed(HEADINGS)]
    path = tmp_path / "a.xlsx"
    book_of({"2025年整改台账": [["附件1"], [None, TITLE], [], ["填报单位:水务局"], headings, *rows]}).save(path)
    again = read_workbook(path)
    assert (_tree(again), again.title) == (_tree(good), TITLE)


def test_headings_when_in_two_rows_are_joined(tmp_path: Path):
    upper = ["序号", "方面", "反馈问题", "整改措施", "责任落实", None, "整改时限"]
    lower = [None, None, None, None, "责任领导", "责任单位", None]
    book = book_of({"台账": [upper, lower, ["1", "甲", "乙", "丙", "王建国", "规划处", "2025-09-03"]]})
    book["台账"].merge_cells("E1:F1")
    for letter in "ABCDG":
        book["台账"].merge_cells(f"{letter}1:{letter}2")
    book.save(tmp_path / "a.xlsx")
    (measure,) = read_workbook(tmp_path / "a.xlsx").measures()
    assert (measure.lead, measure.unit, measure.due) == ("王建国", "规划处", date(2025, 9, 3))


def test_columns_that_nobody_knows_are_noted(tmp_path: Path):
    path = ledger_of([[*_row("1"), "随便"]], tmp_path / "a.xlsx", (*HEADINGS, "备注"))
    reading = read_ledger(path)
    assert [str(note) for note in reading.notes] == ["台账: these columns are not read: 备注"]


def test_column_with_the_written_heading_beats_a_synonym(tmp_path: Path):
    path = ledger_of([[*_row("1", 整改时限="2025-09-03"), "已于8月完成"]], tmp_path / "a.xlsx", (*HEADINGS, "完成时间"))
    reading = read_ledger(path)
    assert _measures(reading.plan)["1"].due == date(2025, 9, 3)
    assert "完成时间" in str(reading.notes[0])


def test_merged_cells_are_filled_down_and_findings_too(tmp_path: Path):
    rows = [
        _row("1", 具体事项="事项甲", 责任单位="规划处", 整改时限="2025-09-03", 完成状态="整改中"),
        ["2", None, None, None, "措施2"],
        ["3", None, None, "事项乙", "措施3"],
        ["4", "方面乙", "问题乙", None, "措施4"],
        ["5", None, None, None, "措施5"],
        ["6", None, "问题乙", "事项丙", "措施6"],
        ["7", None, "问题乙", None, "措施7"],
    ]
    path = ledger_of(rows, tmp_path / "a.xlsx")
    book = book_of({"台账": [list(HEADINGS), *rows]})
    for letter in "HKM":
        book["台账"].merge_cells(f"{letter}2:{letter}4")
    book.save(path)
    plan = read_workbook(path)
    assert _tree(plan) == [
        ("方面甲", [("问题甲", [], [("事项甲", ["1", "2"]), ("事项乙", ["3"])])]),
        ("方面乙", [("问题乙", ["4", "5", "7"], [("事项丙", ["6"])])]),
    ]
    told = {code: (measure.unit, measure.due, measure.state) for code, measure in _measures(plan).items()}
    assert {told[code] for code in "123"} == {("规划处", date(2025, 9, 3), State.IN_PROGRESS)}
    assert told["4"] == (None, None, None)


def test_findings_when_their_texts_differ_in_spaces_only_are_one(tmp_path: Path):
    path = ledger_of(
        [_row("1", 反馈问题="1.关于 规划\n问题"), _row("2", 反馈问题="1.关于规划问题")], tmp_path / "a.xlsx"
    )
    assert _tree(read_workbook(path)) == [("方面甲", [("1.关于 规划\n问题", ["1", "2"], [])])]


def test_rows_that_are_blank_or_add_up_or_explain_are_skipped(tmp_path: Path):
    rows: list[list[object]] = [
        _row("1"),
        [],
        [None, " ", "　"],
        ["小 计", None, None, None, "1条"],
        _row("2"),
        [None, "合计:", None, None, 2],
        ["总计2条"],
        ["注:本表每月25日前报送。"],
        ["填表人:李红梅", None, None, None, None, "审核人:王建国"],
    ]
    assert list(_measures(read_workbook(ledger_of(rows, tmp_path / "a.xlsx")))) == ["1", "2"]


def test_years_when_a_date_tells_none_come_from_the_argument_or_from_above(tmp_path: Path):
    rows = [_row("1", 整改时限="2025-06-30"), _row("2", 整改时限="9月底"), _row("3", 整改时限="2026年3月")]
    path = ledger_of([*rows, _row("4", 整改时限="5月底")], tmp_path / "a.xlsx")
    dues = [measure.due for measure in read_workbook(path).measures()]
    assert dues == [date(2025, 6, 30), date(2025, 9, 30), date(2026, 3, 31), date(2026, 5, 31)]
    dues = [measure.due for measure in read_workbook(path, year=2025).measures()]
    assert dues == [date(2025, 6, 30), date(2025, 9, 30), date(2026, 3, 31), date(2025, 5, 31)]


@pytest.mark.parametrize("typed", [45903, "45903", 20250903, datetime(2025, 9, 3), "2025.9.3", 45903.5])  # noqa: DTZ001
def test_due_dates_when_numbers_or_dates_are_read(tmp_path: Path, typed: object):
    (measure,) = read_workbook(ledger_of([_row("1", 整改时限=typed)], tmp_path / "a.xlsx")).measures()
    assert measure.due == date(2025, 9, 3)


def test_deadline_when_continuous_says_so_for_the_class_too(tmp_path: Path):
    row = _row("1", 整改时限="长期坚持", 整改类型="立行立改")
    (measure,) = read_workbook(ledger_of([row], tmp_path / "a.xlsx")).measures()
    assert (measure.measure_class, measure.due) == (MeasureClass.CONTINUOUS, None)


def test_due_date_when_open_makes_the_measure_continuous(tmp_path: Path):
    (measure,) = read_workbook(ledger_of([_row("1", 整改时限="长期坚持")], tmp_path / "a.xlsx")).measures()
    assert (measure.due, measure.measure_class) == (None, MeasureClass.CONTINUOUS)


@pytest.mark.parametrize(("word", "state"), [(word, state) for state, words in STATE_WORDS.items() for word in words])
def test_state_when_any_accepted_word_is_used_is_read(tmp_path: Path, word: str, state: State):
    (measure,) = read_workbook(ledger_of([_row("1", 完成状态=f" {word}。")], tmp_path / "a.xlsx")).measures()
    assert measure.state is state


@pytest.mark.parametrize(
    ("typed", "shown", "code"),
    [
        (1, "General", "1"),
        (1.0, "General", "1"),
        (1.1, "General", "1.1"),
        (1.1, "0.00", "1.10"),
        ("1\n-1", "@", "1 -1"),
    ],
)
def test_codes_when_numbers_are_read_as_shown(tmp_path: Path, typed: object, shown: str, code: str):
    book = book_of({"台账": [list(HEADINGS), _row(typed)]})
    book["台账"]["A2"].number_format = shown
    book.save(tmp_path / "a.xlsx")
    assert list(_measures(read_workbook(tmp_path / "a.xlsx"))) == [code]


def test_names_when_spaced_or_listed_are_tidied(tmp_path: Path):
    row = _row(
        "1", 责任领导="王  伟", 配合单位="规划处,财务处，审计处;人事处；工会/团委\n机关党委、规划处", 责任人="Li Si"
    )
    (measure,) = read_workbook(ledger_of([row], tmp_path / "a.xlsx")).measures()
    assert (measure.lead, measure.owner) == ("王伟", "Li Si")
    assert measure.co_units == ("规划处", "财务处", "审计处", "人事处", "工会", "团委", "机关党委")


def test_co_units_when_the_sheet_knows_a_name_with_a_stroke_are_kept_whole(tmp_path: Path):
    sheets = {
        "单位": [["单位名称", "类别"], ["教务/科研处", "处室"]],
        "台账": [list(HEADINGS), _row("1", 配合单位="教务/科研处\n甲处/乙处")],
    }
    book_of(sheets).save(tmp_path / "a.xlsx")
    (measure,) = read_workbook(tmp_path / "a.xlsx").measures()
    assert measure.co_units == ("教务/科研处", "甲处", "乙处")


def test_text_when_escaped_by_the_workbook_is_plain(tmp_path: Path):
    path = ledger_of([_row("1", 进展情况="甲_x000D_\n乙 _x0041_")], tmp_path / "a.xlsx")
    assert read_workbook(path).measures()[0].progress == "甲\n乙 _x0041_"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_in_any_encoding_and_separator_reads_as_the_ledger(
    tmp_path: Path, good: RoundPlan, encoding: str, separator: str
):
    path = tmp_path / "台账.csv"
    path.write_bytes(csv_text(SHEETS["台账"], separator).encode(encoding))
    plan = read_workbook(path)
    assert (_tree(plan), plan.title) == (_tree(good), TITLE)
    assert _measures(plan)["1-1"].due == date(2025, 9, 3)
    assert _measures(plan)["1-1"].place.sheet is None


@pytest.mark.parametrize("name", ["Sheet1", "ledger", "表一"])
def test_sheet_when_alone_is_the_ledger_whatever_its_name(tmp_path: Path, name: str):
    book_of({name: [list(HEADINGS), _row("1")]}).save(tmp_path / "a.xlsx")
    assert list(_measures(read_workbook(tmp_path / "a.xlsx"))) == ["1"]


def test_sheets_that_are_empty_or_explain_are_passed_over(tmp_path: Path):
    sheets = {"Sheet1": [list(HEADINGS), _row("1")], "Sheet2": [], "填表说明": [["请于每月25日前报送"]], "人员": []}
    book_of(sheets).save(tmp_path / "a.xlsx")
    reading = read_ledger(tmp_path / "a.xlsx")
    assert list(_measures(reading.plan)) == ["1"]
    assert [str(note) for note in reading.notes] == ["these sheets are not read: Sheet2, 填表说明"]


def test_sheets_with_english_names_and_no_ledger_are_read(tmp_path: Path):
    units = [
        ["Unit name", "Kind", "Parent"],
        ["Head office", "committee", None],
        ["Planning", "Department", "Head office"],
    ]
    people = [
        ["Name", "Login", "Unit", "Role", "E-mail", "Language"],
        ["Li Si", None, "Planning", "unit head", None, "en"],
    ]
    book_of({"Units": units, "People": people}).save(tmp_path / "a.xlsx")
    plan = read_workbook(tmp_path / "a.xlsx")
    assert (len(plan.units), plan.findings) == (2, ())
    (person,) = plan.people
    assert (person.code, person.unit, person.roles, person.language) == ("Li Si", "Planning", (Role.UNIT_HEAD,), "en")


def test_faults_when_many_are_all_told_at_once(tmp_path: Path):
    rows = [_row("1", 整改时限="尽快", 完成状态="差不多"), _row("1", 整改类型="马上"), _row(None)]
    with pytest.raises(InputRefused) as refused:
        read_workbook(ledger_of(rows, tmp_path / "a.xlsx"))
    told = [(fault.place.row, fault.place.column, fault.value) for fault in refused.value.faults]
    assert sorted(told, key=str) == sorted(
        [
            (2, "完成状态", "差不多"),
            (3, "序号", "1"),
            (3, "整改类型", "马上"),
            (4, "序号", None),
        ],
        key=str,
    )

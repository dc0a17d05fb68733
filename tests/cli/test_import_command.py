"""`duban import`: the year of deadlines that tell none, what was not read, and where the text's own totals differ."""

from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.ledger_files import HEADINGS, book_of

NOTICE = """中共某市水务局委员会关于巡视整改进展情况的通报
2025年1月6日至2月20日,市委第五巡视组对市水务局党组开展了常规巡视。2025年3月3日,市委第五巡视组向市水务局党组反馈了巡视意见。
截至2025年9月10日,巡视反馈的14个方面46项问题,已完成整改32项;提出整改措施160条,已经完成142条。
二、重点整改任务落实情况
(一)贯彻落实党的路线方针政策方面
1.关于“规划滞后”问题的整改。
一是修订规划。二是召开评审会。
"""


def row(code: str, due: object) -> list[object]:
    """Return a row of a 台账."""
    found = {"序号": code, "方面": "(一)方面", "反馈问题": "1.问题", "整改措施": f"措施{code}", "整改时限": due}
    return [found.get(heading) for heading in HEADINGS]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "台账 é.xlsx"
    book_of({"台账": [list(HEADINGS), row("1-1", "9月底"), row("1-2", "6月30日前")], "草稿": [["随记"]]}).save(path)
    return path


def dues(duban: Line) -> dict[str, str]:
    return {one["code"]: one["due"] for one in duban("measure", "list", "--json").json["measures"]}


def test_ledger_when_no_date_tells_a_year_takes_that_of_the_feedback_it_is_given(founded: Line, ledger: Path):
    done = founded("import", ledger, "--feedback-on", "2024-03-03", "--json").json
    assert dues(founded) == {"1-1": "2024-09-30", "1-2": "2024-06-30"}
    assert any("2024" in note for note in done["notes"]), "it is said how the year was found"


def test_ledger_when_no_date_tells_a_year_takes_that_of_the_round_on_record(
    founded: Line, ledger: Path, tmp_path: Path
):
    first = tmp_path / "first.xlsx"
    book_of({"台账": [list(HEADINGS), row("1-1", "2024-06-30")]}).save(first)
    assert founded("import", first, "--feedback-on", "2024-03-03").status == 0
    assert founded("import", ledger).status == 0
    assert dues(founded) == {"1-1": "2024-09-30", "1-2": "2024-06-30"}


@pytest.mark.parametrize("turned", [False, True], ids=["notice first", "ledger first"])
def test_ledger_when_read_with_its_notice_takes_the_year_of_its_feedback(
    founded: Line, ledger: Path, tmp_path: Path, *, turned: bool
):
    notice = tmp_path / "notice.txt"
    notice.write_text(NOTICE, encoding="utf-8")
    files = (ledger, notice) if turned else (notice, ledger)
    assert founded("import", *files).status == 0
    assert {dues(founded)[code] for code in ("1-1", "1-2")} == {"2025-09-30", "2025-06-30"}


def test_ledger_when_a_year_is_given_or_told_above_takes_that(founded: Line, ledger: Path, tmp_path: Path):
    assert founded("import", ledger, "--feedback-on", "2024-03-03", "--year", "2026").status == 0
    assert dues(founded)["1-1"] == "2026-09-30"
    told = tmp_path / "told.xlsx"
    book_of({"台账": [list(HEADINGS), row("2-1", "2027-05-31"), row("2-2", "9月底")]}).save(told)
    assert founded("import", told).status == 0
    assert dues(founded)["2-2"] == "2027-09-30"


def test_ledger_when_a_date_without_year_would_lie_before_the_feedback_is_not_taken_and_told(
    founded: Line, ledger: Path
):
    said = founded("import", ledger, "--feedback-on", "2024-08-01", "--json")
    (told,) = [note for note in said.json["notes"] if "6月30日前" in note]
    assert "2024-08-01" in told
    assert dues(founded)["1-2"] == "2025-02-01"


def test_import_when_something_was_not_read_says_so(founded: Line, ledger: Path):
    words = ("import", ledger, "--feedback-on", "2024-03-03", "--dry-run")
    assert "草稿" in founded(*words).out
    assert any("草稿" in note for note in founded(*words, "--json").json["notes"])


def test_notice_when_its_totals_differ_from_what_was_read_says_so_in_the_user_s_language(founded: Line, tmp_path: Path):
    notice = tmp_path / "notice.txt"
    notice.write_text(NOTICE, encoding="utf-8")
    words = ("import", notice, "--dry-run")
    assert "measures: the text declares 160, 2 were read" in founded(*words).out
    english, chinese = (founded(*words, "--json", language=tongue).json for tongue in ("en", "zh_CN"))
    assert english["declared"]["measures"] == 160
    assert english["differences"]
    assert len(english["differences"]) == len(chinese["differences"])
    assert english["differences"] != chinese["differences"]


def test_plan_when_it_tells_no_day_of_feedback_is_refused_with_the_option_that_gives_it(founded: Line, tmp_path: Path):
    plan = tmp_path / "方案.txt"
    plan.write_text("整改方案\n(一)关于“甲”问题的整改\n1.针对“乙”的问题。一是清退(6月底前完成)。\n", encoding="utf-8")
    said = founded("import", plan, "--as-of", "2025-03-12", "--json")
    assert said.status == 2
    (error,) = said.json["errors"]
    assert error["message"].endswith("give it with --feedback-on, such as --feedback-on 2025-03-12")
    done = founded("import", plan, "--feedback-on", "2025-03-10", "--json")
    assert (done.status, done.json["created"]) == (0, 1)

"""From the real notice to a running round, by commands alone: import, ledger, fill in, import, half a year of runs."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Line

pytestmark = pytest.mark.e2e

NOTICE = Path(__file__).parents[3] / "shared" / "data" / "000_86f4339dc22fa576.txt"
HEADINGS_ROW = 3
PEOPLE = (
    ("王一", "wang", "科技处", "经办人"),
    ("李二", "li", "人事处", "经办人"),
    ("周三", "zhou", "科技处", "单位负责人"),
    ("吴四", "wu", "人事处", "单位负责人"),
    ("陈五", "chen", "委机关", "责任领导"),
    ("林六", "lin", "委机关", "专班联络员"),
    ("赵七", "zhao", "委机关", "领导小组"),
)


def fill_in(ledger: Path, filled: Path) -> None:
    """Name an owner for every measure, and a day of their own for every other one."""
    book = load_workbook(ledger)
    sheet = book["台账"]
    column = {cell.value: cell.column for cell in sheet[HEADINGS_ROW]}
    for number, row in enumerate(range(HEADINGS_ROW + 1, sheet.max_row + 1)):
        name, _, unit, _ = PEOPLE[number % 2]
        told = {"责任单位": unit, "责任人": name, "责任领导": "陈五"}
        if number % 2:
            told["整改时限"] = "6月底"
        for heading, value in told.items():
            sheet.cell(row, column[heading]).value = value
    for unit, kind in (("委机关", "党委"), ("科技处", "内设处室"), ("人事处", "内设处室")):
        book["单位"].append([unit, kind, None if unit == "委机关" else "委机关"])
    for name, account, unit, role in PEOPLE:
        book["人员"].append([name, account, unit, role, f"{account}@example.cn", "zh_CN"])
    book.save(filled)


@pytest.mark.skipif(not NOTICE.is_file(), reason="the real notice does not lie beside the repository")
@pytest.mark.parametrize(("imported", "every"), [("2025-03-04", 3), ("2026-11-23", 8)], ids=["at once", "a year later"])
def test_round_when_begun_with_the_real_notice_climbs_from_reminder_to_leading_group(
    founded: Line, imported: str, every: int
):
    """A round that is imported when it is over may be played day by day all the same; late once is often on time."""
    duban, ledger, filled = founded, founded.home / "ledger.xlsx", founded.home / "filled.xlsx"
    read = duban("import", NOTICE, "--as-of", imported, "--json").json
    assert (read["aspects"], read["problems"], read["measures"], read["to_be_assigned"]) == (5, 13, 48, 48)
    assert read["declared"]["measures_done"] == 142
    assert duban("ledger", "--out", ledger).status == 0
    again = duban("import", ledger, "--as-of", imported, "--json").json
    assert again["errors"] == []
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 48)
    fill_in(ledger, filled)
    told = duban("import", filled, "--as-of", imported, "--json").json
    assert (told["created"], told["updated"], told["units"], told["people"], told["to_be_assigned"]) == (0, 48, 3, 7, 0)

    sums, day = Counter[str](), date(2025, 3, 5)
    while day <= date(2025, 10, 17):
        done = duban("run", "daily", "--as-of", day, "--json").json
        sums.update({key: done[key] for key in ("reminders", "escalations", "superseded", "failed")})
        day += timedelta(days=every)
    assert sums["failed"] == 0
    # T-30, T-7 and T-3 of 48 due dates; T+1, T+5 and T+10 likewise, and repeats since 30 June for half of them.
    assert sums["reminders"] + sums["superseded"] >= 3 * 48
    assert sums["escalations"] >= 2 * 48 + 24 * 5
    status = duban("status", "--as-of", "2025-10-17", "--json").json
    assert (status["measures"], status["overdue"]) == (48, 48)
    assert {unit["unit"]: unit["measures"] for unit in status["by_unit"]} == {"科技处": 24, "人事处": 24}
    assert "red slip" in duban("explain", "1.1-02").out

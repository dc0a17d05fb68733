"""A round that is read in long after its feedback: every past day can still be run and told."""

from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.ledger_files import HEADINGS, book_of

FEEDBACK = "2025-03-03"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    row = {
        "序号": "1-1",
        "方面": "(一)方面",
        "反馈问题": "1.问题",
        "整改措施": "修订规划",
        "责任单位": "规划处",
        "责任人": "李红梅",
        "整改时限": date(2025, 9, 3),
    }
    path = tmp_path / "ledger.xlsx"
    book_of(
        {
            "台账": [list(HEADINGS), [row.get(heading) for heading in HEADINGS]],
            "单位": [["单位名称", "类别", "上级单位"], ["规划处", "处室", None]],
            "人员": [["姓名", "账号", "单位", "角色"], ["李红梅", "lihm", "规划处", None]],
        }
    ).save(path)
    return path


def test_run_of_a_past_day_when_the_round_was_read_in_later_still_reminds(founded: Line, ledger: Path):
    assert founded("import", ledger, "--feedback-on", FEEDBACK).status == 0
    first = founded("run", "daily", "--as-of", "2025-08-25", "--json").json  # seven working days before
    assert (first["reminders"], first["escalations"], first["superseded"]) == (1, 0, 1)
    late = founded("run", "daily", "--as-of", "2025-09-04", "--json").json
    assert (late["reminders"], late["escalations"], late["superseded"]) == (0, 1, 1)
    status = founded("status", "--as-of", "2025-09-04", "--json").json
    assert (status["measures"], status["overdue"], status["by_state"]["assigned"]) == (1, 1, 1)


def test_import_when_its_day_is_given_is_on_record_for_that_day(founded: Line, ledger: Path):
    done = founded("import", ledger, "--feedback-on", FEEDBACK, "--as-of", "2025-03-10", "--json")
    assert done.status == 0
    shown = founded("measure", "show", "1-1", "--as-of", "2025-03-10", "--json").json
    assert [event["on"] for event in shown["events"]] == ["2025-03-10"]
    told = founded("run", "daily", "--as-of", "2025-03-14", "--json").json
    assert told["escalations"] == 1, "nobody has accepted it within three working days"

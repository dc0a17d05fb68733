"""Runs, status, meetings, agenda, calendar, explain, simulate, lint and inbox on the small house."""

from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.world import World


def test_status_when_asked_as_json_keeps_the_contract(duban: Line, house: World):
    house.in_progress("1-01", due=date(2025, 3, 7))
    house.in_progress("1-02")
    status = duban("status", "--as-of", "2025-03-11", "--json").json
    names = {"round", "as_of", "aspects", "problems", "items", "items_done", "measures", "closed", "overdue"}
    assert names | {"by_state", "by_unit", "declared"} <= status.keys()
    assert (status["measures"], status["closed"], status["overdue"]) == (2, 0, 1)
    assert status["by_state"]["in_progress"] == 2
    assert status["by_unit"] == [
        {"unit": "一处", "measures": 2, "closed": 0, "overdue": 1, "done_late": 0, "closed_late": 0}
    ]
    assert status["declared"] is None
    shown = duban("status", "--as-of", "2025-03-11")
    assert (shown.status, shown.err) == (0, "")
    assert "一处" in shown.out


def test_daily_run_when_done_twice_does_nothing_the_second_time(duban: Line, house: World):
    house.in_progress(due=date(2025, 3, 14))
    first = duban("run", "daily", "--as-of", "2025-03-11", "--json").json
    names = {"run", "as_of", "reminders", "escalations", "notifications", "superseded", "failed", "documents"}
    assert names <= first.keys()
    assert first["run"] == "daily"
    assert first["notifications"] > 0
    again = duban("run", "daily", "--as-of", "2025-03-11", "--json").json
    assert again == {**first, "repeated": True}
    assert duban("run", "daily", "--as-of", "2025-03-11").status == 0
    told = duban("inbox", "--as", "wang", "--json").json["messages"]
    assert len(told) == 1
    assert "1-01" in told[0]["text"]
    assert "1-01" in duban("inbox", "--as", "王经办").out
    assert duban("outbox", "--json").json == {"failures": [], "perhaps_sent": []}
    assert duban("outbox").out.strip() == "nothing has failed"


@pytest.mark.parametrize("name", ["deliver", "watchdog"])
def test_run_when_it_is_small_answers_as_the_others_do(duban: Line, house: World, name: str):
    house.measure()
    assert duban("run", name, "--as-of", "2025-03-11", "--json").json["run"] == name
    assert duban("run", name, "--as-of", "2025-03-11").status == 0


def test_verification_run_when_triggered_names_who_triggers(duban: Line, house: World):
    house.submitted(verifier=None)
    assert duban("run", "verification", "--as-of", "2025-03-11").status == 2
    assert duban("run", "verification", "--as", "wang", "--as-of", "2025-03-11").status == 1
    done = duban("run", "verification", "--as", "lin", "--as-of", "2025-03-11", "--json").json
    assert (done["run"], done["notifications"], done["failed"]) == ("verification", 1, 0)


def test_meeting_when_held_is_drawn_up_written_and_decided(duban: Line, house: World, tmp_path: Path):
    code = house.verified()
    meeting = ("--meeting", "2025-04-10")
    drawn = duban("meeting", "agenda", *meeting, "--as-of", "2025-04-09", "--json").json
    assert drawn["version"] == 1
    lines = {one["section"]: one["lines"] for one in drawn["sections"]}
    assert [line["code"] for line in lines["close_out"]] == [code]
    assert code in duban("meeting", "agenda", *meeting).out
    for ending in ("docx", "html", "md"):
        out = tmp_path / f"agenda.{ending}"
        wrote = duban("agenda", *meeting, "--out", out, "--json").json
        assert (wrote["version"], wrote["as_of"]) == (1, "2025-04-09"), "what is frozen stays"
        assert out.stat().st_size > 0
    anew = duban("agenda", *meeting, "--out", tmp_path / "agenda.md", "--again", "--as-of", "2025-04-10", "--json").json
    assert anew["version"] == 2
    record = ("meeting", "record", *meeting, "--measure", code, "--decide", "close", "--text", "同意销号")
    assert duban(*record, "--as", "wang", "--as-of", "2025-04-10").status == 1
    done = duban(*record, "--as", "lin", "--as-of", "2025-04-10")
    assert (done.status, done.out.strip()) == (0, f"decision 1 recorded: close {code}")
    assert house.get(code).closed_on == date(2025, 4, 10)
    (held,) = duban("meeting", "list", "--json").json["meetings"]
    assert held["agenda_version"] == 2
    assert [(one["kind"], one["measure"]) for one in held["decisions"]] == [("close", code)]
    assert "同意销号" in duban("meeting", "list").out


def test_task_when_decided_needs_no_measure(duban: Line, house: World):
    house.measure()
    duban("meeting", "agenda", "--meeting", "2025-04-10", "--as-of", "2025-04-09")
    task = ("meeting", "record", "--meeting", "2025-04-10", "--decide", "task", "--text", "一周内报送方案")
    said = duban(*task, "--owner", "wang", "--due", "2025-04-17", "--as", "lin", "--as-of", "2025-04-10", "--json")
    assert said.json == {
        "number": 1,
        "decided": "task",
        "measure": None,
        "text": "一周内报送方案",
        "due": "2025-04-17",
        "recused": [],
        "gap": None,
    }
    done = ("meeting", "done", "--meeting", "2025-04-10", "--number", "1", "--note", "已报送", "--as-of", "2025-04-11")
    assert "task 1 of the meeting of 2025-04-10 is done" in duban(*done, "--as", "wang").out
    assert duban(*done, "--as", "wang").status == 1
    assert duban(*done[:3], "2025-05-10", *done[4:], "--as", "wang").status == 1


def test_explanation_when_asked_tells_every_rung(duban: Line, house: World):
    code = house.in_progress(due=date(2025, 9, 3))
    told = duban("explain", code, "--as-of", "2025-03-10", "--until", "2025-10-31", "--json").json
    assert told["code"] == code
    assert {rung["fate"] for rung in told["rungs"]} == {"planned"}
    assert {"2025-09-04", "2025-08-25"} <= {rung["planned_on"] for rung in told["rungs"]}
    shown = duban("explain", code, "--as-of", "2025-03-10", "--until", "2025-10-31")
    assert "1 working days after 2025-09-03" in shown.out


def test_simulation_when_run_changes_nothing_and_tries_another_ladder(duban: Line, house: World, tmp_path: Path):
    house.in_progress(due=date(2025, 9, 3))
    span = ("simulate", "--from", "2025-08-20", "--to", "2025-09-12")
    before = (duban.home / "duban.db").read_bytes()
    rungs = duban(*span, "--json").json["rungs"]
    assert {rung["waits_for"] for rung in rungs} >= {"due_date"}
    assert (duban.home / "duban.db").read_bytes() == before
    shipped = Path(__file__).parents[2] / "config" / "ladder.yaml"
    other = tmp_path / "other.yaml"
    other.write_text(shipped.read_text(encoding="utf-8").replace("at: T-7", "at: T-8"), encoding="utf-8")
    told = {"shipped": rungs, "other": duban(*span, "--ladder", other, "--json").json["rungs"]}
    offsets = {name: [one["offset"] for one in lines if one["waits_for"] == "due_date"] for name, lines in told.items()}
    assert (-7 in offsets["shipped"], -8 in offsets["other"], -7 in offsets["other"]) == (True, True, False)
    other.write_text("waits: {}\n", encoding="utf-8")
    assert duban(*span, "--ladder", other).status == 2
    assert duban(*span).status == 0


def test_lint_when_something_grave_is_found_ends_with_1(duban: Line, house: World):
    house.measure(owner=None)
    said = duban("lint", "--as-of", "2025-03-10", "--json")
    grave = [finding for finding in said.json["findings"] if finding["is_grave"]]
    assert said.status == (1 if grave else 0)
    assert duban("lint", "--as-of", "2025-03-10").status == said.status


def test_calendar_when_edited_moves_deadlines_and_says_how_many(duban: Line, house: World, tmp_path: Path):
    house.in_progress(due=date(2025, 6, 20))
    shown = duban("calendar", "show", "2025", "--json").json
    assert (shown["working_days"], shown["provisional"]) == (248, False)
    off = ("calendar", "set", "2025-06-20", "--off", "--note", "校庆", "--as", "lin", "--as-of", "2025-03-10")
    assert duban(*off, "--json").json == {"days": 1, "moved": 1}
    assert "2025-06-20" not in duban("calendar", "show", "2025", "--json").json["working"]
    back = ("calendar", "set", "2025-06-20", "--back", "--as", "lin", "--as-of", "2025-03-10")
    assert duban(*back, "--json").json == {"days": 1, "moved": 1}
    assert duban("calendar", "show", "2025", "--json").json == shown
    refused = duban(*back)
    assert (refused.status, "not made by the organisation" in refused.err) == (1, True)
    duban(*off)
    named = {row["day"]: row["name"] for row in shown["names"]}
    assert (named["2025-10-01"], named["2025-10-06"]) == ("National Day", "Mid-Autumn Festival")
    assert "day off in exchange for 2025-10-11" in duban("calendar", "show", "2025").out
    own = tmp_path / "own.csv"
    own.write_text("日期,安排,名称\n2025-06-23,休,校庆\n", encoding="utf-8")
    assert duban("calendar", "import", own, "--as", "lin", "--as-of", "2025-03-10", "--json").json["moved"] == 1
    assert "(23)" in duban("calendar", "show", "2025").out


def test_people_when_listed_have_unit_and_roles(duban: Line, house: World):
    assert house.people
    people = {one["code"]: one for one in duban("person", "list", "--json").json["people"]}
    assert people["li"] == {
        "name": "李处长",
        "code": "li",
        "unit": "一处",
        "roles": ["unit_head"],
        "email": None,
        "language": None,
    }
    assert "unit head" in duban("person", "list").out


def test_home_when_founded_twice_stays_as_it_is(duban: Line):
    first = duban("init", "--with-config", "--json").json
    assert first["copied"] == ["checklist.yaml", "ladder.yaml", "lifecycle.yaml", "round.yaml", "schedule.yaml"]
    own = duban.home / "config" / "ladder.yaml"
    own.write_text(own.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    assert duban("init", "--with-config", "--json").json == {**first, "copied": []}
    assert own.read_text(encoding="utf-8").endswith("# mine\n")


def test_answer_when_chinese_is_set_is_chinese(duban: Line, house: World):
    house.in_progress()
    assert "整改中" in duban("measure", "list", language="zh_CN").out
    assert "in progress" in duban("measure", "list", language="en").out


def test_explain_when_a_task_names_nobody_and_no_day_says_why_nobody_hears(duban: Line, house: World):
    house.measure()
    day = ("--as-of", "2025-04-10")
    duban("meeting", "agenda", "--meeting", "2025-04-10", *day)
    task = ("meeting", "record", "--meeting", "2025-04-10", "--decide", "task", "--text", "强调纪律", "--as", "lin")
    assert "names neither who carries it out nor a day" in duban(*task, *day).out
    told = duban("explain", "2025-04/1", *day)
    assert (told.status, told.out.splitlines()[1:]) == (
        0,
        [
            "owner nobody; due no day",
            "this task names neither who carries it out nor a day: nobody is reminded of it",
        ],
    )
    minutes = duban("explain", "2025-04/minutes", *day).out
    assert "this meeting is recorded; nothing is waited for" in minutes
    assert duban("explain", "2025-04/7", *day).err.startswith("there is no task, paper or meeting 2025-04/7")


def test_agenda_when_nothing_stands_on_it_says_so_and_a_task_tells_its_number_and_owner(duban: Line, house: World):
    empty = duban("meeting", "agenda", "--meeting", "2025-04-10", "--as-of", "2025-04-10")
    assert empty.out.splitlines()[1:] == ["nothing stands on it"]
    given = ("--text", "报送方案", "--owner", "wang", "--due", "2025-04-17", "--as", "lin", "--as-of", "2025-04-10")
    duban("meeting", "record", "--meeting", "2025-04-10", "--decide", "task", *given)
    told = duban("meeting", "agenda", "--meeting", "2025-05-12", "--as-of", "2025-04-11").out
    assert "Task 1 of the meeting of 2025-04: 报送方案" in told
    assert "王经办" in told
    assert house.round

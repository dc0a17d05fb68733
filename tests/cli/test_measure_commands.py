"""The life of a measure on the command line: every command's success, its refusal, and what stands afterwards."""

from datetime import date
from hashlib import sha256
from pathlib import Path

from engine.rules.vocabulary import State
from tests.cli.conftest import Line
from tests.world import World

DAY = "2025-03-10"


def test_measure_when_it_goes_all_the_way_is_closed(duban: Line, house: World, tmp_path: Path):
    code = house.measure()
    paper = tmp_path / "minutes.pdf"
    paper.write_bytes(b"%PDF minutes")
    steps = [
        ("measure", "accept", code, "--as", "wang"),
        ("measure", "report", code, "--percent", "60", "--text", "初稿完成", "--as", "wang"),
        ("measure", "evidence", code, paper, "--as", "wang"),
        ("measure", "evidence", code, "--reference", "第3号会议纪要", "--as", "wang"),
        ("measure", "submit", code, "--as", "wang"),
        ("verify", "start", "--all", "--verifier", "wu", "--as", "lin"),
        ("verify", "pass", code, "--as", "wu"),
        ("measure", "close", code, "--as", "zhao"),
    ]
    for step in steps:
        said = duban(*step, "--as-of", DAY)
        assert (said.status, said.err) == (0, ""), step
    assert house.get(code).state is State.CLOSED
    digest = sha256(b"%PDF minutes").hexdigest()
    assert (duban.home / "evidence" / digest[:2] / digest).read_bytes() == b"%PDF minutes"
    shown = duban("measure", "show", code, "--json").json
    assert shown["state"] == "closed"
    assert shown["closed_on"] == DAY
    assert [piece["text"] for piece in shown["evidence"]] == ["minutes.pdf", "第3号会议纪要"]
    assert [piece["what"] for piece in shown["verifications"]] == ["passed"]


def test_change_when_asked_as_json_tells_where_the_measure_stands(duban: Line, house: World):
    code = house.measure()
    said = duban("measure", "accept", code, "--as", "wang", "--as-of", DAY, "--json")
    assert said.json == {
        "code": code,
        "state": "in_progress",
        "due": "2025-09-03",
        "deadline_version": 1,
        "percent": 0,
    }


def test_change_when_refused_ends_with_1_and_changes_nothing(duban: Line, house: World):
    code = house.measure()
    said = duban("measure", "accept", code, "--as", "sun", "--json")
    assert said.status == 1
    assert said.json["errors"][0]["message"] == said.err.strip() == "accepting is for: task owner"
    assert house.get(code).state is State.ASSIGNED


def test_extension_when_approved_gives_a_new_deadline_version(duban: Line, house: World):
    code = house.in_progress()
    ask = ("measure", "extend", code, "--to", "2025-10-31", "--reason", "流标", "--as", "wang", "--as-of", DAY)
    assert duban(*ask).status == 0
    decide = ("measure", "decide-extension", code, "--approve", "--as", "qian", "--as-of", DAY, "--json")
    assert duban(*decide).json["due"] == "2025-10-31"
    assert house.get(code).deadline_version == 2


def test_extension_when_refused_keeps_the_date_and_needs_a_reason(duban: Line, house: World):
    code = house.in_progress()
    ask = ("measure", "extend", code, "--to", "2025-10-31", "--reason", "流标", "--as", "wang", "--as-of", DAY)
    assert duban(*ask).status == 0
    refuse = ("measure", "decide-extension", code, "--refuse", "--as", "qian", "--as-of", DAY)
    assert duban(*refuse).status == 1
    assert duban(*refuse, "--reason", "理由不充分").status == 0
    assert house.get(code).due == date(2025, 9, 3)


def test_extension_when_nothing_is_decided_is_bad_input(duban: Line, house: World):
    said = duban("measure", "decide-extension", house.measure(), "--as", "qian")
    assert (said.status, said.err.count("\n")) == (2, 1)
    assert "--approve" in said.err


def test_owner_when_assigned_and_reassigned_must_accept_anew(duban: Line, house: World):
    code = house.measure(owner=None)
    assert duban("measure", "assign", code, "--owner", "wang", "--as", "lin", "--as-of", DAY).status == 0
    assert duban("measure", "accept", code, "--as", "wang", "--as-of", DAY).status == 0
    moved = ("measure", "reassign", code, "--owner", "孙经办", "--reason", "岗位调整", "--as", "lin", "--as-of", DAY)
    assert duban(*moved, "--json").json["state"] == "assigned"
    assert house.get(code).owner_id == house.people["sun"]


def test_measure_when_cancelled_or_reopened_says_how(duban: Line, house: World):
    merged = house.in_progress("1-01")
    cancel = ("measure", "cancel", merged, "--how", "accept-risk", "--reason", "并入", "--as", "zhao", "--as-of", DAY)
    assert duban(*cancel, "--json").json["state"] == "cancelled"
    closed = house.measure("1-02", state=State.CLOSED)
    back = ("measure", "rebound", closed, "--due", "2025-12-01", "--reason", "反弹", "--as", "jian", "--as-of", DAY)
    assert duban(*back, "--json").json["due"] == "2025-12-01"


def test_measure_when_returned_goes_back_to_its_owner(duban: Line, house: World):
    code = house.submitted()
    assert duban("verify", "return", code, "--reason", "缺少材料", "--as", "wu", "--as-of", DAY).status == 0
    assert house.get(code).state is State.IN_PROGRESS


def test_verification_when_started_by_code_names_the_verifier(duban: Line, house: World):
    code = house.submitted(verifier=None)
    said = duban("verify", "start", code, "--verifier", "wu", "--as", "lin", "--as-of", DAY, "--json")
    assert (said.json["run"], said.json["notifications"], said.json["failed"]) == ("verification", 1, 0)
    (opened,) = duban("measure", "show", code, "--json").json["verifications"]
    assert (opened["who"], opened["what"]) == ("吴核验", "open")
    assert duban("verify", "start", "--as", "lin", "--as-of", DAY).status == 2
    assert duban("verify", "start", "--all", "--as", "lin", "--as-of", DAY, "--json").json["notifications"] == 0


def test_reminder_when_acknowledged_holds_and_not_twice(duban: Line, house: World):
    code = house.in_progress()
    seen = ("measure", "acknowledge", code, "--days", "2", "--as", "wang", "--as-of", "2025-08-29")
    assert duban(*seen).status == 0
    assert duban(*seen).status == 1


def test_list_when_narrowed_holds_only_what_fits(duban: Line, house: World):
    house.in_progress("1-01", due=date(2025, 3, 8))
    house.measure("1-02")
    lists = {
        (): ["1-01", "1-02"],
        ("--state", "assigned"): ["1-02"],
        ("--unit", "一处"): ["1-01", "1-02"],
        ("--unit", "二处"): [],
        ("--person", "王经办"): ["1-01", "1-02"],
        ("--person", "sun"): [],
        ("--overdue", "--as-of", "2025-03-10"): [],  # due on a Saturday: until the end of Monday the tenth
        ("--overdue", "--as-of", "2025-03-11"): ["1-01"],
    }
    for words, codes in lists.items():
        found = duban("measure", "list", *words, "--json").json["measures"]
        assert [measure["code"] for measure in found] == codes, words


def test_evidence_when_it_is_no_file_is_bad_input_and_leaves_nothing(duban: Line, house: World, tmp_path: Path):
    code = house.in_progress()
    empty = tmp_path / "empty.pdf"
    empty.touch()
    for wrong in (tmp_path, tmp_path / "none.pdf", empty):
        assert duban("measure", "evidence", code, wrong, "--as", "wang", "--as-of", DAY).status == 2
    assert duban("measure", "evidence", code, "--as", "wang", "--as-of", DAY).status == 2
    kept = [path for path in (duban.home / "evidence").rglob("*") if path.is_file()]
    assert kept == []


def test_absence_when_recorded_lets_the_substitute_act(duban: Line, house: World):
    code = house.measure()
    away = ("person", "absence", "wang", "--substitute", "sun", "--from", DAY, "--to", "2025-03-14", "--as", "lin")
    assert duban(*away, "--as-of", DAY).status == 0
    assert duban("measure", "accept", code, "--as", "sun", "--as-of", DAY).status == 0
    assert duban(*away[:4], "wang", *away[5:], "--as-of", DAY).status == 1


def test_measure_when_it_was_closed_late_says_so_in_list_show_status_and_json(duban: Line, house: World):
    house.at(date(2025, 8, 18)).in_progress("1-01", due=date(2025, 8, 29))
    for day, *step in (
        ("2025-09-11", "measure", "evidence", "1-01", "--reference", "报告", "--as", "wang"),
        ("2025-09-11", "measure", "submit", "1-01", "--as", "wang"),
        ("2025-09-11", "verify", "start", "1-01", "--verifier", "wu", "--as", "lin"),
        ("2025-09-12", "verify", "pass", "1-01", "--as", "wu"),
        ("2025-09-15", "measure", "close", "1-01", "--as", "zhao"),
    ):
        assert duban(*step, "--as-of", day).status == 0, step
    words = "closed 11 working days after the original due date"
    assert words in duban("measure", "list", "--as-of", "2025-09-30").out
    assert words in duban("measure", "show", "1-01", "--as-of", "2025-09-30").out
    (listed,) = duban("measure", "list", "--as-of", "2025-09-30", "--json").json["measures"]
    shown = duban("measure", "show", "1-01", "--as-of", "2025-09-30", "--json").json
    assert (
        listed["lateness"]
        == shown["lateness"]
        == {
            "handed_in_on": "2025-09-11",
            "closed_on": "2025-09-15",
            "is_extended": False,
            "handed_in_after_original": 9,
            "handed_in_after_due": 9,
            "closed_after_original": 11,
            "closed_after_due": 11,
        }
    )
    told = duban("status", "--as-of", "2025-09-30", "--json").json
    assert (told["closed_timed"], told["done_in_time"], told["done_late"], told["handed_in_late"]) == (1, 0, 1, 1)
    assert "done by the original due date: 0 of 1 closed; done late: 1" in duban("status", "--as-of", "2025-09-30").out

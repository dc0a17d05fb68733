"""`duban matter kinds|check` and lint: what kinds of matters are known, and where the file of one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.files import SHIPPED
from tests.cli.conftest import Line
from tests.own_lifecycle import with_own_steps
from tests.world import World

PLEDGE = (SHIPPED / "matters" / "pledge.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(duban: Line) -> Path:
    """Give the folder of the office's own kinds."""
    folder = duban.home / "config" / "matters"
    folder.mkdir(parents=True)
    return folder


def test_kinds_when_listed_then_the_offices_own_stand_among_them(duban: Line, folder: Path):
    (folder / "vow.yaml").write_text(PLEDGE.replace("sheet: 承诺书", "sheet: 誓词"), encoding="utf-8")
    found = {one["kind"]: one for one in duban("matter", "kinds", "--json").json["kinds"]}
    assert (found["vow"]["is_own"], found["vow"]["runs"]) == (True, False)
    assert (found["measure"]["is_own"], found["measure"]["runs"]) == (False, True)
    assert found["look_back"]["zh"] == "回头看"
    assert "your own" in next(line for line in duban("matter", "kinds").out.split("\n") if line.startswith("vow "))


def test_kind_when_shown_tells_states_steps_and_who_takes_them(duban: Line):
    shown = duban("matter", "kinds", "look_back").out
    assert "sleeps until due" in shown
    assert "Duban itself" in shown
    assert "回头看 (look-back)" in shown
    assert "核验人、纪检监督" in duban("matter", "kinds", "look_back", language="zh_CN").out
    refused = duban("matter", "kinds", "lookback")
    assert (refused.status, "there is no kind lookback" in refused.err) == (1, True)


def test_file_when_checked_then_every_fault_is_told_with_its_line(duban: Line, tmp_path: Path):
    path = tmp_path / "vow.yaml"
    path.write_text(PLEDGE.replace("to: dropped", "to: droped").replace(", en: pledge", ""), encoding="utf-8")
    told = duban("matter", "check", path)
    assert told.status == 2
    assert told.out == ""
    assert [line.split(" · ")[1].split(":")[0] for line in told.err.strip().split("\n")] == ["row 2", "row 16"]
    errors = duban("matter", "check", path, "--json").json["errors"]
    assert [(error["row"], error["value"]) for error in errors] == [(2, None), (16, "droped")]
    path.write_text(PLEDGE, encoding="utf-8")
    assert duban("matter", "check", path, "--json").json == {
        "kind": "vow",
        "states": ["to_sign", "signed", "dropped"],
        "steps": ["sign", "drop"],
    }


def test_own_kind_when_it_is_faulty_then_lint_tells_it_and_all_else_works(duban: Line, house: World, folder: Path):
    house.measure()
    assert "is not a setting" not in duban("lint", "--as-of", "2025-03-03").out
    (folder / "vow.yaml").write_text(PLEDGE + "colour: red\n", encoding="utf-8")
    row = PLEDGE.count("\n") + 1
    told = duban("lint", "--as-of", "2025-03-03")
    assert (told.status, f"vow.yaml, row {row}: colour is not a setting" in told.out) == (1, True)
    assert duban("measure", "list", "--json").json["measures"]
    assert "faults in files that are not taken: 1" in duban("matter", "kinds").out


def test_steps_when_taken_by_name_lead_a_measure_on(duban: Line, house: World, tmp_path: Path):
    code = house.measure()
    paper = tmp_path / "minutes.pdf"
    paper.write_bytes(b"%PDF minutes")
    for words in (
        ("accept",),
        ("report", "--field", "percent=60", "--field", "text=初稿"),
        ("submit", "--evidence", paper),
    ):
        said = duban("matter", "step", code, *words, "--as", "wang", "--as-of", "2025-03-10")
        assert (said.status, said.err) == (0, ""), words
    taken = duban("matter", "step", code, "cancel", "--reason", "并入", "--as", "zhao", "--json").json
    assert (taken["code"], taken["state"]) == (code, "cancelled")
    assert duban("matter", "show", code, "--json").json["state"] == "cancelled"
    assert [one["code"] for one in duban("matter", "list", "--phase", "dropped", "--json").json["measures"]] == [code]
    assert duban("matter", "list", "--phase", "open", "--kind", "measure", "--json").json["measures"] == []


def test_step_when_it_is_refused_says_why(duban: Line, house: World):
    code = house.measure()
    unknown = duban("matter", "step", code, "acept", "--as", "wang")
    assert (unknown.status, "did you mean accept?" in unknown.err) == (1, True)
    wrong = duban("matter", "step", code, "report", "--field", "percent", "--as", "wang")
    assert (wrong.status, "NAME=VALUE was expected" in wrong.err) == (2, True)


def test_own_step_when_the_lifecycle_has_one_is_a_command_at_once(duban: Line, house: World):
    with_own_steps(house)
    code = house.in_progress()
    taken = duban("matter", "step", code, "put_off", "--reason", "机构改革", "--as", "qian", "--json")
    assert taken.json["state"] == "assigned"
    assert "put_off" in duban("measure", "show", code).out

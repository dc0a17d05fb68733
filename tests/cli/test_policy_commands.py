"""`duban policy list|show|change`: tried, saved, told where it is wrong, and gone back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.world import World


@pytest.fixture
def new(tmp_path: Path, duban: Line, house: World) -> Path:
    """Give a ladder that speaks to the unit head earlier; a measure waits for its owner."""
    house.measure()
    text = duban("policy", "show", "ladder", "--json").json["text"]
    path = tmp_path / "new.yaml"
    path.write_text(text.replace("{at: T-1, to: [owner]", "{at: T-2, to: [owner, unit_head]"), encoding="utf-8")
    return path


def test_policy_when_tried_then_the_effect_is_told_and_nothing_changes(duban: Line, new: Path):
    asked = ("policy", "change", "ladder", "--file", new, "--dry-run", "--as-of", "2025-03-03")
    told = duban(*asked, "--json").json
    assert told["saved"] is False
    assert told["changes"][0] == {"path": "waits.acceptance.rungs.1.at", "before": "T-1", "after": "T-2"}
    heard = {one["name"]: one["after"] - one["before"] for one in told["impact"]["people"]}
    assert heard["李处长"] == 1
    assert told["impact"]["measures"] == ["1-01"]
    shown = duban(*asked)
    assert ("nothing was changed" in shown.out, "+1" in shown.out, shown.err) == (True, True, "")
    assert duban("policy", "list", "--json").json["files"]["ladder.yaml"] == []


def test_policy_when_saved_then_listed_and_gone_back(duban: Line, new: Path):
    saved = duban("policy", "change", "ladder", "--file", new, "--reason", "提前", "--as", "lin", "--json")
    assert saved.json["saved"] is True
    (version,) = duban("policy", "list", "--json").json["files"]["ladder.yaml"]
    assert (version["who"], version["reason"]) == ("林联络", "提前")
    assert "提前" in duban("policy", "list").out
    assert "T-2, to: [owner, unit_head]" in duban("policy", "show", "ladder").out
    back = duban("policy", "change", "ladder", "--version", "before", "--reason", "恢复", "--as", "lin")
    assert (back.status, "ladder.yaml is in force" in back.out) == (0, True)
    assert "T-2, to: [owner, unit_head]" not in duban("policy", "show", "ladder").out
    again = duban("policy", "show", "ladder", "--version", version["version"], "--json").json["text"]
    assert again == new.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--file", "none.yaml", "--dry-run"), 2, "a readable UTF-8 text file was expected"),
        (("--dry-run",), 2, "--file or --version"),
        (("--version", "shipped"), 2, "who acts was expected"),
        (("--version", "999", "--dry-run"), 1, "there is no such version"),
    ],
)
def test_policy_when_asked_wrongly_then_one_clear_line(
    duban: Line, new: Path, words: tuple[str, ...], status: int, told: str
):
    said = duban("policy", "change", "ladder", *words)
    assert (said.status, told in said.err, said.err.count("\n")) == (status, True, 1), (said.err, new)


def test_policy_when_the_text_is_wrong_or_the_person_may_not_then_refused(duban: Line, new: Path):
    asked = ("policy", "change", "ladder", "--file", new, "--reason", "x")
    assert duban(*asked, "--as", "wang").status == 1
    assert "a reason is needed" in duban(*asked[:-2], "--as", "lin").err
    new.write_text(new.read_text(encoding="utf-8").replace("at: T-30", "at: soon"), encoding="utf-8")
    (fault,) = duban(*asked, "--as", "lin", "--json").json["errors"]
    line = next(one for one in new.read_text(encoding="utf-8").splitlines() if "soon" in one)
    assert (fault["value"], fault["column"]) == ("soon", str(line.index("soon") + 1))

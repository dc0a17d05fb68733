"""A policy file that is wrong is refused with its name and line, and nothing is loaded by half."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.files import SHIPPED, load_policies
from engine.rules.plan import InputRefused


def copy_with(folder: Path, name: str, before: str, after: str) -> int:
    """Write the shipped file `name` to `folder` with `before` replaced; return the line of the change."""
    text = (SHIPPED / name).read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} must stand once in {name}"
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "before", "after", "below", "message"),
    [
        (
            "checklist.yaml",
            "id: cause_removed",
            "id: rule_made",
            4,
            "there are two questions rule_made",
        ),
        (
            "checklist.yaml",
            "    en: Do the people concerned agree that it is mended?\n    need: optional",
            "    en: Do the people concerned agree that it is mended?\n    need: optionl",
            1,
            "optionl is not known; did you mean optional?",
        ),
        (
            "ladder.yaml",
            "{at: T-30, to: [owner], slip: reminder}",
            "{at: T-30, to: [ovner], slip: reminder}",
            0,
            "ovner is not known; did you mean owner?",
        ),
        (
            "ladder.yaml",
            "{at: T-7, to: [owner], slip: blue}",
            "{at: T-40, to: [owner], slip: blue}",
            0,
            "rungs must be in order of time: T-40 does not come after T-30",
        ),
        (
            "ladder.yaml",
            "{at: T-7, to: [owner], slip: blue}",
            "{at: T-7, to: [owner], slip: green}",
            0,
            "green is not known; expected one of: reminder, blue, yellow, red, group",
        ),
        (
            "ladder.yaml",
            "{at: T-7, to: [owner], slip: blue}",
            "{at: 7 days, to: [owner], slip: blue}",
            0,
            "7 days is not a time; expected T-7 or T+5 (working days)",
        ),
        (
            "ladder.yaml",
            "{at: T-7, to: [owner], slip: blue}",
            "{at: T-7, too: [owner], slip: blue}",
            0,
            "too is not a setting; expected: at, slip, to",
        ),
        (
            "ladder.yaml",
            "    hold_at_most: 3",
            "    hold_at_least: 3",
            0,
            "hold_at_least is not a setting; expected: hold_at_most, repeat_every, rungs, within",
        ),
        (
            "ladder.yaml",
            "    repeat_every: 10\n    hold_at_most: 3\n",
            "    hold_at_most: 3\n",
            -8,
            "repeat_every: a whole number from 1 to 250 was expected, not nothing",
        ),
        (
            "ladder.yaml",
            "  acceptance:",
            "  acceptence:",
            0,
            "acceptence is not known; did you mean acceptance?",
        ),
        ("ladder.yaml", "within: 23", "within: soon", 0, "within: a whole number from 0 to 250 was expected, not soon"),
        (
            "ladder.yaml",
            "decided_by: [leader, leading_group]",
            "decided_by: [leader, verifier]",
            0,
            "verifier decides no extension; expected one of: unit_head, leader, coordinator, leading_group",
        ),
        (
            "lifecycle.yaml",
            "by: [leading_group]}\n  reassign",
            "by: [owner]}\n  reassign",
            0,
            "only the leading group closes; delegate it in the round",
        ),
        (
            "lifecycle.yaml",
            "needs: [four_eyes, same_evidence]",
            "needs: [same_evidence]",
            0,
            "four_eyes cannot be left out: nobody verifies their own work",
        ),
        (
            "round.yaml",
            "concentrated_end:  {months: 6, working_days: 0}",
            "concentrated_end:  {months: half a year, working_days: 0}",
            0,
            "months: a whole number from 0 to 60 was expected, not half a year",
        ),
        (
            "schedule.yaml",
            "zone: Asia/Shanghai",
            "zone: Asia/Beijing",
            0,
            "Asia/Beijing is not a time zone; expected a name such as Asia/Shanghai",
        ),
        (
            "schedule.yaml",
            '"30 8 * * *"',
            '"half past eight"',
            0,
            "half past eight is not a cron expression; expected five fields such as 30 8 * * *",
        ),
        ("schedule.yaml", '"30 8 * * *"', '"30 8 30 2 *"', 0, "30 8 30 2 * names a time that never comes"),
        (
            "schedule.yaml",
            "  watchdog:",
            "  watchcat:",
            0,
            "watchcat is not a setting; expected: daily, deliver, monthly, watchdog",
        ),
    ],
)
def test_policy_when_one_value_is_wrong_then_file_line_and_expectation_are_told(
    *, tmp_path: Path, name: str, before: str, after: str, below: int, message: str
):
    line = copy_with(tmp_path, name, before, after) + below
    with pytest.raises(InputRefused) as refused:
        load_policies(tmp_path)
    (fault,) = refused.value.faults
    assert str(fault.message) == message
    assert (fault.place.file, fault.place.row) == (str(tmp_path / name), line)


def test_policy_when_it_is_not_yaml_then_the_line_of_the_break_is_told(tmp_path: Path):
    (tmp_path / "round.yaml").write_text("version: 1\nplan_due: {months: 1\nreport_due: 3\n", encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        load_policies(tmp_path)
    (fault,) = refused.value.faults
    assert fault.place.row == 3
    assert str(fault.message).startswith("this is not valid YAML: ")


@pytest.mark.parametrize("content", [b"", b"- a\n- b\n", b"just words", b"\xff\xfe\x00\x01"])
def test_policy_when_it_is_empty_or_no_table_then_refused(tmp_path: Path, content: bytes):
    (tmp_path / "ladder.yaml").write_bytes(content)
    with pytest.raises(InputRefused) as refused:
        load_policies(tmp_path)
    assert [fault.place.file for fault in refused.value.faults] == [str(tmp_path / "ladder.yaml")]


def test_policies_when_several_files_are_wrong_then_each_is_told(tmp_path: Path):
    copy_with(tmp_path, "ladder.yaml", "within: 23", "within: -1")
    copy_with(tmp_path, "schedule.yaml", "zone: Asia/Shanghai", "zone: Mars")
    with pytest.raises(InputRefused) as refused:
        load_policies(tmp_path)
    assert [Path(fault.place.file).name for fault in refused.value.faults] == ["ladder.yaml", "schedule.yaml"]


def test_policies_when_only_one_file_is_the_operators_own_then_the_others_are_the_shipped(tmp_path: Path):
    copy_with(tmp_path, "round.yaml", "coordinator_may_close: false", "coordinator_may_close: true")
    policies = load_policies(tmp_path)
    assert policies.round.coordinator_may_close
    assert policies.ladder == load_policies(tmp_path / "none").ladder


def test_policy_when_saved_with_a_byte_order_mark_then_read(tmp_path: Path):
    text = (SHIPPED / "round.yaml").read_text(encoding="utf-8")
    (tmp_path / "round.yaml").write_text("\ufeff" + text, encoding="utf-8")
    assert load_policies(tmp_path).round == load_policies(tmp_path / "none").round

"""The small notices beside the repository, each with its right value in its README."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.rules.vocabulary import Level, MeasureClass
from intake.notice.read_notice import read_notice

CASES = Path(__file__).parents[3] / "shared" / "cases"
NAMES = sorted(one.name for one in CASES.glob("n*"))
_LEVELS = {"aspects": Level.ASPECT, "problems": Level.PROBLEM, "items": Level.ITEM}

pytestmark = pytest.mark.skipif(not NAMES, reason="../shared/cases is not part of the repository")


def _right(case: Path) -> dict[str, Any]:
    """Return what a README gives: an object behind Right:, or numbers in words behind Expected."""
    said = (case / "README.md").read_text(encoding="utf-8")
    found = re.search(r"Right: (\{.*\})", said)
    if found is not None:
        right: dict[str, Any] = json.loads(found[1])
        return right
    told = said.split("Expected")[1]
    names = re.findall(r"(aspects|problems|measures) (\d+)", told)
    return {name: int(number) for name, number in names} or {"measures": 3}


@pytest.mark.parametrize("name", NAMES)
def test_case_when_read_has_its_right_value(name: str):
    right = _right(CASES / name)
    (path,) = (CASES / name).glob("input.*")
    plan = read_notice(path)
    read: dict[str, Any] = {one: plan.count(level) for one, level in _LEVELS.items()}
    read |= {"measures": len(plan.measures()), "feedback": str(plan.feedback_on)}
    for key in right:
        if key.startswith("declared_"):
            value = getattr(plan.declared, key.removeprefix("declared_"))
            read[key] = str(value) if isinstance(value, date) else value
    assert {key: read[key] for key in right} == right


def test_case_with_deadlines_when_read_gives_each_measure_its_own():
    plan = read_notice(CASES / "n23-deadline-in-notice" / "input.txt")
    assert [(one.due, one.measure_class) for one in plan.measures()] == [
        (date(2025, 4, 30), None),
        (None, MeasureClass.CONTINUOUS),
        (date(2025, 12, 31), None),
    ]


def test_case_of_a_table_when_read_gives_each_measure_its_deadline():
    plan = read_notice(CASES / "n17-table-html" / "input.html")
    assert [one.due for one in plan.measures()] == [date(2025, 3, 31), date(2025, 6, 30), date(2025, 4, 30)]

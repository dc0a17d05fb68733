"""What is on record has a name on the screen, in both languages."""

import re
from pathlib import Path

import pytest

from engine.rules.import_report import Change
from engine.rules.lifecycle import REQUIRED
from engine.rules.record_words import event_details, event_name, field_change, outcome
from engine.rules.text import Text
from i18n import CHINESE, ENGLISH, say
from models.extension import Ruling
from models.verification import Verdict

ENGINE = Path(__file__).parents[2] / "engine"
LATIN = re.compile("[A-Za-z]")
RECORDED = sorted(
    {kind for file in ENGINE.rglob("*.py") for kind in re.findall(r'"([a-z_]+:[a-z_]+:[a-z_]+)"', file.read_text())}
    | {f"measure:state:{name}" for name in REQUIRED}
)


def _chinese(cell: Text | str | None) -> str:
    return say(cell, CHINESE) if isinstance(cell, Text) else cell or ""


@pytest.mark.parametrize("kind", RECORDED)
def test_event_name_when_the_engine_records_the_kind_is_chinese(kind: str):
    assert not LATIN.search(_chinese(event_name(kind)))


def test_event_name_when_only_a_policy_knows_the_transition_is_its_own_name():
    assert say(event_name("measure:state:escort"), CHINESE) == "escort"


@pytest.mark.parametrize(
    ("data", "english", "chinese"),
    [
        ({"due": "2025-09-03"}, "due 2025-09-03", "时限2025-09-03"),
        (
            {"old_due": "2025-09-03", "new_due": "2025-10-31", "reason": "招标流标", "number": 1},
            "from 2025-09-03 to 2025-10-31, 招标流标",
            "由2025-09-03改为2025-10-31、招标流标",
        ),
        (
            {"waits_for": "due_date", "until": "2025-09-05", "rung": 3, "deadline_version": 1},
            "due date, held until 2025-09-05",
            "整改时限、暂停至2025-09-05",
        ),
        (
            {"before": "2025-09-03", "due": "2026-03-31", "reason": "再次发生"},
            "from 2025-09-03 to 2026-03-31, 再次发生",
            "由2025-09-03改为2026-03-31、再次发生",
        ),
        ({"percent": 40, "before": 20, "text": "初稿"}, "40%, 初稿", "40%、初稿"),
        ({"waits_for": "due_date", "superseded": [0, 1], "empty": []}, "due date", "整改时限"),
        ({"percent": 0, "before": 0, "text": ""}, "0%", "0%"),
        ({"to": 7, "from": 3, "reason": "调岗"}, "调岗", "调岗"),
        ({"to": "孙经办", "from": "王经办", "reason": "调岗"}, "孙经办, 调岗", "孙经办、调岗"),
        (
            {"owner": [None, "王经办"], "measure_class": ["staged", "at_once"], "due": ["2025-09-03", None]},
            "owner: — → 王经办, class: staged → at once, due: 2025-09-03 → —",
            "责任人：— → 王经办、整改类型：限期整改 → 立行立改、整改时限：2025-09-03 → —",
        ),
    ],
)
def test_event_details_when_a_deadline_is_concerned_are_told(data: dict[str, object], english: str, chinese: str):
    told = event_details(data)
    assert told is not None
    assert (say(told, ENGLISH), say(told, CHINESE)) == (english, chinese)


def test_event_details_when_there_are_none_are_absent():
    assert event_details({"due": None, "rung": 2}) is None


@pytest.mark.parametrize("word", ["open", *Verdict, *Ruling])
def test_outcome_when_shown_is_chinese(word: str):
    assert not LATIN.search(_chinese(outcome(word)))


def test_field_change_when_the_class_changes_is_told_in_words():
    change = Change(code="1", field="measure_class", before="staged", after="at_once")
    assert [_chinese(cell) for cell in field_change(change)] == ["整改类型", "限期整改", "立行立改"]


def test_field_change_when_a_date_is_new_has_nothing_before():
    assert [
        _chinese(cell) for cell in field_change(Change(code="1", field="due", before=None, after="2025-09-03"))
    ] == [
        "整改时限",
        "",
        "2025-09-03",
    ]

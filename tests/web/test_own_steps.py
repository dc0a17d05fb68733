"""A transition that only the office's lifecycle knows: its button, form, operation and message are there at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.rules.vocabulary import State
from tests.own_lifecycle import with_own_steps
from tests.web.api.conftest import Office
from tests.web.house import Premises, english


@pytest.fixture
def office_of_own(premises: Premises) -> Premises:
    """Give a house whose lifecycle has transitions of its own, and a measure in progress."""
    with_own_steps(premises.world)
    premises.world.in_progress()
    return premises


def test_page_when_a_step_is_the_offices_own_then_it_has_its_button_and_form(office_of_own: Premises):
    path = f"/rounds/{office_of_own.round}/measures/1-01"
    qian = office_of_own.visitor("qian")
    shown = qian.get(path)
    assert "暂缓" in shown.words
    assert set(shown.form(f"{path}/steps/put_off")) >= {"csrf", "version", "reason"}
    assert "资金到位" not in shown.words, "that one is the coordinator's"
    refused = qian.post(f"{path}/steps/put_off", reason=" ")
    assert (refused.status, "理由" in refused.words) == (409, True)
    done = qian.post(f"{path}/steps/put_off", reason="机构改革")
    assert done.status == 200
    assert office_of_own.world.get("1-01").state is State.ASSIGNED
    assert "暂缓、机构改革" in qian.get(path).words, "the record calls it by its name"


def test_page_when_read_in_english_then_the_offices_step_has_its_english_name(office_of_own: Premises):
    path = f"/rounds/{office_of_own.round}/measures/1-01"
    with english(office_of_own.visitor("lin")) as lin:
        assert "funds arrived" in lin.get(path).words


def test_any_step_when_sent_by_its_name_is_taken(premises: Premises):
    code = premises.world.measure()
    path = f"/rounds/{premises.round}/measures/{code}"
    wang = premises.visitor("wang")
    assert wang.post(f"{path}/steps/accept").status == 200
    assert wang.post(f"{path}/steps/report", percent="40", text="初稿").status == 200
    refused = wang.post(f"{path}/steps/request_extension", new_due="soon", reason="流标")
    assert "应为日期，如 2025-09-03" in refused.words
    assert (premises.world.get(code).state, premises.world.get(code).percent) == (State.IN_PROGRESS, 40)


def test_program_when_a_step_is_the_offices_own_takes_it_by_its_name(world_of_own: Office):
    lin, wang = world_of_own.program("lin"), world_of_own.program("wang")
    path = lin.measure("1-01")
    assert "funds_arrived" in lin.get(path).json()["may"]
    refused = wang.post(f"{path}/steps/funds_arrived", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    taken = lin.post(f"{path}/steps/funds_arrived", {"fields": {"reason": "已拨付"}})
    assert (taken.status_code, taken.json()["state"]) == (200, "submitted")
    assert lin.post(f"{path}/steps/nothing", {}).status_code == 404
    unknown = lin.post(f"{path}/steps/accept", {"fields": {"colour": "red"}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "not_ready")


@pytest.fixture
def world_of_own(office_of_own: Premises, tmp_path: Path) -> Office:
    """Give the same house to programs."""
    return Office(office_of_own.world, tmp_path / "programs")

"""`duban person hand-over`: shown before it is done, told afterwards, and refused with words that help."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Line
from tests.world import World

GIVE = ("person", "hand-over", "wang", "--reason", "已调离", "--as", "lin")


def test_hand_over_when_tried_first_then_changes_nothing_and_shows_what_would_be(duban: Line, house: World):
    house.measure("1-01")
    house.measure("1-02")
    tried = duban(*GIVE, "--to", "sun", "--to", "tang=1-02", "--dry-run")
    assert tried.status == 0
    assert tried.out.startswith("nothing was changed, this would be:")
    assert house.get("1-01").owner_id == house.people["wang"]
    done = duban(*GIVE, "--to", "sun", "--to", "tang=1-02", "--json").json
    assert [(one["code"], one["to"]) for one in done["measures"]] == [("1-01", "孙经办"), ("1-02", "唐科员")]
    assert done["stays"] == {"led": [], "heads": [], "stands_for": []}
    assert house.get("1-02").owner_id == house.people["tang"]


def test_hand_over_when_a_leader_leaves_then_what_stays_is_told(duban: Line, house: World):
    house.measure("1-01")
    said = duban("person", "hand-over", "qian", "--to", "sun", "--reason", "x", "--as", "lin")
    assert said.out.splitlines() == [
        "nothing that could be handed over waits for qian",
        "stays, as its leader: 1-01; a ledger names another",
    ]


@pytest.mark.parametrize("to", [("sun", "tang"), ("sun=",), ("=1-01",), ("sun=1-01", "tang=1-01")])
def test_heirs_when_written_badly_then_bad_input(duban: Line, house: World, to: tuple[str, ...]):
    house.measure("1-01")
    said = duban(*GIVE, *(word for one in to for word in ("--to", one)))
    assert said.status == 2
    assert "PERSON=CODE,CODE" in said.err

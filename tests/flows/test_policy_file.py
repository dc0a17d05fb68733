"""The ladder as a file and as a version on record: both change together, or neither does."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.rules.plan import InputRefused
from engine.rules.policy_files import PolicyFile
from engine.rules.refusal import Conflict, NotAllowed, NotReady
from flows.house import House
from flows.policy_file import LONGEST, check_policy, mark_of, policy_text, save_policy
from models import Policy
from tests.web.house import house_of
from tests.world import World

LADDER = PolicyFile.LADDER


def ladder_text(house: House) -> str:
    return policy_text(house, LADDER)


def save(
    world: World, home: Path, text: str, *, person: str = "lin", known: str | None = None, reason: str = "试行"
) -> bool:
    house = house_of(world, home)
    with world.desk(person) as desk:
        return save_policy(house, desk, LADDER, text, known=known or mark_of(ladder_text(house)), reason=reason)[0]


def versions(world: World) -> int:
    with world.sessions() as session:
        return session.scalar(select(func.count()).select_from(Policy)) or 0


def test_ladder_when_saved_then_the_file_and_the_version_are_new_and_comments_stay(world: World, tmp_path: Path):
    text = "# 本单位\n" + ladder_text(house_of(world, tmp_path)).replace("T-30", "T-20")
    assert save(world, tmp_path, text)
    assert (tmp_path / "config" / "ladder.yaml").read_text(encoding="utf-8") == text
    assert [one.name for one in (tmp_path / "config").iterdir()] == ["ladder.yaml"]
    assert versions(world) == 2
    assert not save(world, tmp_path, text), "the same once more changes nothing"
    ground = house_of(world, tmp_path).import_ground(world.moment)
    assert ground.ladder["waits"]["due_date"]["rungs"][0]["at"] == "T-20", "new rounds begin with it at once"


def test_ladder_when_it_is_wrong_then_the_line_is_told_and_nothing_is_saved(world: World, tmp_path: Path):
    text = ladder_text(house_of(world, tmp_path))
    line = 1 + next(number for number, one in enumerate(text.splitlines()) if "T-30" in one)
    for wrong, row in ((text.replace("at: T-30", "at: T-3x"), line), (text + "\nwaits: [", None)):
        with pytest.raises(InputRefused) as refused:
            save(world, tmp_path, wrong)
        (fault,) = refused.value.faults
        assert (fault.place.file, row or fault.place.row) == ("ladder.yaml", fault.place.row)
    assert (versions(world), (tmp_path / "config").exists()) == (1, False)


def test_ladder_when_somebody_else_was_quicker_or_may_not_then_nothing_is_saved(world: World, tmp_path: Path):
    text = ladder_text(house_of(world, tmp_path)).replace("T-30", "T-20")
    with pytest.raises(Conflict, match="somebody else has changed this file"):
        save(world, tmp_path, text, known=mark_of("another"))
    with pytest.raises(NotAllowed):
        save(world, tmp_path, text, person="zhao")
    with pytest.raises(NotReady, match="a reason is needed"):
        save(world, tmp_path, text, reason=" ")
    assert (versions(world), (tmp_path / "config").exists()) == (1, False)


def test_ladder_when_the_file_cannot_be_written_then_the_record_stays_too(world: World, tmp_path: Path):
    text = ladder_text(house_of(world, tmp_path)).replace("T-30", "T-20")
    (tmp_path / "config").write_text("no folder", encoding="utf-8")
    with pytest.raises(NotReady, match="cannot be used"):
        save(world, tmp_path, text)
    assert versions(world) == 1


def test_ladder_when_it_is_no_text_then_refused():
    for text in ("", "\x00", "- a", "a: " + "[" * 3000, "#" * (LONGEST + 1)):
        with pytest.raises(InputRefused):
            check_policy(LADDER, text)

"""Another policy is put in force: new measures begin with it, those under way keep theirs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import select

from engine.actions.change_policy import change_policy
from engine.reads.policy_versions import read_policy_versions
from engine.rules.refusal import NotAllowed
from models import Event, Measure, Round
from tests.factories import shipped_policies
from tests.world import World


def other_ladder() -> dict[str, Any]:
    ladder = deepcopy(dict(shipped_policies().ladder))
    ladder["waits"]["due_date"]["repeat_every"] = 5
    return ladder


def change(world: World, person: str = "lin") -> bool:
    lifecycle = shipped_policies().lifecycle
    return world.act(person, change_policy, lifecycle=lifecycle, ladder=other_ladder()) is not None


def test_policy_when_changed_then_only_new_measures_begin_with_it(either_world: World):
    world = either_world
    world.measure("1-01")
    assert change(world)
    world.measure("1-02")
    with world.sessions() as session:
        new, old = read_policy_versions(session)
        began = dict(session.execute(select(Measure.code, Measure.policy_id)).tuples().all())
        code = session.get_one(Round, world.round).code
        (event,) = session.scalars(select(Event).where(Event.kind == "round:policy:change"))
    assert began == {"1-01": old.number, "1-02": new.number}
    assert (new.running, new.rounds, old.running, old.rounds) == (1, (code,), 1, ())
    assert (event.actor_id, event.data["digest"], event.data["before"]) == (
        world.people["lin"],
        new.digest,
        old.number,
    )
    assert not change(world), "the same once more changes nothing"


def test_policy_when_changed_by_anybody_else_then_refused(world: World):
    for person in ("wang", "zhao", "jian"):
        with pytest.raises(NotAllowed):
            change(world, person)

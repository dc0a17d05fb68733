"""A lifecycle with transitions that only an office knows, and a house whose measures begin with it."""

from __future__ import annotations

from typing import Any

from models import Policy, Round
from tests.factories import at, shipped_policies
from tests.world import World

#: 资金到位: straight to verification; 暂缓: back to the beginning, with a reason; 免核销号 needs no name of its own.
OWN: dict[str, Any] = {
    "funds_arrived": {
        "name": {"zh": "资金到位", "en": "funds arrived"},
        "from": ["in_progress"],
        "to": "submitted",
        "by": ["coordinator"],
    },
    "put_off": {
        "name": {"zh": "暂缓", "en": "put off"},
        "from": ["in_progress", "submitted"],
        "to": "assigned",
        "by": ["leader"],
        "needs": ["reason"],
    },
    "waive": {"from": ["in_progress", "submitted"], "to": "closed", "by": ["leading_group"], "needs": ["reason"]},
}


def with_own_steps(world: World) -> World:
    """Let the measures of the world begin with a lifecycle that has these transitions besides Duban's own."""
    plain = dict(shipped_policies().lifecycle)
    plain["transitions"] = {**plain["transitions"], **OWN}
    with world.sessions.begin() as session:
        policy = Policy(
            digest="own-steps", lifecycle=plain, ladder=dict(shipped_policies().ladder), created_at=at(world.today).at
        )
        session.add(policy)
        session.flush()
        session.get_one(Round, world.round).policy_id = policy.id
    return world

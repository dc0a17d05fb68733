"""A coordinator puts another policy in force: measures that come from now on begin with it.

Measures that are under way keep the version they began with; what they were promised does not change under them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.actions.change_house import coordinator
from engine.actions.desk import Desk, record
from engine.actions.policies import keep_policy
from models import Policy, Round


def change_policy(
    desk: Desk, *, lifecycle: Mapping[str, Any], ladder: Mapping[str, Any], reason: str = ""
) -> Policy | None:
    """Let every round begin new measures with this version; None when all of them do already.

    The content must have been accepted by `parse_lifecycle` and `parse_ladders`.  For coordinators.  Raises Refusal.
    """
    actor = coordinator(desk, "change_policy")
    policy = keep_policy(desk.session, lifecycle, ladder, desk.moment)
    others = select(Round).where(Round.policy_id != policy.id).order_by(Round.id).with_for_update(key_share=True)
    rounds = list(desk.session.scalars(others))
    for round_ in rounds:
        record(
            desk,
            "round:policy:change",
            actor=actor.person,
            round_id=round_.id,
            before=round_.policy_id,
            policy=policy.id,
            digest=policy.digest,
            reason=reason,
        )
        round_.policy_id = policy.id
    return policy if rounds else None

"""A coordinator saves another text of a policy file: who, why, and both texts go into the record."""

from __future__ import annotations

from engine.actions.change_house import coordinator
from engine.actions.desk import Desk, record
from engine.rules.policy_files import PolicyFile
from engine.rules.record_words import POLICY_FILE
from engine.rules.refusal import NotReady
from engine.rules.text import N_


def keep_policy_file(desk: Desk, file: PolicyFile, *, replaced: str, content: str, reason: str) -> None:
    """Record that `content` takes the place of what is `replaced`, for a reason; for coordinators.  Raises Refusal.

    Whoever saves next waits until this transaction has ended: the chain of the house is held by it.
    """
    actor = coordinator(desk, "change_policy")
    if not reason.strip():
        raise NotReady(N_("a reason is needed"))
    record(
        desk,
        POLICY_FILE,
        actor=actor.person,
        file=file.path,
        reason=reason.strip(),
        replaced=replaced,
        content=content,
    )

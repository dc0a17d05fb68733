"""Somebody who may sign withdraws a paper that was approved, with a reason; its file stays on record as it was."""

from __future__ import annotations

from engine.actions.desk import Desk
from engine.actions.open_paper import open_paper, take_step, tell_record
from engine.rules.signing import WITHDRAW
from models import Document, Paper


def withdraw_paper(desk: Desk, number: int, *, reason: str) -> Paper:
    """Withdraw the paper of document `number`.  Raises Refusal."""
    paper = open_paper(desk, number)
    actor = take_step(desk, WITHDRAW, paper, reason=reason)
    paper.reason, paper.decided_by_id, paper.decided_at = reason.strip(), actor.person, desk.moment.at
    final = desk.session.get_one(Document, paper.final_id)
    tell_record(desk, "withdraw", paper, actor, final, reason=paper.reason)
    return paper

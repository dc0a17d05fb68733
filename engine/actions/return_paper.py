"""Somebody who may sign returns a paper to the office, with a reason."""

from __future__ import annotations

from engine.actions.desk import Desk
from engine.actions.open_paper import open_paper, take_step, tell_decided, tell_record
from engine.rules.signing import RETURN
from models import Document, Paper


def return_paper(desk: Desk, number: int, *, reason: str) -> Paper:
    """Return the paper of document `number`.  Raises Refusal."""
    paper = open_paper(desk, number)
    actor = take_step(desk, RETURN, paper, reason=reason)
    paper.reason, paper.decided_by_id, paper.decided_at = reason.strip(), actor.person, desk.moment.at
    draft = desk.session.get_one(Document, paper.draft_id)
    tell_record(desk, "return", paper, actor, draft, reason=paper.reason)
    tell_decided(desk, paper, actor, approved=False, reason=paper.reason)
    return paper

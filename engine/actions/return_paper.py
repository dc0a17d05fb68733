"""Somebody who may sign returns a paper to the office, with a reason."""

from __future__ import annotations

from engine.actions.desk import Desk
from engine.actions.open_paper import key_of, nothing_to_ask, open_paper, said_of, take_step, tell_record
from engine.actions.outbox import tell
from engine.rules.notices import Notice
from engine.rules.signing import RETURN
from engine.rules.vocabulary import Role
from models import Document, Paper


def return_paper(desk: Desk, number: int, *, reason: str) -> Paper:
    """Return the paper of document `number`.  Raises Refusal."""
    paper = open_paper(desk, number)
    actor = take_step(desk, RETURN, paper, reason=reason)
    paper.reason, paper.decided_by_id, paper.decided_at = reason.strip(), actor.person, desk.moment.at
    draft = desk.session.get_one(Document, paper.draft_id)
    tell_record(desk, "return", paper, actor, draft, reason=paper.reason)
    nothing_to_ask(desk, paper)
    tell(
        desk,
        paper.hands - {actor.person},
        Notice.PAPER_DECIDED,
        role=Role.COORDINATOR,
        key=key_of(paper),
        round_id=paper.round_id,
        approved=False,
        by=actor.name,
        reason=paper.reason,
        **said_of(paper),
    )
    return paper

"""What the actions on papers share: a paper found under its lock, one step of it, and the event that tells it."""

from __future__ import annotations

from typing import Any

from engine.actions.desk import Desk, find_actor, find_round, record
from engine.actions.other_timers import sync_subject
from engine.actions.outbox import tell
from engine.reads.papers import find_paper, near_papers
from engine.rules.access import Actor
from engine.rules.notices import Notice
from engine.rules.other_waits import Subject
from engine.rules.signing import Step, take
from engine.rules.vocabulary import Role
from models import Document, Paper


def open_paper(desk: Desk, number: int) -> Paper:
    """Return the paper whose draft or final form is document `number`, locked.  Raises NotFound."""
    round_ = find_round(desk.session, desk.round)
    found = find_paper(desk.session, round_.id, number)
    desk.session.refresh(found, with_for_update=True)
    return found


def take_step(desk: Desk, step: Step, paper: Paper, *, reason: str = "") -> Actor:
    """Bring a paper to where `step` leads; return who does it.  Raises Refusal."""
    actor = find_actor(desk)
    near = near_papers(desk.session, [paper], desk.moment.on)[paper.id] if step.four_eyes else ()
    paper.state = take(step, paper.state, actor=actor, near=near, reason=reason)
    return actor


def tell_record(desk: Desk, kind: str, paper: Paper, actor: Actor, document: Document, **data: Any) -> int | None:
    """Add an event on a paper to the record: which one, and the hash of the bytes that it is about.

    Its timers are brought in line before; return the number of the one that stands.
    """
    timer = sync_subject(desk, Subject.PAPER, paper.id)
    record(
        desk,
        f"document:paper:{kind}",
        actor=actor.person,
        round_id=paper.round_id,
        document=paper.kind,
        period=paper.period,
        version=paper.version,
        as_of=paper.as_of.isoformat(),
        name=document.path,
        sha256=document.sha256,
        **data,
    )
    return timer


def said_of(paper: Paper) -> dict[str, Any]:
    """Return what messages say of a paper."""
    return {"document": paper.kind, "period": paper.period, "version": paper.version, "as_of": paper.as_of.isoformat()}


def key_of(paper: Paper) -> str:
    """Return the key of what is said about this submission of a paper; a later one is said anew."""
    return f"{paper.id}:{paper.submissions}"


def tell_decided(desk: Desk, paper: Paper, actor: Actor, **data: Any) -> None:
    """Tell those who have drawn up and submitted a paper what was decided."""
    tell(
        desk,
        paper.hands - {actor.person},
        Notice.PAPER_DECIDED,
        role=Role.COORDINATOR,
        key=key_of(paper),
        round_id=paper.round_id,
        by=actor.name,
        **data,
        **said_of(paper),
    )

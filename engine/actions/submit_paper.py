"""A coordinator submits a kept document for approval; who may sign it is told."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.desk import Desk, find_round
from engine.actions.open_paper import key_of, open_paper, said_of, take_step, tell_record
from engine.actions.outbox import tell
from engine.reads.grants import read_grants
from engine.reads.papers import near_papers
from engine.rules.notices import Notice
from engine.rules.refusal import NotFound
from engine.rules.signing import SIGNERS, SUBMIT, PaperState
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Document, Paper


def submit_paper(desk: Desk, number: int, *, document_number: str | None = None) -> Paper:
    """Submit document `number`; `document_number` is its 发文字号, where the office gives one.

    One that the monthly run has printed becomes a paper here.  Raises Refusal.
    """
    _take_in(desk, number)
    paper = open_paper(desk, number)
    actor = take_step(desk, SUBMIT, paper)
    paper.submitted_by_id, paper.submitted_at = actor.person, desk.moment.at
    paper.submitters = sorted({*paper.submitters, actor.person})
    paper.submissions += 1
    paper.decided_by_id = paper.decided_at = paper.reason = None
    paper.number = document_number or paper.number
    draft = desk.session.get_one(Document, paper.draft_id)
    timer = tell_record(desk, "submit", paper, actor, draft, number=paper.number)
    grants = read_grants(desk.session)
    near = near_papers(desk.session, [paper], desk.moment.on)[paper.id]
    signers = [one for role in SIGNERS for one in grants.get((role, None), ()) if one not in near]
    tell(
        desk,
        signers,
        Notice.PAPER_ASKED,
        role=Role.LEADING_GROUP,
        key=key_of(paper),
        round_id=paper.round_id,
        other=timer,
        by=actor.name,
        **said_of(paper),
    )
    return paper


def _take_in(desk: Desk, number: int) -> None:
    """Make a paper of a document that was printed by a run."""
    round_ = find_round(desk.session, desk.round)
    document = desk.session.scalar(
        select(Document).where(Document.round_id == round_.id, Document.id == number).with_for_update()
    )
    if document is None:
        raise NotFound(N_("there is no document {number}", number=number))
    known = select(Paper.id).where((Paper.draft_id == number) | (Paper.final_id == number))
    if desk.session.scalar(known) is not None:
        return
    desk.session.add(
        Paper(
            round_id=round_.id,
            kind=document.kind,
            period=document.period,
            version=document.version,
            options={},
            as_of=document.as_of,
            until=document.created_at,
            state=PaperState.DRAFT,
            submissions=0,
            draft_id=document.id,
        )
    )
    desk.session.flush()

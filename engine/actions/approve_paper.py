"""Somebody who may sign approves a paper: its number and day are fixed, and it is printed in its final form.

It takes the place of what was approved before of the same kind, period and options.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from engine.actions.desk import Desk
from engine.actions.draw_up_paper import Printed, keep_printed
from engine.actions.open_paper import open_paper, take_step, tell_decided, tell_record
from engine.rules.refusal import NotReady
from engine.rules.signing import APPROVE, PaperState, check_issue
from engine.rules.text import N_
from models import Document, Paper

#: Prints the final form of a paper whose number and day are set; gets what it replaces.
PrintFinal = Callable[[Paper, Paper | None], Printed]


def approve_paper(
    desk: Desk,
    number: int,
    *,
    print_final: PrintFinal,
    issued_on: date | None = None,
    document_number: str | None = None,
) -> Paper:
    """Approve the paper of document `number`, issued today or on `issued_on`.  Raises Refusal."""
    paper = open_paper(desk, number)
    actor = take_step(desk, APPROVE, paper)
    paper.issued_on = issued_on or desk.moment.on
    check_issue(paper.issued_on, as_of=paper.as_of)
    paper.number = document_number or paper.number
    before = _before(desk, paper)
    _check_number(desk, paper, before)
    paper.replaces_id = before.id if before else None
    printed = print_final(paper, before)
    final = keep_printed(
        desk,
        printed,
        round_id=paper.round_id,
        kind=paper.kind,
        period=paper.period,
        version=paper.version,
        as_of=paper.as_of,
    )
    paper.final_id, paper.decided_by_id, paper.decided_at = final.id, actor.person, desk.moment.at
    draft = desk.session.get_one(Document, paper.draft_id)
    tell_record(
        desk,
        "approve",
        paper,
        actor,
        final,
        number=paper.number,
        issued_on=paper.issued_on.isoformat(),
        options=paper.options,
        draft_sha256=draft.sha256,
    )
    if before is not None and before.final_id is not None:
        before.state = PaperState.REPLACED
        old = desk.session.get_one(Document, before.final_id)
        tell_record(desk, "replace", before, actor, old, by_version=paper.version)
    tell_decided(desk, paper, actor, approved=True)
    return paper


def _before(desk: Desk, paper: Paper) -> Paper | None:
    """Return what the paper replaces, locked."""
    approved = desk.session.scalars(
        select(Paper)
        .where(
            Paper.round_id == paper.round_id,
            Paper.kind == paper.kind,
            Paper.period == paper.period,
            Paper.state == PaperState.APPROVED,
            Paper.id != paper.id,
        )
        .order_by(Paper.id.desc())
        .with_for_update()
    )
    return next((one for one in approved if one.options == paper.options), None)


def _check_number(desk: Desk, paper: Paper, before: Paper | None) -> None:
    """Refuse a 发文字号 that another paper bears which is in force."""
    if paper.number is None:
        return
    with desk.session.no_autoflush:
        taken = desk.session.scalars(
            select(Paper.id).where(
                Paper.number == paper.number, Paper.state == PaperState.APPROVED, Paper.id != paper.id
            )
        ).all()
    if any(before is None or one != before.id for one in taken):
        raise NotReady(N_("the number {number} is borne by another paper", number=paper.number))

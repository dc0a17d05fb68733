"""A coordinator draws up a paper: printed as a draft, kept, and ready to be submitted for approval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from engine.actions.desk import Desk, find_actor, find_round
from engine.actions.open_paper import tell_record
from engine.rules.access import only_for
from engine.rules.moment import Moment
from engine.rules.signing import DRAFTERS, PaperState
from models import Document, Paper, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A file that was printed for a paper."""

    path: Path  #: relative to DUBAN_HOME
    sha256: str
    layout: int
    template: str | None  #: SHA-256 of the office's own


#: Prints the draft of a paper of this version.
PrintDraft = Callable[[Round, int], Printed]


def draw_up_paper(
    desk: Desk,
    *,
    kind: str,
    period: str,
    until: Moment,
    options: Mapping[str, Any],
    print_draft: PrintDraft,
) -> Paper:
    """Print and keep a draft as the next version of its kind and period.  Raises NotAllowed."""
    actor, round_ = find_actor(desk), find_round(desk.session, desk.round)
    only_for(actor, "draw_up_paper", DRAFTERS)
    newest = select(func.max(Document.version)).where(
        Document.round_id == round_.id, Document.kind == kind, Document.period == period
    )
    version = (desk.session.scalar(newest) or 0) + 1
    printed = print_draft(round_, version)
    document = keep_printed(
        desk, printed, round_id=round_.id, kind=kind, period=period, version=version, as_of=until.on
    )
    paper = Paper(
        round_id=round_.id,
        kind=kind,
        period=period,
        version=version,
        options=dict(options),
        as_of=until.on,
        until=until.at,
        state=PaperState.DRAFT,
        submissions=0,
        drawn_by_id=actor.person,
        draft_id=document.id,
    )
    desk.session.add(paper)
    desk.session.flush()
    tell_record(desk, "draw_up", paper, actor, document, options=dict(options))
    return paper


def keep_printed(
    desk: Desk, printed: Printed, *, round_id: int, kind: str, period: str, version: int, as_of: date
) -> Document:
    """Keep the row of a file that was just printed."""
    document = Document(
        round_id=round_id,
        kind=kind,
        period=period,
        version=version,
        as_of=as_of,
        path=printed.path.as_posix(),
        sha256=printed.sha256,
        created_at=desk.moment.at,
        layout=printed.layout,
        template=printed.template,
    )
    desk.session.add(document)
    desk.session.flush()
    return document

"""Papers that an office signs: where each stands, who drew it up and decided, and which wait for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.reads.absences import read_absences
from engine.rules.access import Actor
from engine.rules.refusal import NotFound
from engine.rules.signing import DRAFTERS, SIGNERS, PaperState, may_sign, too_near
from engine.rules.text import N_
from engine.rules.too_near import Substitutions
from models import Paper, Person, Round

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One paper."""

    id: int
    round: str  #: its code
    kind: str
    period: str
    version: int
    as_of: date
    state: PaperState
    number: str | None  #: 发文字号
    issued_on: date | None
    drawn_by: str | None  #: a name; None: the monthly run
    submitted_by: str | None
    submitted_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    draft: int  #: number of the document that is the draft
    final: int | None  #: of the final form
    replaces: int | None  #: version of what it replaces
    replaced_by: int | None  #: version that replaced it
    near: frozenset[int]  #: who may not approve it: see engine.rules.signing


def read_papers(session: Session, round_id: int, today: date) -> tuple[PaperLine, ...]:
    """Return the papers of a round, the newest first."""
    return _read(session, today, Paper.round_id == round_id)


def find_paper(session: Session, round_id: int, number: int) -> Paper:
    """Return the paper whose draft or final form is document `number`.  Raises NotFound."""
    which = or_(Paper.draft_id == number, Paper.final_id == number)
    found = session.scalar(select(Paper).where(Paper.round_id == round_id, which))
    if found is None:
        raise NotFound(N_("document {number} was not submitted for approval", number=number))
    return found


def read_papers_for(session: Session, actor: Actor, today: date) -> tuple[PaperLine, ...]:
    """Return what waits for `actor`: papers to approve, and their own that were returned; at most `MOST`."""
    waiting: list[PaperLine] = []
    if any(actor.holds(role) for role in SIGNERS):
        asked = _read(session, today, Paper.state == PaperState.SUBMITTED)
        waiting += [one for one in asked if may_sign(actor, one.near)]
    if any(actor.holds(role) for role in DRAFTERS):
        mine = [actor.person, *actor.stands_in_for]
        returned = Paper.submitted_by_id.in_(mine), Paper.state == PaperState.RETURNED
        waiting += _read(session, today, *returned)
    return tuple(waiting[:MOST])


def near_papers(session: Session, papers: Sequence[Paper], today: date) -> dict[int, frozenset[int]]:
    """Return who may not approve each of these papers, by its number: two statements for any number."""
    if not papers:
        return {}
    since = min(one.until.date() for one in papers)
    kin = session.scalars(
        select(Paper).where(
            Paper.round_id.in_({one.round_id for one in papers}),
            Paper.kind.in_({one.kind for one in papers}),
            Paper.period.in_({one.period for one in papers}),
        )
    ).all()
    known = [*kin, *papers]
    substitutions = Substitutions(read_absences(session, since, today))
    return {
        one.id: too_near(
            (hand for other in known if _is_version_of(other, one) for hand in other.hands),
            substitutions,
            since=one.until.date(),
            today=today,
        )
        for one in papers
    }


def _is_version_of(other: Paper, paper: Paper) -> bool:
    """Return whether `other` is an earlier version of `paper`, or itself."""
    same = (other.round_id, other.kind, other.period, other.options)
    return same == (paper.round_id, paper.kind, paper.period, paper.options) and other.version <= paper.version


def _read(session: Session, today: date, *which: ColumnElement[bool]) -> tuple[PaperLine, ...]:
    drawn, submitted, decided = aliased(Person), aliased(Person), aliased(Person)
    older, newer = aliased(Paper), aliased(Paper)
    newest = select(func.max(newer.version)).where(newer.replaces_id == Paper.id).correlate(Paper).scalar_subquery()
    query = (
        select(Paper, Round.code, drawn.name, submitted.name, decided.name, older.version, newest)
        .join(Round, Round.id == Paper.round_id)
        .outerjoin(drawn, drawn.id == Paper.drawn_by_id)
        .outerjoin(submitted, submitted.id == Paper.submitted_by_id)
        .outerjoin(decided, decided.id == Paper.decided_by_id)
        .outerjoin(older, older.id == Paper.replaces_id)
        .where(*which)
        .order_by(Paper.id.desc())
    )
    rows = session.execute(query).tuples().all()
    near = near_papers(session, [row[0] for row in rows], today)
    return tuple(
        PaperLine(
            id=paper.id,
            round=code,
            kind=paper.kind,
            period=paper.period,
            version=paper.version,
            as_of=paper.as_of,
            state=paper.state,
            number=paper.number,
            issued_on=paper.issued_on,
            drawn_by=drew,
            submitted_by=sent,
            submitted_at=paper.submitted_at,
            decided_by=chose,
            decided_at=paper.decided_at,
            reason=paper.reason,
            draft=paper.draft_id,
            final=paper.final_id,
            replaces=before,
            replaced_by=after,
            near=near[paper.id],
        )
        for paper, code, drew, sent, chose, before, after in rows
    )

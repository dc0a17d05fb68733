"""A coordinator says what a passage of a notice is, or takes that back: kept for the same passage in any file."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import delete, select

from engine.actions.desk import Desk, find_actor
from engine.rules.access import only_for
from engine.rules.passages import ANSWERS, Became
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import ReadingAnswer


def answer_reading(desk: Desk, text: str, became: Became | None) -> None:
    """Keep that a passage is this; None: what was said of it no longer holds.  For coordinators.  Raises Refusal."""
    actor = find_actor(desk)
    only_for(actor, "import", (Role.COORDINATOR,))
    if became is not None and became not in ANSWERS:
        raise NotReady(N_("a passage can be a heading, a measure, a deadline or nothing"))
    mark = mark_of(text)
    if became is None:
        desk.session.execute(delete(ReadingAnswer).where(ReadingAnswer.mark == mark))
        return
    known = desk.session.scalar(select(ReadingAnswer).where(ReadingAnswer.mark == mark).with_for_update())
    if known is None:
        known = ReadingAnswer(mark=mark, text=text)
        desk.session.add(known)
    known.became, known.answered_by_id, known.answered_at = became, actor.person, desk.moment.at


def mark_of(text: str) -> str:
    """Return the mark by which a passage is known."""
    return sha256(text.encode()).hexdigest()

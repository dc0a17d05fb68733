"""What people have said that passages of notices are: by the passage."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.passages import Became
from models import ReadingAnswer


def reading_answers(session: Session) -> dict[str, Became]:
    """Return every answer by its passage."""
    return dict(session.execute(select(ReadingAnswer.text, ReadingAnswer.became)).tuples().all())

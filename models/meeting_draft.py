"""What is written before and after a meeting: changes to its draft agenda, its minutes, and which tasks are done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, refers_to


class AgendaDraft(Base):
    """The changes to the draft of one meeting's agenda (engine.rules.agenda_draft)."""

    __tablename__ = "agenda_draft"
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id", ondelete="RESTRICT"), primary_key=True)
    order: Mapped[list[Any]]  #: keys of lines
    removed: Mapped[dict[str, Any]]  #: key → the rest of a LeftOut
    added: Mapped[list[Any]]  #: {key, text, measure, presenter, minutes, note, by}
    changed_at: Mapped[datetime]


class Minutes(Base):
    """The minutes (纪要) of one meeting, beside its decisions."""

    __tablename__ = "minutes"
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id", ondelete="RESTRICT"), primary_key=True)
    present: Mapped[str]  #: who took part
    text: Mapped[str]
    written_by_id: Mapped[int] = refers_to("person.id")
    written_at: Mapped[datetime]


class DecisionDone(Base):
    """A task of the leading group that was carried out."""

    __tablename__ = "decision_done"
    decision_id: Mapped[int] = mapped_column(BigId, ForeignKey("decision.id", ondelete="RESTRICT"), primary_key=True)
    on: Mapped[date]
    note: Mapped[str]
    by_id: Mapped[int] = refers_to("person.id")

"""Meetings that were called off."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Base, Id, refers_to


class MeetingOff(Base):
    """That a meeting was called off while its newest agenda had this version; a newer agenda takes it up again."""

    __tablename__ = "meeting_off"
    id: Mapped[Id]
    meeting_id: Mapped[int] = refers_to("meeting.id")
    version: Mapped[int]
    reason: Mapped[str]
    by_id: Mapped[int] = refers_to("person.id")
    on: Mapped[date]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("meeting_id", "version"),)

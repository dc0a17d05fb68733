"""Who wants no mail that holds reminders alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from models.base import Base, Code, Id, refers_to


class RemindersOff(Base):
    """One person's choice; without a row reminders come by mail."""

    __tablename__ = "reminders_off"
    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id")
    how: Mapped[Code]  #: page, or link: a mail program's button, too
    since_at: Mapped[datetime]
    __table_args__ = (Index("uq_reminders_off_person_id", "person_id", unique=True),)

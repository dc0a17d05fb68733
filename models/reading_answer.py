"""What people have said that passages of notices are, so that the same file needs no answer again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.passages import Became
from models.base import Base, Id, kept_by_value, refers_to


class ReadingAnswer(Base):
    """One answer: it holds for the passage wherever a file holds it."""

    __tablename__ = "reading_answer"
    id: Mapped[Id]
    mark: Mapped[str] = mapped_column(unique=True)  #: SHA-256 of the passage
    text: Mapped[str]  #: the passage
    became: Mapped[Became] = mapped_column(kept_by_value(Became))
    answered_by_id: Mapped[int] = refers_to("person.id")
    answered_at: Mapped[datetime]

"""Checklists (核验清单): each version of the questions, frozen; and what was answered in a verification."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.checklist import Answer
from models.base import Base, Code, Id, kept_by_value, refers_to


class Checklist(Base):
    """One version of the questions.  A verification keeps the version that it began with."""

    __tablename__ = "checklist"
    id: Mapped[Id]
    digest: Mapped[Code]  #: SHA-256 of the content's canonical JSON
    body: Mapped[dict[str, Any]]  #: as config/checklist.yaml gave it
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("digest"),)


class ChecklistAnswer(Base):
    """The answer to one question in one verification; it holds for the evidence as it was."""

    __tablename__ = "checklist_answer"
    id: Mapped[Id]
    verification_id: Mapped[int] = refers_to("verification.id")
    question: Mapped[Code]
    answer: Mapped[Answer] = mapped_column(kept_by_value(Answer))
    note: Mapped[str]
    evidence_digest: Mapped[Code]  #: of the evidence that it was answered for
    by_id: Mapped[int] = refers_to("person.id")
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("verification_id", "question"),)

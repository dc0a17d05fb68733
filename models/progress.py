"""What owners hand in: progress reports and evidence."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from models.base import Base, Code, Id, Short, refers_to


class ProgressReport(Base):
    """One progress report (进展填报)."""

    __tablename__ = "progress_report"
    id: Mapped[Id]
    measure_id: Mapped[int] = refers_to("measure.id")
    author_id: Mapped[int | None] = refers_to("person.id")  #: None: read in from a ledger
    percent: Mapped[int]
    text: Mapped[str]
    on: Mapped[date]
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        Index("ix_progress_report_measure_id_id", "measure_id", "id"),
    )


class Evidence(Base):
    """One piece of evidence (佐证材料): a file kept under its SHA-256, or a named reference to paper."""

    __tablename__ = "evidence"
    id: Mapped[Id]
    measure_id: Mapped[int] = refers_to("measure.id", index=True)
    name: Mapped[Short]
    sha256: Mapped[Code | None]  #: None: a reference only, no file was handed in
    size: Mapped[int | None]  #: bytes
    added_by_id: Mapped[int | None] = refers_to("person.id")  #: None: read in from a ledger
    added_at: Mapped[datetime]

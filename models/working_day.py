"""The calendar of working days: official, provisional where no notice is known yet, or the organisation's own edit."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Short


class WorkingDay(Base):
    """One day of the calendar."""

    __tablename__ = "working_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    ordinal: Mapped[int]  #: working days from the calendar's first day up to and with this one
    source: Mapped[Code]
    note: Mapped[Short | None]
    __table_args__ = (
        CheckConstraint("source IN ('official', 'provisional', 'own')", name="source"),
        Index("ix_working_day_ordinal", "ordinal"),
    )

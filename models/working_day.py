"""The calendar of working days: official, provisional where no notice is known yet, or the organisation's own edit.

An own edit lies over the official or provisional word about the day, which is kept beside it.
"""

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
    under_is_working: Mapped[bool | None]  #: what an own day lies over; None: nothing, or it is no own day
    under_source: Mapped[Code | None]
    under_note: Mapped[Short | None]
    __table_args__ = (
        CheckConstraint("source IN ('official', 'provisional', 'own')", name="source"),
        CheckConstraint("under_source IN ('official', 'provisional')", name="under_source"),
        Index("ix_working_day_ordinal", "ordinal"),
    )

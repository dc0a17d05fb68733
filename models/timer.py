"""Timers: the narrow table that the sweep reads by date and rewrites; and the rungs that were climbed.

On SQLite the timer table is clustered by its key, so a sweep touches only the pages of what is due, whatever the
size of the ledger (docs/adr/0004-narrow-timer-table.md).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import Slip, WaitsFor
from models.base import Base, BigId, Id, kept_by_value, refers_to


class Timer(Base):
    """What a measure waits for, until when, and when the sweep must look next."""

    __tablename__ = "timer"
    fires_on: Mapped[date] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(BigId, ForeignKey("measure.id"), primary_key=True)
    waits_for: Mapped[WaitsFor] = mapped_column(primary_key=True)
    deadline: Mapped[date]
    deadline_version: Mapped[int]  #: which deadline of this wait: the key of its rungs
    rung: Mapped[int]  #: the next rung to climb, from 0
    __table_args__ = (UniqueConstraint("measure_id", "waits_for"), {"sqlite_with_rowid": False})


class Fate(StrEnum):
    """What became of a rung."""

    CLIMBED = "climbed"  #: said to the people it names
    SUPERSEDED = "superseded"  #: a higher rung was owed by the time anybody looked
    EMPTY = "empty"  #: nobody holds the role; skipped and reported to the coordinator


class Escalation(Base):
    """One rung of one deadline.  The unique key is the claim: whoever inserts it, climbs it, once."""

    __tablename__ = "escalation"
    id: Mapped[Id]
    measure_id: Mapped[int] = refers_to("measure.id")
    waits_for: Mapped[WaitsFor]
    deadline_version: Mapped[int]
    rung: Mapped[int]
    slip: Mapped[Slip]
    deadline: Mapped[date]
    planned_on: Mapped[date]  #: when the ladder wanted it
    climbed_on: Mapped[date]  #: the as-of date of the sweep that climbed it
    at: Mapped[datetime]
    fate: Mapped[Fate] = mapped_column(kept_by_value(Fate))
    __table_args__ = (UniqueConstraint("measure_id", "waits_for", "deadline_version", "rung"),)


class StuckTimer(Base):
    """A timer that the sweep could not handle: set aside with its error, tried again by the next run."""

    __tablename__ = "stuck_timer"
    id: Mapped[Id]
    measure_id: Mapped[int | None] = refers_to("measure.id", index=True)
    waits_for: Mapped[WaitsFor | None]
    other_timer_id: Mapped[int | None] = refers_to("other_timer.id")  #: instead of the two before it
    error: Mapped[str]
    on: Mapped[date]
    at: Mapped[datetime]

"""What ran by itself: runs, what they printed, the monthly snapshot, and the clock's lease."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Id, Short, kept_by_value, refers_to


class Outcome(StrEnum):
    """Where a run stands."""

    RUNNING = "running"  #: also after a crash: the next trigger simply runs it again
    DONE = "done"
    FAILED = "failed"


class Run(Base):
    """One run of one kind for one period.  A second trigger finds the first; `--again` makes a new version."""

    __tablename__ = "run"
    id: Mapped[Id]
    kind: Mapped[Code]  #: daily, monthly, verification, look_back, deliver, watchdog
    period: Mapped[Short]  #: the as-of date, the month, …
    version: Mapped[int]
    as_of: Mapped[date]
    state: Mapped[Outcome] = mapped_column(kept_by_value(Outcome))
    report: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("kind", "period", "version"),)


class Document(Base):
    """One printed document: what it was made from, and the hash of its bytes."""

    __tablename__ = "document"
    id: Mapped[Id]
    round_id: Mapped[int] = refers_to("round.id")
    kind: Mapped[Code]  #: agenda, ledger, …
    period: Mapped[Code]
    version: Mapped[int]
    as_of: Mapped[date]
    path: Mapped[str]  #: relative to DUBAN_HOME
    sha256: Mapped[Code]
    created_at: Mapped[datetime]
    template: Mapped[Code | None]  #: SHA-256 of the office's own template; None: the shipped layout
    layout: Mapped[int] = mapped_column(server_default="1")  #: of the shipped layout; see documents.papers.asked
    __table_args__ = (UniqueConstraint("round_id", "kind", "period", "version", "path"),)


class LedgerSnapshot(Base):
    """The round's figures at a monthly cut-off; next month's change is counted against them."""

    __tablename__ = "ledger_snapshot"
    id: Mapped[Id]
    round_id: Mapped[int] = refers_to("round.id")
    period: Mapped[Code]
    as_of: Mapped[date]
    figures: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("round_id", "period"),)


class Lease(Base):
    """Who may tick the clock until when: a second process finds the lease taken and does nothing."""

    __tablename__ = "lease"
    name: Mapped[Code] = mapped_column(primary_key=True)
    holder: Mapped[Short]
    until: Mapped[datetime]

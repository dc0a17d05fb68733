"""Verification (核验): who checked, against which evidence, with what verdict."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Code, Id, kept_by_value, refers_to


class Verdict(StrEnum):
    """What came of a verification."""

    PASSED = "passed"
    RETURNED = "returned"
    VOIDED = "voided"  #: the evidence changed after the verdict


class Verification(Base):
    """One submission and its verdict.  At most one per measure is open."""

    __tablename__ = "verification"
    id: Mapped[Id]
    measure_id: Mapped[int] = refers_to("measure.id")
    requested_by_id: Mapped[int | None] = refers_to("person.id")  #: None: read in from a ledger
    requested_on: Mapped[date]
    verifier_id: Mapped[int | None] = refers_to("person.id", index=True)  #: None until the coordinator triggers it
    started_on: Mapped[date | None]
    evidence_digest: Mapped[Code]  #: of the evidence that the verdict is bound to
    checklist_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("checklist.id"))  #: what is asked; None: nothing
    verdict: Mapped[Verdict | None] = mapped_column(kept_by_value(Verdict))
    reason: Mapped[str | None]
    decided_by_id: Mapped[int | None] = refers_to("person.id")
    decided_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_verification_measure_id_id", "measure_id", "id"),
        Index(
            "ix_verification_waiting",
            "verifier_id",
            "requested_on",
            "id",
            sqlite_where=text("verdict IS NULL"),
            postgresql_where=text("verdict IS NULL"),
        ),
        Index(
            "ix_verification_decided_at_id",
            "decided_at",
            "id",
            sqlite_where=text("verdict IS NOT NULL"),
            postgresql_where=text("verdict IS NOT NULL"),
        ),
        Index(
            "uq_verification_open",
            "measure_id",
            unique=True,
            sqlite_where=text("verdict IS NULL"),
            postgresql_where=text("verdict IS NULL"),
        ),
    )

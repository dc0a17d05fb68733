"""What came of holding somebody to account (问责处理): restricted, for supervisors and the leading group alone."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import OutcomeKind
from models.base import Base, Code, Id, kept_by_value, refers_to


class AccountabilityOutcome(Base):
    """One outcome, towards a person or a unit; never changed.  The record holds a digest of it, and nothing else."""

    __tablename__ = "accountability_outcome"
    id: Mapped[Id]
    round_id: Mapped[int] = refers_to("round.id")
    finding_id: Mapped[int | None] = refers_to("finding.id")  #: what it is about, where it is about one
    measure_id: Mapped[int | None] = refers_to("measure.id")
    person_id: Mapped[int | None] = refers_to("person.id")  #: who was held to account
    unit_id: Mapped[int | None] = refers_to("unit.id")  #: or which unit
    kind: Mapped[OutcomeKind] = mapped_column(kept_by_value(OutcomeKind))
    decided_on: Mapped[date]
    text: Mapped[str]
    recorded_by_id: Mapped[int] = refers_to("person.id")
    recorded_at: Mapped[datetime]
    seal: Mapped[Code]  #: random, hashed with the rest: nobody finds the content by trying digests
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (unit_id IS NULL)", name="person_or_unit"),
        Index("ix_accountability_outcome_round_id_decided_on", "round_id", "decided_on"),
    )

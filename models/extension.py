"""Extension requests (延期): filed before the due date, decided by someone else, counted."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import Role
from models.base import Base, Id, kept_by_value, refers_to


class Ruling(StrEnum):
    """What came of a request."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"  #: the measure was submitted, cancelled or reassigned meanwhile


class Extension(Base):
    """One request for a later due date.  At most one per measure is pending."""

    __tablename__ = "extension"
    id: Mapped[Id]
    measure_id: Mapped[int] = refers_to("measure.id")
    number: Mapped[int]  #: 1 for the first request of a measure, 2, …
    requested_by_id: Mapped[int] = refers_to("person.id")
    requested_on: Mapped[date]
    reason: Mapped[str]
    old_due: Mapped[date]
    new_due: Mapped[date]
    approver_role: Mapped[Role]  #: higher for the second and third
    ruling: Mapped[Ruling] = mapped_column(kept_by_value(Ruling))
    decided_by_id: Mapped[int | None] = refers_to("person.id")
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("measure_id", "number"),
        Index(
            "uq_extension_pending",
            "measure_id",
            unique=True,
            sqlite_where=text("ruling = 'pending'"),
            postgresql_where=text("ruling = 'pending'"),
        ),
    )


#: What `uq_extension_pending` holds.  The word stands in the statement itself: given as a parameter, SQLite would plan
#: the statement anew each time.
IS_PENDING = Extension.ruling == literal_column("'pending'")

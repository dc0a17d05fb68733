"""What waits for, or got, the word of a second trusted person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.trust import AskedTrust, TrustKind, TrustState
from models.base import Base, BigId, Id, kept_by_value, refers_to


class TrustRequest(Base):
    """One request; what it asks for never changes, and once it is decided nothing does but CONFIRMED to USED."""

    __tablename__ = "trust_request"
    id: Mapped[Id]
    kind: Mapped[TrustKind] = mapped_column(kept_by_value(TrustKind))
    person_id: Mapped[int] = refers_to("person.id", index=True)  #: whom it concerns
    gains_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id", ondelete="RESTRICT"))
    #: who would hold trust by it
    data: Mapped[dict[str, Any]]  #: what is asked for, by kind (engine.rules.trust.what)
    asked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id", ondelete="RESTRICT"))
    #: None: whoever runs the machine
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]  #: of a confirmed link: until when it may be made
    state: Mapped[TrustState] = mapped_column(kept_by_value(TrustState))
    decided_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]  #: why it was refused
    __table_args__ = (Index("ix_trust_request_state_expires_at", "state", "expires_at"),)

    @property
    def asked(self) -> AskedTrust:
        """What judging who may answer it needs."""
        return AskedTrust(kind=self.kind, asked_by=self.asked_by_id, person=self.person_id, gains=self.gains_id)

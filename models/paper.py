"""Papers on their way to being signed: what each was made from, who drew it up, who approved it and when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.signing import PaperState
from models.base import Base, BigId, Code, Id, kept_by_value, refers_to


class Paper(Base):
    """One paper that an office signs.

    Once it is approved, only `state` changes any more, and with a withdrawal who decided it, when and why.
    """

    __tablename__ = "paper"
    id: Mapped[Id]
    round_id: Mapped[int] = refers_to("round.id", index=True)
    kind: Mapped[Code]
    period: Mapped[Code]  #: of the meeting, or the month that it tells of
    version: Mapped[int]  #: among the documents of its kind and period
    options: Mapped[dict[str, Any]]  #: what else it was asked for, such as one unit
    as_of: Mapped[date]
    until: Mapped[datetime]  #: the moment up to which the record is told
    number: Mapped[str | None]  #: 发文字号
    issued_on: Mapped[date | None]  #: 成文日期, from the approval on
    state: Mapped[PaperState] = mapped_column(kept_by_value(PaperState))
    drawn_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id", ondelete="RESTRICT"))
    submitted_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id", ondelete="RESTRICT"))
    submitted_at: Mapped[datetime | None]
    submissions: Mapped[int]  #: how often it was submitted
    submitters: Mapped[list[int]] = mapped_column(JSON, server_default="[]", default=list)  #: everybody who ever did
    decided_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]  #: why it was returned or withdrawn
    draft_id: Mapped[int] = mapped_column(BigId, ForeignKey("document.id", ondelete="RESTRICT"))
    final_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("document.id", ondelete="RESTRICT"))
    replaces_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("paper.id", ondelete="RESTRICT"))
    __table_args__ = (UniqueConstraint("draft_id"), UniqueConstraint("final_id"))

    @property
    def hands(self) -> frozenset[int]:
        """Who drew it up or submitted it, also before it was returned."""
        return frozenset(one for one in (self.drawn_by_id, self.submitted_by_id, *self.submitters) if one is not None)

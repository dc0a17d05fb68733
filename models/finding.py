"""The tree of findings: aspect → problem → item."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from engine.rules.vocabulary import Level
from models.base import Base, Code, Id, refers_to


class Finding(Base):
    """One finding.  It is done when everything below it is closed; never by hand."""

    __tablename__ = "finding"
    id: Mapped[Id]
    round_id: Mapped[int] = refers_to("round.id")
    parent_id: Mapped[int | None] = refers_to("finding.id", index=True)
    level: Mapped[Level]
    code: Mapped[Code]  #: position in the tree: 1, 1.2, 1.2.3
    position: Mapped[int]  #: order among all findings of the round
    text: Mapped[str]
    __table_args__ = (UniqueConstraint("round_id", "code"),)

"""Ways to look at a ledger that people have kept for themselves."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Base, Id, Short, refers_to


class SavedView(Base):
    """One way to look at one round's ledger: the query of the page's address under a name."""

    __tablename__ = "saved_view"
    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id")
    round_id: Mapped[int] = refers_to("round.id")
    name: Mapped[Short]
    query: Mapped[str]
    __table_args__ = (UniqueConstraint("person_id", "round_id", "name"),)

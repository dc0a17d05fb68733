"""The first answer to a request that a program may send twice: kept in the transaction of what the request did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Id, Short, refers_to


class KeptAnswer(Base):
    """What was answered under one key of one person's."""

    __tablename__ = "kept_answer"
    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id")
    key: Mapped[Short]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))  #: of the request: the same key is for the same one
    status: Mapped[int]
    etag: Mapped[Code | None]
    body: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (UniqueConstraint("person_id", "key"),)

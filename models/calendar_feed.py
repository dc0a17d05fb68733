"""The private calendar of a person: an address that only they know, and what was last read from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, refers_to


class CalendarFeed(Base):
    """One person's feed.  The address is not kept, only the SHA-256 of its secret."""

    __tablename__ = "calendar_feed"
    id: Mapped[Id]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = refers_to("person.id")
    made_at: Mapped[datetime]
    content: Mapped[bytes | None] = mapped_column(LargeBinary(32))  #: SHA-256 of what was read last
    changed_at: Mapped[datetime]  #: when something else was read than before
    read_at: Mapped[datetime | None]  #: to a few minutes
    __table_args__ = (Index("uq_calendar_feed_person_id", "person_id", unique=True),)

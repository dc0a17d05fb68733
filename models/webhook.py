"""Webhooks: addresses of other programs that hear of events, each with the place that it has reached in the record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Id, Short, refers_to


class Webhook(Base):
    """One address.  What it still has to hear follows from `passed`: the record itself is its queue."""

    __tablename__ = "webhook"
    id: Mapped[Id]
    url: Mapped[str]
    secret: Mapped[Short]  #: what deliveries are signed with; both sides need it as it is
    kinds: Mapped[str]  #: patterns of event kinds, one space between them
    made_by_id: Mapped[int] = refers_to("person.id")
    made_at: Mapped[datetime]
    is_active: Mapped[bool]  #: False: paused by a coordinator, or given up
    passed: Mapped[int] = mapped_column(BigId)  #: the last event that it has heard of, or that does not concern it
    attempts: Mapped[int]  #: failed ones, for the event after `passed`
    next_try_at: Mapped[datetime]
    last_sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]  #: of the last attempt; None: it went well
    gave_up_at: Mapped[datetime | None]

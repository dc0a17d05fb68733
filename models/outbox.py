"""The outbox: what must be said, bundled per person and run (digests), and sent per channel (deliveries)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, bindparam, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import Role, Slip, WaitsFor
from models.base import Base, BigId, Code, Id, Short, kept_by_value, refers_to


class Said(StrEnum):
    """Where a notification stands."""

    PENDING = "pending"
    SENT = "sent"  #: at least one channel's sender said so
    CANCELLED = "cancelled"  #: no longer true when it was to be sent; the reason says why
    FAILED = "failed"  #: no channel accepted it after all attempts
    PERHAPS = "perhaps"  #: no longer true, or given up, after an attempt whose end is not known


_IS_OTHER = text("other_timer_id IS NOT NULL")
#: What `ix_notification_waiting` holds.  Its words stand in the statement itself: else SQLite leaves the index alone.
WAITING = text("digest_id IS NULL AND state = 'pending'")


class Notification(Base):
    """One fact for one person, written in the transaction that made it true."""

    __tablename__ = "notification"
    id: Mapped[Id]
    dedup_key: Mapped[Short]
    round_id: Mapped[int | None] = refers_to("round.id")
    measure_id: Mapped[int | None] = refers_to("measure.id", index=True)
    #: the wait it speaks of, where it is no measure's
    other_timer_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("other_timer.id"))
    person_id: Mapped[int] = refers_to("person.id")  #: whose duty it is; a substitute is found when it is sent
    role: Mapped[Role]  #: in which role
    kind: Mapped[Code]  #: what is said: a name of engine.rules.notices.Notice
    slip: Mapped[Slip]
    waits_for: Mapped[WaitsFor | None]  #: with deadline_version: the timer that must still stand when it is sent
    deadline_version: Mapped[int | None]
    deadline: Mapped[date | None]
    data: Mapped[dict[str, Any]]  #: what else the sentence needs
    on: Mapped[date]
    created_at: Mapped[datetime]
    state: Mapped[Said] = mapped_column(kept_by_value(Said))
    reason: Mapped[str | None]  #: why it was cancelled or failed
    digest_id: Mapped[int | None] = refers_to("digest.id", index=True)
    address: Mapped[Short | None]  #: where else than to the person's own e-mail it goes
    __table_args__ = (
        UniqueConstraint("dedup_key"),
        Index(
            "ix_notification_waiting",
            "person_id",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(
            "ix_notification_other_timer_id",
            "other_timer_id",
            sqlite_where=_IS_OTHER,
            postgresql_where=_IS_OTHER,
        ),
    )


class Digest(Base):
    """Everything that one run has to say to one person: one message."""

    __tablename__ = "digest"
    id: Mapped[Id]
    batch: Mapped[Short]  #: the run that bundled it, such as daily:2025-09-03
    person_id: Mapped[int] = refers_to("person.id", index=True)  #: who receives it, after substitution
    on: Mapped[date]
    created_at: Mapped[datetime]
    address: Mapped[Short | None]  #: where else than to the receiver's own e-mail it goes
    __table_args__ = (UniqueConstraint("batch", "person_id"),)


class Sending(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENDING = "sending"  #: claimed by a sender until `next_try_at`
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"  #: nothing in it was still true, or its reader does without it on this channel
    PERHAPS = "perhaps"  #: the same, after an attempt whose end is not known: it may have gone out


_FAILED, _PERHAPS = text("state = 'failed'"), text("state = 'perhaps'")


class Delivery(Base):
    """One digest on one channel."""

    __tablename__ = "delivery"
    id: Mapped[Id]
    digest_id: Mapped[int] = refers_to("digest.id")
    channel: Mapped[Code]  #: inbox or eml
    state: Mapped[Sending] = mapped_column(kept_by_value(Sending))
    message_id: Mapped[Short]  #: the same at every attempt
    attempts: Mapped[int]
    next_try_at: Mapped[datetime]
    last_error: Mapped[str | None]
    subject: Mapped[str | None]  #: as it was sent, or as it may have gone out
    body: Mapped[str | None]  #: the text part, the same
    sent_at: Mapped[datetime | None]
    perhaps_at: Mapped[datetime | None]  #: when the first attempt began whose end is not known; None: each has ended
    __table_args__ = (
        UniqueConstraint("digest_id", "channel"),
        Index(
            "ix_delivery_waiting",
            "next_try_at",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index("ix_delivery_failed", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
        Index("ix_delivery_perhaps", "id", sqlite_where=_PERHAPS, postgresql_where=_PERHAPS),
    )


#: What `ix_delivery_waiting` holds; as with WAITING, its words stand in the statement itself.
UNDER_WAY = Delivery.state.in_(
    bindparam("under_way", (Sending.PENDING, Sending.SENDING), expanding=True, literal_execute=True)
)
#: What `ix_delivery_failed` holds.
GIVEN_UP = Delivery.state == bindparam("given_up", Sending.FAILED, literal_execute=True)
#: What `ix_delivery_perhaps` holds.
PERHAPS_SENT = Delivery.state == bindparam("perhaps_sent", Sending.PERHAPS, literal_execute=True)

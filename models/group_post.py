"""What robots told groups of people in their chats: one post of a kind and day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Id, kept_by_value
from models.outbox import Sending


class GroupPost(Base):
    """One day's summary on one kind of robot."""

    __tablename__ = "group_post"
    id: Mapped[Id]
    channel: Mapped[Code]  #: wecom, dingtalk or feishu
    on: Mapped[date]
    state: Mapped[Sending] = mapped_column(kept_by_value(Sending))
    attempts: Mapped[int]
    next_try_at: Mapped[datetime]  #: while it is being sent: when the claim ends
    last_error: Mapped[str | None]
    body: Mapped[str | None]  #: as it was posted, or may have been
    sent_at: Mapped[datetime | None]
    perhaps_at: Mapped[datetime | None]  #: when the first attempt began whose end is not known; None: each has ended
    __table_args__ = (UniqueConstraint("channel", "on"),)

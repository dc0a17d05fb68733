"""Links in mails: the key that signs a person's, and which were used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Id, refers_to


class MailKey(Base):
    """What signs the links of one person; without it those sent so far do nothing any more."""

    __tablename__ = "mail_key"
    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id")
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]
    __table_args__ = (Index("uq_mail_key_person_id", "person_id", unique=True),)


class MailLinkUse(Base):
    """That a link was used: it is never again."""

    __tablename__ = "mail_link_use"
    id: Mapped[Id]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)  #: SHA-256 of the link's last part
    person_id: Mapped[int] = refers_to("person.id")
    measure_id: Mapped[int] = refers_to("measure.id")
    deed: Mapped[Code]
    used_at: Mapped[datetime]

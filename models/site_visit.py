"""On-site checks (现场检查): where a verifier went, what was found there, and the photos, kept under their SHA-256."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped

from models.base import Base, Code, Id, Short, refers_to


class SiteVisit(Base):
    """One visit in one verification.  Never changed: whoever has to correct something records it as another one."""

    __tablename__ = "site_visit"
    id: Mapped[Id]
    verification_id: Mapped[int] = refers_to("verification.id", index=True)
    on: Mapped[date]
    place: Mapped[Short]
    present: Mapped[str]  #: who was there, as it was written
    checked: Mapped[str]  #: what was looked at
    found: Mapped[str]  #: what came out
    by_id: Mapped[int] = refers_to("person.id")
    at: Mapped[datetime]


class SitePhoto(Base):
    """One photo of a visit, as it came from the phone: its place and time, where the phone wrote them, stay in it."""

    __tablename__ = "site_photo"
    id: Mapped[Id]
    visit_id: Mapped[int] = refers_to("site_visit.id", index=True)
    name: Mapped[Short]
    sha256: Mapped[Code]
    size: Mapped[int]  #: bytes

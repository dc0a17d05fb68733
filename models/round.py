"""A round (轮次) of rectification, and the policy versions its measures run under."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Base, Code, Id, Short, refers_to


class Policy(Base):
    """One version of lifecycle and ladder, frozen.  A measure keeps the version it began with."""

    __tablename__ = "policy"
    id: Mapped[Id]
    digest: Mapped[Code]  #: SHA-256 of the content's canonical JSON
    lifecycle: Mapped[dict[str, Any]]  #: as config/lifecycle.yaml gave it
    ladder: Mapped[dict[str, Any]]  #: as config/ladder.yaml gave it
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("digest"),)


class Round(Base):
    """One round: who was inspected, when the feedback came, and the dates that follow from it."""

    __tablename__ = "round"
    id: Mapped[Id]
    code: Mapped[Code]
    title: Mapped[str]
    organisation: Mapped[Short]
    inspecting_body: Mapped[Short | None]
    inspected_from: Mapped[date | None]
    inspected_to: Mapped[date | None]
    feedback_on: Mapped[date]
    plan_due: Mapped[date]
    concentrated_end: Mapped[date]
    report_due: Mapped[date]
    zone: Mapped[Code]  #: IANA name; deadlines are local dates in it
    declared: Mapped[dict[str, Any] | None]  #: totals claimed by the last notice that was read
    contacts: Mapped[dict[str, Any] | None]
    coordinator_may_close: Mapped[bool]  #: the leading group has delegated close-out to the coordinator
    policy_id: Mapped[int] = refers_to("policy.id")  #: what new measures begin with
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("code"),)

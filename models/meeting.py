"""Meetings of the leading group: frozen agendas and recorded decisions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Code, Id, Short, kept_by_value, refers_to


class Meeting(Base):
    """One meeting of one body in one period."""

    __tablename__ = "meeting"
    id: Mapped[Id]
    round_id: Mapped[int] = refers_to("round.id")
    body: Mapped[Short]  #: 领导小组
    period: Mapped[Code]  #: year and month, such as 2025-09
    held_on: Mapped[date]
    sequence: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  #: of the last word to calendars (RFC 5545); 0: not announced
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("round_id", "body", "period"),)


class MeetingGuest(Base):
    """Somebody who was invited to a meeting."""

    __tablename__ = "meeting_guest"
    meeting_id: Mapped[int] = mapped_column(BigId, ForeignKey("meeting.id", ondelete="RESTRICT"), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)


class Agenda(Base):
    """One version of a meeting's agenda, frozen at its cut-off."""

    __tablename__ = "agenda"
    id: Mapped[Id]
    meeting_id: Mapped[int] = refers_to("meeting.id")
    version: Mapped[int]
    held_on: Mapped[date | None]  #: the meeting's day as it stood at the cut-off; None: frozen by a release before it
    as_of: Mapped[date]  #: the cut-off
    overview: Mapped[dict[str, Any]]  #: title, organisation, the figures it opens with, and the month's change
    frozen_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("meeting_id", "version"),)


class AgendaItem(Base):
    """One line of a frozen agenda, with everything that is printed of it."""

    __tablename__ = "agenda_item"
    id: Mapped[Id]
    agenda_id: Mapped[int] = refers_to("agenda.id")
    position: Mapped[int]
    section: Mapped[Code]  #: a value of engine.rules.agenda.Section
    measure_id: Mapped[int | None] = refers_to("measure.id", index=True)
    line: Mapped[dict[str, Any]]  #: code, text, unit, leader, what is asked, reason, …
    __table_args__ = (UniqueConstraint("agenda_id", "position"),)


class DecisionKind(StrEnum):
    """What the leading group may decide."""

    CLOSE = "close"
    EXTEND = "extend"
    REFUSE_EXTENSION = "refuse_extension"
    REASSIGN = "reassign"
    CANCEL = "cancel"
    MERGE = "merge"
    ACCEPT_RISK = "accept_risk"
    TASK = "task"  #: free text with owner and date


class Decision(Base):
    """One decision (议定事项), written back to the measure it is about."""

    __tablename__ = "decision"
    id: Mapped[Id]
    meeting_id: Mapped[int] = refers_to("meeting.id")
    number: Mapped[int]  #: 1, 2, … within the meeting
    kind: Mapped[DecisionKind] = mapped_column(kept_by_value(DecisionKind))
    measure_id: Mapped[int | None] = refers_to("measure.id", index=True)
    text: Mapped[str]
    owner_id: Mapped[int | None] = refers_to("person.id")  #: whom it names; of a task, who has it now
    due: Mapped[date | None]
    subject: Mapped[Code | None]  #: of the line of the agenda that it was taken about (engine.rules.agenda.Line)
    recused: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]", default=list)
    #: who of the leading group has not decided (回避), and why: see engine.rules.recusal
    recorded_by_id: Mapped[int] = refers_to("person.id")
    on: Mapped[date]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("meeting_id", "number"), Index("ix_decision_owner_id_due", "owner_id", "due"))

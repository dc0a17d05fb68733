"""The record of everything that happened.  Rows are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import State
from models.base import Base, Code, Id, kept_by_value, refers_to


class Event(Base):
    """One thing that happened, to a measure or to the round as a whole."""

    __tablename__ = "event"
    id: Mapped[Id]
    round_id: Mapped[int | None] = refers_to("round.id")
    measure_id: Mapped[int | None] = refers_to("measure.id")
    kind: Mapped[Code]  #: subject:thing:action, such as measure:state:accept
    actor_id: Mapped[int | None] = refers_to("person.id")  #: None: Duban itself
    on: Mapped[date]  #: local date
    at: Mapped[datetime]
    from_state: Mapped[State | None] = mapped_column(kept_by_value(State, name="from_state"))
    to_state: Mapped[State | None] = mapped_column(kept_by_value(State, name="to_state"))
    data: Mapped[dict[str, Any]]  #: old and new values, reasons
    __table_args__ = (
        Index("ix_event_measure_id_id", "measure_id", "id"),
        Index("ix_event_round_id_on", "round_id", "on"),
    )

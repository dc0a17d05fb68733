"""The record of everything that happened, and the checkpoints over it.

Rows are only ever added: the database itself refuses to change or delete them (`append_only`).  Each event carries a
hash over itself and the one before it in its chain (`engine.rules.chain`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import State
from models.append_only import append_only
from models.base import Base, BigId, Code, Id, kept_by_value, refers_to

NO_MEASURE = text("measure_id IS NULL")
#: The events that the board counts: work handed in or come back, measures closed, cancelled or reopened.
CROSSES = (
    "event.from_state IS NOT NULL AND ((event.from_state IN ('assigned', 'in_progress'))"
    " <> (event.to_state IN ('assigned', 'in_progress')) OR event.to_state IN ('closed', 'cancelled')"
    " OR event.from_state IN ('closed', 'cancelled'))"
)
_CROSSES = text(CROSSES.replace("event.", ""))


class Event(Base):
    """One thing that happened, to a measure or to the house as a whole."""

    __tablename__ = "event"
    id: Mapped[Id]
    round_id: Mapped[int | None] = refers_to("round.id")
    measure_id: Mapped[int | None] = refers_to("measure.id")
    seq: Mapped[int]  #: in its chain, from 1: the measure's, or the one of all that concerns no measure
    kind: Mapped[Code]  #: subject:thing:action, such as measure:state:accept
    actor_id: Mapped[int | None] = refers_to("person.id")  #: None: Duban itself
    on: Mapped[date]  #: local date
    at: Mapped[datetime]
    from_state: Mapped[State | None] = mapped_column(kept_by_value(State, name="from_state"))
    to_state: Mapped[State | None] = mapped_column(kept_by_value(State, name="to_state"))
    data: Mapped[dict[str, Any]]  #: what else there is to say: reasons, names, dates
    changed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  #: column → [before, after]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    __table_args__ = (
        Index("uq_event_measure_id_seq", "measure_id", "seq", unique=True),
        Index("uq_event_house_seq", "seq", unique=True, sqlite_where=NO_MEASURE, postgresql_where=NO_MEASURE),
        Index("ix_event_round_id_on", "round_id", "on"),
        Index(
            "ix_event_crosses",
            *("round_id", "on", "measure_id", "from_state", "to_state"),
            sqlite_where=_CROSSES,
            postgresql_where=_CROSSES,
        ),
    )


class Checkpoint(Base):
    """A digest over all events up to one, and so over the heads of all chains: a tail that is cut no longer fits."""

    __tablename__ = "checkpoint"
    id: Mapped[Id]
    last_event_id: Mapped[int] = mapped_column(BigId, unique=True)  #: it covers every event up to this one
    events: Mapped[int]  #: how many that are
    on: Mapped[date]
    at: Mapped[datetime]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


for table in (Event, Checkpoint):
    append_only(table.__tablename__, table.metadata)

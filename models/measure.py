"""A measure (整改措施): the case that runs from assigned to closed."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import MeasureClass, State
from models.base import Base, BigId, Id, InOrder, refers_to


class Measure(Base):
    """One measure.  The sweep never writes here; only actions of people do."""

    __tablename__ = "measure"
    id: Mapped[Id]
    round_id: Mapped[int] = refers_to("round.id")
    finding_id: Mapped[int] = refers_to("finding.id", index=True)
    policy_id: Mapped[int] = refers_to("policy.id")  #: the version it began with
    code: Mapped[InOrder]  #: 序号
    position: Mapped[int]  #: order in the ledger
    text: Mapped[str]
    measure_class: Mapped[MeasureClass]
    lead_id: Mapped[int | None] = refers_to("person.id")  #: 责任领导
    unit_id: Mapped[int | None] = refers_to("unit.id")  #: 责任单位
    owner_id: Mapped[int | None] = refers_to("person.id")  #: 责任人; None: still to be assigned
    state: Mapped[State]
    state_since: Mapped[date]  #: local date on which the state began
    accepted_on: Mapped[date | None]
    original_due: Mapped[date | None]  #: never changes once the measure is accepted
    due: Mapped[date | None]  #: None: open-ended (长期坚持)
    deadline_version: Mapped[int]  #: 1, and one more for each new due date
    percent: Mapped[int]  #: last reported progress, 0 to 100
    reported_on: Mapped[date | None]  #: when progress was last reported
    handed_in_on: Mapped[date | None]  #: the submission that stands; None: there is none, or nobody knows its day
    closed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column()  #: optimistic lock; counts every change
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("round_id", "code"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        CheckConstraint("state <> 'closed' OR closed_on IS NOT NULL", name="closed_has_date"),
        Index("ix_measure_round_id_state_due_id", "round_id", "state", "due", "id"),
        Index("ix_measure_round_id_state_position_id", "round_id", "state", "position", "id"),
        Index("ix_measure_unit_id_round_id_state_due_id", "unit_id", "round_id", "state", "due", "id"),
        Index("ix_measure_owner_id_round_id_due_id", "owner_id", "round_id", "due", "id"),
        Index("ix_measure_lead_id_round_id_due_id", "lead_id", "round_id", "due", "id"),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way to declare it


class NewMeasure(NamedTuple):
    """The columns of a measure that is about to be stored in bulk; see Measure."""

    id: int
    round_id: int
    finding_id: int
    policy_id: int
    code: str
    position: int
    text: str
    measure_class: MeasureClass
    lead_id: int | None
    unit_id: int | None
    owner_id: int | None
    state: State
    state_since: date
    accepted_on: date | None
    original_due: date | None
    due: date | None
    deadline_version: int
    percent: int
    reported_on: date | None
    handed_in_on: date | None
    closed_on: date | None
    version: int
    created_at: datetime


class CoUnit(Base):
    """A unit that helps (配合单位), and whether it has said that its part is done."""

    __tablename__ = "co_unit"
    measure_id: Mapped[int] = mapped_column(BigId, ForeignKey("measure.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigId, ForeignKey("unit.id"), primary_key=True)
    done_on: Mapped[date | None]
    done_by_id: Mapped[int | None] = refers_to("person.id")
    __table_args__ = (Index("ix_co_unit_unit_id_measure_id", "unit_id", "measure_id"),)

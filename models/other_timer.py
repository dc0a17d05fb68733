"""Timers of what is no measure: tasks of meetings, papers, meetings of which nothing is recorded; and their rungs.

There are few of them beside those of measures: a wait that is over keeps its row, and the sweep finds those that stand
by a partial index.  The narrow table of measures (`models.timer`) stays as it is.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import OtherWait, Slip
from models.base import Base, Id, kept_by_value, refers_to
from models.timer import Fate

STANDS = text("ended_on IS NULL")
_ONE_SUBJECT = (
    "CASE WHEN decision_id IS NULL THEN 0 ELSE 1 END + CASE WHEN paper_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN meeting_id IS NULL THEN 0 ELSE 1 END = 1"
)


class OtherTimer(Base):
    """What is waited for, until when, and when the sweep must look next."""

    __tablename__ = "other_timer"
    id: Mapped[Id]
    round_id: Mapped[int] = refers_to("round.id")
    policy_id: Mapped[int] = refers_to("policy.id")  #: the version that the wait began with
    waits_for: Mapped[OtherWait] = mapped_column(kept_by_value(OtherWait))
    decision_id: Mapped[int | None] = refers_to("decision.id")
    paper_id: Mapped[int | None] = refers_to("paper.id")
    meeting_id: Mapped[int | None] = refers_to("meeting.id")
    since: Mapped[date]  #: local date on which the wait began
    deadline: Mapped[date]
    deadline_version: Mapped[int]  #: which wait of its kind for this subject
    rung: Mapped[int]  #: the next rung to climb, from 0
    fires_on: Mapped[date]
    ended_on: Mapped[date | None]  #: None: it stands
    __table_args__ = (
        CheckConstraint(_ONE_SUBJECT, name="one_subject"),
        UniqueConstraint("decision_id", "waits_for", "deadline_version"),
        UniqueConstraint("paper_id", "waits_for", "deadline_version"),
        UniqueConstraint("meeting_id", "waits_for", "deadline_version"),
        Index("ix_other_timer_fires_on", "fires_on", "id", sqlite_where=STANDS, postgresql_where=STANDS),
    )


class OtherRung(Base):
    """One rung of one wait.  The unique key is the claim: whoever inserts it, climbs it, once."""

    __tablename__ = "other_rung"
    id: Mapped[Id]
    other_timer_id: Mapped[int] = refers_to("other_timer.id")
    rung: Mapped[int]
    slip: Mapped[Slip]
    deadline: Mapped[date]
    planned_on: Mapped[date]  #: when the ladder wanted it
    climbed_on: Mapped[date]  #: the as-of date of the sweep that climbed it
    at: Mapped[datetime]
    fate: Mapped[Fate] = mapped_column(kept_by_value(Fate))
    __table_args__ = (UniqueConstraint("other_timer_id", "rung"),)

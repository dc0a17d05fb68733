"""What the sweeps have written since a mark: counted in the database, whoever wrote it, and whether or not it lived on.

The mark is a row number in each table, and numbers grow: the cost follows what was written since, not what exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from engine.rules.notices import Notice
from engine.rules.working_days import WorkingCalendar
from models import Escalation, Fate, Notification, OtherRung, StuckTimer


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepMark:
    """The newest rows of the tables that a sweep writes."""

    escalation: int
    notification: int
    stuck: int
    other: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What was written since a mark for one day."""

    reminders: int  #: rungs climbed up to and with the deadline
    escalations: int  #: rungs climbed after it
    superseded: int  #: rungs passed over because a higher one was owed
    notifications: int  #: outbox rows written for rungs
    failed: int  #: timers set aside with an error
    left: int = 0  #: timers that somebody held all along


def read_mark(session: Session) -> SweepMark:
    """Return where the tables end now."""
    tables = (Escalation, Notification, StuckTimer, OtherRung)
    escalation, notification, stuck, other = (session.scalar(select(func.max(table.id))) or 0 for table in tables)
    return SweepMark(escalation=escalation, notification=notification, stuck=stuck, other=other)


def read_swept(session: Session, mark: SweepMark, day: date, calendar: WorkingCalendar) -> Swept:
    """Count what the sweeps for `day` have written since `mark`."""
    climbed = union_all(
        *(
            select(rung.fate, rung.deadline, rung.planned_on, func.count())
            .where(rung.id > since, rung.climbed_on == day)
            .group_by(rung.fate, rung.deadline, rung.planned_on)
            for rung, since in ((Escalation, mark.escalation), (OtherRung, mark.other))
        )
    )
    reminders = escalations = superseded = 0
    for fate, deadline, planned_on, count in session.execute(climbed):
        if fate is Fate.SUPERSEDED:
            superseded += count
        elif fate is Fate.CLIMBED and planned_on > calendar.shift(deadline, 0):
            escalations += count
        elif fate is Fate.CLIMBED:
            reminders += count
    said = select(func.count()).where(
        Notification.id > mark.notification,
        Notification.on == day,
        Notification.kind.in_({Notice.RUNG.value, Notice.EMPTY_RUNG.value}),
    )
    failed = select(func.count()).where(StuckTimer.id > mark.stuck, StuckTimer.on == day)
    return Swept(
        reminders=reminders,
        escalations=escalations,
        superseded=superseded,
        notifications=session.scalar(said) or 0,
        failed=session.scalar(failed) or 0,
    )

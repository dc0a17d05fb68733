"""Is Duban itself late?  What a sweep or a delivery should have done long ago and has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.other_waits import count_due
from engine.rules.moment import Moment
from engine.rules.working_days import WorkingCalendar
from models import Delivery, Outcome, Round, Run, StuckTimer
from models.outbox import UNDER_WAY

GRACE = 2  #: working days that a due timer may lie before it is said that the sweep is late
DELIVERY_GRACE = timedelta(hours=24)
LEFT = "left"  #: with this word a daily run notes how many timers somebody held all along: it did not look at them
NEWEST_RUNS = 30  #: daily runs among which one that looked at everything is sought


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """What the watchdog found."""

    oldest_timer: date | None  #: the day on which a run should have looked at the oldest overlooked timer
    overlooked: int  #: due timers older than the grace
    stuck: int  #: timers set aside with an error in the last seven days
    undelivered: int  #: messages that have waited longer than a day

    @property
    def is_late(self) -> bool:
        """Whether anybody must be told."""
        return bool(self.overlooked or self.stuck or self.undelivered)


def read_lateness(session: Session, moment: Moment, calendar: WorkingCalendar) -> Lateness:
    """Look for work that was overlooked.  No age limit: what has lain for a year is found too.

    A timer that stands although a run has looked at its day came later: it waits for the next run, and is overlooked
    only where that one does not come.
    """
    before = calendar.shift(moment.on, -GRACE)
    next_look = read_next_look(session, moment.on)
    oldest, overlooked = None, 0
    if next_look is not None and next_look < before:
        overlooked, oldest = count_due(session, before - timedelta(days=1))
    stuck = session.scalar(select(func.count(StuckTimer.id)).where(StuckTimer.on >= moment.on - timedelta(days=7)))
    undelivered = session.scalar(
        select(func.count(Delivery.id)).where(UNDER_WAY, Delivery.next_try_at < moment.at - DELIVERY_GRACE)
    )
    return Lateness(
        oldest_timer=max(oldest, next_look) if oldest and next_look else None,
        overlooked=overlooked,
        stuck=stuck or 0,
        undelivered=undelivered or 0,
    )


def read_next_look(session: Session, on: date) -> date | None:
    """Return the day after the last one, up to `on`, of which a daily run has looked at everything.

    Where none was ever done it counts from the day on which the first round was put on record; None: there is none.
    """
    done = (Run.kind == "daily", Run.state == Outcome.DONE, Run.as_of <= on)
    runs = session.execute(select(Run.as_of, Run.report).where(*done).order_by(Run.as_of.desc()).limit(NEWEST_RUNS))
    whole = (as_of for as_of, report in runs.tuples() if not _has_left(report))
    last: date | None = next(whole, None)
    if last is None:
        first = session.execute(select(Round.created_at, Round.zone).order_by(Round.created_at).limit(1)).first()
        if first is None:
            return None
        last = first.created_at.astimezone(ZoneInfo(first.zone)).date()
    return last + timedelta(days=1)


def _has_left(report: Mapping[str, Any] | None) -> bool:
    return any(note.split()[0] == LEFT for note in (report or {}).get("notes", ()) if note)

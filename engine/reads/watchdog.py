"""Is Duban itself late?  What a sweep or a delivery should have done long ago and has not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from engine.rules.working_days import WorkingCalendar
from models import Delivery, StuckTimer, Timer
from models.outbox import UNDER_WAY

GRACE = 2  #: working days that a due timer may lie before it is said that the sweep is late
DELIVERY_GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """What the watchdog found."""

    oldest_timer: date | None  #: the day on which the oldest overlooked timer should have fired
    overlooked: int  #: due timers older than the grace
    stuck: int  #: timers set aside with an error in the last seven days
    undelivered: int  #: messages that have waited longer than a day

    @property
    def is_late(self) -> bool:
        """Whether anybody must be told."""
        return bool(self.overlooked or self.stuck or self.undelivered)


def read_lateness(session: Session, moment: Moment, calendar: WorkingCalendar) -> Lateness:
    """Look for work that was overlooked.  No age limit: what has lain for a year is found too."""
    before = calendar.shift(moment.on, -GRACE)
    oldest, overlooked = session.execute(
        select(func.min(Timer.fires_on), func.count()).where(Timer.fires_on < before)
    ).one()
    stuck = session.scalar(select(func.count(StuckTimer.id)).where(StuckTimer.on >= moment.on - timedelta(days=7)))
    undelivered = session.scalar(
        select(func.count(Delivery.id)).where(UNDER_WAY, Delivery.next_try_at < moment.at - DELIVERY_GRACE)
    )
    return Lateness(oldest_timer=oldest, overlooked=overlooked, stuck=stuck or 0, undelivered=undelivered or 0)

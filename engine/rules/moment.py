"""One reading of the clock, handed down to everything that needs to know the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something happens: the instant, and the local date that deadlines are counted in."""

    at: datetime  #: aware, UTC
    on: date  #: the same instant's date in the round's time zone


def day_end(day: date, zone: str) -> Moment:
    """Return the last instant of `day` in `zone`: what a question about that day means."""
    at = datetime.combine(day, time.max, ZoneInfo(zone))
    return Moment(at=at.astimezone(UTC), on=day)

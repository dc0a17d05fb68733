"""The only reader of the real time.  Entry points call it once and pass the moment down."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from engine.rules.moment import Moment


def read_clock(zone: str) -> Moment:
    """Return the present moment, with its local date in `zone` (an IANA name)."""
    at = datetime.now(UTC)  # noqa: TID251 - the one place that may
    return Moment(at=at, on=at.astimezone(ZoneInfo(zone)).date())


def moment_at(at: datetime, zone: str) -> Moment:
    """Return the moment of an aware instant, with its local date in `zone`."""
    return Moment(at=at.astimezone(UTC), on=at.astimezone(ZoneInfo(zone)).date())


def moment_on(day: date, zone: str, *, hour: int = 9) -> Moment:
    """Return `day` at `hour` o'clock local time in `zone`: the moment that `--as-of` stands for."""
    return Moment(at=datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC), on=day)

"""One reading of the clock, handed down to everything that needs to know the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something happens: the instant, and the local date that deadlines are counted in."""

    at: datetime  #: aware, UTC
    on: date  #: the same instant's date in the round's time zone

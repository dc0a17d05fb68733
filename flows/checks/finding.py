"""What a check looks at, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engine.reads.watchdog import Lateness
from engine.rules.moment import Moment
from engine.rules.text import Text
from engine.rules.working_days import WorkingCalendar
from flows.house import House


class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"  #: deserves a look; nothing is lost
    BAD = "bad"  #: something does not happen that should


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found."""

    name: str  #: a word that monitors may rely on
    level: Level
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a check looks at."""

    house: House
    session: Session  #: only reads
    moment: Moment
    calendar: WorkingCalendar
    lateness: Lateness

    def local(self, at: datetime) -> str:
        """Return a moment as people of the house write it."""
        return f"{at.astimezone(ZoneInfo(self.house.zone)):%Y-%m-%d %H:%M}"


Finding = tuple[Level, Text]

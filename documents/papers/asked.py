"""What is asked for when a paper is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.rules.moment import Moment
from engine.rules.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One paper that is asked for."""

    until: Moment  #: the end of the day that it stands for
    calendar: WorkingCalendar
    period: str | None = None  #: of the meeting, year and month
    version: int | None = None  #: of a frozen agenda; None: the newest
    measure: str | None = None  #: code, where one measure's slip is asked for
    unit: str | None = None  #: name, where one unit's sheets are asked for
    issued: date | None = None  #: the day on which it was approved and signed; None: it is a draft
    number: str | None = None  #: 发文字号
    language: str = "zh_CN"

    @property
    def draft(self) -> str | None:
        """The mark of what is not issued yet."""
        return None if self.issued else "草稿（未经审定，不得印发）"

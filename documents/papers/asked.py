"""What is asked for when a paper is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from documents.official.own_template import OwnTemplate
from engine.rules.moment import Moment
from engine.rules.working_days import WorkingCalendar

#: Of what is printed now; what was printed before stays as it was.  2 has the version at the foot of the last page, 3
#: tells how late measures were closed.
LAYOUT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which version of a kept paper this is."""

    kind: str
    period: str
    number: int
    replaces: int | None = None  #: the version whose place it takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One paper that is asked for."""

    until: Moment  #: the end of the day that it stands for
    calendar: WorkingCalendar
    period: str | None = None  #: of the meeting, year and month
    version: int | None = None  #: of a frozen agenda; None: the newest
    measure: str | None = None  #: code, where one measure's slip is asked for
    unit: str | None = None  #: name, where one unit's sheets are asked for
    issued: date | None = None  #: the day of issue (成文日期); None: it is left to be filled in
    number: str | None = None  #: 发文字号
    is_approved: bool = False  #: what is not approved bears a draft mark on each page
    kept: Version | None = None  #: None: it is not kept
    layout: int = LAYOUT
    template: OwnTemplate | None = None  #: None: as Duban sets it
    language: str = "zh_CN"
    recipe: str = ""  #: the command that gives the paper again, for its properties; a kept one needs none

    @property
    def tells_lateness(self) -> bool:
        """Whether it tells how late measures were handed in and closed."""
        return self.layout >= 3  # noqa: PLR2004 - layouts are counted

    @property
    def draft(self) -> str | None:
        """The mark of what is not approved."""
        return None if self.is_approved else "草稿（未经审定，不得印发）"

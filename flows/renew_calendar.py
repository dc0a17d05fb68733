"""Years that were provisional become official once the calendar library knows their notice.

`duban serve` looks when it starts, and the daily run each day: a house may run for years, and be upgraded meanwhile.
"""

from __future__ import annotations

import logging

from engine.actions.edit_calendar import edit_calendar
from engine.reads.calendar import read_provisional_days
from engine.rules.moment import Moment
from flows.house import House
from models.database import reading

log = logging.getLogger(__name__)


def renew_calendar(house: House, moment: Moment) -> int:
    """Store what the library knows by now of days that are provisional; return how many deadlines moved.

    Owners are told, as of any edit of the calendar.  Days told by a notice that somebody imported stand; so do the
    organisation's own days, and keep the new word under them.  Done again, it does nothing.
    """
    with reading(house.sessions) as session:
        days = read_provisional_days(session)
    if not days:
        return 0
    from intake.calendar.official_calendar import official_days  # noqa: PLC0415 - heavy

    rows = [row for row in official_days(min(days), max(days)) if row.source == "official" and row.day in days]
    if not rows:
        return 0
    with house.sessions.begin() as session:
        moved = edit_calendar(session, rows, moment=moment, actor=None)
    years = sorted({row.day.year for row in rows})
    log.info("the calendar library knows more years", extra={"years": years, "moved": moved})
    return moved

"""What differs between the timers of measures and those of what is no measure, for the one sweep that climbs both.

Where due timers are taken, and where their rungs, events, notifications and next looks are written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from engine.actions.append_events import append_alike, append_events
from engine.actions.climb_rungs import RUNG, SAID, Climbers
from engine.reads.due_timers import DueTimer, take_due
from engine.reads.other_waits import take_due_others
from engine.rules.moment import Moment
from engine.rules.vocabulary import AnyWait
from models import Escalation, Notification, OtherRung, OtherTimer, Said, Timer
from models.bulk import insert_rows, is_one_of


class SweptTable(ABC):
    """One table of timers."""

    @abstractmethod
    def take(self, session: Session, as_of: date, limit: int) -> list[DueTimer]:
        """Return up to `limit` due timers, the oldest first; see `take_timers`."""

    @abstractmethod
    def write(self, session: Session, climbing: Sequence[Climbers], moment: Moment) -> int:
        """Write rungs, events and notifications in bulk; return how many notifications."""

    @abstractmethod
    def is_one(self, session: Session, waits_for: AnyWait, numbers: Sequence[int]) -> ColumnElement[bool]:
        """Return which rows have these numbers and this wait."""

    @abstractmethod
    def about(self, timer: DueTimer) -> dict[str, Any]:
        """Return the columns with which a notification, or a timer set aside, names the wait."""

    @abstractmethod
    def set_next(self, session: Session, which: ColumnElement[bool], values: dict[str, Any]) -> None:
        """Set when the timers are looked at next, in place."""

    def look_again(self, session: Session, climbers: Iterable[Climbers]) -> None:
        """Set each timer to its next date: an action that waits for this very row must find it again."""
        next_looks: dict[tuple[AnyWait, date, int], list[int]] = defaultdict(list)
        for some in climbers:
            next_looks[some.first.waits_for, some.result.fires_on, some.result.next_rung] += some.measures
        for (waits_for, fires_on, rung), numbers in next_looks.items():
            self.set_next(session, self.is_one(session, waits_for, numbers), {"fires_on": fires_on, "rung": rung})


def _waiting(moment: Moment) -> dict[str, Any]:
    return {"on": moment.on, "created_at": moment.at, "state": Said.PENDING, "reason": None, "digest_id": None}


class OfMeasures(SweptTable):
    """The narrow table."""

    def take(self, session: Session, as_of: date, limit: int) -> list[DueTimer]:
        """Return due timers of measures."""
        return take_due(session, as_of, limit)

    def write(self, session: Session, climbing: Sequence[Climbers], moment: Moment) -> int:
        """Write what measures climb; each event stands in the chain of its measure."""
        rungs = (row for some in climbing for row in some.rungs())
        insert_rows(session, Escalation, RUNG, rungs, same={"climbed_on": moment.on, "at": moment.at})
        events = [(some.event(), some.measures) for some in climbing]
        append_alike(session, events, same={"kind": "measure:ladder:climb", "on": moment.on, "at": moment.at})
        said = [row for some in climbing for row in some.notifications()]
        insert_rows(session, Notification, SAID, said, same=_waiting(moment))
        return len(said)

    def is_one(self, session: Session, waits_for: AnyWait, numbers: Sequence[int]) -> ColumnElement[bool]:
        """Return which timers are of these measures."""
        return (Timer.waits_for == waits_for) & is_one_of(session, Timer.measure_id, numbers)

    def about(self, timer: DueTimer) -> dict[str, Any]:
        """Name the measure and what it waits for."""
        return {"measure_id": timer.measure, "waits_for": timer.waits_for}

    def set_next(self, session: Session, which: ColumnElement[bool], values: dict[str, Any]) -> None:
        """Set the next look of timers."""
        session.connection().execute(update(Timer).where(which).values(values))


class OfOthers(SweptTable):
    """Tasks, papers, meetings: their events stand in the chain of all that concerns no measure."""

    def take(self, session: Session, as_of: date, limit: int) -> list[DueTimer]:
        """Return due timers of what is no measure."""
        return take_due_others(session, as_of, limit)

    def write(self, session: Session, climbing: Sequence[Climbers], moment: Moment) -> int:
        """Write what they climb."""
        columns = [RUNG.index(name) for name in _RUNG]
        rungs = ([row[0], *(row[column] for column in columns)] for some in climbing for row in some.rungs())
        same = {"climbed_on": moment.on, "at": moment.at}
        insert_rows(session, OtherRung, ("other_timer_id", *_RUNG), rungs, same=same)
        append_events(session, [event for some in climbing for event in _events(some, moment)])
        keep = [SAID.index(name) for name in _SAID]
        number = SAID.index("measure_id")
        said = [[row[number], *(row[column] for column in keep)] for some in climbing for row in some.notifications()]
        insert_rows(session, Notification, ("other_timer_id", *_SAID), said, same=_waiting(moment))
        return len(said)

    def is_one(self, session: Session, waits_for: AnyWait, numbers: Sequence[int]) -> ColumnElement[bool]:
        """Return which timers have these numbers; a number stands for one wait."""
        return (OtherTimer.waits_for == waits_for) & is_one_of(session, OtherTimer.id, numbers)

    def about(self, timer: DueTimer) -> dict[str, Any]:
        """Name the timer."""
        return {"other_timer_id": timer.measure}

    def set_next(self, session: Session, which: ColumnElement[bool], values: dict[str, Any]) -> None:
        """Set the next look of timers."""
        session.connection().execute(update(OtherTimer).where(which).values(values))


_RUNG = tuple(name for name in RUNG if name not in {"measure_id", "waits_for", "deadline_version"})
_SAID = tuple(name for name in SAID if name not in {"measure_id", "waits_for"})

MEASURES, OTHERS = OfMeasures(), OfOthers()


def _events(some: Climbers, moment: Moment) -> Iterable[dict[str, Any]]:
    told = some.event()
    for timer in some.timers:
        yield {
            **told,
            "data": {**told["data"], "about": timer.code},
            "kind": "matter:ladder:climb",
            "on": moment.on,
            "at": moment.at,
        }

"""What a run did, as `duban run --json` prints it and as its record keeps it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from engine.actions.keep_run import RunTicket, begin_run, fail_run, finish_run, run_alone
from engine.rules.moment import Moment
from flows.house import House
from flows.log_file import COUNTS, about

log = logging.getLogger(__name__)

BEFORE_THE_END = timedelta(days=366)  #: of the calendar: what a run counts ahead must lie in it


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Counts of one run (DESIGN.md section 9)."""

    run: str
    as_of: str  #: ISO date
    reminders: int = 0  #: rungs climbed up to and with the deadline
    escalations: int = 0  #: rungs climbed after it
    notifications: int = 0  #: outbox rows written
    superseded: int = 0  #: rungs passed over because a higher one was owed
    failed: int = 0  #: timers and messages that could not be handled
    sent: int = 0  #: messages accepted by a channel
    cancelled: int = 0  #: notifications no longer true when they were to be sent
    called: int = 0  #: events that webhooks heard of
    documents: list[str] = field(default_factory=list)  #: paths relative to DUBAN_HOME
    notes: list[str] = field(default_factory=list)  #: what else it found or did, one word each
    version: int = 1
    repeated: bool = False  #: the run was done before; this is what it did then

    def as_json(self) -> dict[str, Any]:
        """Return the object to print and to keep."""
        return asdict(self)


def once(
    house: House, kind: str, period: str, moment: Moment, work: Callable[[RunTicket], RunReport], *, again: bool = False
) -> RunReport:
    """Do `work(ticket)` unless the run of (kind, period) is done already; keep what it did.

    Runs of one kind take turns.  Raises Conflict when another has been under way for too long, and BeyondCalendar for
    another day than today whose deadlines cannot be counted: every one of them would be set aside.
    """
    if moment.on != house.now().on:
        house.calendar().expect_reach(moment.on, BEFORE_THE_END)
    with run_alone(house.engine, kind):
        ticket = begin_run(house.sessions, kind=kind, period=period, moment=moment, again=again)
        if ticket.report is not None:
            return replace(RunReport(**ticket.report), repeated=True)
        with logged(kind, period=period, version=ticket.version, as_of=moment.on.isoformat()) as told:
            try:
                report = told(replace(work(ticket), version=ticket.version))
            except Exception as error:
                fail_run(house.sessions, ticket, error=f"{type(error).__name__}: {error}"[:500], moment=moment)
                raise
            finish_run(house.sessions, ticket, report=report.as_json(), moment=moment)
        return report


@contextmanager
def logged(run: str, **fields: str | int) -> Iterator[Callable[[RunReport], RunReport]]:
    """Log that a run begins, and how it ends: with the counts of the report that it hands in, or cut short."""
    found: list[RunReport] = []

    def told(report: RunReport) -> RunReport:
        found.append(report)
        return report

    began = time.monotonic()
    with about(run=run, **fields):
        log.info("run began")
        try:
            yield told
        except BaseException as error:
            took = round(time.monotonic() - began, 3)
            log.warning("run cut short", extra={"error": type(error).__name__, "seconds": took})
            raise
        counts = {name: value for report in found for name, value in report.as_json().items() if name in COUNTS}
        counts["documents"] = sum(len(report.documents) for report in found)
        log.info("run finished", extra={**counts, "seconds": round(time.monotonic() - began, 3)})

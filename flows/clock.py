"""The clock: starts runs by config/schedule.yaml.  It only knocks; what is due stands in the database.

Jobs live in memory and are made anew at every start, so nothing is lost with the process.  Before each tick a lease is
taken in the database: a second process beside this one does nothing.  Runs missed while nobody ticked, or cut short,
are caught up once: at start, and looked for again and again, since the lease of a process that died may still last.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from config.schedule import cron_trigger
from engine.actions.take_lease import take_lease
from engine.now import moment_at
from engine.reads.health import last_begun
from engine.rules.moment import Moment
from flows.execute import Mode, execute
from flows.house import House
from flows.report import RunReport
from models import Outcome
from models.database import reading

log = logging.getLogger(__name__)

LEASE = "clock"
BESIDE = "clock beside deployments"  #: the lease of clocks that tick though deployments hold the first one
LEASE_LASTS = timedelta(minutes=15)  #: longer than the time between ticks; after a crash another process waits so long
LOOK_BACK = timedelta(days=62)  #: how far back a missed run is looked for

#: Runs that are not kept, or that only mean the present: nothing of theirs is ever missed.
NEVER_MISSED = frozenset({"deliver", "watchdog"})

Told = Callable[[RunReport], None]


def this_process() -> str:
    """Return a name for this process that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}"


def start_clock(house: House, told: Told, *, mode: Mode = "auto", lease: str = LEASE) -> BackgroundScheduler:
    """Start ticking; `told` hears what each run did, on a thread of the clock.  The caller shuts the scheduler down."""
    how = {"mode": mode, "lease": lease}
    zone = ZoneInfo(house.zone)
    scheduler = BackgroundScheduler(
        timezone=zone, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    for run, cron in house.policies.schedule.crons.items():
        scheduler.add_job(tick, cron_trigger(cron, zone), args=[house, run, told], kwargs=how, id=run, name=run)
    scheduler.add_job(catch_up, args=[house, told], kwargs=how, id="catch-up")
    every = IntervalTrigger(seconds=int(LEASE_LASTS.total_seconds()), timezone=zone)
    scheduler.add_job(catch_up, every, args=[house, told], kwargs=how, id="catch-up-again")
    scheduler.start()
    return scheduler


def tick(house: House, run: str, told: Told, *, mode: Mode = "auto", lease: str = LEASE) -> None:
    """Run `run` now, if this process holds the lease.  A run that fails is logged, and caught up."""
    knock(house, run, house.now(), told, mode=mode, lease=lease)


def knock(house: House, run: str, moment: Moment, told: Told, *, mode: Mode = "auto", lease: str = LEASE) -> None:
    """Run `run` for `moment` under the lease; what was done before is not told again."""
    if not _holds(house, lease):
        return
    try:
        report = execute(house, run, moment, mode=mode)
        if not report.repeated:
            told(report)
    except Exception:
        log.exception("the run failed; it is tried again", extra={"run": run})


def catch_up(house: House, told: Told, *, mode: Mode = "auto", lease: str = LEASE) -> None:
    """Run once what is owed; where nothing is, the lease shows all the same that a clock is there."""
    if not _holds(house, lease):
        return
    for run, moment in owed_runs(house):
        knock(house, run, moment, told, mode=mode, lease=lease)


def _holds(house: House, lease: str) -> bool:
    return take_lease(house.sessions, name=lease, holder=this_process(), at=house.now().at, lasts=LEASE_LASTS)


def owed_runs(house: House) -> Iterator[tuple[str, Moment]]:
    """Yield of each run the newest planned tick that has no record since, or what was not finished."""
    now = house.now().at
    for run, cron in house.policies.schedule.crons.items():
        if run in NEVER_MISSED:
            continue
        with reading(house.sessions) as session:
            last = last_begun(session, run, now)
        owed = missed_tick(cron, ZoneInfo(house.zone), now, last.started_at if last else None)
        if owed is None and last is not None and last.state is not Outcome.DONE:
            owed = last.started_at
        if owed is not None:
            yield run, moment_at(owed, house.zone)


def missed_tick(cron: str, zone: ZoneInfo, now: datetime, last: datetime | None) -> datetime | None:
    """Return the newest planned tick up to `now` that came after `last`; None when nothing was missed.

    A house that has never run misses nothing: its first tick is the next one.
    """
    if last is None:
        return None
    trigger, found = cron_trigger(cron, zone), None
    planned = _next(trigger, None, max(last + timedelta(seconds=1), now - LOOK_BACK))
    while planned is not None and planned <= now:
        found = planned
        planned = _next(trigger, planned, planned + timedelta(seconds=1))
    return found


def _next(trigger: BaseTrigger, before: datetime | None, after: datetime) -> datetime | None:
    planned: datetime | None = trigger.get_next_fire_time(before, after)
    return planned

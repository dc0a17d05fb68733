"""The watchdog: is the sweep itself overdue, is anything stuck?  Its own record is the heartbeat."""

from __future__ import annotations

from engine.actions.keep_run import RunTicket
from engine.actions.raise_alarm import raise_alarm
from engine.reads.watchdog import read_lateness
from engine.rules.moment import Moment
from flows.deliver import deliver
from flows.house import House
from flows.report import RunReport, once


def run_watchdog(house: House, moment: Moment, *, again: bool = False) -> RunReport:
    """Look once an hour; tell the coordinators once a day when something is late."""

    def work(_ticket: RunTicket) -> RunReport:
        with house.sessions.begin() as session:
            lateness = read_lateness(session, moment, house.calendar())
            told = raise_alarm(session, lateness, moment) if lateness.is_late else 0
        delivery = deliver(house, moment, batch=f"watchdog:{moment.at.isoformat()}")
        return RunReport(
            run="watchdog",
            as_of=moment.on.isoformat(),
            notifications=told,
            failed=lateness.overlooked + lateness.stuck + lateness.undelivered,
            sent=delivery.sent,
            notes=[f"{name} {getattr(lateness, name)}" for name in ("overlooked", "stuck", "undelivered")],
        )

    return once(house, "watchdog", moment.at.strftime("%Y-%m-%dT%H"), moment, work, again=again)

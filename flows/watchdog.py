"""The watchdog looks whether the sweep itself is overdue, and whether anything is stuck.

Its own record is the heartbeat inside, a call to the operator's address the one outside.
"""

from __future__ import annotations

import logging

from engine.actions.fold_tallies import fold_tallies
from engine.actions.keep_run import RunTicket
from engine.actions.raise_alarm import raise_alarm
from engine.reads.watchdog import read_lateness
from engine.rules.moment import Moment
from flows.deliver import deliver
from flows.heartbeat import beat
from flows.house import House
from flows.report import RunReport, once

log = logging.getLogger(__name__)

TROUBLES = ("overlooked", "stuck", "undelivered")  #: what it counts


def run_watchdog(house: House, moment: Moment, *, again: bool = False) -> RunReport:
    """Look once an hour; tell the coordinators once a day when something is late, and the operator's address always."""
    found: dict[str, int] = {}

    def work(_ticket: RunTicket) -> RunReport:
        with house.sessions.begin() as session:
            lateness = read_lateness(session, moment, house.calendar())
            told = raise_alarm(session, lateness, moment) if lateness.is_late else 0
            fold_tallies(session)
        found.update({name: getattr(lateness, name) for name in TROUBLES})
        if lateness.is_late:
            log.warning("something is late", extra=found)
        delivery = deliver(house, moment, batch=f"watchdog:{moment.at.isoformat()}")
        return RunReport(
            run="watchdog",
            as_of=moment.on.isoformat(),
            notifications=told,
            failed=sum(found.values()),
            sent=delivery.sent,
            notes=[f"{name} {count}" for name, count in found.items()],
        )

    try:
        report = once(house, "watchdog", moment.at.strftime("%Y-%m-%dT%H"), moment, work, again=again)
    except Exception:
        _tell_operator(house, moment, {**found, "failed": 1})
        raise
    if not report.repeated:
        _tell_operator(house, moment, found if report.failed else None)
    return report


def _tell_operator(house: House, moment: Moment, troubles: dict[str, int] | None) -> None:
    """Send the heartbeat, where one is set; what was found about another day says nothing about Duban's health now."""
    if house.settings.heartbeat_url is not None and moment.on == house.now().on:
        beat(house.settings.heartbeat_url.get_secret_value(), troubles)

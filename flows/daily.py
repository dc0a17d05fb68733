"""The daily run: sweep, checkpoint over the record, digests, delivery."""

from __future__ import annotations

from engine.actions.fold_tallies import fold_tallies
from engine.actions.keep_run import RunTicket
from engine.actions.take_checkpoint import take_checkpoint
from engine.rules.moment import Moment
from flows.deliver import deliver
from flows.house import House
from flows.report import RunReport, once
from flows.sweep import CallHelpers, sweep_day


def run_daily(
    house: House, moment: Moment, *, again: bool = False, call_helpers: CallHelpers | None = None
) -> RunReport:
    """Climb what is owed on the day and tell everybody once; the second run of a day does nothing."""
    day = moment.on.isoformat()

    def work(ticket: RunTicket) -> RunReport:
        sweep = sweep_day(house, moment, ticket, call_helpers)
        with house.sessions.begin() as session:
            take_checkpoint(session, moment)
        with house.sessions.begin() as session:
            fold_tallies(session)
        batch = f"daily:{day}" if ticket.version == 1 else f"daily:{day}:{ticket.version}"
        delivery = deliver(house, moment, batch=batch)
        return RunReport(
            run="daily",
            as_of=day,
            reminders=sweep.reminders,
            escalations=sweep.escalations,
            notifications=sweep.notifications,
            superseded=sweep.superseded,
            failed=sweep.failed + delivery.failed,
            sent=delivery.sent,
            cancelled=delivery.cancelled,
        )

    return once(house, "daily", day, moment, work, again=again)

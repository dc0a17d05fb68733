"""The daily run: newly known years of the calendar, sweep, checkpoint, digests, delivery, summary for group chats."""

from __future__ import annotations

from engine.actions.fold_tallies import fold_tallies
from engine.actions.group_posts import owe_posts
from engine.actions.invite_group import invite_newcomers
from engine.actions.keep_run import RunTicket
from engine.actions.take_checkpoint import take_checkpoint
from engine.actions.tell_lapsed import tell_lapsed
from engine.actions.tell_unreached import tell_unreached
from engine.reads.watchdog import LEFT
from engine.rules.moment import Moment
from flows.channels import chats_of
from flows.deliver import deliver, deliver_to_groups
from flows.house import House
from flows.renew_calendar import renew_calendar
from flows.report import RunReport, once
from flows.sweep import CallHelpers, sweep_day


def run_daily(
    house: House, moment: Moment, *, again: bool = False, call_helpers: CallHelpers | None = None
) -> RunReport:
    """Climb what is owed on the day and tell everybody once; the second run of a day does nothing."""
    day = moment.on.isoformat()

    def work(ticket: RunTicket) -> RunReport:
        renew_calendar(house, moment)
        sweep = sweep_day(house, moment, ticket, call_helpers)
        with house.sessions.begin() as session:
            take_checkpoint(session, moment)
            invite_newcomers(session, moment)
            tell_unreached(session, moment)
            tell_lapsed(session, moment)
        with house.sessions.begin() as session:
            fold_tallies(session)
        batch = f"daily:{day}" if ticket.version == 1 else f"daily:{day}:{ticket.version}"
        delivery = deliver(house, moment, batch=batch)
        if moment.on == house.now().on:  # what is told of another day is nobody's news
            with house.sessions.begin() as session:
                owe_posts(session, chats_of(house.settings), house.now())
        posted = deliver_to_groups(house, moment)
        return RunReport(
            run="daily",
            as_of=day,
            reminders=sweep.reminders,
            escalations=sweep.escalations,
            notifications=sweep.notifications,
            superseded=sweep.superseded,
            failed=sweep.failed + delivery.failed + posted.failed,
            sent=delivery.sent + posted.sent,
            cancelled=delivery.cancelled,
            notes=[f"{LEFT} {sweep.left}"] if sweep.left else [],
        )

    return once(house, "daily", day, moment, work, again=again)

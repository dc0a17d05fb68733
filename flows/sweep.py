"""The sweep of a daily run: by this process alone, or with sweepers on other machines that help it.

Helpers share nothing with the run but the database: batches are claimed with SKIP LOCKED, so any number may come, late
or never, or die.  The run sweeps too, and waits for the database rather than for them: the sweep is done when nothing
is due any more.  What a helper that died had committed stands; what it had not, the database gives back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from engine.actions.keep_run import RunTicket, is_under_way, remember
from engine.actions.sweep_deadlines import sweep_deadlines
from engine.reads.other_waits import count_due
from engine.reads.swept import SweepMark, Swept, read_mark, read_swept
from engine.rules.moment import Moment
from flows.house import House
from flows.report import RunReport
from models.database import reading

WORTH_A_HELPER = 10_000  #: timers: about what one process sweeps in the time that another takes to start

#: Ask for so many helpers of the run with that number and moment; it comes back at once.
CallHelpers = Callable[[int, int, Moment], None]


def sweep_day(house: House, moment: Moment, ticket: RunTicket, call_helpers: CallHelpers | None) -> Swept:
    """Climb everything owed on the day, and count what all sweepers and all attempts of this run have written."""
    mark, calendar = _mark_of(house, ticket), house.calendar()
    due = _due(house, moment)
    helpers = min(house.settings.sweepers - 1, due // WORTH_A_HELPER)
    is_shared = house.engine.dialect.name != "sqlite"  # which lets one process write at a time
    if call_helpers is not None and is_shared and helpers:
        call_helpers(helpers, ticket.run, moment)
    # Once in any case: what waits besides measures gets its timers there.
    # The sweep waits for what others hold, a minute long; whoever dies gives it back.
    while True:
        held = sweep_deadlines(house.sessions, moment=moment, calendar=calendar, batch=house.settings.batch).held
        left = _due(house, moment)
        if held or not left:
            break
    with reading(house.sessions) as session:
        swept = read_swept(session, mark, moment.on, calendar)
    return replace(swept, failed=swept.failed + held, left=left)


def run_sweeper(house: House, moment: Moment, *, run: int) -> RunReport:
    """Help the daily run with number `run`, unless it is over; tell what this helper did."""
    with reading(house.sessions) as session:
        is_wanted = is_under_way(session, run)
    if not is_wanted:
        return RunReport(run="sweep", as_of=moment.on.isoformat())
    done = sweep_deadlines(house.sessions, moment=moment, calendar=house.calendar(), batch=house.settings.batch)
    return RunReport(
        run="sweep",
        as_of=moment.on.isoformat(),
        reminders=done.reminders,
        escalations=done.escalations,
        notifications=done.notifications,
        superseded=done.superseded,
        failed=done.failed,
    )


def _mark_of(house: House, ticket: RunTicket) -> SweepMark:
    """Return where the tables ended before the first attempt of this run."""
    if ticket.remembered:
        return SweepMark(**ticket.remembered)
    with reading(house.sessions) as session:
        mark = read_mark(session)
    remember(house.sessions, ticket, asdict(mark))
    return mark


def _due(house: House, moment: Moment) -> int:
    with reading(house.sessions) as session:
        return count_due(session, moment.on)[0]

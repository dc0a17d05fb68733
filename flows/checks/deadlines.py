"""Checks of what the house is there for: calendar, clock, daily run, timers, kept counts."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from engine.actions.take_lease import FOR_GOOD
from engine.reads.health import (
    count_due_timers,
    has_round,
    last_begun,
    last_done,
    latest_deadline,
    provisional_deadlines,
    read_holder,
)
from engine.reads.tallies import find_drift
from engine.rules.notice_season import is_notice_out, is_season, provisional_words
from engine.rules.text import N_
from flows.checks.finding import Finding, Ground, Level
from flows.clock import LEASE, missed_tick
from models import Outcome

CALENDAR_RESERVE = timedelta(days=366)  #: how far past the last deadline the calendar should reach
SHOWN_CODES = 3  #: of the measures concerned
DAILY_GRACE = timedelta(hours=3)  #: that a planned daily run may be late


def check_calendar(ground: Ground) -> Finding:
    """Look whether the calendar reaches past the last deadline."""
    last, deadline = ground.calendar.last, latest_deadline(ground.session)
    if last < max(ground.moment.on, deadline or ground.moment.on):
        return Level.BAD, N_(
            "ends on {last}, the last deadline is {deadline}", last=last, deadline=deadline or ground.moment.on
        )
    if deadline is None:
        return Level.OK, N_("known until {last}", last=last)
    reaches = last >= deadline + CALENDAR_RESERVE
    if (waiting := _provisional(ground)) is not None:
        return waiting
    told = N_("known until {last}, the last deadline is {deadline}", last=last, deadline=deadline)
    return Level.OK if reaches else Level.WARN, told


def _provisional(ground: Ground) -> Finding | None:
    """Tell, in December, which deadlines lie in years whose notice is not known; and at any time in this one."""
    on = ground.moment.on
    found = provisional_deadlines(ground.session, ground.calendar)
    told = {year: codes for year, codes in found.items() if is_season(on) or year <= on.year}
    if not told:
        return None
    years = tuple(
        N_(
            "{count} with {what} ({codes})",
            count=len(codes),
            what=provisional_words(year, on),
            codes=codes[:SHOWN_CODES],
        )
        for year, codes in told.items()
    )
    level = Level.WARN if any(is_notice_out(year, on) for year in told) else Level.OK
    return level, N_("known until {last}; {years}", last=ground.calendar.last, years=years)


def check_clock(ground: Ground) -> Finding:
    """Look who ticks."""
    holder = read_holder(ground.session, LEASE)
    if holder is None:
        return Level.WARN, N_("nobody has ever ticked; duban serve does, or duban deploy")
    if holder.until == FOR_GOOD:
        return Level.OK, N_("{holder} has it, by duban deploy", holder=holder.name)
    if holder.until < ground.moment.at:
        told = N_("nobody ticks; {holder} did until {time}", holder=holder.name, time=ground.local(holder.until))
        return Level.WARN, told
    return Level.OK, N_("{holder} has it until {time}", holder=holder.name, time=ground.local(holder.until))


def check_daily_run(ground: Ground) -> Finding:
    """Look whether the daily run was done when it was planned, whoever starts it."""
    now, zone = ground.moment.at, ZoneInfo(ground.house.zone)
    begun, done = (find(ground.session, "daily", now) for find in (last_begun, last_done))
    if begun is None:
        is_needed = has_round(ground.session)
        return (Level.WARN, N_("it has never run")) if is_needed else (Level.OK, N_("there is no round yet"))
    cron = ground.house.policies.schedule.crons.get("daily")
    if cron is None:
        return Level.WARN, N_("schedule.yaml does not start it; last begun {time}", time=ground.local(begun.started_at))
    owed = missed_tick(cron, zone, now - DAILY_GRACE, begun.started_at)
    if owed is not None:
        return Level.BAD, N_(
            "that of {owed} was not done; last begun {time}",
            owed=ground.local(owed),
            time=ground.local(begun.started_at),
        )
    if begun.state is Outcome.FAILED:
        return Level.BAD, N_("that of {time} failed; it is tried again", time=ground.local(begun.started_at))
    if begun.state is Outcome.RUNNING:
        is_long = now - begun.started_at > DAILY_GRACE
        told = N_("under way since {time}", time=ground.local(begun.started_at))
        return Level.WARN if is_long else Level.OK, told
    assert done is not None
    return Level.OK, N_("last done {time}", time=ground.local(done.finished_at or done.started_at))


def check_timers(ground: Ground) -> Finding:
    """Look whether deadlines are looked at when they should be."""
    count, oldest = count_due_timers(ground.session, ground.moment.on)
    if oldest is None:
        return Level.OK, N_("nothing is due")
    if oldest > ground.moment.on:
        return Level.OK, N_("{count} came after the run of today; the next one looks at them", count=count)
    overlooked = ground.lateness.overlooked
    told = N_("{count} are due, the oldest since {day}", count=count, day=oldest)
    return Level.BAD if overlooked else Level.OK, told


def check_stuck(ground: Ground) -> Finding:
    """Look for deadlines that could not be handled."""
    stuck = ground.lateness.stuck
    return Level.BAD if stuck else Level.OK, N_("{count} set aside in the last seven days", count=stuck)


def check_tallies(ground: Ground) -> Finding:
    """Look whether the kept counters say what counting says."""
    drift = find_drift(ground.session)
    if drift:
        return Level.BAD, N_("{count} kept counts differ from the measures", count=len(drift))
    return Level.OK, N_("the kept counts are those of the measures")

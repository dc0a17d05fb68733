"""How Duban itself is: what `duban doctor` judges, and what the monitors of `duban serve` read.

Every function here is answered by an index or looks at a bounded number of rows; each says what it costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, extract, func, select
from sqlalchemy.orm import Session, aliased

from engine.reads.other_waits import count_due
from engine.reads.watchdog import Lateness, read_lateness, read_next_look
from engine.rules.moment import Moment
from engine.rules.vocabulary import OPEN_STATES, State
from engine.rules.working_days import WorkingCalendar
from models import (
    Delivery,
    Digest,
    Event,
    GroupPost,
    Lease,
    Measure,
    Notification,
    OtherTimer,
    Outcome,
    Round,
    Run,
    Said,
    Sending,
    Tally,
    Timer,
)
from models.outbox import UNDER_WAY

NEWEST = 100_000  #: rows of a long table that are looked at; what lies further back does not worry anybody
NEWEST_RUNS = 10_000  #: runs that are counted: a year of them
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has the clock."""

    name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What the monitors hear: counts and moments, nobody's name."""

    measures: Mapping[State, int]
    overdue: int  #: open measures whose due date has passed
    due_timers: int  #: timers that the next sweep must look at
    oldest_due: date | None  #: the day on which a run should have looked at the oldest of them; may be tomorrow
    lateness: Lateness
    outbox: Mapping[Said, int]  #: pending exactly; the others among the newest 100,000
    deliveries: Mapping[tuple[str, Sending], int]  #: by channel; under way exactly, the others among the newest 100,000
    runs: Mapping[tuple[str, Outcome], int]  #: the newest 10,000
    last_daily: datetime | None  #: when a daily run was last finished
    events: int  #: number of the newest event


def read_condition(session: Session, moment: Moment, calendar: WorkingCalendar) -> Condition:
    """Return everything that is counted for monitors: a fixed number of statements."""
    due_timers, oldest_due = count_due_timers(session, moment.on)
    last_daily = last_done(session, "daily", moment.at)
    return Condition(
        measures=count_measures(session),
        overdue=count_overdue(session, moment.on),
        due_timers=due_timers,
        oldest_due=oldest_due,
        lateness=read_lateness(session, moment, calendar),
        outbox=count_outbox(session),
        deliveries=count_deliveries(session),
        runs=count_runs(session),
        last_daily=last_daily.finished_at if last_daily else None,
        events=newest_event(session),
    )


def count_measures(session: Session) -> dict[State, int]:
    """Count measures by state, from the kept counters."""
    found = session.execute(select(Tally.state, func.sum(Tally.measures)).group_by(Tally.state))
    return dict.fromkeys(State, 0) | {state: int(count) for state, count in found}


def count_overdue(session: Session, on: date) -> int:
    """Count open measures whose due date has passed.  Reads as many index entries as it finds, for each round."""
    rounds = session.scalars(select(Round.id)).all()
    late = select(func.count()).where(
        Measure.round_id.in_(rounds), Measure.state.in_(sorted(OPEN_STATES)), Measure.due < on
    )
    return session.scalar(late) or 0


def provisional_deadlines(session: Session, calendar: WorkingCalendar) -> dict[int, tuple[str, ...]]:
    """Return by year whose notice is not known the codes of the measures with a deadline in it, by deadline."""
    if not calendar.provisional_years:
        return {}
    year = extract("year", Timer.deadline)
    query = select(year, Measure.code).join(Measure, Measure.id == Timer.measure_id)
    query = query.where(year.in_(sorted(calendar.provisional_years))).order_by(Timer.deadline, Measure.position)
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for number, code in session.execute(query):
        found[int(number)][code] = None
    return {number: tuple(codes) for number, codes in sorted(found.items())}


def count_due_timers(session: Session, on: date) -> tuple[int, date | None]:
    """Count what the next sweep must look at, and return the day on which one should have looked at the oldest of it.

    What came after the run of a day waits for the next one.  Costs what is due, by the key.
    """
    count, oldest = count_due(session, on)
    next_look = read_next_look(session, on)
    return count, max(oldest, next_look) if oldest and next_look else oldest


def count_outbox(session: Session) -> dict[Said, int]:
    """Count notifications by state.  What waits is answered by a partial index; else the newest 100,000 rows."""
    waits = (Notification.digest_id.is_(None), Notification.state == Said.PENDING)
    waiting = session.scalar(select(func.count()).select_from(Notification).where(*waits)) or 0
    newest = select(Notification.state).order_by(Notification.id.desc()).limit(NEWEST).subquery()
    counted = session.execute(select(newest.c.state, func.count()).group_by(newest.c.state)).tuples().all()
    found = dict.fromkeys(Said, 0) | dict(counted)
    return found | {Said.PENDING: max(waiting, found[Said.PENDING])}


def count_deliveries(session: Session) -> dict[tuple[str, Sending], int]:
    """Count deliveries by channel and state.  What is under way by a partial index; else the newest 100,000 rows."""
    newest = select(Delivery.channel, Delivery.state).order_by(Delivery.id.desc()).limit(NEWEST).subquery()
    ended = select(newest).where(newest.c.state.not_in([Sending.PENDING, Sending.SENDING])).subquery()
    waiting = select(Delivery.channel, Delivery.state).where(UNDER_WAY).subquery()
    return {
        (channel, state): count
        for rows in (waiting, ended)
        for channel, state, count in session.execute(
            select(rows.c.channel, rows.c.state, func.count()).group_by(rows.c.channel, rows.c.state)
        )
    }


def count_lately(session: Session, on: date, *states: Sending) -> dict[Sending, int]:
    """Count deliveries and posts of the last week by state, of `states` alone, among the newest 100,000."""
    newest = aliased(Delivery, select(Delivery).order_by(Delivery.id.desc()).limit(NEWEST).subquery())
    counted = (
        select(newest.state, func.count())
        .join(Digest, Digest.id == newest.digest_id)
        .where(newest.state.in_(states), Digest.on >= on - LATELY)
        .group_by(newest.state)
    )
    posts = (
        select(GroupPost.state, func.count())
        .where(GroupPost.state.in_(states), GroupPost.on >= on - LATELY)
        .group_by(GroupPost.state)
    )
    found = dict.fromkeys(states, 0)
    for query in (counted, posts):
        for state, count in session.execute(query).tuples():
            found[state] += count
    return found


def count_runs(session: Session) -> dict[tuple[str, Outcome], int]:
    """Count the newest 10,000 runs by kind and outcome."""
    newest = select(Run.kind, Run.state).order_by(Run.id.desc()).limit(NEWEST_RUNS).subquery()
    counted = select(newest.c.kind, newest.c.state, func.count()).group_by(newest.c.kind, newest.c.state)
    return {(kind, state): count for kind, state, count in session.execute(counted)}


def last_done(session: Session, kind: str, now: datetime) -> Run | None:
    """Return the run of `kind` that was finished last; one for a day to come does not count."""
    return session.scalars(_newest_run(kind, now).where(Run.state == Outcome.DONE)).first()


def last_begun(session: Session, kind: str, now: datetime) -> Run | None:
    """Return the run of `kind` that was begun last, whatever became of it."""
    return session.scalars(_newest_run(kind, now)).first()


def _newest_run(kind: str, now: datetime) -> Select[tuple[Run]]:
    newest = (Run.started_at.desc(), Run.id.desc())
    return select(Run).where(Run.kind == kind, Run.started_at <= now).order_by(*newest).limit(1)


def newest_event(session: Session) -> int:
    """Return the number of the newest event: as rows are only ever added, as good as their count.  By the key."""
    return session.scalar(select(func.max(Event.id))) or 0


def has_round(session: Session) -> bool:
    """Say whether there is anything to run for."""
    return session.scalar(select(Round.id).limit(1)) is not None


def latest_deadline(session: Session) -> date | None:
    """Return the latest deadline that anything waits for.  Reads every timer: for a person who asks, not a monitor."""
    latest = (session.scalar(select(func.max(day))) for day in (Timer.deadline, OtherTimer.deadline))
    return max((day for day in latest if day), default=None)


def read_holder(session: Session, name: str) -> Holder | None:
    """Return who has the lease called `name`, or had it last."""
    lease = session.get(Lease, name)
    return Holder(name=lease.holder, until=lease.until) if lease else None

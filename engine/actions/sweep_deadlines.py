"""The sweep: climbs every rung that is owed, in bounded batches, each its own transaction.

Cost follows what is due, not what exists: due timers are read oldest first from the narrow table, judged by the pure
rule, and everything that follows (rungs, events, outbox rows, the next look) is written in bulk.  A second sweeper, a
crash at any line or a re-run finds rungs claimed by their unique key.  A timer that cannot be handled is set aside
with its error and tried again the next day; the rest go on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events, met_another_writer
from engine.actions.climb_rungs import BatchRows, Ground, climb_timer
from engine.actions.policies import read_policy
from engine.reads.due_timers import DueTimer, StillHeldError, take_due
from engine.reads.grants import read_grants
from engine.rules.ladder import LadderBook
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.refusal import Refusal
from engine.rules.vocabulary import Role, Slip
from engine.rules.working_days import WorkingCalendar
from models import Escalation, Notification, Policy, Said, StuckTimer, Timer
from models.database import Sessions, why_down

MEETINGS = 20  #: how often a batch gives way to other sweepers before that counts as an error

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class SweepReport:
    """What a sweep did."""

    reminders: int = 0  #: rungs climbed up to and with the deadline
    escalations: int = 0  #: rungs climbed after it
    notifications: int = 0  #: outbox rows written
    superseded: int = 0  #: rungs passed over because a higher one was owed
    empty: int = 0  #: rungs that nobody holds
    failed: int = 0  #: timers set aside with an error
    batches: int = 0
    held: int = 0  #: 1 when somebody held a due timer for too long

    def add(self, rows: BatchRows) -> None:
        """Count what one batch wrote."""
        self.reminders += rows.reminders
        self.escalations += rows.escalations
        self.notifications += len(rows.notifications)
        self.superseded += rows.superseded
        self.empty += rows.empty


def sweep_deadlines(sessions: Sessions, *, moment: Moment, calendar: WorkingCalendar, batch: int = 1000) -> SweepReport:
    """Climb everything owed on `moment.on`; running it again at the same moment does nothing.

    What somebody holds for too long is left to the next sweep.
    """
    report = SweepReport()
    try:
        while _sweep_batch(sessions, moment, calendar, batch, report):
            pass
    except StillHeldError:
        log.warning("somebody holds a measure that is due; it is left to the next sweep")
        report.held = 1
    return report


def _sweep_batch(
    sessions: Sessions, moment: Moment, calendar: WorkingCalendar, batch: int, report: SweepReport
) -> bool:
    """Climb up to `batch` timers in one transaction; return whether there were any."""
    with sessions.begin() as session:
        due = take_due(session, moment.on, batch)
        if not due:
            return False
        report.batches += 1
        books, broken = _books(session, due)
        ground = Ground(grants=read_grants(session), books=books, broken=broken, moment=moment, calendar=calendar)
        try:
            report.add(_climb_apart(session, due, ground))
        except Exception as error:  # noqa: BLE001 - one poisoned row must not hold up the others: find it, row by row
            if down := why_down(error):  # no row is to blame
                raise down from None
            for timer in due:
                _climb_alone(session, timer, ground, report)
        return True


def _books(session: Session, due: Sequence[DueTimer]) -> tuple[dict[int, LadderBook], dict[int, Refusal]]:
    """Return the ladders of the policies that `due` run under, and what is wrong with those that cannot be read."""
    books: dict[int, LadderBook] = {}
    broken: dict[int, Refusal] = {}
    for policy in session.scalars(select(Policy).where(Policy.id.in_({timer.policy for timer in due}))):
        try:
            books[policy.id] = read_policy(policy)[1]
        except Refusal as fault:
            broken[policy.id] = fault
    return books, broken


def _climb_apart(session: Session, due: Sequence[DueTimer], ground: Ground) -> BatchRows:
    """Climb in a savepoint of its own; where another sweeper adds to the same measure's record, once more after it."""
    for _ in range(MEETINGS):
        try:
            with session.begin_nested():
                return _climb(session, due, ground)
        except IntegrityError as error:
            if not met_another_writer(error):
                raise
    with session.begin_nested():
        return _climb(session, due, ground)


def _climb(session: Session, due: Sequence[DueTimer], ground: Ground) -> BatchRows:
    rows = BatchRows()
    for timer in due:
        climb_timer(rows, timer, ground)
    _write(session, rows)
    return rows


def _write(session: Session, rows: BatchRows) -> None:
    """Write a batch: a constant number of statements, however many rows."""
    connection = session.connection()
    if rows.rungs:
        connection.execute(insert(Escalation), rows.rungs)
        append_events(session, sorted(rows.events, key=itemgetter("measure_id")))  # in one order: no deadlock
    if rows.notifications:
        connection.execute(insert(Notification), rows.notifications)
    # In place: an action that waits for this very row must find it again, to take it away.
    connection.execute(
        update(Timer)
        .where(
            and_(
                Timer.fires_on == bindparam("was_on"),
                Timer.measure_id == bindparam("of_measure"),
                Timer.waits_for == bindparam("waiting_for"),
            )
        )
        .values(fires_on=bindparam("next_on"), rung=bindparam("next_rung")),
        rows.timers,
    )


def _climb_alone(session: Session, timer: DueTimer, ground: Ground, report: SweepReport) -> None:
    try:
        report.add(_climb_apart(session, [timer], ground))
    except Exception as error:
        if down := why_down(error):
            raise down from None
        log.exception("timer set aside", extra={"measure": timer.measure, "waits_for": timer.waits_for.value})
        _set_aside(session, timer, f"{type(error).__name__}: {error}"[:500], ground)
        report.failed += 1


def _set_aside(session: Session, timer: DueTimer, error: str, ground: Ground) -> None:
    """Keep the error, tell the coordinators once a day, and look again the next day."""
    moment = ground.moment
    key = f"stuck:{timer.measure}:{timer.waits_for.value}:{moment.on}:"
    told = set(session.scalars(select(Notification.dedup_key).where(Notification.dedup_key.startswith(key))))
    session.add(
        StuckTimer(measure_id=timer.measure, waits_for=timer.waits_for, error=error, on=moment.on, at=moment.at)
    )
    for person in ground.grants.get((Role.COORDINATOR, None), ()):
        if f"{key}{person}" in told:
            continue
        session.add(
            Notification(
                dedup_key=f"{key}{person}",
                round_id=timer.round,
                measure_id=timer.measure,
                person_id=person,
                role=Role.COORDINATOR,
                kind=Notice.STUCK.value,
                slip=Slip.YELLOW,
                waits_for=timer.waits_for,
                deadline_version=timer.deadline_version,
                deadline=timer.deadline,
                data={"error": error},
                on=moment.on,
                created_at=moment.at,
                state=Said.PENDING,
            )
        )
    standing = session.get_one(Timer, (timer.fires_on, timer.measure, timer.waits_for))
    standing.fires_on = moment.on + timedelta(days=1)
    session.flush()

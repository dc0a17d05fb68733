"""The sweep: climbs every rung that is owed, in bounded batches, each its own transaction.

Cost follows what is due, not what exists: due timers are read oldest first from the narrow table of
measures, and then from that of what is no measure (`swept_tables`), judged by the same pure rule, and everything that
follows (rungs, events, outbox rows, the next look) is written in bulk.  A second sweeper, a
crash at any line or a re-run finds rungs claimed by their unique key.  A timer that cannot be handled is set aside
with its error and tried again the next day; the rest go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.actions.append_events import met_another_writer
from engine.actions.climb_rungs import Climbers, Ground, climb_together
from engine.actions.other_timers import sync_others
from engine.actions.policies import read_policy
from engine.actions.swept_tables import MEASURES, OTHERS, SweptTable
from engine.reads.due_timers import DueTimer, StillHeldError
from engine.reads.grants import read_grants
from engine.rules.ladder import LadderBook
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.refusal import Refusal
from engine.rules.vocabulary import Role, Slip
from engine.rules.working_days import WorkingCalendar
from models import Notification, Policy, Said, StuckTimer
from models.database import Sessions
from models.failures import told_by_database, why_down

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

    def add(self, climbers: Iterable[Climbers], notifications: int) -> None:
        """Count what was climbed and said."""
        for some in climbers:
            count = len(some.timers)
            if some.result.rung is not None and some.is_late:
                self.escalations += count
            elif some.result.rung is not None:
                self.reminders += count
            self.superseded += len(some.result.superseded) * count
            self.empty += len(some.result.empty) * count
        self.notifications += notifications


def sweep_deadlines(sessions: Sessions, *, moment: Moment, calendar: WorkingCalendar, batch: int = 2500) -> SweepReport:
    """Climb everything owed on `moment.on`; running it again at the same moment does nothing.

    What somebody holds for too long is left to the next sweep.
    """
    report = SweepReport()
    with sessions.begin() as session:
        sync_others(session, moment=moment, calendar=calendar)
    for table in (MEASURES, OTHERS):
        try:
            is_more = True
            while is_more:
                with sessions.begin() as session:
                    is_more = _sweep_batch(session, table, moment, calendar, batch=batch, report=report)
        except StillHeldError:
            log.warning("somebody holds something that is due; it is left to the next sweep")
            report.held = 1
    return report


def _sweep_batch(
    session: Session, table: SweptTable, moment: Moment, calendar: WorkingCalendar, *, batch: int, report: SweepReport
) -> bool:
    """Climb up to `batch` timers of one table; return whether there were any."""
    due = table.take(session, moment.on, batch)
    if not due:
        return False
    report.batches += 1
    books, broken = _books(session, due)
    ground = Ground(grants=read_grants(session), books=books, broken=broken, moment=moment, calendar=calendar)
    _climb_or_set_aside(session, table, due, ground, report)
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


def _climb_or_set_aside(
    session: Session, table: SweptTable, due: Sequence[DueTimer], ground: Ground, report: SweepReport
) -> None:
    """Climb all of `due`; where that fails, one half and then the other, until the timers to blame stand alone.

    Halves are climbed after the failure, not within it: else each error would drag those before it into the log.
    """
    try:
        report.add(*_climb_apart(session, table, due, ground))
    except Exception as error:  # noqa: BLE001 - whatever it is, the timer to blame is set aside with it
        if down := why_down(error):  # no timer is to blame
            raise down from None
        fault = error
    else:
        return
    if len(due) > 1:
        middle = len(due) // 2
        for half in (due[:middle], due[middle:]):
            _climb_or_set_aside(session, table, half, ground, report)
        return
    about = {"measure": due[0].measure, "waits_for": due[0].waits_for.value}
    log.error("timer set aside", extra=about, exc_info=fault)
    _set_aside(session, table, due[0], told_by_database(fault)[:500], ground)
    report.failed += 1


def _climb_apart(
    session: Session, table: SweptTable, due: Sequence[DueTimer], ground: Ground
) -> tuple[list[Climbers], int]:
    """Climb in a savepoint of its own; where another sweeper adds to the same measure's record, once more after it."""
    for _ in range(MEETINGS):
        try:
            with session.begin_nested():
                return _climb(session, table, due, ground)
        except IntegrityError as error:
            if not met_another_writer(error):
                raise
    with session.begin_nested():
        return _climb(session, table, due, ground)


def _climb(session: Session, table: SweptTable, due: Sequence[DueTimer], ground: Ground) -> tuple[list[Climbers], int]:
    """Write what `due` do today, in bulk; return what they did, and how many notifications that made."""
    climbers = climb_together(due, ground)
    said = table.write(session, [some for some in climbers if some.settled], ground.moment)
    table.look_again(session, climbers)
    return climbers, said


def _set_aside(session: Session, table: SweptTable, timer: DueTimer, error: str, ground: Ground) -> None:
    """Keep the error, tell the coordinators once a day, and look again the next day."""
    moment = ground.moment
    key = f"stuck:{timer.measure}:{timer.waits_for.value}:{moment.on}:"
    told = set(session.scalars(select(Notification.dedup_key).where(Notification.dedup_key.startswith(key))))
    session.add(StuckTimer(**table.about(timer), error=error, on=moment.on, at=moment.at))
    for person in ground.grants.get((Role.COORDINATOR, None), ()):
        if f"{key}{person}" in told:
            continue
        session.add(
            Notification(
                dedup_key=f"{key}{person}",
                round_id=timer.round,
                person_id=person,
                role=Role.COORDINATOR,
                kind=Notice.STUCK.value,
                slip=Slip.YELLOW,
                **table.about(timer),
                deadline_version=timer.deadline_version,
                deadline=timer.deadline,
                data={"error": error},
                on=moment.on,
                created_at=moment.at,
                state=Said.PENDING,
            )
        )
    session.flush()
    which = table.is_one(session, timer.waits_for, [timer.measure])
    table.set_next(session, which, {"fires_on": moment.on + timedelta(days=1)})

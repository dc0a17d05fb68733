"""Brings the timers of tasks, papers and meetings in line with how they stand: the rule `other_waits` says until when.

Called by the actions that change one of them, before they add to the record (a sweeper holds timers first, and then
the record), and by every sweep for all of them: what was open before there were such timers, and a meeting whose day
has come, get theirs there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.actions.desk import Desk
from engine.actions.policies import read_policy
from engine.reads.open_matters import open_matters
from engine.reads.other_waits import STANDS, OtherTold, read_others
from engine.rules.ladder import LadderBook, first_rung
from engine.rules.moment import Moment
from engine.rules.other_waits import SUBJECTS, OpenMatter, Subject, deadline_of
from engine.rules.vocabulary import OtherWait
from engine.rules.working_days import WorkingCalendar
from models import OtherTimer, Policy, Round

Key = tuple[OtherWait, int, int]  #: wait, subject, deadline version

_COLUMNS: dict[Subject, InstrumentedAttribute[int | None]] = {
    Subject.TASK: OtherTimer.decision_id,
    Subject.PAPER: OtherTimer.paper_id,
    Subject.MEETING: OtherTimer.meeting_id,
}


def sync_subject(desk: Desk, subject: Subject, number: int) -> int | None:
    """Bring the timers of one decision, paper or meeting in line; return the number of the one that stands, if any."""
    desk.session.flush()
    sync_others(desk.session, moment=desk.moment, calendar=desk.calendar, only=(subject, number))
    return desk.session.scalar(select(OtherTimer.id).where(_COLUMNS[subject] == number, STANDS))


def sync_others(
    session: Session, *, moment: Moment, calendar: WorkingCalendar, only: tuple[Subject, int] | None = None
) -> None:
    """End the timers of what is over and arm what has none, of one subject or of all: a constant number of statements.

    What comes to be after `moment` is left alone, so that a sweep of an earlier day may come later.
    """
    which: ColumnElement[bool] = true() if only is None else _COLUMNS[only[0]] == only[1]
    # The timers first: what comes to be between the two readings may be armed by both, once, and is not ended.
    standing = {_key_of(one): one.id for one in session.scalars(select(OtherTimer).where(STANDS, which))}
    wanted = {(one.waits_for, one.number, one.version): one for one in open_matters(session, moment.on, only)}
    if over := sorted(number for key, number in standing.items() if key not in wanted):
        session.connection().execute(
            update(OtherTimer)
            .where(OtherTimer.id.in_(over), STANDS, OtherTimer.since <= moment.on)
            .values(ended_on=moment.on)
        )
    if fresh := [one for key, one in wanted.items() if key not in standing]:
        policies = dict(session.execute(select(Round.id, Round.policy_id)).tuples().all())
        books = _books(session, {policies[one.round] for one in fresh})
        _arm(session, [_row(one, policies[one.round], books, moment, calendar) for one in fresh])


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounted:
    """A timer that an edit of the calendar moves: its last working day before and after."""

    told: OtherTold
    old: date
    new: date


def recount_others(
    session: Session, *, before: WorkingCalendar, after: WorkingCalendar, on: date
) -> Iterator[Recounted]:
    """Count the timers that stand anew by another calendar, and yield those whose deadline moves.

    Rungs already climbed stay climbed; what an acknowledgement holds stays held.
    """
    timers = session.scalars(select(OtherTimer).where(STANDS).order_by(OtherTimer.id).with_for_update()).all()
    if not timers:
        return
    wanted = {(one.waits_for, one.number, one.version): one for one in open_matters(session, on)}
    told = {one.timer.measure: one for one in read_others(session, STANDS)}
    books = _books(session, {one.policy_id for one in timers})
    for timer in timers:
        ladder, matter = books[timer.policy_id].ladders[timer.waits_for], wanted.get(_key_of(timer))
        deadline = deadline_of(matter, books[timer.policy_id], after) if matter else timer.deadline
        old, new = before.on_or_after(timer.deadline), after.on_or_after(deadline)
        is_held = timer.fires_on != ladder.planned_on(timer.rung, timer.deadline, before)
        timer.deadline = deadline
        if not is_held:
            timer.fires_on = ladder.planned_on(timer.rung, deadline, after)
        if old != new:
            yield Recounted(told=told[timer.id], old=old, new=new)
    session.flush()


def _books(session: Session, policies: set[int]) -> dict[int, LadderBook]:
    found = session.scalars(select(Policy).where(Policy.id.in_(sorted(policies))))
    return {policy.id: read_policy(policy)[1] for policy in found}


def _key_of(timer: OtherTimer) -> Key:
    number = getattr(timer, _COLUMNS[SUBJECTS[timer.waits_for]].key)
    return timer.waits_for, number, timer.deadline_version


def _row(
    matter: OpenMatter, policy: int, books: Mapping[int, LadderBook], moment: Moment, calendar: WorkingCalendar
) -> dict[str, Any]:
    ladder, deadline = books[policy].ladders[matter.waits_for], deadline_of(matter, books[policy], calendar)
    rung = first_rung(ladder, deadline=deadline, begins_on=moment.on, calendar=calendar)
    return {
        "round_id": matter.round,
        "policy_id": policy,
        "waits_for": matter.waits_for,
        _COLUMNS[SUBJECTS[matter.waits_for]].key: matter.number,
        "since": matter.since,
        "deadline": deadline,
        "deadline_version": matter.version,
        "rung": rung,
        "fires_on": ladder.planned_on(rung, deadline, calendar),
        "ended_on": None,
    }


def _arm(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert timers; one that had ended stands again, and goes on above the rungs that it has climbed."""
    of_subjects: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of_subjects[_COLUMNS[SUBJECTS[row["waits_for"]]].key].append(row)
    insert: Callable[..., Any] = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    for subject, some in sorted(of_subjects.items()):
        fresh = insert(OtherTimer)
        session.connection().execute(
            fresh.on_conflict_do_update(
                index_elements=[subject, "waits_for", "deadline_version"],
                set_={"ended_on": None, "fires_on": fresh.excluded.fires_on},
                where=OtherTimer.ended_on.is_not(None),
            ),
            some,
        )

"""The calendar is edited (a yearly notice, an own day off): deadlines move with it, and it is said so.

The rungs already climbed stay climbed; what is still to come is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, true
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.actions.desk import Desk, find_actor
from engine.actions.fill_calendar import OWN, fill_calendar, hold_calendar
from engine.actions.other_timers import Recounted, recount_others
from engine.actions.policies import read_policy
from engine.actions.timers import hold_timers, wait_facts
from engine.reads.calendar import DAYS_STORED, read_calendar, read_day
from engine.rules.access import only_for
from engine.rules.ladder import LadderBook
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.refusal import NotFound
from engine.rules.text import N_
from engine.rules.vocabulary import AnyWait, Role, Slip, WaitsFor
from engine.rules.waits import waits
from engine.rules.working_days import DayRow, WorkingCalendar
from models import Event, Extension, Measure, Notification, Policy, Ruling, Said, Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDeadline:
    """One deadline that an edit moves."""

    code: str  #: of the measure, or of what else waits (engine.reads.other_waits)
    waits_for: AnyWait
    old: date  #: its last working day before the edit
    new: date


def edit_days(desk: Desk, rows: Sequence[DayRow]) -> tuple[MovedDeadline, ...]:
    """Store days in the name of who sits at the desk; return what moved.  For coordinators.  Raises Refusal."""
    actor = _coordinator(desk)
    return _edit(desk.session, rows, moment=desk.moment, actor=actor)


def withdraw_day(desk: Desk, day: date, *, otherwise: DayRow) -> tuple[MovedDeadline, ...]:
    """Take back an own edit in the name of who sits at the desk, as `take_back` does.  For coordinators."""
    actor = _coordinator(desk)
    return take_back(desk.session, day, otherwise=otherwise, moment=desk.moment, actor=actor)


def take_back(
    session: Session, day: date, *, otherwise: DayRow, moment: Moment, actor: int | None
) -> tuple[MovedDeadline, ...]:
    """Make a day again what lay under the organisation's own edit, or `otherwise` where nothing did.

    Raises NotFound where there is no own edit.
    """
    hold_calendar(session)
    stands = read_day(session, day)
    if stands is None or stands.source != OWN:
        raise NotFound(N_("{day} was not made by the organisation itself", day=day))
    return _edit(session, [stands.under or otherwise], moment=moment, actor=actor, withdrawing=True)


def _coordinator(desk: Desk) -> int:
    actor = find_actor(desk)
    only_for(actor, "edit_calendar", (Role.COORDINATOR,))
    return actor.person


def edit_calendar(session: Session, rows: Iterable[DayRow], *, moment: Moment, actor: int | None) -> int:
    """Store `rows` and move every timer that they concern; return how many deadlines moved.

    A deadline moves when its last working day does: a due date that has become a day off runs to the next working
    day, a counted deadline is counted again.  A ladder that an acknowledgement holds stays held.
    """
    return len(_edit(session, rows, moment=moment, actor=actor))


def _edit(
    session: Session, rows: Iterable[DayRow], *, moment: Moment, actor: int | None, withdrawing: bool = False
) -> tuple[MovedDeadline, ...]:
    hold_calendar(session)
    before = read_calendar(session)
    if not fill_calendar(session, rows, moment=moment, actor=actor, withdrawing=withdrawing):
        return ()
    session.flush()
    after = read_calendar(session)
    books = {policy.id: read_policy(policy)[1] for policy in session.scalars(select(Policy))}
    asked = dict(
        session.execute(select(Extension.measure_id, Extension.requested_on).where(Extension.ruling == Ruling.PENDING))
        .tuples()
        .all()
    )
    edit = session.scalars(select(func.max(Event.id)).where(Event.kind == DAYS_STORED)).one()
    projection = _Projection(before=before, after=after, edit=edit, moment=moment, actor=actor)
    hold_timers(session, true())
    pairs = session.execute(select(Timer, Measure).join(Measure, Measure.id == Timer.measure_id)).tuples()
    for timer, measure in pairs:
        projection.move(timer, measure, books[measure.policy_id], asked.get(measure.id))
    for moved in recount_others(session, before=before, after=after, on=moment.on):
        projection.tell_other(moved)
    session.flush()
    append_events(session, projection.events)
    if projection.notices:
        session.execute(insert(Notification), projection.notices)
    return tuple(projection.moved)


@dataclass(slots=True)
class _Projection:
    before: WorkingCalendar
    after: WorkingCalendar
    edit: int  #: the event of this edit: days may be put to and fro within one moment
    moment: Moment
    actor: int | None
    events: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    moved: list[MovedDeadline] = field(default_factory=list)

    def move(self, timer: Timer, measure: Measure, book: LadderBook, extension_since: Any) -> None:
        """Count one timer anew."""
        ladder = book.ladders[timer.waits_for]
        facts = wait_facts(measure, extension_since)
        wanted = {wait.waits_for: wait.deadline for wait in waits(facts, book, self.after)}
        deadline = wanted.get(timer.waits_for, timer.deadline)
        old, new = self.before.on_or_after(timer.deadline), self.after.on_or_after(deadline)
        is_held = timer.fires_on != ladder.planned_on(timer.rung, timer.deadline, self.before)
        timer.deadline = deadline
        if not is_held:
            timer.fires_on = ladder.planned_on(timer.rung, deadline, self.after)
        if old != new:
            self.moved.append(MovedDeadline(code=measure.code, waits_for=timer.waits_for, old=old, new=new))
            self._say(timer, measure, old.isoformat(), new.isoformat())

    def tell_other(self, moved: Recounted) -> None:
        """Tell a deadline that is no measure's, in the record."""
        told, old, new = moved.told, moved.old.isoformat(), moved.new.isoformat()
        timer = told.timer
        code = str(timer.code)
        self.moved.append(MovedDeadline(code=code, waits_for=timer.waits_for, old=moved.old, new=moved.new))
        data = {"waits_for": timer.waits_for.value, "about": code, "old": old, "new": new}
        self.events.append(
            {
                "round_id": timer.round,
                "kind": "matter:deadline:moved",
                "actor_id": self.actor,
                "on": self.moment.on,
                "at": self.moment.at,
                "data": data,
            }
        )

    def _say(self, timer: Timer, measure: Measure, old: str, new: str) -> None:
        common = {"round_id": measure.round_id, "measure_id": measure.id, "on": self.moment.on}
        data = {"waits_for": timer.waits_for.value, "old": old, "new": new}
        self.events.append(
            {
                **common,
                "kind": "measure:deadline:moved",
                "actor_id": self.actor,
                "at": self.moment.at,
                "from_state": None,
                "to_state": None,
                "data": data,
            }
        )
        if timer.waits_for is WaitsFor.DUE_DATE and measure.owner_id is not None:
            self.notices.append(
                {
                    **common,
                    "dedup_key": f"deadline_moved:{measure.id}:{timer.deadline_version}:{old}:{new}:{self.edit}",
                    "person_id": measure.owner_id,
                    "role": Role.OWNER,
                    "kind": Notice.DEADLINE_MOVED.value,
                    "slip": Slip.REMINDER,
                    "waits_for": timer.waits_for,
                    "deadline_version": timer.deadline_version,
                    "deadline": timer.deadline,
                    "data": data,
                    "created_at": self.moment.at,
                    "state": Said.PENDING,
                    "reason": None,
                    "digest_id": None,
                }
            )

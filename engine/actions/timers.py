"""Brings the timers of measures in line with their facts: the rule `waits` says what there should be.

Set-based: a constant number of statements for any number of measures (in slices that a database accepts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from engine.rules.ladder import LadderBook, first_rung
from engine.rules.moment import Moment
from engine.rules.vocabulary import WaitsFor
from engine.rules.waits import Wait, WaitFacts, waits
from engine.rules.working_days import WorkingCalendar
from models import Escalation, Extension, Measure, Ruling, Timer

Key = tuple[int, WaitsFor, int]  #: measure, wait, deadline version

Thing = TypeVar("Thing")

SLICE = 5000  #: measures per statement; SQLite takes 32,766 parameters at most


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerGround:
    """What timers are armed by."""

    books: Mapping[int, LadderBook]  #: by policy
    calendar: WorkingCalendar
    moment: Moment


def sync_timers(session: Session, measures: Sequence[Measure], ground: TimerGround) -> None:
    """Keep the timers that still hold, remove the others, arm what is new.  Called after every change of a measure."""
    session.flush()  # the measure's version counts this change
    for part in slices(measures):
        _sync(session, part, ground)


def hold_timers(session: Session, which: ColumnElement[bool]) -> None:
    """Lock timers before anything is added to the record of their measures: a sweeper is waited for, or passes by.

    SQLite has one writer, who holds everything.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = (Timer.fires_on, Timer.measure_id, Timer.waits_for)
        session.execute(select(Timer.measure_id).where(which).order_by(*key).with_for_update(of=Timer)).all()


def standing_timer(session: Session, measure: Measure, waits_for: WaitsFor) -> tuple[WaitsFor, int] | None:
    """Return what a notification about this wait is bound to, if the measure waits for it: the wait and its version."""
    version = session.scalar(
        select(Timer.deadline_version).where(Timer.measure_id == measure.id, Timer.waits_for == waits_for)
    )
    return None if version is None else (waits_for, version)


def slices(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    """Yield `things`, such as measures or their ids, in parts that one statement can name."""
    iterator = iter(things)
    while part := list(islice(iterator, SLICE)):
        yield part


def _sync(session: Session, measures: list[Measure], ground: TimerGround) -> None:
    ids = [measure.id for measure in measures]
    asked = dict(
        session.execute(
            select(Extension.measure_id, Extension.requested_on).where(
                Extension.measure_id.in_(ids), Extension.ruling == Ruling.PENDING
            )
        )
        .tuples()
        .all()
    )
    standing = {
        (measure, waits_for): (deadline, version)
        for measure, waits_for, deadline, version in session.execute(
            select(Timer.measure_id, Timer.waits_for, Timer.deadline, Timer.deadline_version).where(
                Timer.measure_id.in_(ids)
            )
        )
    }
    wanted: list[tuple[Measure, Wait]] = []
    for measure in measures:
        facts = wait_facts(measure, asked.get(measure.id))
        for wait in waits(facts, ground.books[measure.policy_id], ground.calendar):
            stands = standing.get((measure.id, wait.waits_for))
            if stands and stands[0] == wait.deadline and _same_version(measure, wait.waits_for, stands[1]):
                del standing[measure.id, wait.waits_for]
            else:
                wanted.append((measure, wait))
    if standing:  # what is left here no longer holds
        gone = and_(Timer.measure_id == bindparam("of_measure"), Timer.waits_for == bindparam("waiting_for"))
        keys = [{"of_measure": measure, "waiting_for": waits_for} for measure, waits_for in standing]
        session.connection().execute(delete(Timer).where(gone), keys)
    if wanted:
        climbed = _climbed(session, [measure for measure, _ in wanted])
        session.execute(insert(Timer), [arm(measure, wait, ground, climbed) for measure, wait in wanted])


def wait_facts(measure: Measure, extension_since: Any) -> WaitFacts:
    """Return what the waits of `measure` follow from."""
    return WaitFacts(
        state=measure.state,
        has_owner=measure.owner_id is not None,
        since=measure.state_since,
        due=measure.due,
        reported_on=measure.reported_on,
        extension_since=extension_since,
    )


def _same_version(measure: Measure, waits_for: WaitsFor, version: int) -> bool:
    """Return whether a timer of this version still counts: a new due date always starts a fresh ladder."""
    return waits_for is not WaitsFor.DUE_DATE or version == measure.deadline_version


def _climbed(session: Session, measures: Sequence[Measure]) -> dict[Key, int]:
    """Return the highest rung that was ever settled of each wait and version of these measures."""
    key = (Escalation.measure_id, Escalation.waits_for, Escalation.deadline_version)
    rows = session.execute(
        select(*key, func.max(Escalation.rung))
        .where(Escalation.measure_id.in_({measure.id for measure in measures}))
        .group_by(*key)
    )
    return {(measure, waits_for, version): rung for measure, waits_for, version, rung in rows}


def arm(measure: Measure, wait: Wait, ground: TimerGround, climbed: Mapping[Key, int]) -> dict[str, object]:
    """Return the row of a new timer.

    The due date counts its own versions; every other wait takes the measure's version, which no earlier wait has.  A
    wait that is taken up again (a submission was returned) goes on above the rungs already `climbed`.
    """
    ladder = ground.books[measure.policy_id].ladders[wait.waits_for]
    version = measure.deadline_version if wait.waits_for is WaitsFor.DUE_DATE else measure.version
    rung = max(
        first_rung(ladder, deadline=wait.deadline, begins_on=ground.moment.on, calendar=ground.calendar),
        climbed.get((measure.id, wait.waits_for, version), -1) + 1,
    )
    return {
        "fires_on": ladder.planned_on(rung, wait.deadline, ground.calendar),
        "measure_id": measure.id,
        "waits_for": wait.waits_for,
        "deadline": wait.deadline,
        "deadline_version": version,
        "rung": rung,
    }

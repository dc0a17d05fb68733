"""Brings the timers of measures in line with their facts: the rule `waits` says what there should be.

Set-based: a constant number of statements for any number of measures (in slices that a database accepts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from engine.rules.ladder import LadderBook, first_rung
from engine.rules.moment import Moment
from engine.rules.vocabulary import WaitsFor
from engine.rules.waits import Wait, WaitFacts, waits
from engine.rules.working_days import WorkingCalendar
from models import Escalation, Extension, Measure, Timer
from models.extension import IS_PENDING
from models.measure import NewMeasure

Key = tuple[int, WaitsFor, int]  #: measure, wait, deadline version

Stands = tuple[int, WaitsFor]  #: measure, wait

Thing = TypeVar("Thing")

SLICE = 5000  #: measures per statement; SQLite takes 32,766 parameters at most


_MEASURES: BindParameter[int] = bindparam("measures", expanding=True)
_ASKED = select(Extension.measure_id, Extension.requested_on).where(Extension.measure_id.in_(_MEASURES), IS_PENDING)
_STANDING = select(Timer.measure_id, Timer.waits_for, Timer.deadline, Timer.deadline_version).where(
    Timer.measure_id.in_(_MEASURES)
)
_DUE_DATE = (Escalation.measure_id, Escalation.waits_for, Escalation.deadline_version)
_CLIMBED = (
    select(*_DUE_DATE, func.max(Escalation.rung))
    .where(Escalation.measure_id.in_(_MEASURES), Escalation.waits_for == WaitsFor.DUE_DATE)
    .group_by(*_DUE_DATE)
)
_REMOVE = delete(Timer).where(
    and_(Timer.measure_id == bindparam("of_measure"), Timer.waits_for == bindparam("waiting_for"))
)
_ARM = insert(Timer)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerGround:
    """What timers are armed by."""

    books: Mapping[int, LadderBook]  #: by policy
    calendar: WorkingCalendar
    moment: Moment


def sync_timers(session: Session, measures: Sequence[Measure], ground: TimerGround) -> None:
    """Read how `measures` stand and bring their timers in line.  Called after a change of many."""
    session.flush()  # the measures' versions count this change
    connection = session.connection()
    for part in slices(measures):
        ids = {"measures": [measure.id for measure in part]}
        asked = dict(connection.execute(_ASKED, ids).tuples().all())
        standing = {
            (row.measure_id, row.waits_for): (row.deadline, row.deadline_version)
            for row in connection.execute(_STANDING, ids)
        }
        bring_in_line(session, part, ground, asked=asked, standing=standing)


def hold_timers(session: Session, which: ColumnElement[bool]) -> None:
    """Lock timers before anything is added to the record of their measures: a sweeper is waited for, or passes by.

    SQLite has one writer, who holds everything.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = (Timer.fires_on, Timer.measure_id, Timer.waits_for)
        session.execute(select(Timer.measure_id).where(which).order_by(*key).with_for_update(of=Timer)).all()


def slices(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    """Yield `things`, such as measures or their ids, in parts that one statement can name."""
    iterator = iter(things)
    while part := list(islice(iterator, SLICE)):
        yield part


def bring_in_line(
    session: Session,
    measures: Sequence[Measure],
    ground: TimerGround,
    *,
    asked: Mapping[int, date],
    standing: Mapping[Stands, tuple[date, int]],
) -> dict[Stands, tuple[date, int]]:
    """Keep the timers that still hold, remove the others, arm what is new; return what stands now.

    `asked` tells when the pending extension of a measure was requested, `standing` the timers that there are: the
    deadline and its version, by measure and wait.  At most a slice of measures, which are flushed and held.
    """
    kept: dict[Stands, tuple[date, int]] = {}
    wanted: list[tuple[Measure, Wait]] = []
    for measure in measures:
        facts = wait_facts(measure, asked.get(measure.id))
        for wait in waits(facts, ground.books[measure.policy_id], ground.calendar):
            key = (measure.id, wait.waits_for)
            stands = standing.get(key)
            if stands and stands[0] == wait.deadline and _same_version(measure, wait.waits_for, stands[1]):
                kept[key] = stands
            else:
                wanted.append((measure, wait))
    connection = session.connection()
    if gone := standing.keys() - kept.keys():
        connection.execute(_REMOVE, [{"of_measure": measure, "waiting_for": wait} for measure, wait in sorted(gone)])
    if not wanted:
        return kept
    climbed = _climbed(connection, [measure for measure, wait in wanted if wait.waits_for is WaitsFor.DUE_DATE])
    armed = [arm(measure, wait, ground, climbed) for measure, wait in wanted]
    connection.execute(_ARM, armed)
    for row in armed:
        kept[row["measure_id"], row["waits_for"]] = row["deadline"], row["deadline_version"]
    return kept


def wait_facts(measure: Measure | NewMeasure, extension_since: Any) -> WaitFacts:
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


def _climbed(connection: Connection, measures: Sequence[Measure]) -> dict[Key, int]:
    """Return the highest rung that was ever settled of each version of the due date of these measures."""
    if not measures:
        return {}
    rows = connection.execute(_CLIMBED, {"measures": [measure.id for measure in measures]})
    return {(measure, waits_for, version): rung for measure, waits_for, version, rung in rows}


def arm(measure: Measure | NewMeasure, wait: Wait, ground: TimerGround, climbed: Mapping[Key, int]) -> dict[str, Any]:
    """Return the row of a new timer.

    The due date counts its own versions; every other wait takes the measure's version, which no earlier wait has.  A
    due date that is waited for again (a submission was returned) goes on above the rungs already `climbed`.
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

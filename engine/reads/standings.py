"""How many measures stand how at any moment: counted in the database, and only what changed later counted by hand.

Counting reads every measure of the round once; what goes through Python are the ways in which they can stand, and the
measures to which something happened since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from engine.reads.rewind import created_later, happened_later, later_changes, on_record
from engine.reads.timings import TIMING_COLUMNS, TIMING_FACTS, TimingReader
from engine.rules.moment import Moment
from engine.rules.progress import OWED, Standing, Standings, is_late, latest_overdue
from engine.rules.vocabulary import State
from engine.rules.working_days import WorkingCalendar
from models import Event, Measure

_m = Measure.__table__.c
Facts = Mapping[str, Any]  #: columns of a measure
Kind = TypeVar("Kind")


def standings_at(session: Session, round_id: int, until: Moment, calendar: WorkingCalendar) -> Standings:
    """Return how many measures stood how at `until`, which its date tells by the calendar.

    As `measures_at` tells them, moments before the import included: a handful of statements.  Measures that somebody
    changes between the statements count as they stood before.
    """
    latest, timings = latest_overdue(until.on, calendar), TimingReader(calendar, until.on)
    is_overdue = and_(_m.state.in_(OWED), func.coalesce(_m.due <= latest, False))
    return count_at(
        session,
        round_id,
        until,
        shown=(_m.finding_id, _m.unit_id, _m.state, _m.owner_id.is_not(None), is_overdue, *TIMING_COLUMNS),
        facts=("finding_id", "unit_id", "state", "owner_id", "due", *TIMING_FACTS),
        kind_of_row=lambda row: Standing._make((*row[:5], timings.of_row(row[2], row[5:]))),
        kind_of=lambda facts: _standing(facts, latest, timings),
    )


def count_at(
    session: Session,
    round_id: int,
    until: Moment,
    *,
    shown: Sequence[ColumnElement[Any]],
    facts: Sequence[str],
    kind_of_row: Callable[[Sequence[Any]], Kind],
    kind_of: Callable[[Facts], Kind],
    where: Sequence[ColumnElement[bool]] = (),
) -> Counter[Kind]:
    """Return how many measures were of which kind at `until`.

    The kind of those to which nothing happened since is made from the columns that are `shown` of them, counted in
    the database; that of the others from their `facts`.  `where` narrows by how measures stand now.
    """
    mine = (_m.round_id == round_id, *where)
    has_happened = select(select(Event.id).where(*happened_later(round_id, until)).exists())
    if not session.scalar(has_happened):  # counting alone is quicker by nearly half
        rows = session.execute(select(*shown, func.count()).where(*mine).group_by(*shown)).all()
        if not session.scalar(has_happened):  # nor while it was counted
            return _summed((kind_of_row(row[:-1]), row[-1]) for row in rows)
    later = _m.id.in_(select(Event.measure_id).where(*happened_later(round_id, until)))
    touched = [case((later, _m[name])) for name in ("id", *facts)]
    query = select(*shown, *touched, func.count()).where(*mine).group_by(*shown, *touched)
    counts, taken_back = Counter[Kind](), dict[int, dict[str, Any]]()
    for row in session.execute(query):  # one statement, so that everybody is in one of the two
        number = row[len(shown)]
        if number is None:
            counts[kind_of_row(row[: len(shown)])] += row[-1]
        else:
            taken_back[number] = dict(zip(facts, row[len(shown) + 1 : -1], strict=True))
    for stood in stood_at(session, round_id, until, taken_back).values():
        counts[kind_of(stood)] += 1
    return counts


def _summed(counts: Iterable[tuple[Kind, int]]) -> Counter[Kind]:
    total = Counter[Kind]()
    for kind, count in counts:
        total[kind] += count
    return total


def stood_at(
    session: Session, round_id: int, until: Moment, touched: dict[int, dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Return by id how measures stood at `until` to which something happened since; without those not there yet."""
    if not touched:
        return {}
    was_there = session.scalar(select(on_record(round_id, until)))
    changes = later_changes(session, round_id, until)
    new = set(created_later(session, round_id, until))
    found = {}
    for number, facts in touched.items():
        if number in new and was_there:
            continue
        found[number] = facts | changes.get(number, {})
        if number in new:
            found[number]["state"] = State.ASSIGNED
    return found


def _standing(facts: Facts, latest: date, timings: TimingReader) -> Standing:
    state: State = facts["state"]
    return Standing(
        finding=facts["finding_id"],
        unit=facts["unit_id"],
        state=state,
        has_owner=facts["owner_id"] is not None,
        is_overdue=is_late(state, facts["due"], latest),
        timings=timings.of_facts(facts),
    )

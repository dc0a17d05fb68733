"""How many measures stand in which state, unit by unit: read from kept counters, and compared with the measures.

Triggers keep the counters (`models.tally`).  Reading them costs as many rows as there are units and states, however
many measures there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, union_all
from sqlalchemy.orm import Session

from engine.rules.vocabulary import State
from models import Measure, Tally


class UnitTally(NamedTuple):
    """How many measures of a unit stand in a state; never zero."""

    unit: int | None  #: None: no unit is responsible yet
    state: State
    measures: int


@dataclass(frozen=True, slots=True)
class Drift:
    """A count that is not what it should be; nothing in Duban can bring this about."""

    round: int
    unit: int | None
    state: State
    kept: int  #: what the counters say
    found: int  #: how many measures there are


_tally, _measure = Tally.__table__.c, Measure.__table__.c
_KEPT = (
    select(_tally.unit_id, _tally.state, func.sum(_tally.measures))
    .where(_tally.round_id == bindparam("round"))
    .group_by(_tally.unit_id, _tally.state)
    .having(func.sum(_tally.measures) != 0)
)


def read_tallies(session: Session, round_id: int) -> list[UnitTally]:
    """Return the counts of a round, in no order: one statement."""
    return list(map(UnitTally._make, session.connection().execute(_KEPT, {"round": round_id}).all()))


def find_drift(session: Session) -> list[Drift]:
    """Count every measure, and return where the counters differ: one statement, which reads a whole index."""
    kept = select(
        _tally.round_id,
        _tally.unit_id,
        _tally.state,
        _tally.measures.label("kept"),
        (_tally.measures * 0).label("found"),
    )
    found = select(
        _measure.round_id,
        _measure.unit_id,
        _measure.state,
        (func.count() * 0).label("kept"),
        func.count().label("found"),
    )
    both = union_all(kept, found.group_by(_measure.unit_id, _measure.round_id, _measure.state)).subquery()
    key = (both.c.round_id, both.c.unit_id, both.c.state)
    sums = func.sum(both.c.kept), func.sum(both.c.found)
    query = select(*key, *sums).group_by(*key).having(sums[0] != sums[1]).order_by(*key)
    return [
        Drift(round_, unit, state, int(kept), int(found)) for round_, unit, state, kept, found in session.execute(query)
    ]

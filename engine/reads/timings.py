"""How late measures were handed in and closed, counted in the database: the dates that tell it, where there are any.

Part of `standings` and `board_counts`.  Most measures were in time: of them no dates are told apart, so that there are
few kinds to count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, or_

from engine.rules.lateness import HANDED_IN, Timing, lateness_of
from engine.rules.vocabulary import State
from engine.rules.working_days import WorkingCalendar
from models import Measure

_m = Measure.__table__.c
_DATES = ("original_due", "due", "handed_in_on", "closed_on")
#: What a count of measures needs of each to tell its timings, beside its state.
TIMING_FACTS = ("original_due", "handed_in_on", "closed_on")
_is_known = and_(_m.state.in_(HANDED_IN), _m.handed_in_on.is_not(None))
_is_closed = _m.state == State.CLOSED
_may_be_late = and_(
    _is_known,
    or_(
        and_(_is_closed, _m.closed_on > _m.original_due),  # so is what was handed in after it
        _m.handed_in_on > _m.due,
    ),
)
#: Whether it was closed, with all days known; and its dates where it may be late.
TIMING_COLUMNS: tuple[ColumnElement[Any], ...] = (
    case((and_(_is_known, _is_closed, _m.original_due.is_not(None)), True), else_=False),
    *(case((_may_be_late, _m[name])) for name in _DATES),
)
_IN_TIME = frozenset({Timing.CLOSED_TIMED, Timing.DONE_IN_TIME})


class _Dates(NamedTuple):
    state: State
    original_due: date | None
    due: date | None
    handed_in_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class TimingReader:
    """Tells timings by the calendar; equal dates are judged once."""

    calendar: WorkingCalendar
    as_of: date
    _judged: dict[_Dates, frozenset[Timing]] = field(default_factory=dict)

    def of_row(self, state: State, row: Any) -> frozenset[Timing]:
        """Return the timings of what `TIMING_COLUMNS` show."""
        is_timed, *dates = row
        if dates[2] is None:  # not handed in after anything
            return _IN_TIME if is_timed else frozenset()
        return self._of(_Dates(state, *dates))

    def of_facts(self, facts: Mapping[str, Any]) -> frozenset[Timing]:
        """Return the timings of a measure's facts."""
        return self._of(_Dates(facts["state"], *(facts[name] for name in _DATES)))

    def _of(self, dates: _Dates) -> frozenset[Timing]:
        if dates not in self._judged:
            found = lateness_of(dates, self.calendar, as_of=self.as_of)
            self._judged[dates] = found.timings if found is not None else frozenset()
        return self._judged[dates]

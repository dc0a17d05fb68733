"""The measures that a leader must see: the longest overdue, and those that were returned most often, with why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.reads.house_at import names_at
from engine.reads.rewind import happened_later
from engine.reads.standings import stood_at
from engine.rules.moment import Moment
from engine.rules.progress import OWED, days_late, is_late, latest_overdue
from engine.rules.vocabulary import OPEN_STATES, Slip, State, WaitsFor
from engine.rules.working_days import WorkingCalendar
from models import Escalation, Event, Extension, Fate, Measure, ProgressReport, Ruling, Verdict, Verification

_m = Measure.__table__.c
_FACTS = (
    "code",
    "text",
    "unit_id",
    "lead_id",
    "owner_id",
    "state",
    "due",
    "original_due",
    "deadline_version",
    "position",
)
_SHOWN = [_m.id, *(_m[name] for name in _FACTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstLine:
    """One measure, and why it stands here."""

    code: str
    text: str
    unit: str | None
    lead: str | None
    owner: str | None
    state: State
    due: date | None
    original_due: date | None
    days_late: int  #: working days; 0: not overdue
    returned: int  #: how often a verifier returned it
    extended: int  #: how often more time was given
    slip: Slip | None  #: the highest that the due date has brought so far
    returned_because: str | None  #: the last verdict's reason
    last_report: str | None  #: what the owner said last


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """Both lists, the worst first."""

    overdue: tuple[WorstLine, ...]
    returned: tuple[WorstLine, ...]  #: open ones


Rows = Mapping[int, Mapping[str, Any]]  #: by measure, its facts


def read_worst(
    session: Session,
    round_id: int,
    until: Moment,
    calendar: WorkingCalendar,
    *,
    where: Sequence[ColumnElement[bool]],
    overdue: int = 10,
    returned: int = 5,
) -> Worst:
    """Return the worst of a round at `until`; `where` narrows by how measures stand now.

    What nothing has happened to since is found along indexes; the rest is taken back by hand.
    """
    mine = (_m.round_id == round_id, *where)
    later = select(Event.measure_id).where(*happened_later(round_id, until))
    rows = session.execute(select(*_SHOWN).where(*mine, _m.id.in_(later)))
    touched = stood_at(session, round_id, until, {row.id: _facts(row) for row in rows})
    untouched = (*mine, _m.id.not_in(later))
    late = _longest(session, untouched, touched, latest_overdue(until.on, calendar), overdue)
    back = _most_returned(session, (*mine, or_(_m.state.in_(OPEN_STATES), _m.id.in_(later))), touched, until, returned)
    words = _Words(session, round_id, until, calendar, {**late, **back})
    return Worst(
        overdue=tuple(words.line(number, facts) for number, facts in late.items()),
        returned=tuple(words.line(number, facts) for number, facts in back.items()),
    )


def _facts(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FACTS}


def _longest(session: Session, where: Sequence[ColumnElement[bool]], touched: Rows, latest: date, most: int) -> Rows:
    """Return what has been overdue for the longest, each state's first along an index."""
    found = {number: facts for number, facts in touched.items() if is_late(facts["state"], facts["due"], latest)}
    for state in OWED:
        query = select(*_SHOWN).where(*where, _m.state == state, _m.due <= latest).order_by(_m.due, _m.id).limit(most)
        found |= {row.id: _facts(row) for row in session.execute(query)}
    return dict(sorted(found.items(), key=lambda one: (one[1]["due"], one[1]["position"]))[:most])


def _most_returned(
    session: Session, where: Sequence[ColumnElement[bool]], touched: Rows, until: Moment, most: int
) -> Rows:
    times = func.count()
    query = (
        select(*_SHOWN, times.label("times"))
        .join_from(Measure, Verification, Verification.measure_id == _m.id)
        .where(*where, Verification.verdict == Verdict.RETURNED, Verification.decided_at <= until.at)
        .group_by(*_SHOWN)
        .order_by(times.desc(), _m.due, _m.id)
    )
    found: dict[int, Mapping[str, Any]] = {}
    for row in session.execute(query):
        facts = touched.get(row.id, _facts(row))
        if facts["state"] in OPEN_STATES:
            found[row.id] = facts
        if len(found) == most:
            break
    return found


class _Words:
    """What is said of the measures that were chosen: read once for all."""

    def __init__(self, session: Session, round_id: int, until: Moment, calendar: WorkingCalendar, chosen: Rows) -> None:
        self._until, self._calendar = until, calendar
        self._units, self._people = names_at(session, round_id, until)
        ids = list(chosen)
        self._returned: dict[int, list[str | None]] = {}
        verdicts = select(Verification.measure_id, Verification.reason).where(
            Verification.measure_id.in_(ids),
            Verification.verdict == Verdict.RETURNED,
            Verification.decided_at <= until.at,
        )
        for number, reason in session.execute(verdicts.order_by(Verification.id)):
            self._returned.setdefault(number, []).append(reason)
        given = select(Extension.measure_id, func.count()).where(
            Extension.measure_id.in_(ids), Extension.ruling == Ruling.APPROVED, Extension.decided_at <= until.at
        )
        self._extended = _pairs(session, given.group_by(Extension.measure_id))
        said = select(ProgressReport.measure_id, ProgressReport.text).where(
            ProgressReport.measure_id.in_(ids), ProgressReport.at <= until.at
        )
        self._said = _pairs(session, said.order_by(ProgressReport.id))  # the last one stays
        self._slips = dict(self._highest(session, chosen))

    def _highest(self, session: Session, chosen: Rows) -> Iterator[tuple[int, Slip]]:
        query = select(Escalation.measure_id, Escalation.deadline_version, Escalation.slip).where(
            Escalation.measure_id.in_(list(chosen)),
            and_(Escalation.waits_for == WaitsFor.DUE_DATE, Escalation.fate == Fate.CLIMBED),
            Escalation.at <= self._until.at,
        )
        for number, version, slip in session.execute(query.order_by(Escalation.rung)):
            if version == chosen[number]["deadline_version"]:
                yield number, slip

    def line(self, number: int, facts: Mapping[str, Any]) -> WorstLine:
        """Return what is shown of one."""
        is_owed = facts["state"] in OWED
        returned = self._returned.get(number, [])
        return WorstLine(
            code=facts["code"],
            text=facts["text"],
            unit=self._units.get(facts["unit_id"]),
            lead=self._people.get(facts["lead_id"]),
            owner=self._people.get(facts["owner_id"]),
            state=facts["state"],
            due=facts["due"],
            original_due=facts["original_due"],
            days_late=days_late(facts["due"], self._until.on, self._calendar) if is_owed else 0,
            returned=len(returned),
            extended=self._extended.get(number, 0),
            slip=self._slips.get(number),
            returned_because=returned[-1] if returned else None,
            last_report=self._said.get(number),
        )


def _pairs(session: Session, query: Select[Any]) -> dict[int, Any]:
    return dict(session.execute(query).tuples().all())

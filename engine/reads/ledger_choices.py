"""What a ledger can be narrowed by: its aspects, units, leaders and lights; and how many stand in each state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session

from engine.reads.ladder_books import read_book
from engine.reads.tallies import read_tallies
from engine.rules.lights import LightSpans, light_spans
from engine.rules.moment import Moment
from engine.rules.progress import OWED, latest_overdue
from engine.rules.sight import Sight
from engine.rules.vocabulary import Level, Role, State, WaitsFor
from engine.rules.working_days import WorkingCalendar
from models import Finding, Measure, Person, RoleGrant, Round, SavedView, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A way to look at a ledger that somebody has kept."""

    id: int
    name: str
    query: str  #: of the page's address


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the page offers."""

    aspects: tuple[tuple[str, str], ...]  #: code and text
    units: tuple[str, ...]  #: names
    leaders: tuple[str, ...]  #: names of those who lead something
    states: dict[State, int] | None  #: how many measures; None: the person does not see them all
    views: tuple[View, ...]  #: the person's own


class Late(NamedTuple):
    """How many measures are overdue."""

    measures: int
    is_more: bool  #: than were counted


MOST_LATE = 1000  #: overdue measures that are counted in each state: an index leads along them
_ROUND: BindParameter[int] = bindparam("round")
_PERSON: BindParameter[int] = bindparam("person")
_ASPECTS = (
    select(Finding.code, Finding.text)
    .where(Finding.round_id == _ROUND, Finding.level == Level.ASPECT)
    .order_by(Finding.position)
)
_UNITS = select(Unit.name).order_by(Unit.id)
_LEADS = select(Measure.id).where(Measure.lead_id == Person.id, Measure.round_id == _ROUND)
_GROUP = select(RoleGrant.person_id).where(RoleGrant.role == Role.LEADING_GROUP)
_LEADERS = select(Person.name).where(or_(Person.id.in_(_GROUP), _LEADS.exists())).order_by(Person.id)
_VIEWS = (
    select(SavedView.id, SavedView.name, SavedView.query)
    .where(SavedView.person_id == _PERSON, SavedView.round_id == _ROUND)
    .order_by(SavedView.name)
)


def read_choices(session: Session, round_id: int, *, person: int, sight: Sight) -> Choices:
    """Return what a person may choose from."""
    connection, asked = session.connection(), {"round": round_id, "person": person}
    aspects = connection.execute(_ASPECTS, {"round": round_id})
    units = connection.scalars(_UNITS)
    leaders = connection.scalars(_LEADERS, {"round": round_id})
    views = connection.execute(_VIEWS, asked)
    counts = None
    if sight.everything:
        counter = Counter[State]()
        for tally in read_tallies(session, round_id):
            counter[tally.state] += tally.measures
        counts = {state: counter[state] for state in State}
    return Choices(
        aspects=tuple((code, text) for code, text in aspects),
        units=tuple(units),
        leaders=tuple(dict.fromkeys(leaders)),
        states=counts,
        views=tuple(View(id=row.id, name=row.name, query=row.query) for row in views),
    )


_LATE = [
    select(
        select(Measure.id)
        .where(Measure.round_id == _ROUND, Measure.state == state, Measure.due <= bindparam("late"))
        .limit(MOST_LATE + 1)
        .subquery()
    )
    for state in OWED
]
_COUNT_LATE = select(func.count()).select_from(union_all(*_LATE).subquery())


def count_late(session: Session, round_id: int, moment: Moment, calendar: WorkingCalendar) -> Late:
    """Return how many measures of a round are overdue: one statement, which reads an index and stops in time."""
    asked = {"round": round_id, "late": latest_overdue(moment.on, calendar)}
    count = session.connection().scalar(_COUNT_LATE, asked) or 0
    return Late(measures=min(count, MOST_LATE), is_more=count > MOST_LATE)


def read_light_spans(session: Session, round_: Round, moment: Moment, calendar: WorkingCalendar) -> LightSpans:
    """Return which due dates have which light today, by the ladder that the round began with."""
    return light_spans(read_book(session, round_.policy_id).ladders[WaitsFor.DUE_DATE], moment.on, calendar)

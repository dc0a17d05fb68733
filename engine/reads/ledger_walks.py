"""The statements behind a page of the ledger: each is built once, and then only bound.

By due date, and in the order of the ledger, there is one walk along an index for each state, and they are merged: so
any choice of states costs what is on the page.  What people own or lead lies in indexes of their own, by due date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Row,
    Select,
    SelectBase,
    Text,
    and_,
    bindparam,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from engine.rules.sight import Sight
from engine.rules.vocabulary import State
from models import CoUnit, Finding, Measure, Person, Unit, Verification

ESCAPE = "\\"  #: before a sign that LIKE would take for any
Key = tuple[Any, int]  #: where a row stands: its due date or position, and its id


class Order(StrEnum):
    """How a ledger is sorted."""

    DUE = "due"  #: by due date; what is open-ended comes last
    LEDGER = "ledger"  #: as it was read in


_measure, _unit = Measure.__table__, Unit.__table__
_lead, _owner = Person.__table__.alias("lead"), Person.__table__.alias("owner")
_m = _measure.c

#: In the order of a line's fields.
LINE_COLUMNS = (
    _m.code,
    _m.text,
    _m.measure_class,
    _m.state,
    _unit.c.name.label("unit"),
    _lead.c.name.label("lead"),
    _owner.c.name.label("owner"),
    _m.due,
    _m.percent,
)


def named(measures: FromClause) -> FromClause:
    """Return measures joined with the names that `LINE_COLUMNS` show."""
    return (
        measures.outerjoin(_unit, _unit.c.id == _m.unit_id)
        .outerjoin(_lead, _lead.c.id == _m.lead_id)
        .outerjoin(_owner, _owner.c.id == _m.owner_id)
    )


_COLUMNS = (*LINE_COLUMNS, _m.id, _m.position)


class Walk(StrEnum):
    """Along which index a page is read."""

    DATED = "dated"  #: by due date
    OPEN_ENDED = "open_ended"  #: what has none, by id
    LEDGER = "ledger"  #: by position


_below = select(Finding.id).where(
    Finding.round_id == bindparam("round"),
    or_(Finding.code == bindparam("finding"), Finding.code.startswith(bindparam("finding_below"))),
)
_searched = bindparam("searched", type_=Text())
#: By field of the filter.
_NARROWS: dict[str, ColumnElement[bool]] = {
    "finding": _m.finding_id.in_(_below),
    "search": or_(_m.text.like(_searched, escape=ESCAPE), _m.code.like(bindparam("code_begins"), escape=ESCAPE)),
    "states": _m.state.in_(bindparam("states", expanding=True)),
    "unit": _m.unit_id == bindparam("unit"),
    "owner": _m.owner_id == bindparam("owner"),
    "lead": _m.lead_id == bindparam("lead"),
    "measure_class": _m.measure_class == bindparam("measure_class"),
    "due_from": _m.due >= bindparam("due_from"),
    "due_until": _m.due <= bindparam("due_until"),
}
_DATES = frozenset({"due_from", "due_until"})
_OF_PEOPLE = frozenset({"owner", "lead", "people"})
_NAMES = _NARROWS.keys() | {"people", "seen_by"}
_units: BindParameter[Any] = bindparam("seen_units", expanding=True)
_people: BindParameter[Any] = bindparam("seen_people", expanding=True)
#: What somebody sees who does not see everything (engine.rules.sight), each along an index.
_SEEN: tuple[ColumnElement[bool], ...] = (
    _m.unit_id.in_(_units),
    _m.owner_id.in_(_people),
    _m.lead_id.in_(_people),
    _m.id.in_(select(CoUnit.measure_id).where(CoUnit.unit_id.in_(_units))),
    _m.id.in_(
        select(Verification.measure_id).where(Verification.verifier_id.in_(_people), Verification.verdict.is_(None))
    ),
)
_FINDING = _OF_PEOPLE | {"unit"}  #: each has an index of its own


def walk_rows(session: Session, order: Order, start: Key | None, asked: Mapping[str, Any]) -> list[Row[Any]]:
    """Return the next rows, as many as `asked`."""
    if order is Order.LEDGER:
        first, number = start or (-1, 0)
        return _walked(session, Walk.LEDGER, {**asked, "first": first, "number": number})
    first, number = start or (date.min, 0)
    rows = []
    if first is not None:
        rows = _walked(session, Walk.DATED, {**asked, "first": first, "number": number})
        number = 0
    left = asked["limit"] - len(rows)
    if left and not asked.keys() & _DATES:
        rows += _walked(session, Walk.OPEN_ENDED, {**asked, "number": number, "limit": left})
    return rows


def _walked(session: Session, along: Walk, asked: Mapping[str, Any]) -> list[Row[Any]]:
    """Return what one statement finds."""
    values, arms = dict(asked), 0
    if not asked.keys() & (_OF_PEOPLE | {"seen_by"}):
        states = values.pop("states", tuple(State))
        values |= {f"state_{place}": state for place, state in enumerate(states)}
        arms = len(states)
    names = frozenset(values.keys() & _NAMES)
    query = _query(along, names, arms)
    return list(session.connection().execute(query, _bound(values)).all())


def _bound(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the statement's places are filled with."""
    bound = dict(values)
    if "seen_by" in bound:
        sight: Sight = bound.pop("seen_by")
        bound |= {"seen_units": sorted(sight.units), "seen_people": sorted(sight.people)}
    if "finding" in bound:
        bound["finding_below"] = f"{bound['finding']}."
    if "search" in bound:
        words = _escaped(bound.pop("search"))
        bound |= {"searched": f"%{words}%", "code_begins": f"{words}%"}
    return bound


def _escaped(words: str) -> str:
    """Return `words` so that LIKE looks for just them."""
    for sign in (ESCAPE, "%", "_"):
        words = words.replace(sign, f"{ESCAPE}{sign}")
    return words


@cache
def _query(along: Walk, names: frozenset[str], states: int) -> Select[Any]:
    """Return the statement for the walk, narrowed by what is named, and in so many states each by itself."""
    narrows = [_m.round_id == bindparam("round"), *(_NARROWS[name] for name in sorted(names & _NARROWS.keys()))]
    arms: list[ColumnElement[bool]] = [_m.state == bindparam(f"state_{place}") for place in range(states)]
    if "people" in names:
        arms = [who.in_(bindparam("people", expanding=True)) for who in (_m.owner_id, _m.lead_id)]
    if "seen_by" in names:  # along their own indexes, unless another one leads to less
        if names & _FINDING:
            narrows.append(or_(*_SEEN))
        else:
            arms = list(_SEEN)
    is_by_ledger = along is Walk.LEDGER
    may_repeat = bool(names & {"people", "seen_by"})
    is_sorted_after = is_by_ledger and bool(names & (_FINDING | {"seen_by"}))
    key: ColumnElement[Any] = _m.position if is_by_ledger else _m.due
    if is_sorted_after:  # no index may lead along the whole ledger, past all that others have
        key = _m.position + 0
    elif len(arms) <= 1:
        return _walk(select(*_COLUMNS).select_from(named(_measure)), along, key, [*narrows, *arms])
    places = select(_m.id, key.label("key"))
    walks = [_walk(places, along, key, [*narrows, arm]) for arm in arms or (true(),)]
    found = _merged(walks, may_repeat=may_repeat).subquery()
    lines = select(*_COLUMNS).select_from(named(found.join(_measure, _m.id == found.c.id)))
    return lines.order_by(found.c.key, found.c.id)


def _merged(walks: Sequence[Select[Any]], *, may_repeat: bool) -> SelectBase:
    """Return the first rows of all walks; one may come twice, to who owns a measure and leads it, too."""
    if len(walks) == 1:
        return walks[0]
    merge = union if may_repeat else union_all
    return merge(*(select(walk.subquery()) for walk in walks)).order_by("key", "id").limit(bindparam("limit"))


def _walk(
    shown: Select[Any], along: Walk, key: ColumnElement[Any], narrows: Sequence[ColumnElement[bool]]
) -> Select[Any]:
    """Return the next rows, as they are `shown`."""
    number = bindparam("number", type_=_m.id.type)
    if along is Walk.OPEN_ENDED:
        start = and_(_m.due.is_(None), _m.id > number)
    else:
        start = tuple_(key, _m.id) > tuple_(bindparam("first", type_=key.type), number)
    return shown.where(*narrows, start).order_by(key, _m.id).limit(bindparam("limit"))

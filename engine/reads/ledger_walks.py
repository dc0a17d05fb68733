"""The statements behind a page of the ledger: each is built once, and then only bound.

By due date, and in the order of the ledger, there is one walk along an index for each state, and they are merged: so
any choice of states costs what is on the page.  Where what is open comes first, the walks of the open states are gone
to their end before those of the settled ones begin.  What people own or lead, and what a unit answers for, lies in
indexes of their own, by due date.

A finding, a class, words of the text and the beginning of a code are looked for among the next measures of the walk:
mostly they fill the page.  Where they do not, and more measures follow, `ledger_gather` takes over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    SelectBase,
    and_,
    bindparam,
    func,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from engine.reads.ledger_gather import gather_rows
from engine.reads.ledger_terms import (
    COLUMNS,
    DATES,
    FIRST_DAY,
    IS_IN_ROUND,
    IS_IN_ROUND_SOMEWHERE,
    OF_PEOPLE,
    SEEN_BESIDES,
    SEEN_OF_PEOPLE,
    SEEN_OF_UNITS,
    TOGETHER,
    Key,
    Order,
    bound,
    is_after,
    is_looked_for,
    key_of,
    named,
    names_in,
    term,
    told_apart,
)
from engine.rules.progress import SETTLED
from engine.rules.vocabulary import OPEN_STATES, State
from models import Measure

NEXT = 1000  #: measures of a walk among which something is looked for

_measure = Measure.__table__
_m = _measure.c


class Walk(StrEnum):
    """Along which index a page is read."""

    DATED = "dated"  #: by due date
    OPEN_ENDED = "open_ended"  #: what has none, by id
    LEDGER = "ledger"  #: by position


class Arm(NamedTuple):
    """One of the walks that are merged."""

    where: ColumnElement[bool]
    leads: bool  #: an index leads along it, in its order; else all of it is sorted
    is_strewn: bool = False  #: over the whole round: no index of the round's leads to it


def walk_rows(session: Session, order: Order, start: Key | None, asked: Mapping[str, Any]) -> list[Row[Any]]:
    """Return the next rows, as many as `asked`."""
    asked = told_apart(session, asked)
    is_looked = any(map(is_looked_for, asked)) and not asked.keys() & (TOGETHER | {"seen_by"})
    if is_looked and asked["limit"] > NEXT:
        return gather_rows(session, order, start, asked)
    rows: list[Row[Any]] = []
    for along, place in _ways(order, start, asked):
        if left := asked["limit"] - len(rows):
            rows += _walked(session, along, {**asked, **place, "limit": left}, is_looked=is_looked)
            if is_looked and len(rows) < asked["limit"] and _goes_on(session, along, {**asked, **place}):
                return gather_rows(session, order, start, asked)
    return rows


def _ways(order: Order, start: Key | None, asked: Mapping[str, Any]) -> Iterator[tuple[Walk, dict[str, Any]]]:
    """Yield what is walked along, one after the other, from where on, and in which states where not in all asked."""
    if order is Order.OPEN:
        is_settled = start is not None and start.is_settled
        for stage in (SETTLED,) if is_settled else (OPEN_STATES, SETTLED):
            if states := stage & asked.get("states", stage):
                place = start if is_settled == (stage is SETTLED) else None
                for along, found in _ways(Order.DUE, place, asked):
                    yield along, {**found, "states": states}
        return
    if order is Order.LEDGER:
        first, number = (start.first, start.number) if start else (-1, 0)
        yield Walk.LEDGER, {"first": first, "number": number}
        return
    first, number = (start.first, start.number) if start else (FIRST_DAY, 0)
    if first is not None:
        yield Walk.DATED, {"first": first, "number": number}
        number = 0
    if not asked.keys() & DATES:
        yield Walk.OPEN_ENDED, {"number": number}


def _walked(session: Session, along: Walk, asked: Mapping[str, Any], *, is_looked: bool) -> list[Row[Any]]:
    """Return what one statement finds."""
    values, states = _by_state(asked)
    names = names_in(values)
    query = (_looking if is_looked else _query)(along, names, states)
    return list(session.connection().execute(query, bound({**values, "next": NEXT})).all())


def _goes_on(session: Session, along: Walk, asked: Mapping[str, Any]) -> bool:
    """Return whether more measures follow than those among which was looked."""
    values, states = _by_state(asked)
    query = _next_places(along, frozenset(name for name in names_in(values) if not is_looked_for(name)), states)
    count = session.connection().scalar(select(func.count()).select_from(query), bound({**values, "next": NEXT}))
    return count == NEXT


def _by_state(asked: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Return what is asked, and in how many states each by itself."""
    values = dict(asked)
    if values.keys() & OF_PEOPLE:
        return values, 0
    states = values["states"] if "seen_by" in values and "states" in values else values.pop("states", tuple(State))
    values |= {f"state_{place}": state for place, state in enumerate(states)}
    return values, len(states)


@cache
def _query(along: Walk, names: frozenset[str], states: int) -> Select[Any]:
    """Return the statement for the walk, narrowed by what is named, and in so many states each by itself."""
    arms, narrows = _arms(along, names, states)
    if len(arms) == 1 and arms[0].leads:
        return _walk(select(*COLUMNS).select_from(named(_measure)), along, arms[0], narrows)
    found = _places(along, names, states, bindparam("limit")).subquery()
    lines = select(*COLUMNS).select_from(named(found.join(_measure, _m.id == found.c.id)))
    return lines.order_by(found.c.key, found.c.id)


@cache
def _looking(along: Walk, names: frozenset[str], states: int) -> Select[Any]:
    """Return the statement that looks among the next measures of the walk."""
    looked = [name for name in sorted(names) if is_looked_for(name)]
    found = _next_places(along, names.difference(looked), states)
    lines = select(*COLUMNS).select_from(named(found.join(_measure, _m.id == found.c.id)))
    return lines.where(*map(term, looked)).order_by(found.c.key, found.c.id).limit(bindparam("limit"))


@cache
def _next_places(along: Walk, names: frozenset[str], states: int) -> FromClause:
    return _places(along, names, states, bindparam("next")).subquery()


def _arms(along: Walk, names: frozenset[str], states: int) -> tuple[list[Arm], list[ColumnElement[bool]]]:
    """Return the walks that are merged, and what narrows each of them."""
    is_led = along is not Walk.LEDGER
    each = [_m.state == bindparam(f"state_{place}") for place in range(states)]
    is_sight_all = "seen_by" in names and not names & TOGETHER
    narrows = [term(name) for name in sorted(names - {"people"} - ({"seen_by", "states"} if is_sight_all else set()))]
    if is_sight_all:
        beside = term("states") if "states" in names else true()
        arms = [Arm(and_(SEEN_OF_UNITS, state), is_led) for state in each]
        arms += [Arm(and_(seen, beside), is_led) for seen in SEEN_OF_PEOPLE]
        return [*arms, *(Arm(and_(seen, beside), leads=False, is_strewn=True) for seen in SEEN_BESIDES)], narrows
    if "people" in names:
        of_people = (who.in_(bindparam("people", expanding=True)) for who in (_m.owner_id, _m.lead_id))
        return [Arm(whose, is_led) for whose in of_people], narrows
    return [Arm(state, is_led or not names & TOGETHER) for state in each or (true(),)], narrows


def _places(along: Walk, names: frozenset[str], states: int, limit: ColumnElement[Any]) -> SelectBase:
    """Return where the first rows of all walks are; one may come twice, to who owns a measure and leads it, too."""
    arms, narrows = _arms(along, names, states)
    walks = [_walk(select(_m.id, _key(along, arm).label("key")), along, arm, narrows, limit) for arm in arms]
    if len(walks) == 1:
        return walks[0]
    merge = union if names & {"people", "seen_by"} else union_all
    return merge(*(select(walk.subquery()) for walk in walks)).order_by("key", "id").limit(limit)


def _key(along: Walk, arm: Arm) -> ColumnElement[Any]:
    return key_of(Order.LEDGER if along is Walk.LEDGER else Order.DUE, leads=arm.leads)


def _walk(
    shown: Select[Any],
    along: Walk,
    arm: Arm,
    narrows: Sequence[ColumnElement[bool]],
    limit: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """Return the next rows of one walk, as they are `shown`."""
    key = _key(along, arm)
    if along is Walk.OPEN_ENDED:
        start = and_(_m.due.is_(None), _m.id > bindparam("number", type_=_m.id.type))
    else:
        start = is_after(key)
    in_round = IS_IN_ROUND_SOMEWHERE if arm.is_strewn else IS_IN_ROUND
    where = shown.where(in_round, *narrows, arm.where, start)
    return where.order_by(key, _m.id).limit(bindparam("limit") if limit is None else limit)

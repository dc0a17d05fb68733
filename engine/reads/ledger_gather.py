"""The measures of a ledger that fit, gathered from all of it and then sorted: where walking along it finds too few.

What is looked for lies together (a finding, the beginning of a code), or everything is read once from beginning to end
(words, a class): a second for a million measures, since a database reads in its own order several times as fast as in
that of an index.  An index of neighbouring signs would find words in a millisecond, and make imports dearer, on
PostgreSQL by half and more: docs/performance.md has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from engine.reads.ledger_terms import (
    COLUMNS,
    FIRST_DAY,
    IS_IN_ROUND_SOMEWHERE,
    Key,
    Order,
    bound,
    gathered_term,
    is_after,
    key_of,
    named,
    names_in,
)
from engine.rules.progress import SETTLED
from models import Measure

_measure = Measure.__table__
_m = _measure.c


def gather_rows(session: Session, order: Order, start: Key | None, asked: Mapping[str, Any]) -> list[Row[Any]]:
    """Return the next rows, as many as `asked`, in the order of a walk."""
    first, number, is_settled = start or Key(-1 if order is Order.LEDGER else FIRST_DAY, 0)
    query = _gathered(order, names_in(asked), is_dated=first is not None, is_settled=is_settled)
    return list(session.connection().execute(query, bound({**asked, "first": first, "number": number})).all())


@cache
def _gathered(order: Order, names: frozenset[str], *, is_dated: bool, is_settled: bool) -> Select[Any]:
    key = key_of(order, leads=False)
    start: ColumnElement[bool] = is_after(key)
    by: tuple[ColumnElement[Any], ...] = (key, _m.id)
    if order is not Order.LEDGER:
        is_open = _m.due.is_(None)
        start = or_(is_open, start) if is_dated else and_(is_open, _m.id > bindparam("number", type_=_m.id.type))
        by = (is_open, *by)
    if order is Order.OPEN:
        settled = _m.state.in_(SETTLED)
        start = and_(settled, start) if is_settled else or_(settled, start)
        by = (settled, *by)
    narrows = (gathered_term(name) for name in sorted(names))
    places = select(_m.id).where(IS_IN_ROUND_SOMEWHERE, *narrows, start).order_by(*by).limit(bindparam("limit"))
    lines = select(*COLUMNS).select_from(named(_measure)).where(_m.id.in_(select(places.subquery().c.id)))
    return lines.order_by(*by)

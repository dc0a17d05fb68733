"""What a ledger is narrowed by, as conditions of a query; and what fills their places.

Stands behind `ledger_walks` and `ledger_gather`.  Each condition is built once, by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, FromClause, Text, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from engine.rules.sight import Sight
from models import CoUnit, Finding, Measure, Person, Unit, Verification

ESCAPE = "\\"  #: before a sign that LIKE would take for any
FIRST_DAY = date.min  #: comes before every due date
LAST_SIGN = "\U0010ffff"  #: comes after every other
MOST_WORDS = 10  #: looked for one by one; the rest counts as one
WORD = "word_"  #: before the number of a word that is searched for


class Order(StrEnum):
    """How a ledger is sorted."""

    DUE = "due"  #: by due date; what is open-ended comes last
    LEDGER = "ledger"  #: as it was read in
    OPEN = "open"  #: what is still open first, then what is settled; both by due date


class Key(NamedTuple):
    """Where a row stands in an order."""

    first: Any  #: its due date or position
    number: int  #: its id
    is_settled: bool = False  #: told only where what is open comes first


_measure, _unit = Measure.__table__, Unit.__table__
_lead, _owner = Person.__table__.alias("lead"), Person.__table__.alias("owner")
_finding = Finding.__table__.alias("mended")
_m = _measure.c
IS_IN_ROUND = _m.round_id == bindparam("round")
#: The same, but no index leads along the round.
IS_IN_ROUND_SOMEWHERE = _m.round_id + 0 == bindparam("round")

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
    _finding.c.code.label("finding"),
    _m.original_due,
    _m.handed_in_on,
    _m.closed_on,
)
COLUMNS = (*LINE_COLUMNS, _m.id, _m.position)


def named(measures: FromClause) -> FromClause:
    """Return measures joined with the names that `LINE_COLUMNS` show."""
    return (
        measures.outerjoin(_unit, _unit.c.id == _m.unit_id)
        .outerjoin(_lead, _lead.c.id == _m.lead_id)
        .outerjoin(_owner, _owner.c.id == _m.owner_id)
        .outerjoin(_finding, _finding.c.id == _m.finding_id)
    )


_below = select(Finding.id).where(
    Finding.round_id == bindparam("round"),
    or_(Finding.code == bindparam("finding"), Finding.code.like(bindparam("finding_below"), escape=ESCAPE)),
)
_begins = and_(_m.code >= bindparam("code"), _m.code <= bindparam("code_until"))
_coded = select(Measure.id).where(IS_IN_ROUND, _begins)
_units: BindParameter[int] = bindparam("seen_units", expanding=True)
_people: BindParameter[int] = bindparam("seen_people", expanding=True)

#: What somebody sees who does not see everything (engine.rules.sight), by how it is found.
SEEN_OF_UNITS = _m.unit_id.in_(_units)
SEEN_OF_PEOPLE = (_m.owner_id.in_(_people), _m.lead_id.in_(_people))
SEEN_BESIDES = (
    _m.id.in_(select(CoUnit.measure_id).where(CoUnit.unit_id.in_(_units))),
    _m.id.in_(
        select(Verification.measure_id).where(Verification.verifier_id.in_(_people), Verification.verdict.is_(None))
    ),
)
_SEEN = or_(SEEN_OF_UNITS, *SEEN_OF_PEOPLE, *SEEN_BESIDES)

DATES = frozenset({"due_from", "due_until"})
OF_PEOPLE = frozenset({"owners", "leads", "people"})
#: What lies together in an index of its own.
TOGETHER = OF_PEOPLE | {"unit"}
#: Along these no index leads; see `is_looked_for`.
_LOOKED_FOR = frozenset({"finding", "measure_class", "code"})
_TERMS: dict[str, ColumnElement[bool]] = {
    "states": _m.state.in_(bindparam("states", expanding=True)),
    "unit": _m.unit_id == bindparam("unit"),
    "owners": _m.owner_id.in_(bindparam("owners", expanding=True)),
    "leads": _m.lead_id.in_(bindparam("leads", expanding=True)),
    "due_from": _m.due >= bindparam("due_from"),
    "due_until": _m.due <= bindparam("due_until"),
    "finding": _m.finding_id.in_(_below),
    "measure_class": _m.measure_class == bindparam("measure_class"),
    "code": _begins,
    "seen_by": _SEEN,
}
_OTHERWISE = {"people", "seen_by"}  #: made of several walks


def is_looked_for(name: str) -> bool:
    """Return whether each measure has to be looked at for this, whatever index leads to it."""
    return name in _LOOKED_FOR or name.startswith(WORD)


def names_in(asked: Iterable[str]) -> frozenset[str]:
    """Return which of what is asked narrows the list."""
    return frozenset(name for name in asked if name in _TERMS or name in _OTHERWISE or name.startswith(WORD))


def term(name: str) -> ColumnElement[bool]:
    """Return the condition of this name."""
    if name.startswith(WORD):
        return _m.text.like(bindparam(name, type_=Text()), escape=ESCAPE)
    return _TERMS[name]


def gathered_term(name: str) -> ColumnElement[bool]:
    """Return the condition of this name where no walk finds the measures: then codes have their own index."""
    return _m.id.in_(_coded) if name == "code" else term(name)


def is_after(key: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a measure comes after (`first`, `number`) in the order of `key` and id."""
    number = bindparam("number", type_=_m.id.type)
    return tuple_(key, _m.id) > tuple_(bindparam("first", type_=key.type), number)


def key_of(order: Order, *, leads: bool = True) -> ColumnElement[Any]:
    """Return what is sorted by; unless it `leads`, no index is walked along for it."""
    if order is Order.LEDGER:
        return _m.position if leads else _m.position + 0
    return _m.due if leads else func.coalesce(_m.due, _m.due)


def bound(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the places of the conditions are filled with."""
    filled = dict(values)
    if (sight := filled.pop("seen_by", None)) is not None:
        assert isinstance(sight, Sight)
        filled |= {"seen_units": sorted(sight.units), "seen_people": sorted(sight.people)}
    if "finding" in filled:
        filled["finding_below"] = f"{_escaped(filled['finding'])}.%"
    if "code" in filled:
        filled["code_until"] = filled["code"] + LAST_SIGN
    for name in filled:
        if name.startswith(WORD):
            filled[name] = f"%{_escaped(filled[name])}%"
    return filled


def _escaped(words: str) -> str:
    """Return `words` so that LIKE looks for just them."""
    for sign in (ESCAPE, "%", "_"):
        words = words.replace(sign, f"{ESCAPE}{sign}")
    return words


_IS_CODE = select(Measure.id).where(IS_IN_ROUND, _begins).limit(1)
_IS_CODE_SEEN = _IS_CODE.where(_SEEN)


def told_apart(session: Session, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked, with `search` told apart: the beginning of a code, or else words of the text."""
    apart = dict(asked)
    words = apart.pop("search", "").split(maxsplit=MOST_WORDS - 1)
    if len(words) == 1:
        query = _IS_CODE_SEEN if "seen_by" in asked else _IS_CODE
        places = {"round": asked["round"], "code": words[0]} | {k: v for k, v in asked.items() if k == "seen_by"}
        if session.connection().scalar(query, bound(places)) is not None:
            return apart | {"code": words[0]}
    return apart | {f"{WORD}{number}": word for number, word in enumerate(words)}

"""Read the names on record, and the measures that number parts of their own.

Called when ledgers are read: a cell that names one of them as a whole is not taken apart.
"""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Measure, Person, Unit

#: A second mark of any kind of numbering: without one a text numbers nothing.
_SECOND = ("%2%", "%二%", "%②%")


def known_names(session: Session) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return the units, the people by name and code, and the measures' texts without spaces."""
    units = frozenset(session.scalars(select(Unit.name)))
    people = frozenset(name for pair in session.execute(select(Person.name, Person.code)).tuples() for name in pair)
    numbered = session.scalars(select(Measure.text).where(or_(*(Measure.text.like(mark) for mark in _SECOND))))
    return units, people, frozenset("".join(text.split()) for text in numbered)

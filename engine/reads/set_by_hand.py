"""What coordinators have set by hand on the pages: an import that says otherwise leaves it alone.  From the record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.house_at import NEW
from engine.rules.vocabulary import Role
from models import Event

GRANTED, REVOKED = "person:role:grant", "person:role:revoke"
CREATED = ("person:record:create", "unit:record:create")
UPDATED = ("person:record:update", "unit:record:update")
#: By table: the columns that an import could set otherwise.
WHOLE: Mapping[str, frozenset[str]] = {
    "people": frozenset({"name", "unit_id", "email", "language"}),
    "units": frozenset({"kind", "parent_id"}),
}
#: By table: the column that an import finds a row again by.
KEYS = {"people": "code", "units": "name"}

Grant = tuple[int, Role, int | None]  #: person, role, unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SetByHand:
    """What an import leaves alone."""

    columns: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))  #: by table and id
    revoked: set[Grant] = field(default_factory=set)  #: roles that were taken away, and not given again
    former: dict[str, dict[str, int]] = field(default_factory=lambda: {"people": {}, "units": {}})
    #: by table: what a row was called before → its id

    def holds(self, table: str, number: int, column: str) -> bool:
        """Return whether this column of a row was set by hand."""
        return column in self.columns.get((table, number), ())


def read_set_by_hand(session: Session) -> SetByHand:
    """Return what was set by hand so far: one statement."""
    kinds = (GRANTED, REVOKED, *CREATED, *UPDATED)
    query = select(Event.kind, Event.data, Event.changed).where(Event.measure_id.is_(None), Event.kind.in_(kinds))
    found = SetByHand()
    for kind, data, changed in session.execute(query.order_by(Event.seq)).tuples():
        if kind in CREATED:
            for table, number in (changed or {})[NEW].items():
                found.columns[table, number] |= WHOLE[table]
        elif kind in UPDATED:
            _take_up(found, changed or {})
        else:
            person, role, unit = data["grant"]
            change = found.revoked.add if kind == REVOKED else found.revoked.discard
            change((person, Role(role), unit))
    return found


def _take_up(found: SetByHand, changed: Mapping[str, Any]) -> None:
    for table, rows in changed.items():
        for number, columns in rows.items():
            found.columns[table, int(number)] |= columns.keys() & WHOLE[table]
            if KEYS[table] in columns:
                found.former[table][columns[KEYS[table]][0]] = int(number)

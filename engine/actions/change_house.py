"""What changing people and units by hand has in common: who may, the lock, and an event that tells what changed.

An import that comes later leaves alone what was set here (`engine.reads.set_by_hand`), and any past moment can be told
from the record (`engine.reads.house_at`): both read these events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.actions.desk import Desk, find_actor
from engine.reads.house_at import read_people_facts, read_units
from engine.rules.access import Actor, only_for
from engine.rules.ledger_layout import MAX_NAME, clean_text
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from models import Person, Unit
from models.facts import changes_between

READERS = {"people": read_people_facts, "units": read_units}


def coordinator(desk: Desk, action: str) -> Actor:
    """Return who acts; refuse everybody but coordinators and their substitutes.  Raises NotAllowed."""
    actor = find_actor(desk)
    only_for(actor, action, (Role.COORDINATOR,))
    return actor


def lock_person(session: Session, code: str) -> Person:
    """Return the person with this very code, held until the transaction ends.  Raises NotFound."""
    found = session.scalar(select(Person).where(Person.code == code).with_for_update(key_share=True))
    if found is None:
        raise NotFound(N_("there is no person {who}", who=code))
    return found


def lock_unit(session: Session, name: str) -> Unit:
    """Return the unit with this name, held until the transaction ends.  Raises NotFound."""
    found = session.scalar(select(Unit).where(Unit.name == name).with_for_update(key_share=True))
    if found is None:
        raise _no_unit(name)
    return found


def find_unit(session: Session, name: str) -> Unit:
    """Return the unit with this name.  Raises NotFound."""
    found = session.scalar(select(Unit).where(Unit.name == name))
    if found is None:
        raise _no_unit(name)
    return found


def _no_unit(name: str) -> NotFound:
    return NotFound(N_("there is no unit {name}", name=name))


def one_line(value: str, what: Text, *, longest: int = MAX_NAME) -> str:
    """Return a name as it is kept.  Raises NotReady where it is empty, too long, or more than a line."""
    name = clean_text(value)
    if not name or "\n" in name:
        raise NotReady(N_("{what}: one line of text was expected", what=what))
    if len(name) > longest:
        raise NotReady(N_("{what}: at most {longest} characters were expected", what=what, longest=longest))
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """One person or unit as it stood before a change."""

    table: str  #: people or units
    number: int
    facts: dict[str, Any]  #: what the record accounts for


def look(session: Session, table: str, number: int) -> Before:
    """Return how a person or unit stands now."""
    session.flush()
    return Before(table=table, number=number, facts=READERS[table](session, only=number)[number])


def changes_since(session: Session, before: Before) -> dict[str, Any] | None:
    """Return what has changed of a person or unit, as `tell` wants it; None when nothing has."""
    now = look(session, before.table, before.number)
    changed = changes_between(before.facts, now.facts)
    return {before.table: {str(before.number): changed}} if changed else None


def tell(desk: Desk, kind: str, actor: Actor, changed: dict[str, Any] | None, **data: Any) -> None:
    """Record a change of the house; `changed` is what `house_at` takes back."""
    event = {"kind": kind, "actor_id": actor.person, "on": desk.moment.on, "at": desk.moment.at}
    append_events(desk.session, [{**event, "data": data, "changed": changed}])


def is_free(session: Session, column: Any, value: str, *, but: int | None = None) -> bool:
    """Return whether nobody but the row `but` has this code or name."""
    table = column.class_
    query = select(func.count()).select_from(table).where(column == value)
    return not session.scalar(query if but is None else query.where(table.id != but))

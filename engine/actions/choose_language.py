"""Somebody chooses the language of their own pages and mails; an import that comes later leaves it alone."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.change_house import changes_since, lock_person, look, tell
from engine.actions.desk import Desk, find_actor
from engine.rules.ledger_layout import LANGUAGE_WORDS
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from models import Person


def choose_language(desk: Desk, language: str | None) -> None:
    """Set one's own language; None: that of the house.  Raises NotReady for one that is not known."""
    if language is not None and language not in LANGUAGE_WORDS:
        raise NotReady(N_("the language {language} is not known", language=language))
    actor = find_actor(desk)
    code = desk.session.scalars(select(Person.code).where(Person.id == actor.person)).one()
    person = lock_person(desk.session, code)
    before = look(desk.session, "people", person.id)
    person.language = language
    changed = changes_since(desk.session, before)
    if changed:
        tell(desk, "person:record:update", actor, changed, person=person.code)

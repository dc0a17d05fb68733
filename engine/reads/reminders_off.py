"""Who wants no mail that holds reminders alone; and whose link says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.refusal import NotFound
from engine.rules.reminder_mails import is_unsubscribe_signed, read_unsubscribe
from engine.rules.text import N_
from models import MailKey, Person, RemindersOff


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeLink:
    """A link that is good."""

    person: int
    code: str  #: sign-in name
    name: str
    is_off: bool  #: reminders come by mail no more


def with_reminders_off(session: Session, people: Collection[int]) -> frozenset[int]:
    """Return who of `people` wants no such mail."""
    if not people:
        return frozenset()
    return frozenset(session.scalars(select(RemindersOff.person_id).where(RemindersOff.person_id.in_(people))))


def open_unsubscribe(session: Session, token: str) -> UnsubscribeLink:
    """Return whose link it is, and what they have chosen.  Raises NotFound for one that is not good."""
    gone = NotFound(N_("this link is not good any more; sign in instead"))
    number = read_unsubscribe(token)
    if number is None:
        raise gone
    row = session.execute(
        select(MailKey.key, Person.code, Person.name, RemindersOff.id)
        .select_from(Person)
        .join(MailKey, MailKey.person_id == Person.id)
        .outerjoin(RemindersOff, RemindersOff.person_id == Person.id)
        .where(Person.id == number)
    ).one_or_none()
    if row is None or not is_unsubscribe_signed(token, row[0]):
        raise gone
    _, code, name, chosen = row
    return UnsubscribeLink(person=number, code=code, name=name, is_off=chosen is not None)

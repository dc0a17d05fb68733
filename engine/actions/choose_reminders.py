"""Somebody chooses whether reminders come by mail: on their own page, or with the link that such mails carry.

What they cannot do without comes by mail whatever they choose (`engine.rules.reminder_mails`).
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.actions.desk import Desk, find_actor
from engine.reads.reminders_off import UnsubscribeLink, open_unsubscribe
from engine.rules.moment import Moment
from models import Person, RemindersOff


def choose_reminders(desk: Desk, *, by_mail: bool) -> None:
    """Choose for oneself; to choose the same again changes nothing."""
    _choose(desk.session, find_actor(desk).person, desk.moment, by_mail=by_mail, how="page")


def choose_reminders_by_link(session: Session, token: str, moment: Moment, *, by_mail: bool) -> UnsubscribeLink:
    """Choose for the person of a link, who need not be signed in.  Raises NotFound for a link that is not good."""
    found = open_unsubscribe(session, token)
    _choose(session, found.person, moment, by_mail=by_mail, how="link")
    return open_unsubscribe(session, token)


def _choose(session: Session, number: int, moment: Moment, *, by_mail: bool, how: str) -> None:
    # Held until the end: a mail program that presses twice writes one row.
    person = session.scalars(select(Person).where(Person.id == number).with_for_update(key_share=True)).one()
    mine = RemindersOff.person_id == number
    if (session.scalar(select(RemindersOff.id).where(mine)) is None) is by_mail:
        return
    if by_mail:
        session.execute(delete(RemindersOff).where(mine))
    else:
        session.add(RemindersOff(person_id=number, how=how, since_at=moment.at))
    kind = "account:reminders:on" if by_mail else "account:reminders:off"
    event = {"kind": kind, "actor_id": number, "on": moment.on, "at": moment.at}
    append_events(session, [{**event, "data": {"person": person.code, "how": how}}])

"""Somebody has forgotten their password and asks for a link, without being signed in.

Whoever asks learns nothing: neither whether there is such a person, nor where the link goes.  The link is a secret, so
it never comes into the outbox, whose texts are kept: the caller sends it at once, and only its digest is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.actions.count_attempts import count_attempt
from engine.actions.desk import one_request
from engine.actions.invite_person import make_link
from engine.actions.outbox import add_notifications, outbox_row
from engine.reads.people_names import find_signing_in
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role
from models import AccountLink, Person, RoleGrant
from models.database import Sessions

VALID_FOR = timedelta(hours=1)
ANOTHER_AFTER = timedelta(minutes=1)  #: until then the link that is on its way is the answer to a second click


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkToSend:
    """A link that is to be sent to its person, and to nobody else."""

    secret: str
    code: str  #: sign-in name
    name: str
    address: str  #: e-mail
    language: str | None


def count_asking(sessions: Sessions, *, who: str, source: str, moment: Moment) -> None:
    """Count that somebody at the address `source` asks for a link, whether or not there is such a person.

    Raises TooSoon when it is asked too often.
    """
    subjects = {"ask": f"ask:{who.strip().lower()[:120]}", "asking": f"asking:{source}"}
    with one_request(sessions) as session:
        count_attempt(session, subjects, moment)


def ask_link(
    sessions: Sessions, *, who: str, moment: Moment, by_mail: bool, tell_coordinator: bool
) -> LinkToSend | None:
    """Return the link that is to be sent to whom `who` names.

    None: there is nobody, no mail reaches them, or a link is on its way already.

    `by_mail`: mail can be sent to people from here.  Where it does not reach the person, and in any case with
    `tell_coordinator`, the coordinators hear, once a day, that they should pass a link on.
    """
    with one_request(sessions) as session:
        number = find_signing_in(session, who)
        if number is None:
            return None
        person = session.get_one(Person, number, with_for_update={"key_share": True})  # of two clicks, one goes first
        address = person.email if by_mail else None
        if address is None or tell_coordinator:
            key = f"{person.id}:{moment.on.isoformat()}"
            coordinators = select(RoleGrant.person_id).where(RoleGrant.role == Role.COORDINATOR).distinct()
            rows = [
                outbox_row(
                    one,
                    Notice.LINK_WANTED,
                    role=Role.COORDINATOR,
                    key=key,
                    moment=moment,
                    measure=None,
                    about=None,
                    data={"person": person.name, "code": person.code},
                )
                for one in session.scalars(coordinators.order_by(RoleGrant.person_id))
            ]
            add_notifications(session, rows)
        if address is None or _is_on_its_way(session, person.id, moment):
            return None
        event = {"kind": "account:link:ask", "actor_id": None, "on": moment.on, "at": moment.at}
        append_events(session, [{**event, "data": {"person": person.code}}])
        return LinkToSend(
            secret=make_link(session, person.id, moment, valid_for=VALID_FOR),
            code=person.code,
            name=person.name,
            address=address,
            language=person.language,
        )


def _is_on_its_way(session: Session, person: int, moment: Moment) -> bool:
    """Return whether a link was made for somebody who asked a moment ago; those of coordinators are good for longer."""
    asked = (
        AccountLink.person_id == person,
        AccountLink.used_at.is_(None),
        AccountLink.made_at.between(moment.at - ANOTHER_AFTER, moment.at),
        AccountLink.expires_at <= moment.at + VALID_FOR,
    )
    return session.scalar(select(AccountLink.id).where(*asked).limit(1)) is not None

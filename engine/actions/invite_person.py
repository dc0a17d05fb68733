"""A coordinator gives somebody a link with which they set their password: the first time, or when it is forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from engine.actions.desk import Desk, find_actor, find_person, record
from engine.actions.open_sign_in import new_secret
from engine.reads.sign_ins import digest_of
from engine.rules.access import only_for
from engine.rules.moment import Moment
from engine.rules.vocabulary import Role
from models import AccountLink

VALID_FOR = timedelta(days=7)


def invite_person(desk: Desk, code: str) -> str:
    """Return the secret of a new link, which works once; only its digest is kept.  Raises NotAllowed or NotFound."""
    actor = find_actor(desk)
    only_for(actor, "invite", {Role.COORDINATOR})
    person = find_person(desk.session, code)
    secret = make_link(desk.session, person.id, desk.moment, valid_for=VALID_FOR)
    record(desk, "account:link:make", actor=actor.person, person=person.code)
    return secret


def make_link(session: Session, person: int, moment: Moment, *, valid_for: timedelta) -> str:
    """Return the secret of a new link of `person`; the caller records why there is one."""
    secret = new_secret()
    session.add(
        AccountLink(
            digest=digest_of(secret),
            person_id=person,
            made_at=moment.at,
            expires_at=moment.at + valid_for,
            used_at=None,
        )
    )
    return secret

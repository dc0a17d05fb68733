"""A coordinator shuts somebody out: they have left, or their password or token has come into other hands.

What they did stays theirs; with a new link they get in again.  The coordinators hear at once what waits for them, so
that it is given to others; where they hold trust, so do all others who do.
"""

from __future__ import annotations

from sqlalchemy import delete, update

from engine.actions.desk import Desk, find_actor, find_person, record
from engine.actions.mail_keys import end_links
from engine.actions.open_sign_in import end_sign_ins
from engine.actions.outbox import tell
from engine.reads.grants import read_grants
from engine.reads.left_open import read_left_open
from engine.reads.trust import read_holders
from engine.rules.access import only_for
from engine.rules.notices import Notice
from engine.rules.refusal import NotAllowed
from engine.rules.text import N_
from engine.rules.vocabulary import Role
from models import Account, AccountLink, ApiToken, CalendarFeed


def shut_out(desk: Desk, code: str) -> None:
    """End the password, every sign-in, link (those in mails, too) and token of a person, and their calendar's address.

    Raises NotAllowed, also for oneself, or NotFound.
    """
    actor = find_actor(desk)
    only_for(actor, "shut_out", {Role.COORDINATOR})
    session, person = desk.session, find_person(desk.session, code)
    if person.id == actor.person:
        raise NotAllowed(N_("nobody shuts themselves out; another coordinator can"))
    for of_theirs in (Account, CalendarFeed):
        session.execute(delete(of_theirs).where(of_theirs.person_id == person.id))
    links = update(AccountLink).where(AccountLink.person_id == person.id, AccountLink.used_at.is_(None))
    session.execute(links.values(used_at=desk.moment.at))
    tokens = update(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
    session.execute(tokens.values(revoked_at=desk.moment.at))
    end_sign_ins(session, person.id)
    end_links(session, person.id)
    person.shut_out_at = desk.moment.at
    record(desk, "account:access:end", actor=actor.person, person=person.code)
    session.flush()
    left = sum(one.count for one in read_left_open(session, desk.moment.on, {person.id}))
    readers = {*read_grants(session).get((Role.COORDINATOR, None), ()), *_others_who_hold_trust(desk, person.id)}
    tell(
        desk,
        readers,
        Notice.SHUT_OUT,
        role=Role.COORDINATOR,
        key=f"{person.id}:{desk.moment.at.isoformat()}",
        person=person.name,
        code=person.code,
        by=actor.name,
        count=left,
    )


def _others_who_hold_trust(desk: Desk, person: int) -> frozenset[int]:
    """Return who hears that somebody with trust was shut out."""
    holders = read_holders(desk.session)
    return frozenset(one for one in holders if not holders[one].is_shut_out) if person in holders else frozenset()

"""A coordinator gives somebody a link with which they set their password: the first time, or when it is forgotten.

Whoever holds such a link gets in as its person.  So a link of who holds trust is made when a second person has
confirmed it (`ask_to_invite` asks), and somebody who has set a password before hears of it: by whom, and when.  A first
invitation tells nothing: it comes with the link.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.ask_trust import WantedTrust, ask_trust
from engine.actions.desk import Desk, find_actor, find_person, record
from engine.actions.open_sign_in import new_secret
from engine.actions.outbox import tell
from engine.reads.sign_ins import digest_of
from engine.reads.trust import guarded, read_holders
from engine.rules.access import only_for
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.trust import TrustKind, TrustState, is_alone
from engine.rules.vocabulary import Role
from models import Account, AccountLink, Person, TrustRequest

VALID_FOR = timedelta(days=7)


def ask_to_invite(desk: Desk, code: str) -> TrustRequest | None:
    """Ask for a link of who holds trust, or is to get it; return what waits, or None: the link may be made now.

    While fewer than two of those who hold trust have ever signed in, the house is being set up, and a first link is
    made by one alone.  Raises Refusal.
    """
    actor = find_actor(desk)
    only_for(actor, "invite", {Role.COORDINATOR})
    person = find_person(desk.session, code)
    if _may_be_made(desk, person):
        return None
    return ask_trust(desk, actor, _wanted(person), is_opening=_is_opening(desk.session, person))


def invite_person(desk: Desk, code: str, *, zone: str) -> str:
    """Return the secret of a new link, which works once; only its digest is kept.  Raises NotAllowed or NotFound.

    `zone` is that of the clock by which the person is told when it was made.
    """
    actor = find_actor(desk)
    only_for(actor, "invite", {Role.COORDINATOR})
    person = find_person(desk.session, code)
    if not _may_be_made(desk, person, use_up=True):
        told = N_("a link for {person} needs the word of a second person; ask for it first", person=person.name)
        raise NotReady(told)
    person.shut_out_at = None
    came_in_before = _came_in_before(desk.session, person.id)
    secret = make_link(desk.session, person.id, desk.moment, valid_for=VALID_FOR)
    if came_in_before:
        tell(
            desk,
            [person.id],
            Notice.LINK_MADE,
            role=Role.OWNER,
            key=digest_of(secret).hex()[:16],
            by=actor.name,
            day=desk.moment.on.isoformat(),
            time=f"{desk.moment.at.astimezone(ZoneInfo(zone)):%H:%M}",
            code=person.code,
        )
    record(desk, "account:link:make", actor=actor.person, person=person.code)
    return secret


def _may_be_made(desk: Desk, person: Person, *, use_up: bool = False) -> bool:
    """Return whether a link needs no further word; with `use_up` a word that was given serves this once."""
    if person.id not in guarded(desk.session, desk.moment):
        return True
    given = desk.session.scalars(
        select(TrustRequest)
        .where(
            TrustRequest.kind == TrustKind.LINK,
            TrustRequest.person_id == person.id,
            TrustRequest.state.in_([TrustState.CONFIRMED, TrustState.ALONE]),
            TrustRequest.expires_at > desk.moment.at,
        )
        .order_by(TrustRequest.id)
        .with_for_update()
    ).first()
    if given is not None and use_up:
        given.state = TrustState.USED
    return given is not None


def _is_opening(session: Session, person: Person) -> bool:
    return person.came_in_at is None and is_alone(
        number for number, holder in read_holders(session).items() if holder.came_in
    )


def _wanted(person: Person) -> WantedTrust:
    return WantedTrust(kind=TrustKind.LINK, person=person.id, data={"name": person.name})


def _came_in_before(session: Session, person: int) -> bool:
    """Return whether somebody has, or had until they were shut out, a password."""
    has = select(Account.id).where(Account.person_id == person)
    had = select(AccountLink.id).where(AccountLink.person_id == person, AccountLink.used_at.is_not(None))
    return session.scalar(has.union_all(had).limit(1)) is not None


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

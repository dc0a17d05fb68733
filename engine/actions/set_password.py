"""A password is set with a link, or changed by who knows the old one; every other sign-in and link of the person ends.

So whoever hears that a link was made that they did not ask for, changes the password, and the link is good no more.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.actions.check_password import check_password, hash_password
from engine.actions.desk import one_request
from engine.actions.open_sign_in import end_sign_ins, open_sign_in
from engine.reads.sign_ins import SignedIn, digest_of, read_link
from engine.rules.moment import Moment
from engine.rules.passwords import judge_password
from engine.rules.refusal import NotFound
from engine.rules.text import N_
from models import Account, AccountLink, Person
from models.database import Sessions, glancing


def use_link(sessions: Sessions, secret: str, password: str, *, moment: Moment, browser: str = "") -> str:
    """Set the password of the link's person, and sign them in; return the secret of the sign-in.

    Raises NotFound for a link that is no longer good, NotReady for
    a poor password.
    """
    gone = NotFound(N_("this link has been used, or has expired; ask a coordinator for a new one"))
    with glancing(sessions) as session:
        known = read_link(session, secret, moment)
    if known is None:
        raise gone
    judge_password(password, code=known[0], name=known[1])
    kept = hash_password(password)
    with one_request(sessions) as session:
        used = update(AccountLink).where(AccountLink.digest == digest_of(secret), AccountLink.used_at.is_(None))
        if session.execute(used.values(used_at=moment.at)).rowcount != 1:  # type: ignore[attr-defined]
            raise gone
        person = session.scalars(select(Person).where(Person.code == known[0])).one().id
        _keep(session, person, kept, moment)
        return open_sign_in(session, person, moment, how="link", browser=browser)


def change_password(sessions: Sessions, who: SignedIn, *, old: str, new: str, source: str, moment: Moment) -> None:
    """Change one's own password.  Raises NotAllowed or TooSoon when `old` is wrong, NotReady for a poor one."""
    check_password(sessions, who=who.code, password=old, source=source, moment=moment)
    judge_password(new, code=who.code, name=who.name)
    kept = hash_password(new)
    with one_request(sessions) as session:
        _keep(session, who.person, kept, moment, but=who.sign_in)


def _keep(session: Session, person: int, kept: str, moment: Moment, *, but: int | None = None) -> None:
    account = session.scalar(select(Account).where(Account.person_id == person).with_for_update())
    if account is None:
        session.add(Account(person_id=person, password_hash=kept, changed_at=moment.at))
    else:
        account.password_hash, account.changed_at = kept, moment.at
    links = update(AccountLink).where(AccountLink.person_id == person, AccountLink.used_at.is_(None))
    session.execute(links.values(used_at=moment.at))
    end_sign_ins(session, person, but=but)
    append_events(
        session,
        [
            {
                "round_id": None,
                "measure_id": None,
                "kind": "account:password:set",
                "actor_id": person,
                "on": moment.on,
                "at": moment.at,
                "from_state": None,
                "to_state": None,
                "data": {},
                "changed": None,
            }
        ],
    )

"""A browser is let in, and let go: the secret goes into its cookie, only its digest is kept."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from engine.reads.sign_ins import IDLE, LONGEST, digest_of
from engine.rules.moment import Moment
from models import Person, SignIn

BROWSER_SHOWN = 200


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or an address."""
    return token_urlsafe(32)


def open_sign_in(session: Session, person: int, moment: Moment, *, how: str, browser: str = "") -> str:
    """Sign `person` in, and return the secret; what has expired of anybody's is cleared away."""
    secret = new_secret()
    session.execute(delete(SignIn).where(SignIn.seen_at < moment.at - IDLE))
    session.execute(delete(SignIn).where(SignIn.opened_at < moment.at - LONGEST))
    session.add(
        SignIn(
            digest=digest_of(secret),
            person_id=person,
            how=how,
            browser=browser[:BROWSER_SHOWN],
            opened_at=moment.at,
            proved_at=moment.at,
            seen_at=moment.at,
        )
    )
    first = update(Person).where(Person.id == person, Person.came_in_at.is_(None))
    session.execute(first.values(came_in_at=moment.at))
    session.flush()
    return secret


def prove_again(session: Session, sign_in: int, at: datetime) -> None:
    """Put down that the password was given once more."""
    session.execute(update(SignIn).where(SignIn.id == sign_in).values(proved_at=at))


def touch_sign_in(session: Session, sign_in: int, at: datetime) -> None:
    """Put down that a sign-in is in use."""
    session.execute(update(SignIn).where(SignIn.id == sign_in).values(seen_at=at))


def end_sign_in(session: Session, sign_in: int, *, person: int) -> None:
    """Sign one browser of `person` out; nothing happens when it is not theirs."""
    session.execute(delete(SignIn).where(SignIn.id == sign_in, SignIn.person_id == person))


def end_former(session: Session, secret: str | None) -> None:
    """Sign out the browser that brings `secret`: somebody signs in there anew."""
    if secret:
        session.execute(delete(SignIn).where(SignIn.digest == digest_of(secret)))


def end_sign_ins(session: Session, person: int, *, but: int | None = None) -> None:
    """Sign `person` out everywhere, `but` in one browser."""
    session.execute(delete(SignIn).where(SignIn.person_id == person, SignIn.id != (but or 0)))

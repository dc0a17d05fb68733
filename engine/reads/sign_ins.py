"""Who is signed in with a secret; which browsers and tokens somebody has; whom a link lets set a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from engine.rules.trust import RECENT
from models import AccountLink, ApiToken, Person, SignIn, Unit

IDLE = timedelta(hours=12)  #: unused for so long, a sign-in ends
LONGEST = timedelta(days=7)  #: and after so long in any case
SEEN_EVERY = timedelta(minutes=5)  #: its use is put down no more often


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody who is signed in."""

    sign_in: int
    person: int
    code: str
    name: str
    unit: int
    unit_name: str
    language: str | None  #: None: none was chosen
    is_unseen: bool  #: its use has not been put down for a while
    is_proved: bool  #: who it is was shown of late: password, link or provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """One browser in which somebody is signed in."""

    sign_in: int
    how: str
    browser: str
    opened_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token of somebody's, without its secret."""

    id: int
    name: str
    scope: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


def digest_of(secret: str) -> bytes:
    """Return what is kept of a secret of 256 random bits: nothing can be guessed from it."""
    return sha256(secret.encode()).digest()


_SIGNED_IN = (
    select(
        SignIn.id,
        Person.id,
        Person.code,
        Person.name,
        Unit.id,
        Unit.name,
        Person.language,
        SignIn.opened_at,
        SignIn.proved_at,
        SignIn.seen_at,
    )
    .join(Person, Person.id == SignIn.person_id)
    .join(Unit, Unit.id == Person.unit_id)
    .where(SignIn.digest == bindparam("digest"))
)


def read_sign_in(session: Session, secret: str, moment: Moment) -> SignedIn | None:
    """Return who is signed in with `secret`; None: nobody, or no longer.  One statement."""
    row = session.connection().execute(_SIGNED_IN, {"digest": digest_of(secret)}).one_or_none()
    if row is None:
        return None
    *found, opened_at, proved_at, seen_at = row
    if moment.at - seen_at > IDLE or moment.at - opened_at > LONGEST:
        return None
    sign_in, person, code, name, unit, unit_name, language = found
    return SignedIn(
        sign_in=sign_in,
        person=person,
        code=code,
        name=name,
        unit=unit,
        unit_name=unit_name,
        language=language,
        is_unseen=moment.at - seen_at > SEEN_EVERY,
        is_proved=moment.at - (proved_at or opened_at) <= RECENT,
    )


def read_browsers(session: Session, person: int, moment: Moment) -> tuple[Browser, ...]:
    """Return where `person` is signed in, the last used first."""
    rows = session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person, SignIn.seen_at >= moment.at - IDLE, SignIn.opened_at >= moment.at - LONGEST)
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    )
    return tuple(
        Browser(sign_in=row.id, how=row.how, browser=row.browser, opened_at=row.opened_at, seen_at=row.seen_at)
        for row in rows
    )


def read_tokens(session: Session, person: int) -> tuple[Token, ...]:
    """Return every token that `person` has made, the newest first."""
    rows = session.scalars(select(ApiToken).where(ApiToken.person_id == person).order_by(ApiToken.id.desc()))
    return tuple(
        Token(
            id=row.id,
            name=row.name,
            scope=row.scope,
            made_at=row.made_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            used_at=row.used_at,
        )
        for row in rows
    )


def read_link(session: Session, secret: str, moment: Moment) -> tuple[str, str] | None:
    """Return code and name of the person whose password a link sets; None: it is used up, expired, or no such link."""
    row = session.execute(
        select(Person.code, Person.name)
        .join(AccountLink, AccountLink.person_id == Person.id)
        .where(
            AccountLink.digest == digest_of(secret),
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > moment.at,
        )
    ).one_or_none()
    return None if row is None else (row.code, row.name)

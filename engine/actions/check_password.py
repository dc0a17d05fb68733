"""Somebody signs in with name and password; failures are counted, and make the next attempt wait.

Hashing takes a tenth of a second and more: no transaction is open meanwhile.  An unknown name takes as long as a wrong
password, and hears the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from engine.actions.desk import one_request
from engine.rules.moment import Moment
from engine.rules.passwords import FORGOTTEN_AFTER, wait_until
from engine.rules.refusal import NotAllowed, TooSoon
from engine.rules.text import N_
from models import Account, Attempt, Person
from models.database import Sessions, glancing

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the Argon2 hash that is kept."""
    return _HASHER.hash(password)


@cache
def _nobody() -> str:
    """Return the hash of no password, to spend the same time on unknown names."""
    return _HASHER.hash("nobody has this password")


def check_password(sessions: Sessions, *, who: str, password: str, source: str, moment: Moment) -> int:
    """Return the id of the person who signs in by code, name or e-mail address.

    Raises TooSoon after too many failures from `source` (an address) or for this name, NotAllowed when name or password
    is wrong.
    """
    subjects = _subjects(who, source)
    with glancing(sessions) as session:
        _wait(session, subjects, moment)
        person, kept = _kept(session, who)
    try:
        _HASHER.verify(kept or _nobody(), password)
        fits = kept is not None
    except (VerificationError, InvalidHashError):
        fits = False
    if person is None or not fits or kept is None:
        with one_request(sessions) as session:
            _count(session, subjects.values(), moment)
        raise NotAllowed(N_("name or password is wrong"))
    newer = hash_password(password) if _HASHER.check_needs_rehash(kept) else None
    with one_request(sessions) as session:
        forgotten = or_(Attempt.subject == subjects["both"], Attempt.last_at < moment.at - FORGOTTEN_AFTER)
        session.execute(delete(Attempt).where(forgotten))
        if newer is not None:
            session.scalars(select(Account).where(Account.person_id == person)).one().password_hash = newer
    return person


def _subjects(who: str, source: str) -> dict[str, str]:
    name = who.strip().lower()[:120]
    return {"both": f"both:{name}@{source}", "source": f"source:{source}", "person": f"person:{name}"}


def _wait(session: Session, subjects: dict[str, str], moment: Moment) -> None:
    rows = session.execute(
        select(Attempt.subject, Attempt.failures, Attempt.last_at).where(Attempt.subject.in_(subjects.values()))
    ).all()
    kinds = {subject: kind for kind, subject in subjects.items()}
    until = max(
        (
            wait_until(kinds[row.subject], failures=row.failures, last_at=row.last_at)
            for row in rows
            if moment.at - row.last_at <= FORGOTTEN_AFTER
        ),
        default=moment.at,
    )
    if until > moment.at:
        seconds = int((until - moment.at).total_seconds()) + 1
        raise TooSoon(N_("too many attempts failed; try again in {seconds} seconds", seconds=seconds), seconds=seconds)


def _kept(session: Session, who: str) -> tuple[int | None, str | None]:
    """Return the person and the kept hash; nobody, where a name is several people's."""
    given = who.strip()
    for column in (Person.code, Person.email, Person.name):
        found = session.execute(
            select(Person.id, Account.password_hash)
            .outerjoin(Account, Account.person_id == Person.id)
            .where(column == given)
            .limit(2)
        ).all()
        if len(found) == 1:
            return found[0].id, found[0].password_hash
    return None, None


def _count(session: Session, subjects: Iterable[str], moment: Moment) -> None:
    for subject in sorted(subjects):  # always in the same order: no two requests wait for each other
        row = session.get(Attempt, subject, with_for_update=True)
        if row is None:
            session.add(Attempt(subject=subject, failures=1, last_at=moment.at))
        else:
            row.failures = 1 if moment.at - row.last_at > FORGOTTEN_AFTER else row.failures + 1
            row.last_at = moment.at

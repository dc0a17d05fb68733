"""Somebody signs in with name and password; failures are counted, and make the next attempt wait.

Hashing takes a tenth of a second and more: no transaction is open meanwhile.  An unknown name takes as long as a wrong
password, and hears the same.

An attempt is counted only when there is room to judge it, and a right one is given back before the room goes to the
next.  So an office of hundreds that signs in at the same minute from one address gets in: against it stand its own
failures, and never more than what is judged at that moment.
"""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.actions.append_events import append_events
from engine.actions.count_attempts import count_attempt, forget_attempts, take_back
from engine.actions.desk import one_request
from engine.rules.moment import Moment
from engine.rules.passwords import PATIENCE
from engine.rules.refusal import NotAllowed
from engine.rules.text import N_
from models import Account, Person
from models.database import Sessions

_HASHER = PasswordHasher()
AT_ONCE = 4  #: hashes: each takes 64 MB
_ROOM = BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """Return the Argon2 hash that is kept."""
    with _ROOM:
        return _HASHER.hash(password)


@cache
def _nobody() -> str:
    """Return the hash of no password, to spend the same time on unknown names."""
    return hash_password("nobody has this password")


def check_password(sessions: Sessions, *, who: str, password: str, source: str, moment: Moment) -> int:
    """Return the id of the person who signs in by code, name or e-mail address.

    Raises TooSoon after too many failures from `source` (an address) or for this name, NotAllowed when name or password
    is wrong.
    """
    name = who.strip().lower()[:120]
    subjects = {"both": f"both:{name}@{source}", "source": f"source:{source}", "person": f"person:{name}"}
    stand_in = _nobody()  # made before the first transaction
    with _ROOM:
        with one_request(sessions) as session:
            counted = count_attempt(session, subjects, moment)
            person, kept = _kept(session, who.strip())
        if not _fits(kept or stand_in, password) or person is None or kept is None:
            if person is not None and counted.failures["person"] == PATIENCE["person"].free:
                with one_request(sessions) as session:
                    _tell_of_guessing(session, person, moment)
            raise NotAllowed(N_("name or password is wrong"))
        with one_request(sessions) as session:
            take_back(session, counted, ("source", "person"))
            forget_attempts(session, subjects["both"], moment)
    if _HASHER.check_needs_rehash(kept):
        newer = hash_password(password)
        with one_request(sessions) as session:
            session.scalars(select(Account).where(Account.person_id == person)).one().password_hash = newer
    return person


def _fits(kept: str, password: str) -> bool:
    """Return whether a password is the one of a hash; whoever asks holds the room for it."""
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _kept(session: Session, who: str) -> tuple[int | None, str | None]:
    """Return the person and the kept hash; nobody, where a name is several people's.

    A sign-in name goes before an address, and that before a name.  One statement, whoever is asked for.
    """
    columns = (Person.code, Person.email, Person.name)
    rows = session.execute(
        select(*columns, Person.id, Account.password_hash)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(or_(*(column == who for column in columns)))
    ).all()
    for place in range(len(columns)):
        found = [row for row in rows if row[place] == who]
        if found:
            return (found[0].id, found[0].password_hash) if len(found) == 1 else (None, None)
    return None, None


def _tell_of_guessing(session: Session, person: int, moment: Moment) -> None:
    """Put into the record that somebody tries passwords for a name; at most once a day for each, whoever it is."""
    code = session.get_one(Person, person).code
    event = {"kind": "account:password:guess", "actor_id": None, "on": moment.on, "at": moment.at}
    append_events(session, [{**event, "data": {"person": code}}])

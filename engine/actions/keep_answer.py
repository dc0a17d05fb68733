"""A program that does not know whether its request arrived sends it again, under the same key: it is done once.

The answer is kept in the transaction of what was done: either both are there, or neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from engine.rules.refusal import Conflict, NotReady
from engine.rules.text import N_
from models import KeptAnswer
from models.database import Sessions, reading

KEPT = timedelta(hours=24)


class AnotherRequest(NotReady):
    """The key was used for another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A request that may come twice."""

    person: int
    key: str
    fingerprint: bytes  #: SHA-256 of what is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered to it."""

    status: int
    etag: str | None
    body: str


def find_answer(session: Session, asked: Keyed, moment: Moment) -> Answered | None:
    """Return what was answered to the same request before; None: it is new, and this transaction's to do.

    Raises AnotherRequest where the key was used for something else, Conflict while the first is still under way.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer
        lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 1))")
        if not session.scalar(lock, {"name": f"{asked.person}:{asked.key}"}):
            raise Conflict(N_("the same request is still under way; ask again in a moment"))
    found = session.scalar(select(KeptAnswer).where(KeptAnswer.person_id == asked.person, KeptAnswer.key == asked.key))
    if found is None:
        return None
    if moment.at - found.made_at > KEPT:
        session.delete(found)
        session.flush()
        return None
    if found.fingerprint != asked.fingerprint:
        raise AnotherRequest(N_("this Idempotency-Key was used for another request; take a new one"))
    return Answered(status=found.status, etag=found.etag, body=found.body)


def keep_answer(session: Session, asked: Keyed, answered: Answered, moment: Moment) -> None:
    """Keep an answer for whoever asks the same again within a day."""
    session.add(
        KeptAnswer(
            person_id=asked.person,
            key=asked.key,
            fingerprint=asked.fingerprint,
            status=answered.status,
            etag=answered.etag,
            body=answered.body,
            made_at=moment.at,
        )
    )
    session.flush()


def forget_answers(sessions: Sessions, moment: Moment) -> int:
    """Drop what nobody may ask for any more; return how much that was.  Called by the run `deliver`."""
    are_old = KeptAnswer.made_at < moment.at - KEPT
    with reading(sessions) as session:
        if session.scalar(select(KeptAnswer.id).where(are_old).limit(1)) is None:
            return 0
    with sessions.begin() as session:
        return session.connection().execute(delete(KeptAnswer).where(are_old)).rowcount

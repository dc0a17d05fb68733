"""What is sent twice under one key is done once: a program's request that may not have arrived, a form's second click.

A program's answer is kept in the transaction of what was done: either both are there, or neither.  A form's answer is
known only afterwards: its key is taken in that transaction (`take_key`), and the answer follows (`answer_key`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from engine.rules.refusal import Conflict, NotReady
from engine.rules.text import N_
from models import KeptAnswer
from models.database import Sessions, reading

KEPT = timedelta(hours=24)
UNANSWERED = 0  #: status of a form that was sent, whose answer is not known (yet)


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
    found = session.scalar(select(KeptAnswer).where(*_is(asked)))
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


def take_key(session: Session, asked: Keyed, moment: Moment) -> bool:
    """Take a form's key in the transaction of what it does; return whether it was free.

    Waits for a transaction that has taken the same key and is not yet committed.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "person_id": asked.person,
        "key": asked.key,
        "fingerprint": asked.fingerprint,
        "status": UNANSWERED,
        "body": "",
        "made_at": moment.at,
    }
    taken = insert(KeptAnswer).values(row).on_conflict_do_nothing(index_elements=["person_id", "key"])
    return session.connection().execute(taken.returning(KeptAnswer.id)).first() is not None


def answer_key(session: Session, asked: Keyed, answered: Answered) -> bool:
    """Keep what was answered to a form whose key was taken; return whether it was."""
    values = {"status": answered.status, "body": answered.body}
    return session.connection().execute(update(KeptAnswer).where(*_is(asked)).values(values)).rowcount == 1


def free_key(session: Session, asked: Keyed) -> None:
    """Free a form's key: what was sent with it was refused after all."""
    session.connection().execute(delete(KeptAnswer).where(*_is(asked), KeptAnswer.status == UNANSWERED))


def look_up_key(session: Session, asked: Keyed) -> Answered | None:
    """Return what was answered to a form with this key, status UNANSWERED where that is not known; None: it is new.

    Raises AnotherRequest where something else was sent with it.
    """
    found = session.scalar(select(KeptAnswer).where(*_is(asked)))
    if found is None:
        return None
    if found.fingerprint != asked.fingerprint:
        raise AnotherRequest(
            N_("this form was sent before with other content, and that was done; reload the page to send something new")
        )
    return Answered(status=found.status, etag=found.etag, body=found.body)


def _is(asked: Keyed) -> tuple[ColumnElement[bool], ...]:
    return KeptAnswer.person_id == asked.person, KeptAnswer.key == asked.key


def forget_answers(sessions: Sessions, moment: Moment) -> int:
    """Drop what nobody may ask for any more; return how much that was.  Called by the run `deliver`."""
    are_old = KeptAnswer.made_at < moment.at - KEPT
    with reading(sessions) as session:
        if session.scalar(select(KeptAnswer.id).where(are_old).limit(1)) is None:
            return 0
    with sessions.begin() as session:
        return session.connection().execute(delete(KeptAnswer).where(are_old)).rowcount

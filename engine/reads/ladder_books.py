"""The ladders of policy versions, each parsed once per process: a version is known by the digest of its content."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.rules.ladder import LadderBook, parse_ladders
from models import Policy

_books: dict[str, LadderBook] = {}
_DIGEST = select(Policy.digest).where(Policy.id == bindparam("policy"))
_LADDER = select(Policy.ladder).where(Policy.id == bindparam("policy"))


def read_book(session: Session, policy: int) -> LadderBook:
    """Return the ladders of the version with this id.

    What is kept cannot become old: the content makes the digest.
    """
    connection, asked = session.connection(), {"policy": policy}
    digest: str = connection.scalars(_DIGEST, asked).one()
    if digest not in _books:
        _books[digest] = parse_ladders(connection.scalars(_LADDER, asked).one())
    return _books[digest]

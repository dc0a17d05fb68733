"""Every document that was printed: which version, told as of when, with the hash of its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One printed file."""

    id: int
    kind: str  #: agenda, ledger, …
    period: str
    version: int
    as_of: date
    path: str  #: relative to DUBAN_HOME
    sha256: str
    created_at: datetime


def read_documents(
    session: Session, round_id: int, *, kind: str | None = None, period: str | None = None
) -> tuple[DocumentLine, ...]:
    """Return the documents of a round, the newest first; of one kind or month where it is named."""
    query = select(Document).where(Document.round_id == round_id).order_by(Document.created_at.desc(), Document.id)
    if kind:
        query = query.where(Document.kind == kind)
    if period:
        query = query.where(Document.period == period)
    return tuple(_line(row) for row in session.scalars(query))


def find_document(session: Session, round_id: int, number: int) -> DocumentLine | None:
    """Return one document of a round; None: there is none."""
    row = session.scalar(select(Document).where(Document.round_id == round_id, Document.id == number))
    return None if row is None else _line(row)


def find_printed(session: Session, *, path: str | None = None, digest: str | None = None) -> Document | None:
    """Return the newest document of any round with this path, or with these bytes; None: there is none."""
    query = select(Document).order_by(Document.id.desc()).limit(1)
    query = query.where(Document.path == path) if path is not None else query.where(Document.sha256 == digest)
    return session.scalar(query)


def _line(row: Document) -> DocumentLine:
    return DocumentLine(
        id=row.id,
        kind=row.kind,
        period=row.period,
        version=row.version,
        as_of=row.as_of,
        path=row.path,
        sha256=row.sha256,
        created_at=row.created_at,
    )

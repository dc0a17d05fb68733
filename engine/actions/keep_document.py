"""Keeps the record of a printed document: the hash of its bytes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from models import Document


def keep_document(
    session: Session,
    home: Path,
    path: Path,
    *,
    round_id: int,
    kind: str,
    period: str,
    version: int,
    moment: Moment,
    layout: int = 1,
    template: str | None = None,
) -> Document:
    """Record the file at `home / path`; printed again after a crash, the newer bytes count.

    `layout` is that of the shipped papers, `template` the SHA-256 of the office's own.
    """
    digest = sha256((home / path).read_bytes()).hexdigest()
    document = session.scalar(
        select(Document).where(
            Document.round_id == round_id,
            Document.kind == kind,
            Document.period == period,
            Document.version == version,
            Document.path == path.as_posix(),
        )
    )
    if document is None:
        document = Document(
            round_id=round_id, kind=kind, period=period, version=version, path=path.as_posix(), layout=layout
        )
        session.add(document)
    document.as_of, document.created_at = moment.on, moment.at
    document.sha256, document.layout, document.template = digest, layout, template
    return document

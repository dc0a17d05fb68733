"""Keeps the record of a printed document (the hash of its bytes), and announces the meeting it is for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.freeze_agenda import is_in, period_of
from engine.actions.outbox import add_notifications
from engine.reads.grants import read_grants
from engine.rules.invitations import sequence_of
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip
from models import Document, Meeting, Round, Said


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


def announce_meeting(
    session: Session, round_: Round, *, held_on: date, version: int, documents: Sequence[Path], moment: Moment
) -> None:
    """Tell every member of the leading group that the agenda is out, and invite them to the meeting it is for."""
    meeting = session.scalar(select(Meeting).where(*is_in(round_.id, period_of(held_on))))
    invitation = {"invitation": invitation_to(meeting, round_, version=version)} if meeting else {}
    rows = [
        {
            "dedup_key": f"{Notice.MEETING.value}:{round_.id}:{held_on}:{version}:{person}",
            "round_id": round_.id,
            "person_id": person,
            "role": Role.LEADING_GROUP,
            "kind": Notice.MEETING.value,
            "slip": Slip.REMINDER,
            "data": {
                "meeting": round_.title,
                "held_on": held_on.isoformat(),
                "documents": [path.as_posix() for path in documents],
                **invitation,
            },
            "on": moment.on,
            "created_at": moment.at,
            "state": Said.PENDING,
        }
        for person in read_grants(session).get((Role.LEADING_GROUP, None), ())
    ]
    add_notifications(session, rows)


def invitation_to(meeting: Meeting, round_: Round, *, version: int, is_off: bool = False) -> dict[str, Any]:
    """Return what a notice tells calendars of a meeting whose newest agenda has `version`."""
    return {
        "meeting": meeting.id,
        "round": round_.code,
        "sequence": sequence_of(version, is_off=is_off),
        "is_off": is_off,
    }

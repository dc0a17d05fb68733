"""The versions of a policy file that were saved in the workplace: when, by whom, why, and the text itself.

They are events of the record: who put which rules in force can be proved as everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.policy_files import PolicyFile
from engine.rules.record_words import POLICY_FILE
from models import Event, Person

MOST = 200  #: that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVersion:
    """One saved version."""

    number: int  #: of the event
    at: datetime
    who: str | None
    reason: str
    text: str
    replaced: str  #: the text that was in force until then


def read_file_versions(session: Session, file: PolicyFile) -> tuple[FileVersion, ...]:
    """Return the saved versions of a file, the newest first: one statement, along the house's own chain."""
    query = (
        select(Event, Person.name)
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.measure_id.is_(None), Event.kind == POLICY_FILE)
        .order_by(Event.seq.desc())
        .limit(MOST)
    )
    return tuple(
        FileVersion(
            number=event.id,
            at=event.at,
            who=name,
            reason=event.data["reason"],
            text=event.data["content"],
            replaced=event.data["replaced"],
        )
        for event, name in session.execute(query)
        if event.data["file"] == file.path
    )

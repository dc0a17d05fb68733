"""The keys that sign the links in people's mails: made when first needed, thrown away to end somebody's links."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.rules.mail_links import KEY_BYTES
from engine.rules.moment import Moment
from models import MailKey


def keys_of(session: Session, people: Collection[int], moment: Moment) -> Mapping[int, bytes]:
    """Return the key of each of `people`."""
    known = dict(
        session.execute(select(MailKey.person_id, MailKey.key).where(MailKey.person_id.in_(people))).tuples().all()
    )
    for person in sorted(set(people) - known.keys()):
        known[person] = secrets.token_bytes(KEY_BYTES)
        session.add(MailKey(person_id=person, key=known[person], made_at=moment.at))
    session.flush()
    return known


def end_links(session: Session, person: int) -> None:
    """Let every link that somebody has in a mail do nothing any more."""
    session.execute(delete(MailKey).where(MailKey.person_id == person))

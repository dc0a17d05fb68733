"""What a link in a mail is good for, before anything is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.mail_links import MailLink, is_signed, read_link
from engine.rules.moment import Moment
from engine.rules.refusal import Conflict, NotFound
from engine.rules.text import N_
from models import MailKey, MailLinkUse, Measure, Person, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink:
    """A link that may still be used."""

    link: MailLink
    person: str  #: sign-in name
    name: str
    round: str  #: code
    code: str  #: of the measure
    text: str
    due: date | None


def open_link(session: Session, token: str, moment: Moment) -> OpenLink:
    """Return what a link is good for.  Raises NotFound for one that is none, or is over, Conflict for a used one."""
    link = read_link(token)
    if link is None:
        raise NotFound(N_("this link is not good any more; sign in instead"))
    key = session.scalar(select(MailKey.key).where(MailKey.person_id == link.person))
    if key is None or not is_signed(token, key):
        raise NotFound(N_("this link is not good any more; sign in instead"))
    if moment.at.timestamp() >= link.until:
        raise NotFound(N_("this link has expired; sign in instead"))
    if session.scalar(select(MailLinkUse.id).where(MailLinkUse.digest == digest_of(token))) is not None:
        raise Conflict(N_("this link was used already; each works once"))
    row = session.execute(
        select(Person.code, Person.name, Round.code, Measure.code, Measure.text, Measure.due)
        .select_from(Measure)
        .join(Round, Round.id == Measure.round_id)
        .join(Person, Person.id == link.person)
        .where(Measure.id == link.measure)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("this link is not good any more; sign in instead"))
    person, name, round_, code, text, due = row
    return OpenLink(link=link, person=person, name=name, round=round_, code=code, text=text, due=due)


def digest_of(token: str) -> bytes:
    """Return what is kept of a used link."""
    return sha256(token.encode()).digest()

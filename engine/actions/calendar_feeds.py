"""The private calendar of a person: an address is made, or made anew, or ended; by that person alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.actions.desk import Desk, find_actor, record
from engine.actions.open_sign_in import new_secret
from engine.reads.sign_ins import digest_of
from models import CalendarFeed, Person


def make_calendar_feed(desk: Desk) -> str:
    """Return the secret of a new address of one's own calendar; it is shown once, and the old one leads nowhere now."""
    actor, secret = find_actor(desk), new_secret()
    # one after the other: of two at once the second ends what the first has made
    desk.session.execute(select(Person.id).where(Person.id == actor.person).with_for_update(key_share=True))
    desk.session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == actor.person))
    desk.session.add(
        CalendarFeed(
            digest=digest_of(secret), person_id=actor.person, made_at=desk.moment.at, changed_at=desk.moment.at
        )
    )
    record(desk, "account:calendar:make", actor=actor.person)
    return secret


def end_calendar_feed(desk: Desk) -> None:
    """Let the address of one's own calendar lead nowhere."""
    actor = find_actor(desk)
    feed = desk.session.scalar(select(CalendarFeed).where(CalendarFeed.person_id == actor.person))
    if feed is not None:
        desk.session.delete(feed)
        record(desk, "account:calendar:end", actor=actor.person)


def put_down_reading(session: Session, feed: int, *, content: bytes, changed_at: datetime, read_at: datetime) -> None:
    """Put down what was read from a calendar, and since when it reads so."""
    session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.id == feed)
        .values(content=content, changed_at=changed_at, read_at=read_at)
    )

"""Takes a checkpoint over the record: one digest that covers every event so far, and so the heads of all chains.

Work for the events since the checkpoint before, not for all there are.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.rules.chain import GENESIS, fold
from engine.rules.moment import Moment
from models import Checkpoint, Event

AT_ONCE = 5000


def take_checkpoint(session: Session, moment: Moment) -> Checkpoint | None:
    """Cover what happened since the newest checkpoint and return the new one; the newest when nothing did.

    None for a record without events.  Waits for whoever is adding events just now: their numbers are taken already.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer
        session.execute(text("LOCK TABLE event IN SHARE MODE"))
    newest = session.scalar(select(Checkpoint).order_by(Checkpoint.last_event_id.desc()).limit(1))
    covered = newest.last_event_id if newest else 0
    last = covered

    def hashes() -> Iterator[bytes]:
        nonlocal last
        query = select(Event.id, Event.hash).where(Event.id > covered).order_by(Event.id)
        for number, value in session.execute(query.execution_options(yield_per=AT_ONCE)):
            last = number
            yield value

    digest, count = fold(newest.digest if newest else GENESIS, hashes())
    if not count:
        return newest
    checkpoint = Checkpoint(
        last_event_id=last,
        events=count + (newest.events if newest else 0),
        on=moment.on,
        at=moment.at,
        digest=digest,
    )
    session.add(checkpoint)
    session.flush()
    return checkpoint

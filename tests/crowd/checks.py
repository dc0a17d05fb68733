"""What must be true after the crowd has gone: whatever was answered with yes is there, once, and the record holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.audit import audit_record
from engine.reads.tallies import find_drift
from engine.rules.record_words import OPINION
from flows.house import House
from models import Event, Evidence, Measure, ProgressReport, Verification
from models.database import reading
from tests.crowd.people import Done, Seen

#: The event that a change leaves.
EVENTS = {"accept": "measure:state:accept", "submit": "measure:state:submit"}


def look(house: House, seen: Seen) -> list[str]:
    """Return the faults of a house after `seen`."""
    with reading(house.sessions) as session:
        found = [*_marks(session, seen), *_changes(session, seen), *_record(session)]
    house.engine.dispose()
    return found


def _marks(session: Session, seen: Seen) -> Iterator[str]:
    """Compare texts that only one form has carried."""
    found = Counter[tuple[str, str, str]]()
    for kind, column, link in (
        ("report", ProgressReport.text, ProgressReport.measure_id),
        ("evidence", Evidence.name, Evidence.measure_id),
    ):
        rows = session.execute(
            select(Measure.code, column, func.count()).join(Measure, Measure.id == link).group_by(Measure.code, column)
        )
        found.update({(kind, code, text): count for code, text, count in rows})
    said = select(Measure.code, Event.data).join(Measure, Measure.id == Event.measure_id).where(Event.kind == OPINION)
    found.update(("opinion", code, data["text"]) for code, data in session.execute(said))
    told = {(one.kind, one.code, one.mark) for one in seen.done if one.mark}
    yield from (f"{one} was answered with yes and is not there" for one in sorted(told - found.keys()))
    yield from (f"{one} is there {count} times" for one, count in found.items() if count > 1)
    sent = seen.sent | {f"{mark}.pdf" for mark in seen.sent}
    yield from (f"{one} was never sent" for one in found if one[2] not in sent)


def _changes(session: Session, seen: Seen) -> Iterator[str]:
    """Compare what leaves an event, or a verdict."""
    kinds = (
        select(Measure.code, Event.kind, func.count())
        .join(Measure, Measure.id == Event.measure_id)
        .where(Event.kind.in_(EVENTS.values()))
        .group_by(Measure.code, Event.kind)
    )
    found = {(code, kind): count for code, kind, count in session.execute(kinds)}
    wanted = Counter((one.code, EVENTS[one.kind]) for one in seen.done if one.kind in EVENTS)
    yield from (
        f"{one}: {count} answered with yes, {found.get(one, 0)} there"
        for one, count in wanted.items()
        if found.get(one, 0) < count
    )
    judged = {
        str(number) for number in session.scalars(select(Verification.id).where(Verification.decided_at.is_not(None)))
    }
    yield from (f"verdict {one.code} is not there" for one in _verdicts(seen) if one.code not in judged)


def _verdicts(seen: Seen) -> Iterator[Done]:
    return (one for one in seen.done if one.kind == "verdict")


def _record(session: Session) -> Iterator[str]:
    yield from (str(one) for one in find_drift(session))
    yield from (f"event {one.event} of {one.measure}: {one.problem}" for one in audit_record(session).broken)

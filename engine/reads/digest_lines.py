"""What digests say, gathered for rendering: two queries for any number of digests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from engine.rules.notices import Notice
from engine.rules.working_days import BeyondCalendar, WorkingCalendar
from models import Digest, Measure, Notification, Person, Round, Unit
from notifications.messages import DigestMessage, Line


def read_digests(
    session: Session, says: Mapping[int, Collection[int]], *, on: date, calendar: WorkingCalendar, language: str
) -> dict[int, DigestMessage]:
    """Return the message of each digest as it stands on the day `on`; `language` is for who has chosen none.

    `says` names the notifications of each digest that still hold.  What one person would read twice, once in their own
    right and once for somebody whom they stand in for, is one line.
    """
    lines = _lines(session, says, on, calendar)
    rows = session.execute(
        select(Digest.id, Person.name, Person.code, Person.email, Person.language)
        .join(Person, Person.id == Digest.person_id)
        .where(Digest.id.in_(list(says)))
    )
    return {
        row.id: DigestMessage(
            digest=row.id,
            person=row.name,
            code=row.code,
            email=row.email,
            language=row.language or language,
            on=on,
            lines=_told_rounds(lines[row.id]),
        )
        for row in rows
    }


def _lines(
    session: Session, says: Mapping[int, Collection[int]], on: date, calendar: WorkingCalendar
) -> dict[int, list[Line]]:
    duty, owner = aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            Notification.id,
            Notification.digest_id,
            Notification.kind,
            Notification.slip,
            Notification.role,
            Notification.waits_for,
            Notification.deadline_version,
            Notification.deadline,
            Notification.data,
            Notification.measure_id,
            Notification.person_id,
            Digest.person_id.label("receiver_id"),
            duty.name.label("duty_name"),
            Measure.code,
            Measure.position,
            Measure.text,
            Unit.name.label("unit_name"),
            owner.name.label("owner_name"),
            Round.title,
        )
        .join(Digest, Digest.id == Notification.digest_id)
        .join(duty, duty.id == Notification.person_id)
        .outerjoin(Measure, Measure.id == Notification.measure_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(owner, owner.id == Measure.owner_id)
        .outerjoin(Round, Round.id == Notification.round_id)
        .where(Notification.digest_id.in_(list(says)))
        .order_by(Notification.id)
    )
    found: dict[int, dict[object, Line]] = defaultdict(dict)
    wanted = {digest: frozenset(said) for digest, said in says.items()}
    for row in rows:
        if row.id in wanted[row.digest_id]:
            line = _line(row, on, calendar)
            same = (row.kind, row.measure_id, row.waits_for, row.deadline_version, repr(row.data))
            lines = found[row.digest_id]
            lines[same] = _together(lines[same], line) if same in lines else line
    return defaultdict(list, {digest: list(lines.values()) for digest, lines in found.items()})


def _together(one: Line, other: Line) -> Line:
    """Return one line for two that say the same: one's own duty goes first, else all names are told."""
    if not one.stands_for or not other.stands_for:
        return other if one.stands_for else one
    return one._replace(stands_for=tuple(dict.fromkeys(one.stands_for + other.stands_for)))


def _line(row: Row[Any], on: date, calendar: WorkingCalendar) -> Line:
    return Line(
        kind=Notice(row.kind),
        slip=row.slip,
        role=row.role,
        waits_for=row.waits_for,
        code=row.code,
        position=row.position or 0,
        text=row.text,
        unit=row.unit_name,
        owner=row.owner_name,
        round=row.title,
        deadline=row.deadline,
        days_late=_days_late(row.deadline, on, calendar),
        on=on,
        stands_for=(row.duty_name,) if row.person_id != row.receiver_id else (),
        data=row.data,
    )


def _days_late(deadline: date | None, on: date, calendar: WorkingCalendar) -> int | None:
    """Return the working days since the deadline; None where there is none, or the calendar does not reach that far."""
    if deadline is None:
        return None
    try:
        return calendar.between(deadline, on)
    except BeyondCalendar:
        return None


def _told_rounds(lines: list[Line]) -> tuple[Line, ...]:
    """Return the lines with their round named only where they are of several."""
    if len({line.round for line in lines if line.round}) > 1:
        return tuple(lines)
    return tuple(line._replace(round=None) for line in lines)

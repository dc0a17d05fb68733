"""What digests say, gathered for rendering: one query for any number of digests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.still_true import Told
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role, Slip, WaitsFor
from engine.rules.working_days import BeyondCalendar, WorkingCalendar
from models import Digest, Person
from notifications.messages import DigestMessage, Line

#: What a measure that was just given waits for from its owner.
_OWN = frozenset({WaitsFor.ACCEPTANCE, WaitsFor.DUE_DATE})


def read_digests(
    session: Session, says: Mapping[int, Sequence[Told]], *, on: date, calendar: WorkingCalendar, language: str
) -> dict[int, DigestMessage]:
    """Return the message of each digest as it stands on the day `on`; `language` is for who has chosen none.

    `says` holds what each digest has to say.  What one person would read twice, once in their own right and once for
    somebody whom they stand in for, is one line.
    """
    rows = session.execute(
        select(
            Digest.id,
            Digest.person_id,
            Person.name,
            Person.code,
            func.coalesce(Digest.address, Person.email).label("email"),
            Person.language,
        )
        .join(Person, Person.id == Digest.person_id)
        .where(Digest.id.in_(list(says)))
    )

    @cache
    def days_late(deadline: date | None) -> int | None:
        return _days_late(deadline, on, calendar)

    return {
        row.id: DigestMessage(
            digest=row.id,
            person=row.name,
            code=row.code,
            email=row.email,
            language=row.language or language,
            on=on,
            lines=_lines(says[row.id], on, days_late),
            receiver=row.person_id,
        )
        for row in rows
    }


def _lines(told: Sequence[Told], on: date, days_late: Callable[[date | None], int | None]) -> tuple[Line, ...]:
    """Return the lines of one digest; they name their round only where they are of several."""
    several = len({one.round_title for one in told} - {None}) > 1
    lines: dict[object, Line] = {}
    for one in told:
        line = Line(
            kind=one.kind,
            slip=one.slip,
            role=one.role,
            on=on,
            waits_for=one.other.timer.waits_for if one.other else one.waits_for,
            code=one.code,
            position=one.position or 0,
            text=one.text,
            unit=one.unit_name,
            owner=one.owner_name,
            round=one.round_title if several else None,
            deadline=one.deadline,
            days_late=days_late(one.deadline),
            stands_for=(one.person_name,) if one.person != one.receiver else (),
            measure=one.measure,
            data={**one.other.about, **one.data} if one.other else one.data,
        )
        same = (one.kind, one.measure, one.other_timer, one.waits_for, one.deadline_version, one.packed)
        lines[same] = _together(lines[same], line) if same in lines else line
    return _one_a_matter(tuple(lines.values()))


def _one_a_matter(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Tell of a measure that was just given to the reader in one line: what it waits for from them says it, too.

    A reminder gives way to the assignment, which names the same day; a slip takes the assignment in (`notes`).
    """
    new = {(line.measure, line.stands_for) for line in lines if line.kind is Notice.ASSIGNED}
    if not new:
        return lines

    def is_of_new(line: Line) -> bool:
        return (line.measure, line.stands_for) in new and line.waits_for in _OWN and line.role is Role.OWNER

    slips = {(line.measure, line.stands_for) for line in lines if is_of_new(line) and _is_slip(line)}
    told = []
    for line in lines:
        if line.kind is Notice.ASSIGNED and (line.measure, line.stands_for) in slips:
            continue
        if line.kind is Notice.RUNG and is_of_new(line):
            if not _is_slip(line):
                continue
            told.append(line._replace(data={**line.data, "assigned": True}))
        else:
            told.append(line)
    return tuple(told)


def _is_slip(line: Line) -> bool:
    return line.kind is Notice.RUNG and line.slip is not Slip.REMINDER


def _together(one: Line, other: Line) -> Line:
    """Return one line for two that say the same: one's own duty goes first, else all names are told."""
    if not one.stands_for or not other.stands_for:
        return other if one.stands_for else one
    return one._replace(stands_for=tuple(dict.fromkeys(one.stands_for + other.stands_for)))


def _days_late(deadline: date | None, on: date, calendar: WorkingCalendar) -> int | None:
    """Return the working days since the deadline; None where there is none, or the calendar does not reach that far."""
    if deadline is None:
        return None
    try:
        return calendar.between(deadline, on)
    except BeyondCalendar:
        return None

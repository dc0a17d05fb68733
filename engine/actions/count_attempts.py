"""Counts attempts to get in, in the database: every process of the house knows of them.

An attempt is counted before it is judged, and taken back when it was good: many at once gain nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Insert, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from engine.rules.passwords import FORGOTTEN_AFTER, wait_until
from engine.rules.refusal import TooSoon
from engine.rules.text import N_
from models import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An attempt that was counted, and how it was before."""

    subjects: Mapping[str, str]  #: what it is counted for, by the kind of patience
    failures: Mapping[str, int]  #: with it, by the kind of patience
    at: datetime
    former_at: Mapping[str, datetime]  #: when the attempt before it was made, by subject


def count_attempt(session: Session, subjects: Mapping[str, str], moment: Moment) -> Counted:
    """Count an attempt.  `subjects` is what it is counted for, by the kind of patience.

    Raises TooSoon, and counts nothing, while somebody must wait.
    """
    for subject in sorted(subjects.values()):  # always in the same order: no two requests wait for each other
        session.connection().execute(_begin(session, subject, moment))
    rows = session.execute(
        select(Attempt.subject, Attempt.failures, Attempt.last_at)
        .where(Attempt.subject.in_(subjects.values()))
        .order_by(Attempt.subject)
        .with_for_update()
    ).all()
    so_far = {row.subject: (row.failures, row.last_at) for row in rows}
    until = max(
        wait_until(kind, failures=so_far[subject][0], last_at=so_far[subject][1]) for kind, subject in subjects.items()
    )
    if until > moment.at:
        seconds = int((until - moment.at).total_seconds()) + 1
        raise TooSoon(N_("too many attempts failed; try again in {seconds} seconds", seconds=seconds), seconds=seconds)
    counted = update(Attempt).where(Attempt.subject.in_(subjects.values()))
    session.execute(counted.values(failures=Attempt.failures + 1, last_at=moment.at))
    return Counted(
        subjects=subjects,
        failures={kind: so_far[subject][0] + 1 for kind, subject in subjects.items()},
        at=moment.at,
        former_at={subject: last_at for subject, (_, last_at) in so_far.items()},
    )


def take_back(session: Session, counted: Counted, kinds: Iterable[str]) -> None:
    """Count an attempt no longer: it was good, and nobody waits longer for it.  `kinds` are kinds of patience."""
    for subject in sorted(counted.subjects[kind] for kind in kinds):
        is_last = Attempt.last_at == counted.at  # else another came meanwhile, and its moment stays
        good = update(Attempt).where(Attempt.subject == subject, Attempt.failures > 0)
        session.execute(
            good.values(
                failures=Attempt.failures - 1,
                last_at=case((is_last, counted.former_at[subject]), else_=Attempt.last_at),
            )
        )


def forget_attempts(session: Session, subject: str, moment: Moment) -> None:
    """Forget what is counted for a subject, and whatever of anybody's is too old to count."""
    session.execute(delete(Attempt).where(Attempt.subject == subject))
    session.execute(delete(Attempt).where(Attempt.last_at < moment.at - FORGOTTEN_AFTER))


def _begin(session: Session, subject: str, moment: Moment) -> Insert:
    """Return the statement after which a subject is there, with nothing that is too old to count."""
    row = {"subject": subject, "failures": 0, "last_at": moment.at}
    is_postgres = session.get_bind().dialect.name == "postgresql"
    fresh = (postgresql.insert if is_postgres else sqlite.insert)(Attempt).values(**row)
    is_old = Attempt.last_at < moment.at - FORGOTTEN_AFTER
    return fresh.on_conflict_do_update(
        index_elements=[Attempt.subject],
        set_={"failures": case((is_old, 0), else_=Attempt.failures)},
    )

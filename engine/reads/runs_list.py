"""What ran by itself: the newest runs, with what each reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Outcome, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One run."""

    id: int
    kind: str
    period: str
    version: int
    as_of: date
    state: Outcome
    report: dict[str, Any] | None
    started_at: datetime
    finished_at: datetime | None


def read_runs(
    session: Session, *, kind: str | None = None, before: int | None = None, limit: int
) -> tuple[tuple[RunLine, ...], int | None]:
    """Return the newest runs, of one kind where it is named, from before the one with this number on.

    With the number of the last one, where more follow.
    """
    query = select(Run).order_by(Run.id.desc()).limit(limit + 1)
    if kind is not None:
        query = query.where(Run.kind == kind)
    if before is not None:
        query = query.where(Run.id < before)
    rows = session.scalars(query).all()
    lines = tuple(
        RunLine(
            id=row.id,
            kind=row.kind,
            period=row.period,
            version=row.version,
            as_of=row.as_of,
            state=row.state,
            report=row.report,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )
        for row in rows[:limit]
    )
    return lines, lines[-1].id if len(rows) > limit else None

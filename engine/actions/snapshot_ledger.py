"""Keeps the round's figures of a month; the next month's change is counted against them."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.round_figures import read_figures
from engine.rules.moment import Moment
from engine.rules.working_days import WorkingCalendar
from models import LedgerSnapshot


def snapshot_ledger(
    session: Session, *, round_id: int, period: str, moment: Moment, calendar: WorkingCalendar, again: bool = False
) -> LedgerSnapshot:
    """Keep the figures for `period` (year and month); a second time returns the first, or with `again` renews it."""
    kept = session.scalar(
        select(LedgerSnapshot).where(LedgerSnapshot.round_id == round_id, LedgerSnapshot.period == period)
    )
    if kept is not None and not again:
        return kept
    counts = asdict(read_figures(session, round_id, moment, calendar))
    if kept is None:
        kept = LedgerSnapshot(round_id=round_id, period=period, as_of=moment.on, figures=counts, created_at=moment.at)
        session.add(kept)
    else:
        kept.as_of, kept.figures, kept.created_at = moment.on, counts, moment.at
    session.flush()
    return kept


def figures_before(session: Session, *, round_id: int, period: str) -> dict[str, int] | None:
    """Return the figures of the newest period before `period`."""
    return session.scalar(
        select(LedgerSnapshot.figures)
        .where(LedgerSnapshot.round_id == round_id, LedgerSnapshot.period < period)
        .order_by(LedgerSnapshot.period.desc())
        .limit(1)
    )

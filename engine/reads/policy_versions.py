"""The versions of the policy on record: since when each is there, and how many running measures began with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.rules.vocabulary import OPEN_STATES
from models import Measure, Policy, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """One version."""

    number: int
    digest: str
    created_at: datetime
    running: int  #: open measures that began with it
    ended: int  #: measures that are closed or cancelled
    rounds: tuple[str, ...]  #: codes of the rounds whose new measures begin with it
    ladder: dict[str, Any]
    lifecycle: dict[str, Any]


def read_policy_versions(session: Session) -> tuple[PolicyVersion, ...]:
    """Return every version, the newest first: three statements."""
    is_open = Measure.state.in_(OPEN_STATES)
    counts: dict[tuple[int, bool], int] = defaultdict(int)
    query = select(Measure.policy_id, is_open, func.count()).group_by(Measure.policy_id, is_open)
    for policy, runs, count in session.execute(query).tuples():
        counts[policy, bool(runs)] += count
    rounds: dict[int, list[str]] = defaultdict(list)
    for policy, code in session.execute(select(Round.policy_id, Round.code).order_by(Round.id.desc())).tuples():
        rounds[policy].append(code)
    return tuple(
        PolicyVersion(
            number=row.id,
            digest=row.digest,
            created_at=row.created_at,
            running=counts[row.id, True],
            ended=counts[row.id, False],
            rounds=tuple(rounds[row.id]),
            ladder=row.ladder,
            lifecycle=row.lifecycle,
        )
        for row in session.scalars(select(Policy).order_by(Policy.id.desc()))
    )

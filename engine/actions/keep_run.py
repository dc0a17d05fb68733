"""Keeps the record of runs: one per kind and period, so that a second trigger finds the first.

Runs of one kind take turns (`run_alone`).  So a run that is found `running` was cut short, and as runs are idempotent
at every line it is simply taken up again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.rules.moment import Moment
from engine.rules.refusal import Conflict
from engine.rules.text import N_
from models import Outcome, Run
from models.database import Sessions
from models.places import alone

WAIT_SECONDS = 600  #: for another run of the same kind
REMEMBERED = "remembered"  #: where an unfinished run keeps it, in the place of its report


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTicket:
    """A run that may go ahead, or the report of one that is done."""

    run: int
    version: int
    began_at: datetime  #: of the first attempt
    is_resumed: bool  #: an earlier attempt was cut short or failed
    report: dict[str, Any] | None  #: of the finished run; None: go ahead
    remembered: dict[str, Any] = field(default_factory=dict)  #: what an earlier attempt wanted kept


@contextmanager
def run_alone(engine: Engine, kind: str, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Let no other run of this kind work meanwhile, in no process; wait for the one that does.

    A process that dies holds nobody up.  Raises Conflict when the other is not done within `wait_seconds`.
    """
    with ExitStack() as held:
        try:
            held.enter_context(alone(engine, f"run-{kind}", wait_seconds=wait_seconds))
        except TimeoutError:
            raise Conflict(N_("another {kind} run is still under way; try again when it is done", kind=kind)) from None
        yield


def is_at_work(engine: Engine, kind: str) -> bool:
    """Say whether a run of this kind is at work now, in any process."""
    try:
        with alone(engine, f"run-{kind}", wait_seconds=0):
            return False
    except TimeoutError:
        return True


def begin_run(sessions: Sessions, *, kind: str, period: str, moment: Moment, again: bool = False) -> RunTicket:
    """Return the ticket for (kind, period): the newest version, or with `again` a new one."""
    try:
        with sessions.begin() as session:
            return _begin(session, kind=kind, period=period, moment=moment, again=again)
    except IntegrityError:  # another process began it in the same instant: take up what it began
        with sessions.begin() as session:
            return _begin(session, kind=kind, period=period, moment=moment, again=False)


def _begin(session: Session, *, kind: str, period: str, moment: Moment, again: bool) -> RunTicket:
    newest = session.scalar(
        select(Run).where(Run.kind == kind, Run.period == period).order_by(Run.version.desc()).limit(1)
    )
    if newest is not None and not (again and newest.state is Outcome.DONE):
        done = newest.report if newest.state is Outcome.DONE else None
        newest.state = Outcome.DONE if done is not None else Outcome.RUNNING
        return RunTicket(
            run=newest.id,
            version=newest.version,
            began_at=newest.started_at,
            is_resumed=done is None,
            report=done,
            remembered={} if done is not None else (newest.report or {}).get(REMEMBERED, {}),
        )
    version = newest.version + 1 if newest else 1
    number = session.scalars(
        insert(Run).returning(Run.id),
        [
            {
                "kind": kind,
                "period": period,
                "version": version,
                "as_of": moment.on,
                "state": Outcome.RUNNING,
                "started_at": moment.at,
            }
        ],
    ).one()
    return RunTicket(run=number, version=version, began_at=moment.at, is_resumed=False, report=None)


def remember(sessions: Sessions, ticket: RunTicket, what: dict[str, Any]) -> None:
    """Keep `what` with the unfinished run: the attempt that takes it up, should this one be cut short, is given it."""
    with sessions.begin() as session:
        session.get_one(Run, ticket.run).report = {REMEMBERED: what}


def is_under_way(session: Session, run: int) -> bool:
    """Say whether the run is neither done nor failed; also true when it was cut short."""
    return session.scalar(select(Run.state).where(Run.id == run)) is Outcome.RUNNING


def finish_run(sessions: Sessions, ticket: RunTicket, *, report: dict[str, Any], moment: Moment) -> None:
    """Keep what the run did."""
    with sessions.begin() as session:
        run = session.get_one(Run, ticket.run)
        run.state, run.report, run.finished_at = Outcome.DONE, report, moment.at


def fail_run(sessions: Sessions, ticket: RunTicket, *, error: str, moment: Moment) -> None:
    """Keep why the run failed; the next trigger takes it up again."""
    with sessions.begin() as session:
        run = session.get_one(Run, ticket.run)
        run.report = {**(run.report or {}), "error": error}
        run.state, run.finished_at = Outcome.FAILED, moment.at

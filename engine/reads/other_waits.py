"""The timers of what is no measure, with their subjects: a few dozen rows in an office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from engine.reads.due_timers import DueTimer, take_timers
from engine.reads.left_open import unless_shut_out
from engine.rules.agenda import RaisedFacts, subject_of_decision
from engine.rules.moment import Moment
from engine.rules.other_waits import name_of
from engine.rules.recipients import Addressed
from engine.rules.signing import SIGNERS
from engine.rules.text import Text
from engine.rules.vocabulary import OtherWait, Slip
from models import Decision, Fate, Measure, Meeting, OtherRung, OtherTimer, Paper, Person, Round, Timer, Unit

STANDS = OtherTimer.ended_on.is_(None)
(_SIGNER,) = SIGNERS  #: one role signs


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTold:
    """One timer with its subject, as messages, commands and pages tell it."""

    timer: DueTimer  #: its `code` is 2025-09/3 (a task), paper/17 (by the number of its draft) or 2025-09/minutes
    waits_for: OtherWait
    stands: bool
    since: date
    round: str  #: code
    decision: int | None
    paper: int | None
    owner: str | None  #: name
    unit: str | None  #: name of the owner's, or of the measure's that a task is about
    about: Mapping[str, Any]  #: what sentences need (engine.rules.other_waits.name_of)

    @property
    def name(self) -> Text:
        """Return which task, paper or meeting it is."""
        return name_of(self.waits_for, self.about)


def read_others(session: Session, *which: ColumnElement[bool]) -> list[OtherTold]:
    """Return the timers that fit, with their subjects, in the order of their next look: one statement."""
    return [_told(row) for row in session.execute(_query().where(*which).order_by(*_ORDER))]


def find_other(session: Session, round_id: int, code: str) -> OtherTold | None:
    """Return the newest wait with this code (OtherTold.timer) of a round; None: there is none."""
    first, _, last = code.partition("/")
    if first == "paper" and last.isdecimal():
        which = Paper.draft_id == int(last[:18])
    elif last == "minutes":
        which = (Meeting.period == first) & OtherTimer.meeting_id.is_not(None)
    elif last.isdecimal():
        which = (Meeting.period == first) & (Decision.number == int(last[:9]))
    else:
        return None
    found = read_others(session, OtherTimer.round_id == round_id, which)
    return max(found, key=lambda one: (one.stands, one.timer.measure), default=None)


def count_due(session: Session, until: date) -> tuple[int, date | None]:
    """Count the timers that fire by a day, of measures and of what is none; return also the oldest day.

    Costs what is due, by the key of each table.
    """
    (some, first), (more, second) = (
        session.execute(select(func.count(), func.min(day)).where(day <= until, which)).tuples().one()
        for day, which in ((Timer.fires_on, true()), (OtherTimer.fires_on, STANDS))
    )
    return some + more, min((day for day in (first, second) if day), default=None)


def read_raised(session: Session, round_id: int, until: Moment) -> list[RaisedFacts]:
    """Return what stood at `until` and had been brought before the leading group: one statement."""
    raised = select(OtherRung.id).where(
        OtherRung.other_timer_id == OtherTimer.id,
        OtherRung.slip == Slip.GROUP,
        OtherRung.fate == Fate.CLIMBED,
        OtherRung.at <= until.at,
    )
    stood = or_(STANDS, OtherTimer.ended_on > until.on)
    return [
        RaisedFacts(
            waits_for=one.waits_for,
            subject=_subject(one),
            text=one.name,
            unit=one.unit,
            owner=one.owner,
            deadline=one.timer.deadline,
        )
        for one in read_others(session, OtherTimer.round_id == round_id, raised.exists(), stood)
    ]


def _subject(one: OtherTold) -> str:
    if one.waits_for is OtherWait.MEETING_TASK:
        return subject_of_decision(date.fromisoformat(one.about["held_on"]), one.about["number"])
    return f"matter:{one.timer.code}"


def take_due_others(session: Session, as_of: date, limit: int) -> list[DueTimer]:
    """Return, and on PostgreSQL lock, up to `limit` due timers, oldest first; see `take_timers`."""
    due = _query().where(OtherTimer.fires_on <= as_of, STANDS).order_by(*_ORDER).limit(limit)
    return take_timers(
        session, due, of=OtherTimer, read=lambda at, query: [_told(row).timer for row in at.execute(query)]
    )


_ORDER = (OtherTimer.fires_on, OtherTimer.id)


def _query() -> Select[Any]:
    owner, about = aliased(Person), aliased(Measure)
    whose = func.coalesce(Decision.owner_id, about.owner_id, Paper.submitted_by_id, Paper.drawn_by_id)
    where = func.coalesce(about.unit_id, owner.unit_id)
    return (
        select(
            OtherTimer,
            Round.code.label("round"),
            Decision.number,
            Decision.text,
            Meeting.period,
            Meeting.held_on,
            Paper,
            unless_shut_out(owner.id).label("owner"),
            owner.name,
            where.label("unit"),
            Unit.name.label("unit_name"),
            unless_shut_out(about.lead_id).label("lead_id"),
        )
        .join(Round, Round.id == OtherTimer.round_id)
        .outerjoin(Decision, Decision.id == OtherTimer.decision_id)
        .outerjoin(Paper, Paper.id == OtherTimer.paper_id)
        .outerjoin(Meeting, Meeting.id == func.coalesce(OtherTimer.meeting_id, Decision.meeting_id))
        .outerjoin(about, about.id == Decision.measure_id)
        .outerjoin(owner, owner.id == whose)
        .outerjoin(Unit, Unit.id == where)
    )


def _told(row: Any) -> OtherTold:
    timer: OtherTimer = row.OtherTimer
    paper: Paper | None = row.Paper
    addressed = Addressed(
        owner=row.owner,
        lead=row.lead_id,
        unit=row.unit,
        verifier=None,
        approver_role=_SIGNER if timer.waits_for is OtherWait.PAPER_APPROVAL else None,
        hands=tuple(sorted(paper.hands)) if paper else (),
    )
    return OtherTold(
        timer=DueTimer(
            fires_on=timer.fires_on,
            measure=timer.id,
            addressed=addressed,
            round=timer.round_id,
            policy=timer.policy_id,
            waits_for=timer.waits_for,
            deadline=timer.deadline,
            deadline_version=timer.deadline_version,
            rung=timer.rung,
            code=f"paper/{paper.draft_id}" if paper else f"{row.period}/{row.number or 'minutes'}",
        ),
        waits_for=timer.waits_for,
        stands=timer.ended_on is None,
        since=timer.since,
        round=row.round,
        decision=timer.decision_id,
        paper=timer.paper_id,
        owner=row.name,
        unit=row.unit_name,
        about=_about(row, paper),
    )


def _about(row: Any, paper: Paper | None) -> dict[str, Any]:
    if paper is None:
        task = {"number": row.number, "text": row.text, "by": row.name}
        return {"meeting": row.period, "held_on": row.held_on.isoformat(), **task}
    return {
        "document": paper.kind,
        "period": paper.period,
        "version": paper.version,
        "as_of": paper.as_of.isoformat(),
        "by": row.name,
        "reason": paper.reason,
    }

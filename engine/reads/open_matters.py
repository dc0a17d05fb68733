"""What should be waited for besides measures, as things stand: tasks not done, papers to sign or to mend, meetings.

`engine.actions.other_timers` gives each its timer; `engine.reads.lint` finds those without.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from engine.rules.other_waits import OpenMatter, Subject
from engine.rules.progress import SETTLED
from engine.rules.signing import PaperState
from engine.rules.vocabulary import OtherWait
from models import (
    Agenda,
    Decision,
    DecisionDone,
    DecisionKind,
    Measure,
    Meeting,
    MeetingOff,
    Minutes,
    Paper,
    Round,
)

_OF_PAPERS = {PaperState.SUBMITTED: OtherWait.PAPER_APPROVAL, PaperState.RETURNED: OtherWait.PAPER_RETURN}
_ABOUT, _OWNED = aliased(Measure), aliased(Measure)
#: A task that is not done, and whose measure is not settled.
IS_OPEN_TASK = and_(
    Decision.kind == DecisionKind.TASK,
    ~select(DecisionDone.decision_id).where(DecisionDone.decision_id == Decision.id).exists(),
    ~select(_ABOUT.id).where(_ABOUT.id == Decision.measure_id, _ABOUT.state.in_(SETTLED)).exists(),
)
_IS_GIVEN = or_(Decision.owner_id.is_not(None), Decision.due.is_not(None))
#: A task waits for somebody while it is not done, names an owner or a day, and its measure is not settled.
IS_WAITING_TASK = and_(IS_OPEN_TASK, _IS_GIVEN)
#: Nobody can be asked for it.
IS_IDLE_TASK = and_(IS_OPEN_TASK, ~_IS_GIVEN)


def is_task_of(people: BindParameter[Any]) -> ColumnElement[bool]:
    """Return whether a task waits for one of `people`: its owner, or the owner of its measure where it names nobody."""
    owned = select(_OWNED.id).where(_OWNED.owner_id.in_(people))
    theirs = or_(Decision.owner_id.in_(people), and_(Decision.owner_id.is_(None), Decision.measure_id.in_(owned)))
    return and_(IS_WAITING_TASK, theirs)


def open_matters(session: Session, until: date, only: tuple[Subject, int] | None = None) -> Iterator[OpenMatter]:
    """Yield what should be waited for on a day, of one subject or of all: one statement for each sort of subject."""
    for subject, found in ((Subject.TASK, _tasks), (Subject.PAPER, _papers), (Subject.MEETING, _meetings)):
        if only is None:
            yield from found(session, until, true())
        elif only[0] is subject:
            yield from found(session, until, _TABLES[subject].id == only[1])


_TABLES: dict[Subject, type[Decision | Paper | Meeting]] = {
    Subject.TASK: Decision,
    Subject.PAPER: Paper,
    Subject.MEETING: Meeting,
}


def _tasks(session: Session, until: date, which: ColumnElement[bool]) -> Iterator[OpenMatter]:
    rows = session.execute(
        select(Decision.id, Meeting.round_id, Decision.on, Decision.due)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .where(IS_WAITING_TASK, Decision.on <= until, which)
    )
    for number, round_, since, due in rows.tuples():
        yield OpenMatter(waits_for=OtherWait.MEETING_TASK, number=number, round=round_, since=since, due=due, version=1)


def _papers(session: Session, until: date, which: ColumnElement[bool]) -> Iterator[OpenMatter]:
    rows = session.execute(
        select(Paper, Round.zone)
        .join(Round, Round.id == Paper.round_id)
        .where(Paper.state.in_(sorted(_OF_PAPERS)), which)
    )
    for paper, zone in rows.tuples():
        began = paper.submitted_at if paper.state is PaperState.SUBMITTED else paper.decided_at
        since = began.astimezone(ZoneInfo(zone)).date() if began else until
        if since <= until:
            yield OpenMatter(
                waits_for=_OF_PAPERS[paper.state],
                number=paper.id,
                round=paper.round_id,
                since=since,
                due=None,
                version=paper.submissions,
            )


def _meetings(session: Session, until: date, which: ColumnElement[bool]) -> Iterator[OpenMatter]:
    """Yield meetings whose day has come and of which nothing is recorded, neither a decision nor minutes."""
    newest = select(func.max(Agenda.version)).where(Agenda.meeting_id == Meeting.id).correlate(Meeting)
    off = select(MeetingOff.id).where(
        MeetingOff.meeting_id == Meeting.id, MeetingOff.version == newest.scalar_subquery()
    )
    rows = session.execute(
        select(Meeting.id, Meeting.round_id, Meeting.held_on).where(
            Meeting.held_on <= until,
            select(Agenda.id).where(Agenda.meeting_id == Meeting.id).exists(),
            ~off.exists(),
            ~select(Decision.id).where(Decision.meeting_id == Meeting.id).exists(),
            ~select(Minutes.meeting_id).where(Minutes.meeting_id == Meeting.id).exists(),
            which,
        )
    )
    for number, round_, held_on in rows.tuples():
        yield OpenMatter(
            waits_for=OtherWait.MINUTES,
            number=number,
            round=round_,
            since=held_on,
            due=None,
            version=held_on.toordinal(),  # another day is another deadline
        )

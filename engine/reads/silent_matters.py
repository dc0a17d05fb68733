"""Why nothing is waited for though a task, a paper or a meeting is there; and what a task lacks, told when it is given.

`explain_other` asks for what no timer ever stood for; commands, pages and the API for a task just recorded.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.explain import Explanation
from engine.reads.meetings_off import is_called_off
from engine.rules.other_waits import gap_of, name_of
from engine.rules.progress import SETTLED
from engine.rules.signing import PAPER_STATE_NAMES, PaperState
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OtherWait
from models import Agenda, Decision, DecisionDone, DecisionKind, Measure, Meeting, OtherTimer, Paper, Person


def read_gap(session: Session, decision: Decision) -> Text | None:
    """Return what a task that was just recorded lacks, and what follows; None: nothing, or it is no task."""
    if decision.kind is not DecisionKind.TASK:
        return None
    about = session.get(Measure, decision.measure_id) if decision.measure_id else None
    until = session.scalar(
        select(OtherTimer.deadline).where(OtherTimer.decision_id == decision.id).order_by(OtherTimer.id.desc()).limit(1)
    )
    has_owner = decision.owner_id is not None or (about is not None and about.owner_id is not None)
    return gap_of(is_named=decision.owner_id is not None, has_owner=has_owner, due=decision.due, until=until)


def explain_silent(session: Session, *, round_id: int, code: str, as_of: date) -> Explanation | None:
    """Return why nothing is waited for though `code` names a task, a paper or a meeting; None: it names none."""
    first, _, last = code.partition("/")
    if first == "paper" and last.isdecimal():
        return _paper(session, round_id, code, int(last[:18]))
    meeting = session.scalar(select(Meeting).where(Meeting.round_id == round_id, Meeting.period == first))
    if meeting is None:
        return None
    if last == "minutes":
        return _meeting(session, meeting, code, as_of)
    return _decision(session, meeting, code, int(last[:9])) if last.isdecimal() else None


def _decision(session: Session, meeting: Meeting, code: str, number: int) -> Explanation | None:
    found = session.scalar(select(Decision).where(Decision.meeting_id == meeting.id, Decision.number == number))
    if found is None:
        return None
    about = session.get(Measure, found.measure_id) if found.measure_id else None
    owner = session.get(Person, found.owner_id) if found.owner_id else None
    if found.kind is not DecisionKind.TASK:
        why = N_("this decision was carried out when it was recorded; nothing is waited for")
    elif done := session.get(DecisionDone, found.id):
        why = N_("this task has been done since {day}; nothing is waited for", day=done.on)
    elif about is not None and about.state in SETTLED:
        why = N_("measure {code}, which this task is about, is settled; nothing is waited for", code=about.code)
    else:
        why = read_gap(session, found) or N_("its ladder begins with the next daily run")
    told = {"number": number, "meeting": meeting.period, "text": found.text}
    return _told(code, name_of(OtherWait.MEETING_TASK, told), why, owner=owner.name if owner else None, due=found.due)


def _paper(session: Session, round_id: int, code: str, number: int) -> Explanation | None:
    paper = session.scalar(select(Paper).where(Paper.round_id == round_id, Paper.draft_id == number))
    if paper is None:
        return None
    if paper.state is PaperState.DRAFT:
        why = N_("this paper is a draft: nobody is asked before it is submitted for approval")
    else:
        why = N_("this paper is settled ({state}); nothing is waited for", state=PAPER_STATE_NAMES[paper.state])
    drawn_by = session.get(Person, paper.drawn_by_id) if paper.drawn_by_id else None
    told = {"document": paper.kind, "period": paper.period, "version": paper.version}
    return _told(
        code, name_of(OtherWait.PAPER_APPROVAL, told), why, owner=drawn_by.name if drawn_by else None, due=None
    )


def _meeting(session: Session, meeting: Meeting, code: str, as_of: date) -> Explanation:
    if is_called_off(session, meeting):
        why = N_("this meeting is called off; nothing is waited for")
    elif session.scalar(select(Agenda.id).where(Agenda.meeting_id == meeting.id).limit(1)) is None:
        why = N_("this meeting has no agenda yet; its record is asked for once it has one and its day has come")
    elif meeting.held_on > as_of:
        why = N_(
            "nothing is waited for before {day}; from then on coordinators are asked to record it", day=meeting.held_on
        )
    else:
        why = N_("this meeting is recorded; nothing is waited for")
    told = {"meeting": meeting.period, "held_on": meeting.held_on.isoformat()}
    return _told(code, name_of(OtherWait.MINUTES, told), why, owner=None, due=meeting.held_on)


def _told(code: str, text: Text, why: Text, *, owner: str | None, due: date | None) -> Explanation:
    return Explanation(
        code=code,
        text=text,
        state=None,
        owner=owner,
        original_due=None,
        due=due,
        deadline_version=1,
        silence=why,
        history=(),
        rungs=(),
    )

"""The leading group's meetings: the draft agenda, its publication, decisions as they are taken, minutes, open tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from documents.agenda_words import SECTION_TITLES
from engine.actions.desk import Desk
from engine.actions.draft_agenda import (
    add_item,
    move_line,
    publish_agenda,
    read_draft_lines,
    remove_line,
    restore_line,
    set_meeting,
)
from engine.actions.keep_minutes import finish_task, write_minutes
from engine.actions.record_decision import record_decision
from engine.reads.agenda_document import AgendaDocument, read_agenda
from engine.reads.meeting_page import MeetingDetail, find_meeting, read_meeting
from engine.reads.meetings import MeetingLine, read_meetings
from engine.rules.agenda import Line, Section
from engine.rules.names import DECISION_NAMES
from engine.rules.refusal import NotFound, NotReady
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from flows.monthly import run_monthly
from models import DecisionKind, Meeting
from web.pages.measure import root_of
from web.render import page
from web.visit import Signed, SignedVisit, own_path

routes = APIRouter()
PATH = "/rounds/{round}/meetings/{period}"
TABS = ("agenda", "live", "minutes", "tasks")
_ABOUT = (DecisionKind.EXTEND, DecisionKind.REASSIGN, DecisionKind.ACCEPT_RISK, DecisionKind.CANCEL, DecisionKind.MERGE)
#: What makes sense for a line, the likeliest first.
KINDS: dict[Section, tuple[DecisionKind, ...]] = {
    Section.LAST_DECISIONS: (DecisionKind.TASK,),
    Section.ESCALATED: (DecisionKind.TASK, *_ABOUT),
    Section.DUE_SOON: (DecisionKind.TASK, *_ABOUT),
    Section.CLOSE_OUT: (DecisionKind.CLOSE, DecisionKind.TASK),
    Section.EXTENSIONS: (DecisionKind.EXTEND, DecisionKind.REFUSE_EXTENSION, DecisionKind.TASK),
    Section.UNASSIGNED: (DecisionKind.REASSIGN, DecisionKind.TASK),
    Section.OTHER: (DecisionKind.TASK,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingsPage:
    """The list."""

    root: str
    meetings: tuple[MeetingLine, ...]  #: the newest first
    may_prepare: bool
    proposed: date  #: for the next one


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPage:
    """One meeting."""

    root: str
    tab: str
    tabs: tuple[tuple[str, Text], ...]
    detail: MeetingDetail
    draft: Sequence[tuple[str, Line]]  #: while nothing is published
    agenda: AgendaDocument | None  #: the newest version
    documents: tuple[str, ...]  #: endings in which it can be had
    may_prepare: bool
    may_record: bool
    sections: dict[Section, Text]
    kinds: dict[Section, tuple[DecisionKind, ...]]
    kind_names: dict[str, Text]
    measures: str  #: where measures' pages lie


@routes.get("/rounds/{round}/meetings")
def show_meetings(visit: Signed) -> Response:
    """Show the list."""
    visit.open(Place.MEETINGS)
    with visit.reading() as session:
        round_ = visit.round(session)
        found = read_meetings(session, round_.id)
    context = MeetingsPage(
        root=_root(visit),
        meetings=tuple(reversed(found)),
        may_prepare=visit.actor.holds(Role.COORDINATOR),
        proposed=visit.calendar.on_or_after(visit.moment.on),
    )
    return page(visit, "meetings.html", context)


@routes.post("/rounds/{round}/meetings")
def prepare(visit: Signed, held_on: Annotated[date, Form()]) -> Response:
    """Begin the meeting of a month, or move it."""
    with visit.desk() as desk:
        meeting = set_meeting(desk, held_on)
    return visit.go(f"{_root(visit)}/{meeting.period}", N_("the meeting is on {day}", day=held_on))


@routes.get(PATH)
def show_meeting(visit: Signed, period: str, show: str = "") -> Response:
    """Show one meeting."""
    visit.open(Place.MEETINGS)
    tabs: dict[str, Text] = {
        "agenda": N_("Agenda"),
        "live": N_("Record decisions"),
        "minutes": N_("Minutes"),
        "tasks": N_("Open tasks"),
    }
    with visit.reading() as session:
        round_ = visit.round(session)
        meeting = find_meeting(session, round_.id, period)
        detail = read_meeting(session, meeting)
        agenda = _agenda(session, visit, period)
        draft = read_draft_lines(_desk(visit, session), meeting) if agenda is None else ()
        code = round_.code
    may_record = visit.actor.holds(Role.COORDINATOR) or visit.actor.holds(Role.LEADING_GROUP)
    context = MeetingPage(
        root=f"{_root(visit)}/{period}",
        tab=show if show in tabs else "agenda",
        tabs=tuple(tabs.items()),
        detail=detail,
        draft=draft,
        agenda=agenda,
        documents=("docx", "html", "md") if agenda else (),
        may_prepare=visit.actor.holds(Role.COORDINATOR),
        may_record=may_record,
        sections=SECTION_TITLES,
        kinds=KINDS,
        kind_names=DECISION_NAMES,
        measures=root_of(code, ""),
    )
    return page(visit, "meeting.html", context)


def _agenda(session: Session, visit: SignedVisit, period: str) -> AgendaDocument | None:
    try:
        return read_agenda(session, visit.round(session), period=period)
    except NotFound:
        return None


def _desk(visit: SignedVisit, session: Session) -> Desk:
    return Desk(
        session=session,
        moment=visit.moment,
        calendar=visit.calendar,
        person=visit.who.code,
        round=visit.round_code,
    )


def _root(visit: SignedVisit) -> str:
    return f"/rounds/{quote(visit.round_code or '', safe='')}/meetings"


def _meeting(visit: SignedVisit, desk: Desk, period: str) -> Meeting:
    return find_meeting(desk.session, visit.round(desk.session).id, period)


@routes.post(f"{PATH}/move")
def move(visit: Signed, period: str, key: Annotated[str, Form()], way: Annotated[str, Form()]) -> Response:
    """Move a line up or down."""
    with visit.desk() as desk:
        move_line(desk, _meeting(visit, desk, period), key, up=way == "up")
    return visit.go(f"{_root(visit)}/{period}#agenda")


@routes.post(f"{PATH}/remove")
def leave_out(visit: Signed, period: str, key: Annotated[str, Form()], reason: Annotated[str, Form()] = "") -> Response:
    """Leave a line out."""
    with visit.desk() as desk:
        remove_line(desk, _meeting(visit, desk, period), key, reason=reason)
    return visit.go(f"{_root(visit)}/{period}", N_("the line is left out"))


@routes.post(f"{PATH}/restore")
def take_in(visit: Signed, period: str, key: Annotated[str, Form()]) -> Response:
    """Take a line in again."""
    with visit.desk() as desk:
        restore_line(desk, _meeting(visit, desk, period), key)
    return visit.go(f"{_root(visit)}/{period}", N_("the line is on the agenda again"))


@routes.post(f"{PATH}/add")
def add(
    visit: Signed,
    period: str,
    text: Annotated[str, Form()] = "",
    presenter: Annotated[str, Form()] = "",
    minutes: Annotated[str, Form()] = "",
) -> Response:
    """Add an item."""
    if minutes and not minutes.isdecimal():
        raise NotReady(N_("a whole number was expected"))
    with visit.desk() as desk:
        meeting = _meeting(visit, desk, period)
        add_item(desk, meeting, text=text, presenter=presenter, minutes=int(minutes) if minutes else None)
    return visit.go(f"{_root(visit)}/{period}", N_("the item is added"))


@routes.post(f"{PATH}/publish")
def publish(visit: Signed, period: str) -> Response:
    """Cut the agenda off, print it, and tell the leading group; once it is out, a new version."""
    with visit.desk() as desk:
        held_on = _meeting(visit, desk, period).held_on
        is_out = _agenda(desk.session, visit, period) is not None
        publish_agenda(desk, held_on)
    run_monthly(visit.house, visit.moment, again=is_out, held_on=held_on, round_code=visit.round_code)
    return visit.go(f"{_root(visit)}/{period}", N_("the agenda is out; the leading group is told"))


@routes.post(f"{PATH}/decide")
def decide(
    visit: Signed,
    period: str,
    kind: Annotated[DecisionKind, Form()],
    text: Annotated[str, Form()] = "",
    measure: Annotated[str, Form()] = "",
    owner: Annotated[str, Form()] = "",
    due: Annotated[str, Form()] = "",
) -> Response:
    """Record a decision, and carry it out."""
    with visit.desk() as desk:
        held_on = _meeting(visit, desk, period).held_on
        decision = record_decision(
            desk,
            meeting=held_on,
            kind=kind,
            measure=measure.strip() or None,
            text=text,
            owner=owner.strip() or None,
            due=_day(due),
        )
    told = N_("decision {number} is recorded and carried out", number=decision.number)
    return visit.go(f"{_root(visit)}/{period}?show=live", told)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotReady(N_("a date was expected, such as 2025-09-10")) from None


@routes.post(f"{PATH}/minutes")
def keep(
    visit: Signed, period: str, present: Annotated[str, Form()] = "", text: Annotated[str, Form()] = ""
) -> Response:
    """Keep the minutes."""
    with visit.desk() as desk:
        write_minutes(desk, _meeting(visit, desk, period), present=present, text=text)
    return visit.go(f"{_root(visit)}/{period}?show=minutes", N_("the minutes are kept"))


@routes.post(f"{PATH}/tasks/{{number}}/done")
def finish(
    visit: Signed,
    period: str,
    number: int,
    note: Annotated[str, Form()] = "",
    back: Annotated[str | None, Form()] = None,
) -> Response:
    """Mark a task as done."""
    with visit.desk() as desk:
        finish_task(desk, _meeting(visit, desk, period), number, note=note)
    return visit.go(own_path(back, f"{_root(visit)}/{period}?show=tasks"), N_("the task is done"))

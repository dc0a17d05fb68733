"""The leading group's meetings: the list, and one with its agenda, draft, decisions, minutes and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from documents.agenda_words import SECTION_TITLES, with_days
from engine.actions.draft_agenda import set_meeting
from engine.actions.expect_version import mark_seen
from engine.reads.agenda_document import AgendaDocument, PrintedLine, read_agenda
from engine.reads.agenda_draft import lay_agenda
from engine.reads.ledger_page import LedgerFilter, MeasureLine, read_ledger_page
from engine.reads.meeting_page import DecisionRow, MeetingDetail, find_meeting, read_meeting
from engine.reads.meetings import MeetingLine, read_meetings
from engine.reads.recused import RecusedLine, recused_members
from engine.rules.access import may_finish_task
from engine.rules.agenda import Line, Section
from engine.rules.agenda_draft import Laid
from engine.rules.names import DECISION_NAMES
from engine.rules.recusal import is_judged_kind
from engine.rules.refusal import NotFound
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OPEN_STATES, Role
from models import DecisionKind, Meeting
from web.fields import number_in
from web.pages.measure import root_of
from web.render import page
from web.visit import Signed, SignedVisit

routes = APIRouter()
PATH = "/rounds/{round}/meetings/{period}"
_Line = TypeVar("_Line", Line, PrintedLine)
NOBODY: Mapping[str, tuple[RecusedLine, ...]] = MappingProxyType({})
FOUND = 8  #: measures that a search on the draft shows
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
class Typed:
    """A decision as it was typed, to be shown again where it was refused."""

    subject: str = ""
    kind: str = ""
    text: str = ""
    measure: str = ""
    owner: str = ""
    due: str = ""
    amends: int | None = None  #: the decision about the same that is there already


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLine:
    """One line of the published agenda while the meeting runs."""

    place: int  #: 1, 2, … through all sections
    section: Section
    line: PrintedLine
    decisions: tuple[DecisionRow, ...]  #: taken about it
    recused: tuple[RecusedLine, ...]  #: who of the leading group will not decide, while nothing is decided


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPage:
    """One meeting."""

    root: str
    tab: str
    tabs: tuple[tuple[str, Text], ...]
    detail: MeetingDetail
    draft: Laid | None  #: where it is shown
    agenda: AgendaDocument | None  #: the newest version
    lines: tuple[LiveLine, ...]  #: of the agenda
    at: int  #: the place of the line that is under discussion; 0: none
    find: str  #: what was searched for on the draft
    found: tuple[MeasureLine, ...]
    typed: Typed
    refused: Text | None  #: why what was typed was not recorded
    seen: str  #: marks the minutes as they are written
    written: tuple[str, str]  #: who was present, and the minutes, as the form begins
    may_prepare: bool
    may_record: bool  #: decisions and minutes, once its day has come
    is_to_come: bool  #: its day has not come
    may_move: bool  #: or call off: it is still to be held
    may_finish: frozenset[tuple[str, int]]  #: period and number of the open tasks that they may mark as done
    sections: dict[Section, Text]
    kinds: dict[Section, tuple[DecisionKind, ...]]
    every_kind: tuple[DecisionKind, ...]
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
        root=root_of_meetings(visit),
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
    return visit.go(f"{root_of_meetings(visit)}/{meeting.period}", N_("the meeting is on {day}", day=held_on))


@routes.get(PATH)
def show_meeting(
    visit: Signed,
    period: str,
    show_tab: Annotated[str, Query(alias="show")] = "",
    at: str = "",
    find: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show one meeting."""
    return show(visit, period, show_tab, at=number_in(at), find=find.strip())


def show(
    visit: SignedVisit,
    period: str,
    tab: str,
    *,
    at: int | None = None,
    find: str = "",
    typed: Typed | None = None,
    refused: Text | None = None,
    written: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of one meeting; `at` is the place of the line under discussion, or else the first undecided."""
    visit.open(Place.MEETINGS)
    may_prepare = visit.actor.holds(Role.COORDINATOR)
    may_record = may_prepare or visit.actor.holds(Role.LEADING_GROUP)
    with visit.reading() as session:
        round_ = visit.round(session)
        meeting = find_meeting(session, round_.id, period)
        detail = read_meeting(session, meeting)
        agenda = agenda_of(session, visit, period)
        tabs = _tabs(is_out=agenda is not None, may_prepare=may_prepare, may_record=may_record)
        tab = tab if tab in tabs else next(iter(tabs))
        draft = _draft(session, visit, meeting) if tab == "draft" else None
        found = _find(session, visit, round_.id, find) if draft is not None and find and may_prepare else ()
        recused = _recused(session, visit, round_.id, agenda) if agenda and tab == "live" else {}
    lines = _lines(agenda, detail, recused) if agenda else ()
    typed = typed or Typed()
    stored = (detail.minutes.present, detail.minutes.text) if detail.minutes else ("", "")
    if refused is not None:
        at = next((one.place for one in lines if one.line.subject and one.line.subject == typed.subject), 0)
    context = MeetingPage(
        root=f"{root_of_meetings(visit)}/{period}",
        tab=tab,
        tabs=tuple(tabs.items()),
        detail=detail,
        draft=draft,
        agenda=agenda,
        lines=lines,
        at=_undecided(lines) if at is None else at,
        find=find,
        found=found,
        typed=typed,
        refused=refused,
        seen=mark_seen(*stored),
        written=written or stored,
        may_prepare=may_prepare,
        may_record=may_record,
        is_to_come=visit.moment.on < detail.held_on,
        may_move=may_prepare and not detail.decisions and detail.called_off is None,
        may_finish=frozenset(
            (one.period, one.number) for one in detail.open_tasks if may_finish_task(visit.actor, one.owner_id)
        ),
        sections=SECTION_TITLES,
        kinds=KINDS,
        every_kind=(DecisionKind.TASK, *(one for one in DecisionKind if one is not DecisionKind.TASK)),
        kind_names=DECISION_NAMES,
        measures=root_of(round_.code, ""),
    )
    return page(visit, "meeting.html", context, status=status)


def _tabs(*, is_out: bool, may_prepare: bool, may_record: bool) -> dict[str, Text]:
    """Return what there is to see: the agenda once it is out, until then its draft."""
    tabs: dict[str, Text] = {"agenda": N_("Agenda")} if is_out else {"draft": N_("Agenda")}
    if is_out and may_record:
        tabs["live"] = N_("Record decisions")
    tabs |= {"minutes": N_("Minutes"), "tasks": N_("Open tasks")}
    if is_out and may_prepare:
        tabs["draft"] = N_("Next version")
    return tabs


def _draft(session: Session, visit: SignedVisit, meeting: Meeting) -> Laid:
    laid = lay_agenda(session, meeting, visit.moment, visit.calendar)
    return replace(laid, lines=tuple(_spoken(line) for line in laid.lines))


def _spoken(line: _Line) -> _Line:
    """Return a line with the days in its sentences as they are spoken, as on paper."""
    return replace(line, ask=with_days(line.ask), hand=with_days(line.hand) if line.hand else None)


def _recused(
    session: Session, visit: SignedVisit, round_id: int, agenda: AgendaDocument
) -> dict[str, tuple[RecusedLine, ...]]:
    """Return who of the leading group has worked on the measures of an agenda, by code, as far as it is judged."""
    asked = {
        line.code: next((kind.value for kind in KINDS[section] if is_judged_kind(kind.value)), None)
        for section, found in agenda.sections
        for line in found
        if line.code is not None
    }
    judged = {code: kind for code, kind in asked.items() if kind is not None}
    return recused_members(session, round_id, judged, visit.moment.on)


def _lines(
    agenda: AgendaDocument, detail: MeetingDetail, recused: Mapping[str, tuple[RecusedLine, ...]] = NOBODY
) -> tuple[LiveLine, ...]:
    lines = [(section, line) for section, found in agenda.sections for line in found]
    return tuple(
        LiveLine(
            place=place,
            section=section,
            line=_spoken(line),
            decisions=(taken := tuple(one for one in detail.decisions if _is_about(one, section, line))),
            recused=recused.get(line.code or "", ()) if not taken else (),
        )
        for place, (section, line) in enumerate(lines, start=1)
    )


def _is_about(decision: DecisionRow, section: Section, line: PrintedLine) -> bool:
    """Return whether a decision was taken about a line: it names it, or else names its measure."""
    if decision.subject is not None and line.subject is not None:
        return decision.subject == line.subject
    return section is not Section.LAST_DECISIONS and line.code is not None and decision.measure == line.code


def _undecided(lines: tuple[LiveLine, ...], after: int = 0) -> int:
    """Return the place of the next line about which nothing is decided, from the beginning again after the last.

    What was decided the last time is heard, not decided again.
    """
    waiting = [one.place for one in lines if not one.decisions and one.section is not Section.LAST_DECISIONS]
    return next((place for place in waiting if place > after), waiting[0] if waiting else 0)


def next_line(visit: SignedVisit, period: str, *, after: str) -> int:
    """Return the place of the line to go on with after one was decided; 0 where all are."""
    with visit.reading() as session:
        meeting = meeting_of(visit, session, period)
        agenda = agenda_of(session, visit, period)
        lines = _lines(agenda, read_meeting(session, meeting)) if agenda else ()
    here = next((one.place for one in lines if one.line.subject == after), 0)
    return _undecided(lines, here) if here else 0


def _find(session: Session, visit: SignedVisit, round_id: int, words: str) -> tuple[MeasureLine, ...]:
    only = LedgerFilter(search=words, states=OPEN_STATES, seen_by=visit.sight)
    found = read_ledger_page(session, round_id, on=visit.moment.on, calendar=visit.calendar, only=only, limit=FOUND)
    return found.lines


def agenda_of(session: Session, visit: SignedVisit, period: str) -> AgendaDocument | None:
    """Return the newest agenda of a month's meeting, where one is out."""
    try:
        return read_agenda(session, visit.round(session), period=period)
    except NotFound:
        return None


def root_of_meetings(visit: SignedVisit) -> str:
    """Return the path of the list."""
    return f"/rounds/{quote(visit.round_code or '', safe='')}/meetings"


def meeting_of(visit: SignedVisit, session: Session, period: str) -> Meeting:
    """Return the meeting of a month.  Raises NotFound."""
    return find_meeting(session, visit.round(session).id, period)

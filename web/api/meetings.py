"""The leading group's meetings: their agendas, and what was decided."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.orm import Session

from engine.actions.call_off_meeting import call_off_meeting
from engine.actions.desk import Desk, find_actor, find_round
from engine.actions.freeze_agenda import freeze_agenda, period_of
from engine.actions.record_decision import record_decision
from engine.reads.agenda_document import AgendaDocument, read_agenda
from engine.reads.meetings import MeetingLine, read_meetings
from engine.reads.silent_matters import read_gap
from engine.rules.access import only_for
from engine.rules.refusal import NotFound
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from engine.rules.work_record import Hand, Side
from i18n import say
from models import DecisionKind
from web.api.answers import CREATED, act
from web.api.caller import Acts, Caller, Reads
from web.api.shapes import LARGEST_ID, Asked, Code, Day, Given, RoundCode, Who, Words

routes = APIRouter(tags=["meetings"])
Period = Annotated[
    str, Path(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="The month of the meeting.", examples=["2025-09"])
]


class Recused(Given):
    """Somebody who has worked on the measure that was decided (回避)."""

    person: str = Field(description="Name.")
    is_member: bool = Field(
        description="Of the leading group, who did not decide; else the coordinator who wrote it down."
    )
    hand: Hand = Field(description="What was done on the measure.")
    since: date
    side: Side = Field(description="Did it, stood in for who did, or was stood in for by them.")
    through: str | None = Field(description="Name of who did it, where it was somebody else.")


class Decision(Given):
    """What was decided."""

    number: int
    kind: str
    measure: str | None = Field(description="Code of the measure it is about.")
    text: str
    owner: str | None = Field(description="Name of who shall do it.")
    due: date | None
    subject: str | None = Field(description="The line of the agenda that it is about: `subject` there.")
    recused: list[Recused] = Field(description="Who of the leading group did not decide, and why.")


class Recorded(Decision):
    """A decision that was just recorded."""

    gap: str | None = Field(description="What a task lacks, an owner or a day, and what follows, in words.")


class CalledOff(Given):
    """That a meeting does not take place."""

    on: date
    reason: str
    by: str = Field(description="Name.")


class Meeting(Given):
    """A meeting with its decisions."""

    period: str = Field(examples=["2025-09"])
    held_on: date
    agenda_version: int | None = Field(description="The newest; null: no agenda was frozen.")
    agenda_as_of: date | None
    decisions: list[Decision]
    called_off: CalledOff | None = Field(description="Null: it takes place; a newer agenda takes it up again.")


class Meetings(Given):
    """Every meeting, the oldest first."""

    meetings: list[Meeting]


class AgendaLine(Given):
    """A line of an agenda, in the caller's language."""

    code: str | None
    text: str
    unit: str | None
    leader: str | None
    owner: str | None
    deadline: date | None
    lateness: int = Field(description="Working days.")
    reason: str | None
    ask: str = Field(description="What is asked of the meeting.")
    hand: str | None = Field(description="Who put it there by hand, and why; null: the rule did.")
    subject: str | None = Field(description="Names the line: a decision about it says so. Null in old agendas.")


class LeftOutLine(Given):
    """A line that a coordinator left out."""

    subject: str
    code: str | None
    text: str
    reason: str
    by: str = Field(description="Name.")
    is_deferred: bool = Field(description="To the next meeting.")


class AgendaSection(Given):
    """A section of an agenda."""

    section: str
    lines: list[AgendaLine]


class Agenda(Given):
    """A frozen agenda."""

    period: str
    held_on: date
    as_of: date = Field(description="The cut-off.")
    version: int
    figures: dict[str, int]
    change: dict[str, int] = Field(description="Against last month; empty for the first.")
    sections: list[AgendaSection]
    left_out: list[LeftOutLine] = Field(description="What the rule had selected and a coordinator left out.")


class AgendaAsked(Asked):
    """Which meeting's agenda is drawn up."""

    held_on: Annotated[Day, Field(description="The day of the meeting; one a month.", examples=["2025-09-10"])]
    again: Annotated[bool, Field(strict=True, description="As the next version; the old one stays.")] = False


class DecisionMade(Asked):
    """What was decided."""

    kind: DecisionKind
    text: Words
    measure: Code | None = None
    owner: Who | None = None
    due: Day | None = None
    subject: Annotated[Code | None, Field(description="The line of the agenda that it is about.")] = None
    amends: Annotated[
        int | None,
        Field(
            ge=1,
            le=LARGEST_ID,
            strict=True,
            description="Where the line is decided already: the number of the decision that it amends or adds to.",
        ),
    ] = None


class OffAsked(Asked):
    """Why a meeting does not take place, and on which day it was to be held: by default that on record."""

    reason: Words
    held_on: date | None = None


@routes.get("/rounds/{round}/meetings", operation_id="list_meetings", response_model=Meetings)
def list_meetings(caller: Reads, round_: RoundCode) -> Meetings:
    """List the meetings of a round with what was decided."""
    caller.open(Place.MEETINGS)
    with caller.reading() as session:
        found = read_meetings(session, caller.find_round(session, round_).id)
    return Meetings(meetings=[Meeting.model_validate(one) for one in found])


@routes.get("/rounds/{round}/meetings/{period}", operation_id="show_meeting", response_model=Meeting)
def show_meeting(caller: Reads, round_: RoundCode, period: Period) -> Meeting:
    """Show one meeting with what was decided."""
    caller.open(Place.MEETINGS)
    with caller.reading() as session:
        return Meeting.model_validate(_meeting(session, caller.find_round(session, round_).id, period))


def _meeting(session: Session, round_id: int, period: str) -> MeetingLine:
    for one in read_meetings(session, round_id):
        if one.period == period:
            return one
    raise NotFound(N_("there is no meeting in {period}; draw up its agenda first", period=period))


@routes.get("/rounds/{round}/meetings/{period}/agenda", operation_id="show_agenda", response_model=Agenda)
def show_agenda(
    caller: Reads,
    round_: RoundCode,
    period: Period,
    version: Annotated[int | None, Query(ge=1, le=10_000, description="The newest without it.")] = None,
) -> Agenda:
    """Show a frozen agenda."""
    caller.open(Place.MEETINGS)
    with caller.reading() as session:
        found = read_agenda(session, caller.find_round(session, round_), period=period, version=version)
    return _agenda(caller, period, found)


def _agenda(caller: Caller, period: str, found: AgendaDocument) -> Agenda:
    def said(text: str | Text) -> str:
        return say(text, caller.language) if isinstance(text, Text) else text

    return Agenda(
        period=period,
        held_on=found.held_on,
        as_of=found.as_of,
        version=found.version,
        figures=found.figures,
        change=found.change,
        sections=[
            AgendaSection(
                section=section.value,
                lines=[
                    AgendaLine(
                        code=line.code,
                        text=said(line.text),
                        unit=line.unit,
                        leader=line.leader,
                        owner=line.owner,
                        deadline=line.deadline,
                        lateness=line.lateness,
                        reason=line.reason,
                        ask=said(line.ask),
                        hand=said(line.hand) if line.hand else None,
                        subject=line.subject,
                    )
                    for line in lines
                ],
            )
            for section, lines in found.sections
        ],
        left_out=[
            LeftOutLine(
                subject=one.key,
                code=one.code,
                text=said(one.text),
                reason=one.reason,
                by=one.by,
                is_deferred=one.is_deferred,
            )
            for one in found.left_out
        ],
    )


@routes.post("/rounds/{round}/agendas", operation_id="draw_up_agenda", response_model=Agenda, status_code=CREATED)
def draw_up_agenda(caller: Acts, round_: RoundCode, body: AgendaAsked) -> Response:
    """Draw up the agenda of the month's meeting and freeze it; asked again, it is the same.  For coordinators."""

    def drawn_up(desk: Desk) -> Agenda:
        only_for(find_actor(desk), "prepare_meeting", {Role.COORDINATOR})
        found_round = find_round(desk.session, round_)
        frozen = freeze_agenda(
            desk.session,
            round_id=found_round.id,
            held_on=body.held_on,
            moment=desk.moment,
            calendar=desk.calendar,
            again=body.again,
        )
        desk.session.flush()
        period = period_of(body.held_on)
        return _agenda(caller, period, read_agenda(desk.session, found_round, period=period, version=frozen.version))

    return act(caller, drawn_up, round_=round_, status=CREATED)


@routes.post(
    "/rounds/{round}/meetings/{period}/decisions",
    operation_id="record_decision",
    response_model=Recorded,
    status_code=CREATED,
)
def decide(caller: Acts, round_: RoundCode, period: Period, body: DecisionMade) -> Response:
    """Record a decision of a meeting; it is carried out at once.  For coordinators and the leading group."""

    def decided(desk: Desk) -> Recorded:
        number = find_round(desk.session, round_).id
        made = record_decision(
            desk,
            meeting=_meeting(desk.session, number, period).held_on,
            kind=body.kind,
            measure=body.measure,
            text=body.text,
            owner=body.owner,
            due=body.due,
            subject=body.subject,
            amends=body.amends,
        )
        meeting = _meeting(desk.session, number, period)
        line = Decision.model_validate(next(one for one in meeting.decisions if one.number == made.number))
        gap = read_gap(desk.session, made)
        return Recorded(**line.model_dump(), gap=say(gap, caller.language) if gap else None)

    return act(caller, decided, round_=round_, status=CREATED)


@routes.post("/rounds/{round}/meetings/{period}/call-off", operation_id="call_off_meeting", response_model=Meeting)
def call_off(caller: Acts, round_: RoundCode, period: Period, body: OffAsked) -> Response:
    """Call a meeting off; who was invited is told.  A newer agenda takes it up again.  For coordinators."""

    def called_off(desk: Desk) -> Meeting:
        number = find_round(desk.session, round_).id
        held_on = body.held_on or _meeting(desk.session, number, period).held_on
        call_off_meeting(desk, held_on, reason=body.reason)
        desk.session.flush()
        return Meeting.model_validate(_meeting(desk.session, number, period))

    return act(caller, called_off, round_=round_)

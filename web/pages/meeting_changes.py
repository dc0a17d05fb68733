"""What is done with a meeting: its draft agenda is changed and published, decisions, minutes and tasks are recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.call_off_meeting import call_off_meeting
from engine.actions.draft_agenda import (
    add_item,
    add_measure,
    drop_line,
    move_line,
    move_meeting,
    publish_agenda,
    remove_line,
    restore_line,
)
from engine.actions.expect_version import SeenOther
from engine.actions.freeze_agenda import period_of
from engine.actions.keep_minutes import finish_task, write_minutes
from engine.actions.record_decision import AlreadyDecided, record_decision
from engine.reads.silent_matters import read_gap
from engine.rules.agenda_draft import Way
from engine.rules.refusal import NotReady, Refusal
from engine.rules.text import N_, Text
from flows.monthly import run_monthly
from models import DecisionKind
from web.fields import Number, number_in
from web.pages.meetings import PATH, Typed, agenda_of, meeting_of, next_line, root_of_meetings, show
from web.troubles import CONFLICT, status_of
from web.visit import Signed, SignedVisit, own_path

routes = APIRouter()


def _draft(visit: SignedVisit, period: str, told: Text | None = None, *, at: str = "") -> Response:
    path = f"{root_of_meetings(visit)}/{period}?show=draft"
    return visit.go(path + "#" + quote(at, safe=":") if at else path, told)


@routes.post(f"{PATH}/move")
def move(
    visit: Signed,
    period: str,
    key: Annotated[str, Form()],
    way: Annotated[Way | None, Form()] = None,
    before: Annotated[str, Form()] = "",
) -> Response:
    """Move a line within its section: a `way`, or `before` another line, or to the section's end."""
    with visit.desk() as desk:
        meeting = meeting_of(visit, desk.session, period)
        if way is None:
            drop_line(desk, meeting, key, before=before or None)
        else:
            move_line(desk, meeting, key, way)
    return _draft(visit, period, at=f"{way or 'top'}-{key}")


@routes.post(f"{PATH}/remove")
def leave_out(
    visit: Signed,
    period: str,
    key: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
    how: Annotated[str, Form()] = "",
) -> Response:
    """Leave a line out, or defer it to the next meeting."""
    is_deferred = how == "defer"
    with visit.desk() as desk:
        remove_line(desk, meeting_of(visit, desk.session, period), key, reason=reason, is_deferred=is_deferred)
    told = N_("the line is deferred to the next meeting") if is_deferred else N_("the line is left out")
    return _draft(visit, period, told)


@routes.post(f"{PATH}/restore")
def take_in(visit: Signed, period: str, key: Annotated[str, Form()]) -> Response:
    """Take a line in again."""
    with visit.desk() as desk:
        restore_line(desk, meeting_of(visit, desk.session, period), key)
    return _draft(visit, period, N_("the line is on the agenda again"), at=f"line-{key}")


@routes.post(f"{PATH}/add")
def add(
    visit: Signed,
    period: str,
    text: Annotated[str, Form()] = "",
    presenter: Annotated[str, Form()] = "",
    minutes: Annotated[str, Form()] = "",
) -> Response:
    """Add a topic in words."""
    if minutes and number_in(minutes) is None:
        raise NotReady(N_("a whole number was expected"))
    with visit.desk() as desk:
        meeting = meeting_of(visit, desk.session, period)
        add_item(desk, meeting, text=text, presenter=presenter, minutes=number_in(minutes))
    return _draft(visit, period, N_("the item is added"))


@routes.post(f"{PATH}/add-measure")
def add_one(visit: Signed, period: str, code: Annotated[str, Form()], note: Annotated[str, Form()] = "") -> Response:
    """Put a measure on the agenda."""
    with visit.desk() as desk:
        add_measure(desk, meeting_of(visit, desk.session, period), code.strip(), note=note)
    return _draft(visit, period, N_("measure {code} is on the agenda", code=code.strip()))


@routes.post(f"{PATH}/publish")
def publish(visit: Signed, period: str) -> Response:
    """Cut the agenda off, print it, and tell the leading group; once it is out, a new version."""
    with visit.desk(is_last=False) as desk:
        held_on = meeting_of(visit, desk.session, period).held_on
        is_out = agenda_of(desk.session, visit, period) is not None
        publish_agenda(desk, held_on)
    run_monthly(visit.house, visit.moment, again=is_out, held_on=held_on, round_code=visit.round_code)
    return visit.go(f"{root_of_meetings(visit)}/{period}", N_("the agenda is out; the leading group is told"))


@routes.post(f"{PATH}/day")
def move_day(visit: Signed, period: str, held_on: Annotated[date, Form()]) -> Response:
    """Move the meeting to another day of its month."""
    with visit.desk() as desk:
        move_meeting(desk, meeting_of(visit, desk.session, period), held_on)
    return visit.go(f"{root_of_meetings(visit)}/{period}", N_("the meeting is on {day}", day=held_on))


@routes.post(f"{PATH}/call-off")
def call_off(
    visit: Signed, held_on: Annotated[date, Form()], reason: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Call off the meeting of the day that the page showed; who was invited is told."""
    with visit.desk() as desk:
        call_off_meeting(desk, held_on, reason=reason)
    told = N_("the meeting of {day} is called off; who was invited is told", day=held_on)
    return visit.go(f"{root_of_meetings(visit)}/{period_of(held_on)}", told)


@routes.post(f"{PATH}/decide")
def decide(
    visit: Signed,
    period: str,
    kind: Annotated[DecisionKind, Form()],
    text: Annotated[str, Form()] = "",
    measure: Annotated[str, Form()] = "",
    owner: Annotated[str, Form()] = "",
    due: Annotated[str, Form()] = "",
    subject: Annotated[str, Form()] = "",
    amends: Annotated[Number | None, Form()] = None,
) -> Response:
    """Record a decision, carry it out, and go on to the next line of the agenda; refused, show what was typed."""
    typed = Typed(subject=subject, kind=kind.value, text=text, measure=measure, owner=owner, due=due)
    try:
        with visit.desk() as desk:
            decision = record_decision(
                desk,
                meeting=meeting_of(visit, desk.session, period).held_on,
                kind=kind,
                measure=measure.strip() or None,
                text=text,
                owner=owner.strip() or None,
                due=_day(due),
                subject=subject or None,
                amends=amends,
            )
            gap = read_gap(desk.session, decision)
    except Refusal as refusal:
        former = refusal.number if isinstance(refusal, AlreadyDecided) else amends
        typed = replace(typed, amends=former)
        return show(visit, period, "live", typed=typed, refused=refusal.text, status=status_of(refusal))
    told = N_("decision {number} is recorded and carried out", number=decision.number)
    if gap is not None:
        told = N_("{told}; {but}", told=told, but=gap)
    place = next_line(visit, period, after=subject)
    return visit.go(f"{root_of_meetings(visit)}/{period}?show=live&at={place}#kind-{place}", told)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotReady(N_("a date was expected, such as 2025-09-10")) from None


@routes.post(f"{PATH}/minutes")
def keep(
    visit: Signed,
    period: str,
    present: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    seen: Annotated[str | None, Form()] = None,
) -> Response:
    """Keep the minutes; where somebody else wrote meanwhile, show theirs above what was typed."""
    text = text.replace("\r\n", "\n")
    try:
        with visit.desk() as desk:
            write_minutes(desk, meeting_of(visit, desk.session, period), present=present, text=text, seen=seen)
    except SeenOther:
        told = N_(
            "somebody else wrote the minutes meanwhile: theirs stand above, yours below; put both together and keep"
        )
        return show(visit, period, "minutes", written=(present, text), refused=told, status=CONFLICT)
    return visit.go(f"{root_of_meetings(visit)}/{period}?show=minutes", N_("the minutes are kept"))


@routes.post(f"{PATH}/tasks/{{number}}/done")
def finish(
    visit: Signed,
    period: str,
    number: Number,
    note: Annotated[str, Form()] = "",
    back: Annotated[str | None, Form()] = None,
) -> Response:
    """Mark a task as done."""
    with visit.desk() as desk:
        finish_task(desk, meeting_of(visit, desk.session, period), number, note=note)
    return visit.go(own_path(back, f"{root_of_meetings(visit)}/{period}?show=tasks"), N_("the task is done"))

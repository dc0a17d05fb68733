"""The record: verified on request, its checkpoints taken and given away, and its events searched."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response
from pydantic import BeforeValidator
from sqlalchemy import select

from engine.actions.desk import one_request
from engine.actions.take_checkpoint import take_checkpoint
from engine.reads.anchors import anchor_of, read_anchor, read_checkpoints
from engine.reads.audit import Anchor
from engine.reads.event_search import EventLine, Sought, search_events
from engine.rules.plan import Fault, InputRefused
from engine.rules.plan import Place as Spot
from engine.rules.record_words import event_details, event_name, event_words
from engine.rules.refusal import NotFound, NotReady
from engine.rules.sight import Place, hidden_events
from engine.rules.text import N_, Text
from models import Checkpoint
from web.audit_run import AuditRun, Walk
from web.fields import Number
from web.pages.rounds import attachment
from web.render import page
from web.visit import Signed, SignedVisit

routes = APIRouter()
#: A day that is asked for; an empty field asks for none.
MaybeDay = Annotated[date | None, BeforeValidator(lambda given: given or None)]
LARGEST_ANCHOR = 10_000  #: bytes
SHOWN = 50  #: broken places


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event in words."""

    line: EventLine
    name: Text
    details: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """The record from outside."""

    walk: Walk | None
    broken: tuple[Any, ...]  #: the first broken places
    checkpoints: tuple[Checkpoint, ...]
    events: tuple[EventRow, ...]
    kinds: tuple[tuple[str, Text], ...]
    sought: dict[str, str]
    more: str | None  #: where the next page of events is


@routes.get("/audit")
def show_record(
    visit: Signed,
    *,
    person: str = "",
    kind: str = "",
    measure: str = "",
    first_day: MaybeDay = None,
    last_day: MaybeDay = None,
    before: Number | None = None,
) -> Response:
    """Show checkpoints, the last walk, and the events that are searched for."""
    visit.open(Place.AUDIT)
    sought = Sought(
        person=person or None, kind=kind or None, measure=measure or None, first_day=first_day, last_day=last_day
    )
    with visit.reading() as session:
        lines, after = search_events(session, visit.actor, sought, before=before)
        checkpoints = read_checkpoints(session)
    asked = {
        "person": person,
        "kind": kind,
        "measure": measure,
        "first_day": first_day.isoformat() if first_day else "",
        "last_day": last_day.isoformat() if last_day else "",
    }
    walk = _run(visit.request, visit).look()
    hidden = hidden_events(visit.actor)
    shown = AuditPage(
        walk=walk,
        broken=tuple(walk.audit.broken[:SHOWN]) if walk and walk.audit else (),
        checkpoints=checkpoints,
        events=tuple(EventRow(line=one, name=event_name(one.kind), details=event_details(one.data)) for one in lines),
        kinds=tuple((name, text) for name, text in event_words().items() if name not in hidden),
        sought=asked,
        more=f"/audit?{urlencode(asked | {'before': after})}#events" if after else None,
    )
    return page(visit, "audit.html", shown)


@routes.post("/audit/verify")
def verify(visit: Signed, anchor: Annotated[UploadFile | None, File()] = None) -> Response:
    """Begin to walk the whole record, beside an anchor that somebody kept."""
    visit.open(Place.AUDIT)
    _run(visit.request, visit).begin(visit.moment, visit.who.name, _anchor(anchor))
    return visit.go("/audit")


@routes.post("/audit/checkpoints")
def take(visit: Signed) -> Response:
    """Cover everything recorded so far by one digest."""
    visit.open(Place.AUDIT)
    with one_request(visit.house.sessions) as session:
        taken = take_checkpoint(session, visit.moment)
    if taken is None:
        raise NotReady(N_("nothing is recorded yet"))
    told = N_("{count} events are covered; download the checkpoint and keep it elsewhere", count=taken.events)
    return visit.go("/audit", told)


@routes.get("/audit/checkpoints/{number}.json")
def give_anchor(visit: Signed, number: Number) -> Response:
    """Give a checkpoint, to be kept where nobody who runs Duban can change it."""
    visit.open(Place.AUDIT)
    with visit.reading() as session:
        found = session.scalar(select(Checkpoint).where(Checkpoint.id == number))
    if found is None:
        raise NotFound(N_("there is nothing here"))
    content = json.dumps(anchor_of(found), ensure_ascii=False, indent=2) + "\n"
    headers = {"Content-Disposition": attachment(f"checkpoint-{found.on.isoformat()}-{found.id}.json")}
    return Response(content, media_type="application/json", headers=headers)


def _run(request: Request, visit: SignedVisit) -> AuditRun:
    """Return the house's walks; one for each running application."""
    state = request.app.state
    if not hasattr(state, "audit_run"):
        state.audit_run = AuditRun(visit.house)
    run: AuditRun = state.audit_run
    return run


def _anchor(given: UploadFile | None) -> Anchor | None:
    """Return what was uploaded, if anything.  Raises InputRefused."""
    if given is None or not given.filename:
        return None
    content = given.file.read(LARGEST_ANCHOR)
    anchor = read_anchor(content.decode("utf-8", errors="replace"))
    if anchor is None:
        message = N_("a checkpoint that was written earlier was expected")
        raise InputRefused((Fault(place=Spot(file=given.filename), value=None, message=message),))
    return anchor

"""Verification: who waits for a verifier or a verdict, and what was decided lately; the coordinator asks verifiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.start_verification import start_verification
from engine.reads.verification_queue import (
    MOST,
    Candidate,
    Queue,
    VerificationLine,
    count_queues,
    read_queue,
    read_verifiers,
)
from engine.rules.refusal import NotReady
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from web.deadlines import Timing, timings
from web.fields import Number
from web.pages import verification_changes, verification_detail, verification_pack
from web.pages.measure import root_of
from web.pages.verification_detail import PATH, queue_root
from web.render import page
from web.visit import Signed, own_path

routes = APIRouter()
QUEUES: dict[Queue, Text] = {
    Queue.MINE: N_("To be verified by me"),
    Queue.WAITING: N_("Nobody verifies yet"),
    Queue.UNDER_WAY: N_("Under way"),
    Queue.DECIDED: N_("Decided"),
}
NOTHING: dict[Queue, Text] = {
    Queue.MINE: N_("Nothing is asked of you. Whatever is will stand here, and you will be told."),
    Queue.WAITING: N_("Everything that was submitted has a verifier."),
    Queue.UNDER_WAY: N_("Nobody verifies anything just now."),
    Queue.DECIDED: N_("Nothing was decided yet."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One queue."""

    root: str
    queue: Queue
    queues: dict[Queue, Text]
    counts: dict[Queue, int]
    most: int  #: up to which they are counted
    lines: tuple[VerificationLine, ...]
    next: int | None
    nothing: Text
    timing: Timing
    verifiers: tuple[Candidate, ...]  #: whom a coordinator may ask; nobody for others
    may_start: bool
    measures: str


@routes.get(PATH)
def show_queue(visit: Signed, queue: Queue | None = None, after: Number | None = None) -> Response:
    """Show a queue: by default one's own, or what waits for a verifier where somebody coordinates."""
    visit.open(Place.VERIFICATION)
    coordinates = visit.actor.holds(Role.COORDINATOR)
    chosen = queue or (Queue.WAITING if coordinates else Queue.MINE)
    people = frozenset({visit.actor.person, *visit.actor.stands_in_for})
    may_start = coordinates and chosen in {Queue.WAITING, Queue.UNDER_WAY}
    with visit.reading() as session:
        round_ = visit.round(session)
        part = read_queue(session, round_.id, chosen, people=people, seen_by=visit.sight, after=after)
        counts = count_queues(session, round_.id, people=people)
        verifiers = read_verifiers(session, visit.moment.on) if may_start else ()
    context = QueuePage(
        root=queue_root(visit),
        queue=chosen,
        queues=QUEUES,
        counts=counts,
        most=MOST,
        lines=part.lines,
        next=part.next,
        nothing=NOTHING[chosen],
        timing=timings(visit.moment.on, visit.calendar),
        verifiers=verifiers,
        may_start=may_start,
        measures=root_of(round_.code, ""),
    )
    return page(visit, "verification_queue.html", context)


@routes.post(f"{PATH}/start")
def start(
    visit: Signed,
    codes: Annotated[list[str] | None, Form()] = None,
    verifier: Annotated[str, Form()] = "",
    back: Annotated[str | None, Form()] = None,
) -> Response:
    """Give each chosen submission a verifier: the one named, or the least busy who may."""
    if not codes:
        raise NotReady(N_("choose some measures first"))
    with visit.desk() as desk:
        chosen = start_verification(
            desk, codes, verifier=verifier.strip() or None, checklist=visit.house.policies.checklist
        )
    told = N_("asked to verify: {people}", people=tuple(dict.fromkeys(chosen.values())))
    return visit.go(own_path(back, f"{queue_root(visit)}?queue=under_way"), told)


for group in (verification_detail, verification_changes, verification_pack):
    routes.include_router(group.routes)

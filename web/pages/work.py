"""My work: what waits for somebody, the most urgent first, with what they most likely do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy import or_
from sqlalchemy.orm import Session

from engine.actions.acknowledge_other import acknowledge_other
from engine.reads.delivery_page import count_given_up
from engine.reads.my_tasks import Task, read_my_tasks
from engine.reads.my_work import Pile, Waiting, read_my_work
from engine.reads.other_waits import STANDS, OtherTold, read_others
from engine.reads.papers import PaperLine, read_papers_for
from engine.reads.trust import TrustLine, read_requests_for
from engine.reads.work_parts import PART_NAMES, Part
from engine.rules.names import DOCUMENT_NAMES
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OtherWait, Role
from models import OtherTimer
from web.deadlines import Timing, timings
from web.pages.measure import root_of
from web.render import page
from web.visit import Signed

routes = APIRouter()
GIVEN_UP_SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage:
    """What the page shows."""

    piles: tuple[Pile, ...]
    tasks: tuple[Task, ...]
    papers: tuple[PaperLine, ...]  #: to approve, or returned
    records: tuple[OtherTold, ...]  #: meetings of which nothing is recorded; for coordinators
    waits: Mapping[tuple[str, int], OtherTold]  #: what is known of the wait of a task or paper
    requests: tuple[TrustLine, ...]  #: that wait for the reader as a second person
    document_names: Mapping[str, Text]
    names: dict[Part, Text]
    timing: Timing
    late: int  #: of what waits: its deadline is over
    count: int
    given_up: int  #: deliveries of the last week; for coordinators
    me: str  #: name of the reader

    def wait(self, subject: str, number: int) -> OtherTold | None:
        """Return the wait of a "task" or "paper" with this number; None until the next daily run."""
        return self.waits.get((subject, number))

    def root(self, line: Waiting) -> str:
        """Return the address of a line's measure."""
        return root_of(line.round, line.code)

    def all_of(self, pile: Pile) -> str:
        """Return where the whole of a pile stands that is too long for this page: in the round of its first line."""
        line = pile.lines[0]
        round_ = f"/rounds/{quote(line.round, safe='')}"
        asked = {
            Part.OWN: {"owner": self.me},
            Part.CLOSE_OUT: {"state": "verified"},
            Part.ASSIGN: {"state": "assigned"},
            Part.UNIT: {"unit": line.unit or "", "state": "overdue"},
            Part.LED: {"leader": self.me, "state": "overdue"},
        }.get(pile.part, {})
        place = "verification" if pile.part in {Part.VERIFY, Part.VERIFIER} else "ledger"
        return f"{round_}/{place}?{urlencode(asked)}" if asked else f"{round_}/{place}"


@routes.get("/work")
def show(visit: Signed) -> Response:
    """Show what waits."""
    today, calendar = visit.moment.on, visit.calendar
    tends = visit.actor.holds(Role.COORDINATOR) and visit.may_open(Place.DELIVERY)
    with visit.reading() as session:
        piles = read_my_work(session, visit.actor, on=today, calendar=calendar)
        tasks = read_my_tasks(session, visit.actor)
        papers = read_papers_for(session, visit.actor, visit.moment.on)
        requests = read_requests_for(session, visit.moment, visit.who.person)
        others = _others(session, tasks, papers, coordinates=visit.actor.holds(Role.COORDINATOR))
        given_up = count_given_up(session, today - GIVEN_UP_SINCE) if tends else 0
    timing = timings(today, calendar)
    deadlines = [line.deadline for pile in piles for line in pile.lines] + [one.timer.deadline for one in others]
    records = tuple(one for one in others if one.waits_for is OtherWait.MINUTES)
    count = sum(len(pile.lines) for pile in piles) + len(tasks) + len(papers) + len(records) + len(requests)
    visit.counts.keep(visit.who.person, today, count)
    context = WorkPage(
        piles=piles,
        tasks=tasks,
        papers=papers,
        records=records,
        waits={("task", one.decision) if one.decision else ("paper", one.paper or 0): one for one in others},
        requests=requests,
        document_names=DOCUMENT_NAMES,
        names=PART_NAMES,
        timing=timing,
        late=sum(timing.is_late(one) for one in deadlines),
        count=count,
        given_up=given_up,
        me=visit.who.name,
    )
    return page(visit, "work.html", context)


def _others(
    session: Session, tasks: Sequence[Task], papers: Sequence[PaperLine], *, coordinates: bool
) -> list[OtherTold]:
    which = [
        OtherTimer.decision_id.in_([one.decision for one in tasks]),
        OtherTimer.paper_id.in_([one.id for one in papers]),
    ]
    if coordinates:
        which.append(OtherTimer.meeting_id.is_not(None))
    return read_others(session, STANDS, or_(*which))


@routes.post("/rounds/{round}/seen")
def seen(visit: Signed, code: Annotated[str, Form()]) -> Response:
    """Say that a reminder of a task, paper or meeting was seen: its ladder holds for a while."""
    with visit.desk() as desk:
        until = acknowledge_other(desk, code)
    return visit.go("/work", N_("seen; the next reminder comes on {day}", day=until))

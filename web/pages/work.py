"""My work: what waits for somebody, the most urgent first, with what they most likely do about it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from engine.reads.my_work import PART_NAMES, Part, Pile, read_my_work
from engine.rules.text import Text
from web.deadlines import Timing, timings
from web.render import page
from web.visit import Signed

routes = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage:
    """What the page shows."""

    piles: tuple[Pile, ...]
    names: dict[Part, Text]
    timing: Timing
    late: int  #: lines whose deadline is over
    count: int


@routes.get("/work")
def show(visit: Signed) -> Response:
    """Show what waits."""
    with visit.reading() as session:
        piles = read_my_work(session, visit.actor)
    timing = timings(visit.moment.on, visit.calendar)
    lines = [line for pile in piles for line in pile.lines]
    context = WorkPage(
        piles=piles,
        names=PART_NAMES,
        timing=timing,
        late=sum(timing.is_late(line.deadline) for line in lines),
        count=len(lines),
    )
    return page(visit, "work.html", context)

"""One measure on one page: where it stands, what comes next, everything that hangs on it, and what may be done now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from engine.actions.desk import Desk
from engine.actions.expect_version import expect_version
from engine.actions.possible_actions import Possible, possible_actions
from engine.reads.checklist_answers import read_told_answers
from engine.reads.explain import ExplainedRung, coming_rungs
from engine.reads.measure_page import MeasurePage, find_evidence, people_of_unit, read_measure
from engine.rules.checklist import ANSWERS, Answer, Given, Question
from engine.rules.record_words import event_details, event_name, outcome
from engine.rules.refusal import NotFound, Refusal
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import State
from intake.evidence_store import media_type, stored
from web.deadlines import Timing, timings
from web.fields import Number
from web.render import page
from web.troubles import status_of
from web.visit import Signed, SignedVisit, own_path

routes = APIRouter()
AHEAD = timedelta(days=120)  #: of rungs that are shown
NEXT_RUNGS = 6
#: The main line, as it is drawn.
LINE = (State.ASSIGNED, State.IN_PROGRESS, State.SUBMITTED, State.VERIFIED, State.CLOSED)
PATH = "/rounds/{round}/measures/{code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureDetail:
    """What the page shows."""

    root: str  #: where its forms lead
    found: MeasurePage
    may: Possible
    rungs: tuple[ExplainedRung, ...]  #: the next ones
    timing: Timing
    pictures: frozenset[int]  #: evidence that is shown by itself
    answers: dict[int, tuple[tuple[Question, Given], ...]]  #: of verifications that have ended, by their number
    sees_verifications: bool
    owners: tuple[tuple[str, str], ...]  #: code and name of who may come to own it
    line: tuple[State, ...] = LINE
    refused: Text | None = None
    typed: Mapping[str, str] = field(default_factory=dict)  #: what was typed into a form that was refused
    answer_names: Mapping[Answer, Text] = field(default_factory=lambda: ANSWERS)
    event_name: Callable[[str], Text] = event_name
    event_details: Callable[[Mapping[str, object]], Text | None] = event_details
    outcome: Callable[[str], Text | str] = outcome


@routes.get(PATH)
def show(visit: Signed, code: str) -> Response:
    """Show the page."""
    return show_measure(visit, code)


def show_measure(
    visit: SignedVisit,
    code: str,
    *,
    refused: Text | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show the page, also after a change that was refused."""
    today, calendar = visit.moment.on, visit.calendar
    with visit.reading() as session:
        round_ = visit.round(session)
        found = read_measure(session, round_.id, code, on=today, calendar=calendar, seen_by=visit.sight)
        if found is None:
            raise NotFound(N_("there is no measure {code} in round {round}", code=code, round=round_.code))
        until = min(today + AHEAD, calendar.last)
        rungs = coming_rungs(session, found.id, as_of=today, until=until, calendar=calendar)
        desk = Desk(session=session, moment=visit.moment, calendar=calendar, person=visit.who.code, round=round_.code)
        may = possible_actions(desk, code)
        answers = read_told_answers(session, round_.id, code)
        owners = people_of_unit(session, round_.id, code) if {"assign", "reassign"} & may.now else ()
    context = MeasureDetail(
        root=root_of(round_.code, code),
        found=found,
        may=may,
        rungs=tuple(one for one in rungs if one.fate == "planned")[:NEXT_RUNGS],
        timing=timings(today, calendar),
        pictures=_pictures(visit, found),
        answers=answers,
        sees_verifications=visit.may_open(Place.VERIFICATION),
        owners=owners,
        refused=refused,
        typed=typed or {},
    )
    return page(visit, "measure.html", context, status=status)


def root_of(round_code: str, code: str) -> str:
    """Return the address of a measure's page."""
    return f"/rounds/{quote(round_code, safe='')}/measures/{quote(code, safe='')}"


def _pictures(visit: SignedVisit, found: MeasurePage) -> frozenset[int]:
    paths = {one.id: stored(visit.house.home, one.what) for one in found.evidence if one.what and one.id is not None}
    return frozenset(number for number, path in paths.items() if path.is_file() and media_type(path))


def change(
    visit: SignedVisit,
    code: str,
    act: Callable[[Desk], object],
    told: Text,
    *,
    version: int | None,
    back: str | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    """Carry out one action; a refusal shows the page again, with what was typed."""
    try:
        with visit.desk() as desk:
            if version is not None:
                expect_version(desk, code, version)
            act(desk)
    except NotFound:
        raise
    except Refusal as refusal:
        kept = {name: str(value) for name, value in (typed or {}).items() if value is not None}
        return show_measure(visit, code, refused=refusal.text, typed=kept, status=status_of(refusal))
    return visit.go(own_path(back, root_of(visit.request.path_params["round"], code)), told)


@routes.get(f"{PATH}/evidence/{{number}}")
def fetch(visit: Signed, code: str, number: Number, view: bool = False) -> Response:  # noqa: FBT001, FBT002 - of the query
    """Hand a file over; a picture may be viewed, everything else is saved."""
    with visit.reading() as session:
        found = find_evidence(session, visit.round(session).id, code, number, seen_by=visit.sight)
    path = stored(visit.house.home, found[1]) if found and found[1] else None
    if found is None or path is None or not path.is_file():
        raise NotFound(N_("there is no such file"))
    media = media_type(path)
    is_viewed = view and media is not None
    return FileResponse(
        path,
        media_type=media or "application/octet-stream",
        filename=found[0],
        content_disposition_type="inline" if is_viewed else "attachment",
        headers={"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, max-age=86400"},
    )

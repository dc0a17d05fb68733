"""Measures, looked at: the ledger page by page, one measure with everything that hangs on it, its files."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actions.possible_actions import possible_actions
from engine.reads.ledger_page import LedgerFilter, find_people, find_unit, overdue, read_ledger_page
from engine.reads.ledger_terms import Order
from engine.reads.measure_page import find_evidence, read_measure
from engine.rules.refusal import NotFound
from engine.rules.text import N_
from engine.rules.vocabulary import MeasureClass, State
from i18n import say
from intake.evidence_store import stored
from models import Measure as Row
from web.api.answers import etag_of
from web.api.caller import Caller, Reads
from web.api.shapes import (
    Code,
    CoUnit,
    Cursor,
    Day,
    Lacking,
    Line,
    Measure,
    MeasureCode,
    MeasureLine,
    MeasurePage,
    Number,
    Piece,
    RoundCode,
    Search,
    Wait,
)

routes = APIRouter(tags=["measures"])
MOST = 200  #: of a page


@routes.get("/rounds/{round}/measures", operation_id="list_measures", response_model=MeasurePage)
def list_measures(
    caller: Reads,
    answer: Response,
    round_: RoundCode,
    state: Annotated[list[State] | None, Query(description="Any of these; repeat it for several.")] = None,
    unit: Annotated[Line | None, Query(description="Name of the responsible unit.")] = None,
    person: Annotated[Line | None, Query(description="Who owns or leads them: sign-in name or name.")] = None,
    measure_class: MeasureClass | None = None,
    finding: Annotated[
        Code | None, Query(description="Code of an aspect, problem or item: what hangs below it.")
    ] = None,
    due_from: Day | None = None,
    due_until: Day | None = None,
    late: Annotated[bool | None, Query(description="True: only what is still owed and past its due date.")] = None,
    search: Search = None,
    order: Annotated[
        Order, Query(description="By due date; what is open before what is settled; or in the order of the ledger.")
    ] = Order.DUE,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    after: Cursor = None,
) -> MeasurePage:
    """List the measures that the caller sees and that fit, page by page.

    The next page is in `next` and in the header `Link`; it holds for the same filter and order.
    """
    with caller.reading() as session:
        found_round = caller.find_round(session, round_)
        only = LedgerFilter(
            states=frozenset(state or ()),
            unit=find_unit(session, unit) if unit else None,
            people=find_people(session, person) if person else frozenset(),
            measure_class=measure_class,
            finding=finding,
            due_from=due_from,
            due_until=due_until,
            search=search,
            seen_by=caller.sight,
        )
        if late:
            only = overdue(only, caller.moment.on, caller.calendar)
        found = read_ledger_page(
            session,
            found_round.id,
            on=caller.moment.on,
            calendar=caller.calendar,
            only=only,
            order=order,
            after=after,
            limit=limit,
        )
        versions = _versions(session, found_round.id, [line.code for line in found.lines])
    if found.next is not None:
        answer.headers["Link"] = f'<{_next(caller, found.next)}>; rel="next"'
    lines = [MeasureLine.model_validate(line) for line in found.lines]
    for line in lines:
        line.version = versions.get(line.code)
    return MeasurePage(measures=lines, next=found.next)


def _versions(session: Session, round_id: int, codes: list[str]) -> dict[str, int]:
    query = select(Row.code, Row.version).where(Row.round_id == round_id, Row.code.in_(codes))
    return dict(session.execute(query).tuples().all())


def _next(caller: Caller, cursor: str) -> str:
    pairs = [(name, value) for name, value in caller.request.query_params.multi_items() if name != "after"]
    return f"{caller.request.url.path}?{urlencode([*pairs, ('after', cursor)])}"


@routes.get("/rounds/{round}/measures/{code}", operation_id="show_measure", response_model=Measure)
def show_measure(caller: Reads, answer: Response, round_: RoundCode, code: MeasureCode) -> Measure:
    """Show one measure, what hangs on it, and what the caller may do with it now.  Its version is the ETag."""
    with caller.reading() as session:
        found_round = caller.find_round(session, round_)
        found = read_measure(
            session, found_round.id, code, on=caller.moment.on, calendar=caller.calendar, seen_by=caller.sight
        )
        if found is None:
            raise NotFound(N_("there is no measure {code} in round {round}", code=code, round=round_))
        may = possible_actions(caller.reading_desk(session, round_), code)
    answer.headers["ETag"] = etag_of(may.version)
    line = MeasureLine.model_validate(found.line)
    line.version = may.version
    return Measure(
        round=round_,
        version=may.version,
        line=line,
        findings=list(found.findings),
        original_due=found.original_due,
        deadline_version=found.deadline_version,
        state_since=found.state_since,
        accepted_on=found.accepted_on,
        handed_in_on=found.handed_in_on,
        closed_on=found.closed_on,
        co_units=[CoUnit(unit=name, done_on=done) for name, done in found.co_units],
        waits=[Wait(waits_for=kind, deadline=deadline, looks_on=looks) for kind, deadline, looks in found.waits],
        reports=_pieces(found.reports),
        evidence=_pieces(found.evidence),
        verifications=_pieces(found.verifications),
        extensions=_pieces(found.extensions),
        opinions=_pieces(found.opinions),
        events=_pieces(found.events),
        may=sorted(may.now),
        lacking=[Lacking(action=name, detail=say(why, caller.language)) for name, why in sorted(may.lacking.items())],
    )


def _pieces(found: object) -> list[Piece]:
    assert isinstance(found, tuple)
    return [Piece.model_validate(one) for one in found]


@routes.get(
    "/rounds/{round}/measures/{code}/evidence/{number}",
    operation_id="fetch_evidence",
    response_class=FileResponse,
    responses={200: {"description": "The file, as it was handed in.", "content": {"application/octet-stream": {}}}},
)
def fetch_evidence(caller: Reads, round_: RoundCode, code: MeasureCode, number: Number) -> FileResponse:
    """Hand over a file of evidence."""
    with caller.reading() as session:
        found_round = caller.find_round(session, round_)
        found = find_evidence(session, found_round.id, code, number, seen_by=caller.sight)
    path = stored(caller.house.home, found[1]) if found and found[1] else None
    if found is None or path is None or not path.is_file():
        raise NotFound(N_("there is no such file"))
    return FileResponse(path, media_type="application/octet-stream", filename=found[0])

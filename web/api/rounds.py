"""Rounds, their figures on any day up to now, and their printed documents."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy import select

from documents.file_types import MEDIA_TYPES
from engine.reads.documents_page import find_document, read_documents
from engine.reads.round_figures import read_status
from engine.rules.refusal import NotFound, NotReady
from engine.rules.sight import Place
from engine.rules.text import N_
from flows.reprint import intact
from models import Round as Row
from web.api.caller import Reads
from web.api.shapes import Code, Day, Given, Line, Number, RoundCode
from web.pages.rounds import attachment

routes = APIRouter(tags=["rounds"])


class Round(Given):
    """A round of rectification."""

    code: str = Field(examples=["2025-1"])
    title: str
    organisation: str = Field(description="Who was inspected.")
    feedback_on: date = Field(description="When the findings were fed back.")
    plan_due: date
    concentrated_end: date = Field(description="The end of the concentrated rectification.")
    report_due: date
    zone: str = Field(description="Deadlines are days in this zone.", examples=["Asia/Shanghai"])


class Rounds(Given):
    """Every round, the newest first."""

    rounds: list[Round]


class UnitFigures(Given):
    """A unit in figures."""

    unit: str | None = Field(description="Name; null: no unit is responsible yet.")
    measures: int
    closed: int
    overdue: int
    done_late: int = Field(description="Closed, and handed in after the original due date.")
    closed_late: int = Field(description="Closed after the original due date.")


class Status(Given):
    """A round in figures."""

    round: str
    as_of: date
    aspects: int
    problems: int
    problems_done: int
    items: int
    items_done: int
    measures: int
    closed: int
    overdue: int
    closed_timed: int = Field(description="Closed, with an original due date and a known day of handing in.")
    done_in_time: int = Field(description="Of these, handed in by the original due date.")
    done_late: int = Field(description="Of these, handed in after the original due date.")
    done_late_extended: int = Field(description="Of the late ones, after the due date in force as well.")
    closed_late: int = Field(description="Closed after the original due date, whenever it was handed in.")
    handed_in_late: int = Field(description="Handed in after the due date in force, whatever became of it.")
    to_be_assigned: int
    by_state: dict[str, int]
    by_unit: list[UnitFigures]
    declared: dict[str, Any] | None = Field(description="What the last notice that was read claims.")
    plan_due: date
    concentrated_end: date
    report_due: date


class Document(Given):
    """A printed file."""

    id: int
    kind: str = Field(examples=["agenda"])
    period: str = Field(examples=["2025-09"])
    version: int
    as_of: date
    path: str
    sha256: str = Field(description="Of its bytes.")
    created_at: datetime


class Documents(Given):
    """What was printed, the newest first."""

    documents: list[Document]


@routes.get("/rounds", operation_id="list_rounds", response_model=Rounds)
def list_rounds(caller: Reads) -> Rounds:
    """List the rounds, the newest first."""
    with caller.reading() as session:
        return Rounds(
            rounds=[Round.model_validate(row) for row in session.scalars(select(Row).order_by(Row.id.desc()))]
        )


@routes.get("/rounds/{round}", operation_id="show_round", response_model=Round)
def show_round(caller: Reads, round_: RoundCode) -> Round:
    """Show one round."""
    with caller.reading() as session:
        return Round.model_validate(caller.find_round(session, round_))


@routes.get("/rounds/{round}/status", operation_id="show_status", response_model=Status)
def show_status(
    caller: Reads,
    round_: RoundCode,
    as_of: Annotated[Day | None, Query(description="How it stood at the end of this day; today without it.")] = None,
) -> Status:
    """Show a round in figures, as it stood on any day up to now."""
    caller.open(Place.BOARD)
    day = as_of or caller.moment.on
    if day > caller.moment.on:
        raise NotReady(N_("{day} has not come yet", day=day))
    with caller.reading() as session:
        status = read_status(session, caller.find_round(session, round_), day, caller.calendar)
    return Status.model_validate(status.as_json())


@routes.get("/rounds/{round}/documents", operation_id="list_documents", response_model=Documents)
def list_documents(
    caller: Reads,
    round_: RoundCode,
    kind: Annotated[Code | None, Query(description="agenda, ledger …")] = None,
    period: Annotated[Line | None, Query(description="A month, such as 2025-09.")] = None,
) -> Documents:
    """List what was printed, with version, as-of and hash."""
    caller.open(Place.DOCUMENTS)
    with caller.reading() as session:
        found = read_documents(session, caller.find_round(session, round_).id, kind=kind, period=period)
    return Documents(documents=[Document.model_validate(one) for one in found])


@routes.get(
    "/rounds/{round}/documents/{number}",
    operation_id="fetch_document",
    response_class=Response,
    responses={200: {"description": "The file, as it was printed.", "content": {"application/octet-stream": {}}}},
)
def fetch_document(caller: Reads, round_: RoundCode, number: Number) -> Response:
    """Hand a document over, if its file is still what was printed."""
    caller.open(Place.DOCUMENTS)
    with caller.reading() as session:
        found = find_document(session, caller.find_round(session, round_).id, number)
    if found is None:
        raise NotFound(N_("there is no such document"))
    content = intact(caller.house.home / found.path, found.sha256)
    if content is None:
        raise NotFound(N_("the file is missing, or is not what was printed; print it again and compare"))
    name = PurePosixPath(found.path)
    media = MEDIA_TYPES.get(name.suffix, "application/octet-stream")
    headers = {"Content-Disposition": attachment(f"{found.period}-{name.name}"), "Digest": f"sha-256={found.sha256}"}
    return Response(content, media_type=media, headers=headers)

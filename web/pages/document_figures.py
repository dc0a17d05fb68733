"""The figures of a printed document: what each counts, as of when, whether the record gives it again; and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from engine.rules.names import DOCUMENT_NAMES
from engine.rules.refusal import NotFound
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from flows.papers import asked_again
from flows.tracing import Behind, Traced, rows_behind, trace
from models import Document
from web.fields import Number
from web.render import page
from web.visit import Signed, SignedVisit

routes = APIRouter()
PATH = "/rounds/{round}/documents/{number}/figures"
#: Columns of rows that a page shows, and what they are called.
COLUMN_NAMES: dict[str, Text] = {
    "code": N_("code"),
    "text": N_("measure"),
    "state": N_("state"),
    "due": N_("due"),
    "original_due": N_("first due"),
    "handed_in_on": N_("handed in"),
    "closed_on": N_("closed on"),
    "percent": N_("done %"),
    "held_on": N_("Held on"),
    "climbed_on": N_("day"),
    "name": N_("unit"),
    "days": N_("working days"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which document it is."""

    root: str  #: of the documents
    number: int
    name: Text | str
    period: str
    version: int
    as_of: date
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresPage:
    """Every figure of one document."""

    head: Head
    figures: tuple[Traced, ...]
    wrong: int  #: which the record does not give again
    only: str  #: what the list is narrowed to: nothing, or those that differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One statement with the rows that may be seen."""

    sql: str
    columns: tuple[str, ...]
    behind: Behind


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePage:
    """One figure with its rows."""

    head: Head
    figure: Traced
    count: int  #: figures of the document
    queries: tuple[Query, ...]
    column_names: Mapping[str, Text]
    measures: str  #: where the pages of measures are


@routes.get(PATH)
def show_figures(visit: Signed, number: Number, only: str = "") -> Response:
    """List the figures of a document."""
    visit.open(Place.DOCUMENTS)
    with visit.reading() as session:
        document, figures = _traced(visit, session, number)
    wrong = tuple(one for one in figures if not one.agrees)
    context = FiguresPage(
        head=_head(visit, document),
        figures=wrong if only == "differing" else figures,
        wrong=len(wrong),
        only=only,
    )
    return page(visit, "document_figures.html", context)


@routes.get(f"{PATH}/{{figure}}")
def show_figure(visit: Signed, number: Number, figure: Number) -> Response:
    """Show one figure with the measures behind it, as far as they may be seen."""
    visit.open(Place.DOCUMENTS)
    with visit.reading() as session:
        document, figures = _traced(visit, session, number)
        if not 1 <= figure <= len(figures):
            raise NotFound(N_("there is no such figure"))
        one = figures[figure - 1]
        queries = tuple(
            _query(part.sql, part.columns, rows_behind(session, document.round_id, part, visit.sight))
            for part in one.parts
        )
    context = FigurePage(
        head=_head(visit, document),
        figure=one,
        count=len(figures),
        queries=queries,
        column_names=COLUMN_NAMES,
        measures=f"/rounds/{_round(visit)}/measures",
    )
    return page(visit, "document_figure.html", context)


def _query(sql: str, columns: tuple[str, ...], behind: Behind) -> Query:
    names: tuple[Any, ...] = tuple(behind.rows[0]) if behind.rows else columns
    return Query(sql=sql, columns=names, behind=behind)


def _traced(visit: SignedVisit, session: Session, number: int) -> tuple[Document, tuple[Traced, ...]]:
    """Return a document of this round with its figures.  Raises NotFound."""
    round_, document = visit.round(session), session.get(Document, number)
    if document is None or document.round_id != round_.id:
        raise NotFound(N_("there is no such document"))
    asked = asked_again(visit.house, session, document, visit.house.language)
    return document, trace(session, round_, document.kind, asked)


def _head(visit: SignedVisit, document: Document) -> Head:
    return Head(
        root=f"/rounds/{_round(visit)}/documents",
        number=document.id,
        name=DOCUMENT_NAMES.get(document.kind, document.kind),
        period=document.period,
        version=document.version,
        as_of=document.as_of,
        sha256=document.sha256,
    )


def _round(visit: SignedVisit) -> str:
    return quote(visit.request.path_params["round"], safe="")

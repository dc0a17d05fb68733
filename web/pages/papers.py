"""Papers that an office signs: drawn up, submitted, approved, returned and withdrawn on the page of documents."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.return_paper import return_paper
from engine.actions.withdraw_paper import withdraw_paper
from engine.rules.refusal import NotReady
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from flows import papers
from web.fields import Number
from web.pages.documents import PATH
from web.visit import Signed, SignedVisit

routes = APIRouter()
Day = Annotated[str, Form()]  #: empty where none is given
Words = Annotated[str, Form()]


@routes.post(f"{PATH}/papers")
def draw_up(visit: Signed, kind: Words, until: Day = "", meeting: Day = "") -> Response:
    """Draw up a paper."""
    visit.open(Place.DOCUMENTS)
    with visit.desk() as desk:
        papers.draw_up(
            visit.house, desk, kind, told_on=_day(until), meeting=_day(meeting) if kind == "minutes" else None
        )
    return _back(visit, N_("the paper is drawn up; submit it for approval"))


@routes.post(f"{PATH}/{{number}}/submit")
def submit(visit: Signed, number: Number, document_number: Words = "") -> Response:
    """Submit a paper for approval."""
    visit.open(Place.DOCUMENTS)
    with visit.desk() as desk:
        papers.submit(desk, number, document_number=document_number.strip() or None)
    return _back(visit, N_("the paper is submitted; who may sign it is told"))


@routes.post(f"{PATH}/{{number}}/approve")
def approve(visit: Signed, number: Number, issued_on: Day = "", document_number: Words = "") -> Response:
    """Approve a paper."""
    visit.open(Place.DOCUMENTS)
    with visit.desk() as desk:
        papers.approve(
            visit.house,
            desk,
            number,
            issued_on=_day(issued_on),
            document_number=document_number.strip() or None,
        )
    return _back(visit, N_("the paper is approved, and printed in its final form"))


@routes.post(f"{PATH}/{{number}}/return")
def return_(visit: Signed, number: Number, reason: Words = "") -> Response:
    """Return a paper."""
    visit.open(Place.DOCUMENTS)
    with visit.desk() as desk:
        return_paper(desk, number, reason=reason)
    return _back(visit, N_("the paper is returned"))


@routes.post(f"{PATH}/{{number}}/withdraw")
def withdraw(visit: Signed, number: Number, reason: Words = "") -> Response:
    """Withdraw a paper."""
    visit.open(Place.DOCUMENTS)
    with visit.desk() as desk:
        withdraw_paper(desk, number, reason=reason)
    return _back(visit, N_("the paper is withdrawn"))


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise NotReady(N_("{value} is not a day such as 2025-09-03", value=written)) from None


def _back(visit: SignedVisit, told: Text) -> Response:
    return visit.go(f"/rounds/{quote(visit.request.path_params['round'], safe='')}/documents", told)

"""The rounds, each with its figures; and the ledger of one as a workbook, to be filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import quote

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.ledger import LedgerBook
from documents.ledger_book import read_ledger
from documents.ledger_sheets import ledger_workbook
from engine.actions.desk import find_round
from engine.reads.round_figures import read_figures
from engine.rules.moment import day_end
from engine.rules.progress import Figures
from engine.rules.round_names import ledger_title
from engine.rules.sight import Place
from models import Round
from web.render import page
from web.visit import Signed, SignedVisit

routes = APIRouter()
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 24  #: rounds of the list


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLine:
    """One round."""

    code: str
    title: str
    organisation: str
    feedback_on: date
    plan_due: date
    concentrated_end: date
    report_due: date
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundsPage:
    """The list."""

    rounds: tuple[RoundLine, ...]
    may_import: bool


@routes.get("/rounds")
def show_rounds(visit: Signed) -> Response:
    """List the rounds, the newest first."""
    visit.open(Place.ROUNDS)
    with visit.reading() as session:
        rounds = session.scalars(select(Round).order_by(Round.id.desc()).limit(MOST)).all()
        lines = tuple(_line(visit, session, one) for one in rounds)
    return page(visit, "rounds.html", RoundsPage(rounds=lines, may_import=visit.may_open(Place.IMPORT)))


def _line(visit: SignedVisit, session: Session, round_: Round) -> RoundLine:
    return RoundLine(
        code=round_.code,
        title=round_.title or ledger_title(""),
        organisation=round_.organisation,
        feedback_on=round_.feedback_on,
        plan_due=round_.plan_due,
        concentrated_end=round_.concentrated_end,
        report_due=round_.report_due,
        figures=read_figures(session, round_.id, visit.moment, visit.calendar),
    )


@routes.get("/rounds/import/template.xlsx")
def give_template(visit: Signed) -> Response:
    """Give an empty ledger, with the sheets and headings that an import reads."""
    visit.open(Place.IMPORT)
    today = visit.moment.on
    empty = LedgerBook(title=ledger_title(""), as_of=today, created=datetime.combine(today, time(), UTC))
    return workbook(ledger_workbook(empty), f"{ledger_title('')}.xlsx")


@routes.get("/rounds/import/{code}/ledger.xlsx")
def give_ledger(visit: Signed, code: str) -> Response:
    """Give the ledger as it stands, to be filled in and imported again."""
    visit.open(Place.IMPORT)
    with visit.reading() as session:
        round_ = find_round(session, code)
        until = day_end(visit.moment.on, round_.zone)
        book = read_ledger(session, round_, until=until, calendar=visit.calendar)
    return workbook(ledger_workbook(book), f"{book.title}-{visit.moment.on}.xlsx")


def workbook(content: bytes, name: str) -> Response:
    """Return a workbook that the browser saves under `name`."""
    return Response(content, media_type=WORKBOOK, headers={"Content-Disposition": attachment(name)})


def attachment(name: str) -> str:
    """Return the header that lets a browser save an answer under `name`, in whatever language that is."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"

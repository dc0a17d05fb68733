"""The board for leaders, on any day of the round: looked at, projected, printed on A3, or taken chart by chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents import board_words
from documents.board_charts import BoardCharts
from documents.charts.chart import Chart
from engine.reads.board import Board, read_board
from engine.reads.board_counts import GroupLine
from engine.reads.board_worst import WorstLine
from engine.reads.house_at import read_units
from engine.reads.tallies import read_tallies
from engine.rules.lights import Light
from engine.rules.refusal import NotFound
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import State
from models import Event
from web.kept_boards import KeptBoard, KeptBoards
from web.render import page
from web.visit import Signed, SignedVisit

routes = APIRouter()
NARROW = 520  #: of a chart that stands in a column
SVG, PROJECTOR = "image/svg+xml", "projector"
OVERDUE = "overdue"  #: what the ledger calls it, beside the states
DIGITS = 19  #: fewer than an id can have
REFRESH_SECONDS = 180  #: of a projection that stands still
TURN_SECONDS = 40  #: until a projection turns to its next screen
BARS = 16  #: of a chart on a screen


class Asked(BaseModel):
    """What the address of a board asks for."""

    on: str = ""  #: day
    unit: str = ""  #: number
    show: str = ""
    screen: int = 1
    turn: str = "yes"

    def narrowed(self) -> str:
        """Return what narrows it, for an address."""
        return urlencode({name: value for name, value in (("on", self.on), ("unit", self.unit)) if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstRow:
    """One of the worst, and why it is."""

    line: WorstLine
    path: str
    why: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What of the board is projected at a time."""

    number: int
    kind: str  #: overview, progress, units or worst
    units: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A board that is projected: screen after screen, large, until somebody halts it."""

    screen: Screen
    screens: tuple[tuple[int, str], ...]  #: number and path
    halt: str | None  #: the path on which it stays; None: it does
    turn: str  #: the path on which it turns
    leave: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """The board."""

    board: Board
    charts: Mapping[str, Chart]
    pace: tuple[Text, ...]
    share: str  #: how much is closed
    in_time: str  #: how much of what is closed was handed in by the original due date
    overdue: tuple[WorstRow, ...]
    returned: tuple[WorstRow, ...]
    links: Mapping[str, str | None]  #: from the leading figures, where to find what they count
    units: tuple[tuple[str, str], ...]  #: which may be chosen: number and name
    unit: str  #: the chosen one's number
    today: date
    read_at: datetime  #: it tells what was on record then
    here: str  #: this board's own path
    query: str  #: what narrows it, for its charts
    projection: Projection | None


@routes.get("/rounds/{round}/board")
def show_board(visit: Signed, asked: Annotated[Asked, Query()]) -> Response:
    """Show the board as it stood at the end of a day, of one unit where it is named; or a screen of it, to project."""
    kept, units = _read(visit, asked)
    board = kept.board
    ways = Ways(board=board, is_today=board.as_of == visit.moment.on)
    charts = BoardCharts(board=board, language=visit.language, link=ways.ledger)
    figures = board.figures
    projection = _projection(charts, ways, asked) if asked.show == PROJECTOR else None
    context = BoardPage(
        board=board,
        charts={name: charts.draw(name, width=NARROW) for name in board_words.TITLES},
        pace=board_words.told_pace(board.pace),
        share=board_words.share(figures.closed, figures.measures - figures.cancelled),
        in_time=board_words.share(figures.done_in_time, figures.closed_timed),
        overdue=tuple(ways.row(line) for line in board.worst.overdue),
        returned=tuple(ways.row(line) for line in board.worst.returned),
        links={
            "closed": ways.ledger(states=(State.CLOSED,)),
            "carried_out": ways.ledger(states=(State.ASSIGNED, State.IN_PROGRESS)),
            "handed_in": ways.ledger(states=(State.SUBMITTED, State.VERIFIED)),
            "overdue": ways.ledger(late=True),
        },
        units=units,
        unit=asked.unit,
        today=visit.moment.on,
        read_at=kept.read_at,
        here=f"{ways.root}/board",
        query=asked.narrowed(),
        projection=projection,
    )
    answer = page(visit, "board.html", context)
    if projection is not None:  # the browser asks again by itself, without any script
        turns = projection.halt is not None
        following = projection.screens[projection.screen.number % len(projection.screens)][1]
        seconds, path = (TURN_SECONDS, following) if turns else (REFRESH_SECONDS, visit.here())
        answer.headers["Refresh"] = f"{seconds}; url={path}"
    return answer


def _projection(charts: BoardCharts, ways: Ways, asked: Asked) -> Projection:
    """Return the screen that is asked for, with the ways to the others."""
    units = charts.parts("units", BARS, width=NARROW)
    pairs = [units[start : start + 2] for start in range(0, len(units), 2)]
    kinds = [("overview", ()), ("progress", ()), *(("units", pair) for pair in pairs), ("worst", ())]
    screens = [Screen(number=number, kind=kind, units=of) for number, (kind, of) in enumerate(kinds, 1)]
    shown = screens[(asked.screen - 1) % len(screens)]

    def path(number: int, turn: str) -> str:
        return f"{ways.root}/board?{urlencode({'show': PROJECTOR, 'screen': number, 'turn': turn})}{_and(asked)}"

    return Projection(
        screen=shown,
        screens=tuple((one.number, path(one.number, asked.turn)) for one in screens),
        halt=path(shown.number, "no") if asked.turn != "no" else None,
        turn=path(shown.number, "yes"),
        leave=f"{ways.root}/board?{asked.narrowed()}".rstrip("?"),
    )


def _and(asked: Asked) -> str:
    narrowed = asked.narrowed()
    return f"&{narrowed}" if narrowed else ""


@routes.get("/rounds/{round}/board/{chart}.svg")
def give_chart(visit: Signed, chart: str, asked: Annotated[Asked, Query()]) -> Response:
    """Give one chart as a file."""
    if chart not in board_words.TITLES:
        raise NotFound(N_("there is no chart {name}", name=chart))
    board = _read(visit, asked)[0].board
    drawn = BoardCharts(board=board, language=visit.language).draw(chart)
    name = quote(f"{drawn.title} {board.as_of}.svg")
    disposition = f"attachment; filename=\"{chart}-{board.as_of}.svg\"; filename*=UTF-8''{name}"
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn.svg}\n'
    return Response(content, media_type=SVG, headers={"Content-Disposition": disposition})


def _read(visit: SignedVisit, asked: Asked) -> tuple[KeptBoard, tuple[tuple[str, str], ...]]:
    """Return the board of a day that has been, from the feedback on, and the units that may be chosen.

    Raises NotAllowed or NotFound.
    """
    visit.open(Place.BOARD)
    with visit.reading() as session:
        round_ = visit.round(session)
        as_of = min(max(_day(asked.on) or visit.moment.on, round_.feedback_on), visit.moment.on)
        number = int(asked.unit) if asked.unit.isascii() and asked.unit.isdigit() and len(asked.unit) < DIGITS else None
        sight, calendar = visit.sight, visit.calendar

        def read() -> Board:
            return read_board(session, round_, as_of, calendar, seen_by=sight, unit=number)

        boards: KeptBoards = visit.request.app.state.boards
        head = session.scalar(select(func.max(Event.id)))
        kept = boards.get((round_.id, as_of, sight, number), head, visit.moment.at, read)
        if number is not None and kept.board.unit is None:
            raise NotFound(N_("there is no unit {unit}", unit=asked.unit))
        return kept, _units(session, round_.id) if visit.sight.everything else ()


def _units(session: Session, round_id: int) -> tuple[tuple[str, str], ...]:
    """Return the units that are responsible for anything, in the order of the house."""
    busy = {tally.unit for tally in read_tallies(session, round_id)}
    return tuple((str(number), one["name"]) for number, one in read_units(session).items() if number in busy)


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Ways:
    """Where more of what the board counts is found."""

    board: Board
    is_today: bool

    @property
    def root(self) -> str:
        """The round's own path."""
        return f"/rounds/{quote(self.board.round, safe='')}"

    def ledger(
        self,
        *,
        aspect: GroupLine | None = None,
        unit: GroupLine | None = None,
        leader: GroupLine | None = None,
        states: Sequence[State] = (),
        light: Light | None = None,
        late: bool = False,
    ) -> str | None:
        """Return the ledger, narrowed as a figure is; it shows today's, so that a past board leads nowhere."""
        groups = {
            "finding": aspect and (aspect.code or ""),
            "unit": unit and (unit.name or ""),
            "leader": leader and (leader.name or ""),
        }
        if not self.is_today or "" in groups.values():
            return None
        asked = [(name, value) for name, value in groups.items() if value]
        if self.board.unit and unit is None:
            asked.append(("unit", self.board.unit))
        asked += [("state", state.value) for state in states]
        asked += [("state", OVERDUE)] if late else []
        asked += [("light", light.value)] if light else []
        return f"{self.root}/ledger?{urlencode(asked)}" if asked else f"{self.root}/ledger"

    def row(self, line: WorstLine) -> WorstRow:
        """Return one of the worst with its reasons."""
        return WorstRow(
            line=line,
            path=f"{self.root}/measures/{quote(line.code, safe='')}",
            why=board_words.told_why(line),
        )

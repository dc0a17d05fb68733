"""The board's charts in one language, each with its figures as a table: for the page, and for documents.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from documents import board_words as said
from documents.charts.axis import months
from documents.charts.bars import Bar, Bars, Part, draw_bars
from documents.charts.burn_up import BurnUp, draw_burn_up
from documents.charts.chart import Cell, Chart, figure, word
from documents.charts.lamps import Lamps, draw_lamps
from documents.charts.paint import STATE_PAINTS
from documents.charts.trend import Trend, draw_trend
from engine.reads.board import Board
from engine.reads.board_counts import GroupLine
from engine.rules.lights import LIGHT_NAMES, Light
from engine.rules.names import STATE_NAMES
from engine.rules.text import Text
from engine.rules.vocabulary import State
from i18n import say

#: In the order of a bar: what is done first.
ORDER = (State.CLOSED, State.VERIFIED, State.SUBMITTED, State.IN_PROGRESS, State.ASSIGNED)
#: Where more of a figure is found; None: nowhere.
Link = Callable[..., str | None]
LONGEST = timedelta(days=120)  #: that a forecast may reach past the round's end


def no_link(**_: object) -> None:
    """Return that more is found nowhere: for paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCharts:
    """Draws the charts of one board in one language."""

    board: Board
    language: str
    link: Link = no_link  #: called with aspect=, unit= or leader= (a GroupLine), states=, light= and late=

    def say(self, text: Text) -> str:
        """Return a sentence."""
        return say(text, self.language)

    def all(self) -> tuple[Chart, ...]:
        """Return every chart."""
        return tuple(self.draw(name) for name in said.TITLES)

    def draw(self, name: str, *, width: float = 760) -> Chart:
        """Return the chart of a name in `board_words.TITLES`."""
        if name == "burn-up":
            return self._burn_up(width)
        if name == "lateness":
            return self._lateness(width)
        return self._lights(width) if name == "lights" else self._groups(name, width, getattr(self.board, name))

    def parts(self, name: str, most: int, *, width: float) -> tuple[Chart, ...]:
        """Return a chart of groups in as many drawings as it takes with so many bars each, in even parts."""
        lines: Sequence[GroupLine] = getattr(self.board, name)
        count = max(-(-len(lines) // most), 1)
        size = max(-(-len(lines) // count), 1)
        cuts = [lines[start : start + size] for start in range(0, max(len(lines), 1), size)]
        return tuple(
            self._groups(name, width, part, place if len(cuts) > 1 else None) for place, part in enumerate(cuts, 1)
        )

    def _groups(self, name: str, width: float, lines: Sequence[GroupLine], number: int | None = None) -> Chart:
        title, told = self.say(said.TITLES[name]), self.say(said.told_groups(self.board))
        if number:
            title = self.say(said.part(said.TITLES[name], number))
        key = f"{name}-{number}" if number else name
        bars = Bars(
            name=key,
            title=title,
            told=told,
            parts=tuple(Part(paint=STATE_PAINTS[state], name=self.say(STATE_NAMES[state])) for state in ORDER),
            bars=tuple(self._bar(name, line) for line in lines),
            late_name=self.say(said.OVERDUE),
            width=width,
        )
        states = (STATE_NAMES[state] for state in ORDER)
        head = (said.GROUP_HEADS[name], *states, said.TOTAL, said.SHARE, said.OVERDUE, said.DONE_LATE)
        return Chart(
            name=key,
            title=title,
            told=told,
            svg=draw_bars(bars),
            head=tuple(map(self.say, head)),
            rows=tuple(self._row(name, line) for line in lines),
        )

    def _bar(self, name: str, line: GroupLine) -> Bar:
        return Bar(
            label=self._name(name, line),
            counts=tuple(line.counts.get(state, 0) for state in ORDER),
            note=f"{line.closed}/{line.total} · {said.share(line.closed, line.total)}",
            late=line.late,
        )

    def _name(self, name: str, line: GroupLine) -> str:
        return line.name or self.say(said.NAMELESS[name])

    def _row(self, name: str, line: GroupLine) -> tuple[Cell, ...]:
        def link(**narrows: object) -> str | None:
            return self.link(**{name.removesuffix("s"): line}, **narrows)

        return (
            word(self._name(name, line), link()),
            *(figure(line.counts.get(state, 0), link(states=(state,))) for state in ORDER),
            figure(line.total, link()),
            figure(said.share(line.closed, line.total)),
            figure(line.late, link(late=True)),
            figure(line.done_late),
        )

    def _lights(self, width: float) -> Chart:
        title, told = self.say(said.TITLES["lights"]), self.say(said.told_lateness(self.board))
        lamps = tuple((light, self.say(LIGHT_NAMES[light]), self.board.lights[light]) for light in Light)
        return Chart(
            name="lights",
            title=title,
            told=told,
            svg=draw_lamps(Lamps(name="lights", title=title, told=told, lamps=lamps, width=width)),
            head=(self.say(said.LIGHT), self.say(said.TOTAL)),
            rows=tuple((word(name), figure(count, self.link(light=light))) for light, name, count in lamps),
        )

    def _lateness(self, width: float) -> Chart:
        title, told = self.say(said.TITLES["lateness"]), self.say(said.told_lateness(self.board))
        last = len(self.board.lateness) - 1
        spoken = said.month if self.board.is_monthly else said.short_day
        points = tuple(
            (day, self.say(said.short_day(day) if place == last else spoken(day)), count)
            for place, (day, count) in enumerate(self.board.lateness)
        )
        return Chart(
            name="lateness",
            title=title,
            told=told,
            svg=draw_trend(
                Trend(
                    name="lateness", title=title, told=told, points=points, width=width, height=min(width * 0.37, 240)
                )
            ),
            head=(self.say(said.DAY), self.say(said.OVERDUE)),
            rows=tuple((word(self.say(said.day(day))), figure(count)) for day, count in self.board.lateness),
        )

    def _burn_up(self, width: float) -> Chart:
        board = self.board
        title, told = self.say(said.TITLES["burn-up"]), self.say(said.told_burn_up(board))
        forecast = forecast_line(board)
        last = max(board.report_due, board.as_of, *(day for day, _ in forecast))
        drawn = BurnUp(
            name="burn-up",
            title=title,
            told=told,
            planned=board.planned,
            closed=((board.feedback_on, 0), *board.closed),
            forecast=forecast,
            first=board.feedback_on,
            last=last,
            as_of=board.as_of,
            deadline=board.concentrated_end,
            plan_name=self.say(said.PLANNED),
            closed_name=self.say(said.CLOSED),
            forecast_name=self.say(said.FORECAST),
            deadline_name=self.say(said.day(board.concentrated_end)),
            days=tuple((day, self.say(said.month(day))) for day in months(board.feedback_on, last)),
            width=width,
            height=min(width * 0.56, 340),
        )
        return Chart(
            name="burn-up",
            title=title,
            told=told,
            svg=draw_burn_up(drawn),
            head=tuple(map(self.say, (said.DAY, said.PLANNED, said.CLOSED))),
            rows=tuple(self._burn_up_rows(last)),
        )

    def _burn_up_rows(self, last: date) -> list[tuple[Cell, ...]]:
        """Return the figures at the end of each month, and on the day itself."""
        board = self.board
        ends = {day - timedelta(days=1) for day in months(board.feedback_on, last)} | {
            board.as_of,
            board.concentrated_end,
        }
        rows = list[tuple[Cell, ...]]()
        for day in sorted(ends):
            closed = figure(_at(board.closed, day)) if day <= board.as_of else figure("")
            rows.append((word(self.say(said.day(day))), figure(_at(board.planned, day)), closed))
        return rows


def forecast_line(board: Board) -> tuple[tuple[date, int], ...]:
    """Return where the line of the forecast begins and ends; nothing where the pace leads nowhere."""
    pace, closed = board.pace, board.figures.closed
    if pace.remaining <= 0 or pace.recent <= 0:
        return ()
    start = (board.as_of, closed)
    if pace.done_on is not None and (pace.is_in_time or not pace.days_left):
        reach = board.report_due + LONGEST
        return (start, (pace.done_on, closed + pace.remaining)) if pace.done_on <= reach else ()
    return (start, (pace.deadline, closed + pace.by_deadline - pace.closed)) if pace.days_left else ()


def _at(points: tuple[tuple[date, int], ...], day: date) -> int:
    return next((count for on, count in reversed(points) if on <= day), 0)

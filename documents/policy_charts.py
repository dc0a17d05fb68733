"""Policies as pictures in one language: the lifecycle, a ladder, a year of the calendar.  Pure.

For the page of policies and for documents; each with its table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from documents.charts.chart import Chart, figure, word
from documents.charts.ladder_drawing import LadderDrawing, RungFlag, draw_ladder, offset_name
from documents.charts.lifecycle_graph import Arrow, LifecycleGraph, draw_lifecycle
from documents.charts.year import Year, YearWords, draw_year, is_marked
from documents.month_names import MONTHS
from engine.rules.day_names import day_name
from engine.rules.ladder import Ladder
from engine.rules.lifecycle import Lifecycle
from engine.rules.names import ROLE_NAMES, SLIP_NAMES, STATE_NAMES, WAIT_NAMES, action_name
from engine.rules.recipients import told_by_rung
from engine.rules.text import N_, Text
from engine.rules.vocabulary import AnyWait, Role, State
from engine.rules.working_days import DayRow
from i18n import CHINESE, say

REPEATS = 2  #: how often the last rung is drawn again
_WEEKDAYS = (N_("Mo"), N_("Tu"), N_("We"), N_("Th"), N_("Fr"), N_("Sa"), N_("Su"))
_HOLIDAY, _MADE_UP = N_("day off"), N_("worked to make up for it")
_OWN, _PROVISIONAL = N_("edited by the house"), N_("provisional: the yearly notice is still to come")


@dataclass(frozen=True, slots=True)
class PolicyCharts:
    """Draws policies in one language."""

    language: str

    def say(self, text: Text) -> str:
        """Return a sentence."""
        return say(text, self.language)

    def lifecycle(self, lifecycle: Lifecycle, *, name: str = "lifecycle") -> Chart:
        """Return the graph of a lifecycle; its table tells each transition."""
        title = self.say(N_("The life of a measure"))
        told = self.say(
            N_(
                "{states} states and {count} transitions; the main line runs from left to right.",
                states=len(State),
                count=len(lifecycle.transitions),
            )
        )
        arrows = tuple(
            Arrow(source=state, target=one.target, name=self.say(action_name(one.name)), by=self._roles(one.by))
            for one in lifecycle.transitions.values()
            for state in State
            if state in one.sources
        )
        states = tuple((state, self.say(STATE_NAMES[state])) for state in State)
        return Chart(
            name=name,
            title=title,
            told=told,
            svg=draw_lifecycle(
                LifecycleGraph(name=name, title=title, told=told, states=states, arrows=arrows, between=self._between)
            ),
            head=tuple(map(self.say, (N_("Transition"), N_("From"), N_("To"), N_("Who may")))),
            rows=tuple(
                (
                    word(self.say(action_name(one.name))),
                    word(self._joined([self.say(STATE_NAMES[state]) for state in State if state in one.sources])),
                    word(self.say(STATE_NAMES[one.target])),
                    word(self._roles(one.by) or self.say(N_("Duban itself"))),
                )
                for one in lifecycle.transitions.values()
            ),
        )

    def ladder(self, ladder: Ladder, waits_for: AnyWait, *, name: str | None = None) -> Chart:
        """Return the drawing of a ladder, with the first repeats of its last rung."""
        name = name or f"ladder-{waits_for.value.replace('_', '-')}"
        title = self.say(N_("Ladder: {wait}", wait=WAIT_NAMES[waits_for]))
        repeat = N_("the last rung comes back every {count} working days", count=ladder.repeat_every)
        flags = tuple(self._flag(ladder, waits_for, number) for number in range(len(ladder.rungs) + REPEATS))
        drawn = LadderDrawing(
            name=name,
            title=title,
            told=self.say(repeat),
            rungs=flags,
            deadline_name=self.say(N_("deadline")),
            axis_name=self.say(N_("working days before and after the deadline")),
            repeat_name=self.say(repeat),
            between=self._between,
        )
        return Chart(
            name=name,
            title=title,
            told=self.say(repeat),
            svg=draw_ladder(drawn),
            head=tuple(map(self.say, (N_("When"), N_("How"), N_("To whom")))),
            rows=tuple(
                (figure(offset_name(flag.offset)), word(flag.slip_name), word(self._joined(flag.to)))
                for flag in flags
                if not flag.is_repeat
            ),
        )

    def _flag(self, ladder: Ladder, waits_for: AnyWait, number: int) -> RungFlag:
        rung = ladder.rung(number)
        return RungFlag(
            offset=ladder.offset(number),
            slip=rung.slip,
            slip_name=self.say(SLIP_NAMES[rung.slip]),
            to=tuple(self.say(ROLE_NAMES[role]) for role in told_by_rung(ladder, waits_for, number)),
            is_repeat=number >= len(ladder.rungs),
        )

    def year(self, year: int, days: Sequence[DayRow], *, name: str = "year") -> Chart:
        """Return the calendar of a year; its table tells the days that are not as their weekday would have them."""
        days = tuple(replace(row, note=self._name(row)) for row in days if row.day.year == year)
        working = sum(row.is_working for row in days)
        title = self.say(N_("Working days of {year}", year=year))
        told = self.say(N_("{count} working days", count=working))
        words = YearWords(
            months=tuple(map(self.say, MONTHS)),
            weekdays=tuple(map(self.say, _WEEKDAYS)),
            off=self.say(N_("off")),
            on=self.say(N_("on")),
            holiday=self.say(_HOLIDAY),
            made_up=self.say(_MADE_UP),
            own=self.say(_OWN),
            provisional=self.say(_PROVISIONAL),
        )
        return Chart(
            name=name,
            title=title,
            told=told,
            svg=draw_year(Year(name=name, title=title, told=told, year=year, days=days, words=words)),
            head=tuple(map(self.say, (N_("Day"), N_("What it is"), N_("Note")))),
            rows=tuple(
                (word(row.day.isoformat()), word(self._kind(row)), word(row.note or ""))
                for row in days
                if is_marked(row) or row.source == "own"
            ),
        )

    def _name(self, row: DayRow) -> str | None:
        name = day_name(row)
        return self.say(name) if isinstance(name, Text) else name

    def _kind(self, row: DayRow) -> str:
        kinds = [_MADE_UP if row.is_working else _HOLIDAY] if is_marked(row) else []
        return self._joined([self.say(kind) for kind in (*kinds, *([_OWN] if row.source == "own" else []))])

    def _roles(self, roles: frozenset[Role]) -> str:
        return self._joined([self.say(ROLE_NAMES[role]) for role in Role if role in roles])

    @property
    def _between(self) -> str:
        return "、" if self.language == CHINESE else ", "

    def _joined(self, parts: Sequence[str]) -> str:
        return self._between.join(parts)

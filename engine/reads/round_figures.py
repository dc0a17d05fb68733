"""A round in figures, at any moment up to now: a past one is told as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.house_at import findings_at
from engine.reads.standings import standings_at
from engine.rules.lateness import Timing
from engine.rules.moment import Moment, day_end
from engine.rules.progress import Figures, FindingNode, Standing, Standings, figures
from engine.rules.vocabulary import Level, State
from engine.rules.working_days import WorkingCalendar
from models import Finding, Round, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFigures:
    """One unit's measures in figures."""

    unit: str | None  #: name; None: no unit is responsible yet
    measures: int
    closed: int
    overdue: int
    done_late: int  #: closed, and handed in after the original due date
    closed_late: int  #: closed after the original due date


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything that `duban status` prints."""

    round: str
    title: str
    organisation: str
    as_of: date
    feedback_on: date
    plan_due: date
    concentrated_end: date
    report_due: date
    figures: Figures
    by_unit: tuple[UnitFigures, ...]
    declared: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """Return the object of DESIGN.md section 9."""
        counts = asdict(self.figures)
        declared = None
        if self.declared is not None:
            declared = {key: value for key, value in self.declared.items() if key != "as_of"}
        return {
            "round": self.round,
            "as_of": self.as_of.isoformat(),
            "aspects": counts["aspects"],
            "problems": counts["problems"],
            "problems_done": counts["problems_done"],
            "items": counts["items"],
            "items_done": counts["items_done"],
            "measures": counts["measures"],
            "closed": counts["closed"],
            "overdue": counts["overdue"],
            **{timing.value: counts[timing.value] for timing in Timing},
            "to_be_assigned": counts["to_be_assigned"],
            "by_state": {state.value: counts[state.value] for state in State},
            "by_unit": [asdict(unit) for unit in self.by_unit],
            "declared": declared,
            "plan_due": self.plan_due.isoformat(),
            "concentrated_end": self.concentrated_end.isoformat(),
            "report_due": self.report_due.isoformat(),
        }


def read_figures(session: Session, round_id: int, until: Moment, calendar: WorkingCalendar) -> Figures:
    """Return the round's figures as they stood at `until`."""
    measures = standings_at(session, round_id, until, calendar)
    return figures(_findings(session, round_id, until), measures)


def _findings(session: Session, round_id: int, until: Moment) -> tuple[FindingNode, ...]:
    return tuple(
        FindingNode(id=number, parent=one["parent_id"], level=Level(one["level"]))
        for number, one in findings_at(session, round_id, until).items()
    )


def read_status(session: Session, round_: Round, as_of: date, calendar: WorkingCalendar) -> Status:
    """Return the round's status as it stood at the end of `as_of`."""
    until = day_end(as_of, round_.zone)
    measures = standings_at(session, round_.id, until, calendar)
    return Status(
        round=round_.code,
        title=round_.title,
        organisation=round_.organisation,
        as_of=as_of,
        feedback_on=round_.feedback_on,
        plan_due=round_.plan_due,
        concentrated_end=round_.concentrated_end,
        report_due=round_.report_due,
        figures=figures(_findings(session, round_.id, until), measures),
        by_unit=_by_unit(session, measures),
        declared=round_.declared,
    )


def _by_unit(session: Session, measures: Standings) -> tuple[UnitFigures, ...]:
    names: Sequence[tuple[int, str]] = session.execute(select(Unit.id, Unit.name).order_by(Unit.id)).tuples().all()
    tallies: dict[int | None, _Tally] = defaultdict(_Tally)
    for one, count in measures.items():
        tallies[one.unit].add(one, count)
    return tuple(
        UnitFigures(unit=name, **asdict(tallies[unit])) for unit, name in (*names, (None, None)) if unit in tallies
    )


@dataclass(slots=True)
class _Tally:
    measures: int = 0
    closed: int = 0
    overdue: int = 0
    done_late: int = 0
    closed_late: int = 0

    def add(self, one: Standing, count: int) -> None:
        """Count measures that stand so."""
        self.measures += count
        self.closed += count * (one.state is State.CLOSED)
        self.overdue += count * one.is_overdue
        self.done_late += count * (Timing.DONE_LATE in one.timings)
        self.closed_late += count * (Timing.CLOSED_LATE in one.timings)


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectFigures:
    """One aspect's measures in figures."""

    code: str
    text: str
    measures: int
    closed: int
    overdue: int


def read_aspects(
    session: Session, round_id: int, until: Moment, calendar: WorkingCalendar
) -> tuple[AspectFigures, ...]:
    """Return the progress of each aspect as it stood at `until`."""
    parents = {finding.id: finding.parent for finding in _findings(session, round_id, until)}
    tallies: dict[int, _Tally] = defaultdict(_Tally)
    for one, count in standings_at(session, round_id, until, calendar).items():
        top = one.finding
        while (above := parents.get(top)) is not None:
            top = above
        tallies[top].add(one, count)
    aspects = session.execute(
        select(Finding.id, Finding.code, Finding.text)
        .where(Finding.round_id == round_id, Finding.parent_id.is_(None))
        .order_by(Finding.position)
    )
    return tuple(
        AspectFigures(
            code=code,
            text=text,
            measures=tallies[number].measures,
            closed=tallies[number].closed,
            overdue=tallies[number].overdue,
        )
        for number, code, text in aspects
    )

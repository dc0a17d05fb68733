"""A round in figures, at any moment up to now: a past one is told as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.reads.house_at import findings_at
from engine.reads.rewind import measures_at
from engine.rules.moment import Moment, day_end
from engine.rules.progress import Figures, FindingNode, MeasureNode, figures, is_overdue
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
            "to_be_assigned": counts["to_be_assigned"],
            "by_state": {state.value: counts[state.value] for state in State},
            "by_unit": [asdict(unit) for unit in self.by_unit],
            "declared": declared,
            "plan_due": self.plan_due.isoformat(),
            "concentrated_end": self.concentrated_end.isoformat(),
            "report_due": self.report_due.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The findings and measures of a round as they stood on a day."""

    findings: tuple[FindingNode, ...]
    measures: tuple[MeasureNode, ...]
    units: tuple[int | None, ...]  #: responsible unit of each measure, in the same order


def read_snapshot(session: Session, round_id: int, until: Moment) -> Snapshot:
    """Return who stood where at `until`: six statements, whatever the size."""
    measures = measures_at(session, round_id, until)
    return Snapshot(
        findings=tuple(
            FindingNode(id=number, parent=one["parent_id"], level=Level(one["level"]))
            for number, one in findings_at(session, round_id, until).items()
        ),
        measures=tuple(
            MeasureNode(finding=one.finding_id, state=one.state, has_owner=one.owner_id is not None, due=one.due)
            for one in measures
        ),
        units=tuple(one.unit_id for one in measures),
    )


def read_figures(session: Session, round_id: int, until: Moment, calendar: WorkingCalendar) -> Figures:
    """Return the round's figures as they stood at `until`."""
    snapshot = read_snapshot(session, round_id, until)
    return figures(snapshot.findings, snapshot.measures, until.on, calendar)


def read_status(session: Session, round_: Round, as_of: date, calendar: WorkingCalendar) -> Status:
    """Return the round's status as it stood at the end of `as_of`."""
    snapshot = read_snapshot(session, round_.id, day_end(as_of, round_.zone))
    return Status(
        round=round_.code,
        title=round_.title,
        organisation=round_.organisation,
        as_of=as_of,
        feedback_on=round_.feedback_on,
        plan_due=round_.plan_due,
        concentrated_end=round_.concentrated_end,
        report_due=round_.report_due,
        figures=figures(snapshot.findings, snapshot.measures, as_of, calendar),
        by_unit=_by_unit(session, snapshot, as_of, calendar),
        declared=round_.declared,
    )


def _by_unit(session: Session, snapshot: Snapshot, as_of: date, calendar: WorkingCalendar) -> tuple[UnitFigures, ...]:
    names: Sequence[tuple[int, str]] = session.execute(select(Unit.id, Unit.name).order_by(Unit.id)).tuples().all()
    total, closed, late = Counter[int | None](), Counter[int | None](), Counter[int | None]()
    for measure, unit in zip(snapshot.measures, snapshot.units, strict=True):
        total[unit] += 1
        closed[unit] += measure.state is State.CLOSED
        late[unit] += is_overdue(measure.state, measure.due, as_of, calendar)
    return tuple(
        UnitFigures(unit=name, measures=total[unit], closed=closed[unit], overdue=late[unit])
        for unit, name in (*names, (None, None))
        if total[unit]
    )


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
    snapshot = read_snapshot(session, round_id, until)
    parents = {finding.id: finding.parent for finding in snapshot.findings}
    total, closed, late = Counter[int](), Counter[int](), Counter[int]()
    for measure in snapshot.measures:
        top = measure.finding
        while (above := parents.get(top)) is not None:
            top = above
        total[top] += 1
        closed[top] += measure.state is State.CLOSED
        late[top] += is_overdue(measure.state, measure.due, until.on, calendar)
    aspects = session.execute(
        select(Finding.id, Finding.code, Finding.text)
        .where(Finding.round_id == round_id, Finding.parent_id.is_(None))
        .order_by(Finding.position)
    )
    return tuple(
        AspectFigures(code=code, text=text, measures=total[number], closed=closed[number], overdue=late[number])
        for number, code, text in aspects
    )

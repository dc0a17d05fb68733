"""What official papers tell of a round, as it stood at any moment: its findings with their measures, and what was done.

Called by the kinds of `documents.kinds`; a constant number of statements, whatever the size of the round.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.house_at import Rows, findings_at
from engine.reads.ledger_rows import MeasureRow, RoundLedger, read_round_ledger
from engine.reads.rewind import MeasureAt, measures_at
from engine.reads.round_figures import read_figures
from engine.rules.figure import FIGURE_SOURCES, Figure, Measures, Record, Records, Reported, slips_of
from engine.rules.lateness import Lateness, Timing, lateness_of
from engine.rules.moment import Moment, day_end
from engine.rules.progress import Figures, days_late, is_overdue
from engine.rules.vocabulary import Level, MeasureClass, Slip, State, UnitKind
from engine.rules.working_days import WorkingCalendar
from models import Decision, Escalation, Extension, Fate, Measure, Meeting, Round, Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePart:
    """One measure."""

    code: str
    text: str
    measure_class: MeasureClass
    lead: str | None
    unit: str | None
    co_units: tuple[str, ...]
    owner: str | None
    original_due: date | None
    due: date | None
    state: State
    percent: int
    progress: str | None  #: the newest report's text
    closed_on: date | None
    late: int  #: working days overdue; 0: it is not
    lateness: Lateness | None  #: of what is handed in
    finding_id: int  #: directly above it

    @property
    def timings(self) -> frozenset[Timing]:
        """What its lateness counts in."""
        return self.lateness.timings if self.lateness is not None else frozenset()

    def reported(self, at: Moment | None = None) -> Figure:
        """Return the progress last reported as a figure."""
        return Figure(value=self.percent, source=Reported(code=self.code), at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPart:
    """One finding with what hangs below it."""

    id: int
    level: Level
    text: str
    measures: tuple[MeasurePart, ...]  #: directly below it
    below: tuple[FindingPart, ...]

    def all_measures(self) -> Iterator[MeasurePart]:
        """Yield the measures of this finding and of all below, in the order of the ledger."""
        yield from self.measures
        for one in self.below:
            yield from one.all_measures()

    def ids(self) -> tuple[int, ...]:
        """Return the ids of this finding and of all below."""
        return (self.id, *(number for one in self.below for number in one.ids()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What was done until the moment, counted."""

    meetings: int
    decisions: Mapping[str, int]  #: by the values of models.DecisionKind
    passed: int  #: verifications
    returned: int
    extended: int
    refused: int  #: extensions
    slips: Mapping[Slip, int]

    def count(self, record: Record, outcome: str = "") -> Figure:
        """Return how much there is of one kind of record, as a figure."""
        value = {
            Record.MEETING: self.meetings,
            Record.DECISION: self.decisions.get(outcome, 0),
            Record.VERIFICATION: {"passed": self.passed, "returned": self.returned}.get(outcome, 0),
            Record.EXTENSION: {"approved": self.extended, "refused": self.refused}.get(outcome, 0),
        }[record]
        return Figure(value=value, source=Records(record=record, outcome=outcome))

    def handed_out(self, slip: Slip) -> Figure:
        """Return how many slips of one colour went out, as a figure."""
        return Figure(value=self.slips.get(slip, 0), source=slips_of(slip))


@dataclass(frozen=True, kw_only=True)
class PaperFacts:
    """Everything that papers tell of a round."""

    code: str
    title: str
    organisation: str
    inspecting_body: str | None
    inspected: tuple[date | None, date | None]
    feedback_on: date
    plan_due: date
    concentrated_end: date
    report_due: date
    contacts: Mapping[str, Any]
    as_of: date
    figures: Figures
    before: Figures  #: at the end of the month before
    before_at: Moment
    units: tuple[tuple[str, UnitKind], ...]
    findings: tuple[FindingPart, ...]  #: the aspects, or what stands highest
    work: Work
    tells_lateness: bool = True  #: of what is handed in; papers of earlier layouts do not

    @property
    def before_on(self) -> date:
        """The last day of the month before."""
        return self.before_at.on

    def total(self, name: str) -> Figure:
        """Return one of the round's figures, by its name there."""
        return Figure(value=getattr(self.figures, name), source=FIGURE_SOURCES[name])

    def total_before(self, name: str) -> Figure:
        """Return one of the round's figures at the end of the month before."""
        return Figure(value=getattr(self.before, name), source=FIGURE_SOURCES[name], at=self.before_at)

    def count(self, which: Measures) -> Figure:
        """Count the measures that fit."""
        near: Iterable[MeasurePart] = self._every
        if which.findings:
            near = (one for number in which.findings for one in self._below.get(number, ()))
        return Figure(value=sum(map(which.fits, near)), source=which)

    @cached_property
    def _every(self) -> tuple[MeasurePart, ...]:
        return tuple(one for finding in self.findings for one in finding.all_measures())

    @cached_property
    def _below(self) -> dict[int, list[MeasurePart]]:
        """The measures directly below each finding: a paper counts those of every finding in every month."""
        found: dict[int, list[MeasurePart]] = defaultdict(list)
        for one in self._every:
            found[one.finding_id].append(one)
        return found

    def measures(self) -> tuple[MeasurePart, ...]:
        """Return every measure in the order of the ledger."""
        return self._every

    def by_unit(self) -> dict[str | None, list[MeasurePart]]:
        """Return the measures of each responsible unit, the units in the order of the house; None: of no unit yet."""
        found: dict[str | None, list[MeasurePart]] = {name: [] for name, _ in self.units}
        found[None] = []
        for one in self.measures():
            found[one.unit].append(one)
        return {name: measures for name, measures in found.items() if measures}


def read_paper_facts(
    session: Session, round_: Round, until: Moment, calendar: WorkingCalendar, *, tells_lateness: bool = True
) -> PaperFacts:
    """Return what papers tell of the round as it stood at `until`."""
    ledger = read_round_ledger(session, round_.id, until)
    before_at = day_end(until.on.replace(day=1) - timedelta(days=1), round_.zone)
    parts = _parts(ledger, measures_at(session, round_.id, until), until.on, calendar)
    if not tells_lateness:
        parts = {number: [replace(one, lateness=None) for one in found] for number, found in parts.items()}
    return PaperFacts(
        code=round_.code,
        title=ledger.title,
        organisation=ledger.organisation,
        inspecting_body=round_.inspecting_body,
        inspected=(round_.inspected_from, round_.inspected_to),
        feedback_on=round_.feedback_on,
        plan_due=round_.plan_due,
        concentrated_end=round_.concentrated_end,
        report_due=round_.report_due,
        contacts=round_.contacts or {},
        as_of=until.on,
        figures=read_figures(session, round_.id, until, calendar),
        before=read_figures(session, round_.id, before_at, calendar),
        before_at=before_at,
        units=tuple((name, kind) for name, kind, _ in ledger.units),
        findings=_tree(findings_at(session, round_.id, until), parts),
        work=_work(session, round_.id, until),
        tells_lateness=tells_lateness,
    )


def _parts(
    ledger: RoundLedger, measures: list[MeasureAt], as_of: date, calendar: WorkingCalendar
) -> dict[int, list[MeasurePart]]:
    """Return the measures by their finding."""
    found: dict[int, list[MeasurePart]] = defaultdict(list)
    for row, one in zip(ledger.rows, measures, strict=True):
        found[one.finding_id].append(_part(row, one, as_of, calendar))
    return found


def _part(row: MeasureRow, one: MeasureAt, as_of: date, calendar: WorkingCalendar) -> MeasurePart:
    is_late = one.due is not None and one.due < as_of and is_overdue(one.state, one.due, as_of, calendar)
    return MeasurePart(
        code=row.code,
        text=row.text,
        measure_class=row.measure_class,
        lead=row.lead,
        unit=row.unit,
        co_units=row.co_units,
        owner=row.owner,
        original_due=one.original_due,
        due=row.due,
        state=row.state,
        percent=one.percent,
        progress=row.progress,
        closed_on=one.closed_on,
        late=days_late(one.due, as_of, calendar) if is_late else 0,
        lateness=lateness_of(one, calendar, as_of=as_of),
        finding_id=one.finding_id,
    )


def _tree(findings: Rows, parts: Mapping[int, list[MeasurePart]]) -> tuple[FindingPart, ...]:
    children: dict[int | None, list[int]] = defaultdict(list)
    for number, row in sorted(findings.items(), key=lambda one: one[1]["position"]):
        children[row["parent_id"]].append(number)

    def grow(above: int | None) -> tuple[FindingPart, ...]:
        return tuple(
            FindingPart(
                id=number,
                level=Level(findings[number]["level"]),
                text=findings[number]["text"],
                measures=tuple(parts.get(number, ())),
                below=grow(number),
            )
            for number in children[above]
        )

    return grow(None)


def _work(session: Session, round_id: int, until: Moment) -> Work:
    """Count what was done; nothing later than `until`."""
    of_round = Measure.round_id == round_id
    meetings = select(func.count()).where(Meeting.round_id == round_id, Meeting.held_on <= until.on)
    decisions = (
        select(Decision.kind, func.count())
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .where(Meeting.round_id == round_id, Decision.at <= until.at)
        .group_by(Decision.kind)
    )
    verdicts = (
        select(Verification.verdict, func.count())
        .join(Measure, Measure.id == Verification.measure_id)
        .where(of_round, Verification.verdict.is_not(None), Verification.decided_at <= until.at)
        .group_by(Verification.verdict)
    )
    rulings = (
        select(Extension.ruling, func.count())
        .join(Measure, Measure.id == Extension.measure_id)
        .where(of_round, Extension.decided_at <= until.at)
        .group_by(Extension.ruling)
    )
    slips = (
        select(Escalation.slip, func.count())
        .join(Measure, Measure.id == Escalation.measure_id)
        .where(of_round, Escalation.fate == Fate.CLIMBED, Escalation.at <= until.at)
        .group_by(Escalation.slip)
    )
    told = Counter({verdict.value: count for verdict, count in session.execute(verdicts) if verdict})
    ruled = Counter({ruling.value: count for ruling, count in session.execute(rulings)})
    return Work(
        meetings=session.scalar(meetings) or 0,
        decisions=Counter({kind.value: count for kind, count in session.execute(decisions)}),
        passed=told["passed"],
        returned=told["returned"],
        extended=ruled["approved"],
        refused=ruled["refused"],
        slips=Counter(dict(session.execute(slips).tuples().all())),
    )

"""Reads a published notice (整改进展情况通报) into a plan: the findings, and what it says about the round.

Called by `intake.import_files`.  Any file gives a plan or raises InputRefused; nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from engine.rules.passages import Passage
from engine.rules.plan import Fault, FindingPlan, InputRefused, MeasurePlan, Place, RoundPlan
from engine.rules.text import N_, Text
from intake.notice.acts import acts_that_differ
from intake.notice.answers import Answers, with_answers
from intake.notice.asides import Aside
from intake.notice.beside import Beside, read_beside
from intake.notice.clauses import Clause
from intake.notice.facts import read_facts
from intake.notice.headings import NARROW
from intake.notice.left_out import left_out, say_left_out
from intake.notice.lines import read_lines
from intake.notice.outline import Found, read_findings, span_of
from intake.notice.passages import passages
from intake.notice.source import refuse, tidy

MAX_LENGTH = 20_000  #: characters of one measure; more is a heading that was not recognised


@dataclass(frozen=True, slots=True)
class NoticeReading:
    """A notice's plan, and what of its text was not taken into it."""

    plan: RoundPlan
    notes: tuple[Text, ...]
    passages: tuple[Passage, ...] = ()  #: all of its text, and what became of it


class NoticeRefused(InputRefused):
    """A notice in which too little was recognised; what its passages are may be answered."""

    def __init__(self, faults: tuple[Fault, ...], shown: tuple[Passage, ...]) -> None:
        super().__init__(faults)
        self.passages = shown


def read_notice(path: Path) -> RoundPlan:
    """Return what the notice says; see `read_notice_whole`."""
    return read_notice_whole(path).plan


def read_notice_whole(path: Path, *, feedback_on: date | None = None, answers: Answers | None = None) -> NoticeReading:
    """Return what the notice says, and what was left out of it and why.

    `feedback_on` dates deadlines without a year where the notice does not tell the day of its feedback.

    `answers` are what people have said that its passages are.  Raises NoticeRefused when it is no notice, or with
    every fault: no finding, no measure, a measure without end, a day of the feedback that does not exist.
    """
    lines = with_answers(read_lines(path), answers or {})
    aspects = read_findings(lines)
    if not aspects:
        message = N_(
            "no findings were recognised; expected numbered headings such as (一)关于“…”问题的整改, 1.针对“…”的问题"
        )
        refused = refuse(path, message, row=lines[0].number)
        raise NoticeRefused(refused.faults, passages(lines, (), (), (), ()))
    facts = read_facts(lines, span_of(aspects))
    beside = _Besides(facts.feedback_on or feedback_on)
    plan = RoundPlan(
        kind="notice",
        title=facts.title,
        organisation=facts.organisation,
        inspecting_body=facts.inspecting_body,
        inspected_from=facts.inspected_from,
        inspected_to=facts.inspected_to,
        feedback_on=facts.feedback_on,
        declared=facts.totals.declared,
        claims=facts.totals.claims,
        contacts=facts.contacts,
        findings=tuple(_plan(found, number, path, beside) for number, found in enumerate(aspects, start=1)),
    )
    refusals = list(_refusals(path, plan))
    if facts.no_such_day is not None:
        row = next((line.number for line in lines if facts.no_such_day in tidy(line.text.translate(NARROW))), None)
        refusals.insert(0, refuse(path, N_("there is no such day of the feedback"), row=row, value=facts.no_such_day))
    if refusals:
        shown = passages(lines, aspects, beside.taken, (), ())
        raise NoticeRefused(tuple(fault for refusal in refusals for fault in refusal.faults), shown)
    told = left_out(lines, aspects, facts.totals.declared, beside.taken)
    remarks = (*facts.totals.remarks, *acts_that_differ(lines, span_of(aspects)))
    notes = (*unmeasured(plan), *remarks, *say_left_out(told))
    return NoticeReading(plan, notes, passages(lines, aspects, beside.taken, facts.totals.claims, told))


def _refusals(path: Path, plan: RoundPlan) -> Iterator[InputRefused]:
    if not plan.measures():
        message = N_("the findings have no measures; expected clauses such as 一是…二是…")
        yield refuse(path, message, row=plan.findings[0].place.row)
    for measure in plan.measures():
        if len(measure.text) > MAX_LENGTH:
            message = N_("a measure of more than {most} characters; is a heading missing?", most=MAX_LENGTH)
            yield refuse(path, message, row=measure.place.row, value=measure.text)


def unmeasured(plan: RoundPlan) -> tuple[Text, ...]:
    """Say where a finding has nothing below it: its measures were not recognised, or the notice tells none."""

    def below(finding: FindingPlan) -> Iterator[Text]:
        if not finding.children and not finding.measures:
            yield N_("row {row}: no measure was recognised under “{text}”", row=finding.place.row, text=finding.text)
        for child in finding.children:
            yield from below(child)

    return tuple(text for finding in plan.findings for text in below(finding))


@dataclass(slots=True)
class _Besides:
    """Reads what stands beside measures, and remembers what told it."""

    feedback_on: date | None
    taken: set[Aside] = field(default_factory=set)

    def of(self, clause: Clause) -> Beside:
        beside = read_beside(clause.asides, self.feedback_on)
        self.taken.update(beside.taken)
        return beside


def _plan(found: Found, number: int, path: Path, besides: _Besides) -> FindingPlan:
    children = tuple(_plan(child, place, path, besides) for place, child in enumerate(found.children, start=1))
    return FindingPlan(
        level=found.level,
        number=number,
        text=found.text,
        children=children,
        measures=tuple(_measure(clause, path, besides.of(clause)) for clause in found.measures),
        place=Place(file=path.name, row=found.line),
    )


def _measure(clause: Clause, path: Path, beside: Beside) -> MeasurePlan:
    return MeasurePlan(
        code=None,
        text=clause.text,
        measure_class=beside.measure_class,
        due=beside.due,
        state=beside.state,
        unit=beside.unit,
        co_units=beside.co_units,
        lead=beside.lead,
        owner=beside.owner,
        place=Place(file=path.name, row=clause.line),
    )

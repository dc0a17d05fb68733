"""Stores the tree of findings; a finding that is there already is found again by its place and text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules.import_report import Change
from engine.rules.plan import FindingPlan, MeasurePlan
from models import Finding, Measure, Round
from models.bulk import new_ids

#: One finding with the measures that hang on it directly.
Hung = tuple[Finding, tuple[MeasurePlan, ...]]


def store_findings(
    session: Session, round_: Round, aspects: Sequence[FindingPlan], changes: list[Change]
) -> list[Hung]:
    """Create what is new; return every finding of the plan with its measures, in the order of the source.

    A text that was corrected is told by the measures below, and added to `changes`.
    """
    known: dict[tuple[int | None, str], Finding] = {}
    for finding in session.scalars(select(Finding).where(Finding.round_id == round_.id).order_by(Finding.position)):
        known[finding.parent_id, finding.text] = finding
    position = max((finding.position for finding in known.values()), default=0)
    children = Counter(above for above, _ in known)
    ids = new_ids(session, Finding)
    record = _Record(session, round_, known.values())

    def store(plan: FindingPlan, parent: Finding | None, siblings: frozenset[str]) -> Iterator[Hung]:
        nonlocal position
        parent_id = parent.id if parent else None
        finding = known.get((parent_id, plan.text))
        if finding is None and (finding := record.corrected(plan, parent_id, siblings)):
            changes.append(Change(code=finding.code, field=plan.level.value, before=finding.text, after=plan.text))
            del known[parent_id, finding.text]
            finding.text = plan.text
            known[parent_id, plan.text] = finding
        if finding is None:
            position += 1
            children[parent_id] += 1
            finding = Finding(
                id=next(ids),
                round_id=round_.id,
                parent_id=parent_id,
                level=plan.level,
                code=f"{parent.code}.{children[parent_id]}" if parent else str(children[parent_id]),
                position=position,
                text=plan.text,
            )
            session.add(finding)
            known[parent_id, plan.text] = finding
        record.named.add(finding.id)
        yield finding, plan.measures
        below = frozenset(child.text for child in plan.children)
        for child in plan.children:
            yield from store(child, finding, below)

    texts = frozenset(aspect.text for aspect in aspects)
    return [hung for aspect in aspects for hung in store(aspect, None, texts)]


class _Record:
    """Where the measures on record hang."""

    def __init__(self, session: Session, round_: Round, findings: Iterable[Finding]) -> None:
        self.named: set[int] = set()  #: the findings that the plan has named so far
        self._findings = {finding.id: finding for finding in findings}
        codes = select(Measure.code, Measure.finding_id).where(Measure.round_id == round_.id)
        self._place = dict(session.execute(codes).tuples().all())

    def corrected(self, plan: FindingPlan, parent_id: int | None, siblings: frozenset[str]) -> Finding | None:
        """Return the finding that `plan` has a new text for: its known measures hang there, nothing else names it."""
        found = {self._below(parent_id, self._place[code]) for code in _codes(plan) if code in self._place}
        same = found.pop() if len(found) == 1 else None
        return same if same is not None and same.id not in self.named and same.text not in siblings else None

    def _below(self, parent_id: int | None, number: int) -> Finding | None:
        """Return the finding right below `parent_id` on the way up from `number`."""
        finding: Finding | None = self._findings[number]
        while finding is not None and finding.parent_id != parent_id:
            finding = self._findings.get(finding.parent_id) if finding.parent_id else None
        return finding


def _codes(plan: FindingPlan) -> Iterator[str]:
    yield from (measure.code for measure in plan.measures if measure.code is not None)
    for child in plan.children:
        yield from _codes(child)

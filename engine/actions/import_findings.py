"""Stores the tree of findings; a finding that is there already is found again by its place and text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.rules.plan import FindingPlan, MeasurePlan
from models import Finding, Round

#: One finding with the measures that hang on it directly.
Hung = tuple[Finding, tuple[MeasurePlan, ...]]


def store_findings(session: Session, round_: Round, aspects: Sequence[FindingPlan]) -> list[Hung]:
    """Create what is new; return every finding of the plan with its measures, in the order of the source."""
    known: dict[tuple[int | None, str], Finding] = {}
    for finding in session.scalars(select(Finding).where(Finding.round_id == round_.id).order_by(Finding.position)):
        known[finding.parent_id, finding.text] = finding
    position = session.scalar(select(func.max(Finding.position)).where(Finding.round_id == round_.id)) or 0

    def store(plan: FindingPlan, parent: Finding | None) -> Iterator[Hung]:
        nonlocal position
        parent_id = parent.id if parent else None
        finding = known.get((parent_id, plan.text))
        if finding is None:
            position += 1
            siblings = sum(1 for above, _ in known if above == parent_id)
            finding = Finding(
                round_id=round_.id,
                parent_id=parent_id,
                level=plan.level,
                code=f"{parent.code}.{siblings + 1}" if parent else str(siblings + 1),
                position=position,
                text=plan.text,
            )
            session.add(finding)
            session.flush()  # children need its number; findings are few
            known[parent_id, plan.text] = finding
        yield finding, plan.measures
        for child in plan.children:
            yield from store(child, finding)

    return [hung for aspect in aspects for hung in store(aspect, None)]

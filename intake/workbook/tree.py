"""The tree of findings while rows are read into it; findings are told apart by their texts, in order of appearance.

Called by `ledger`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.rules.plan import FindingPlan, MeasurePlan, Place
from engine.rules.vocabulary import Level
from intake.workbook.cell_values import squeeze


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """A finding that is still growing."""

    level: Level
    text: str
    place: Place
    children: dict[str, Node] = field(default_factory=dict)
    measures: list[MeasurePlan] = field(default_factory=list)

    def below(self, level: Level, text: str, place: Place) -> Node:
        """Return the finding with this text below, a new one at its first appearance."""
        key = squeeze(text)
        node = self.children.get(key)
        if node is None:
            node = self.children[key] = Node(level=level, text=text, place=place)
        return node

    def plans(self) -> tuple[FindingPlan, ...]:
        """Return everything below, finished."""
        return tuple(
            FindingPlan(
                level=node.level,
                number=number,
                text=node.text,
                children=node.plans(),
                measures=tuple(node.measures),
                place=node.place,
            )
            for number, node in enumerate(self.children.values(), 1)
        )

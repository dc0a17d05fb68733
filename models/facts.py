"""The facts of a measure that the record accounts for: what stands in the ledger at any time follows from events."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date
from typing import Any

from models.measure import Measure, NewMeasure

CO_UNITS = "co_units"  #: what an event calls the units that help, beside the measure's own columns
FACTS = (
    "finding_id",
    "position",
    "text",
    "measure_class",
    "lead_id",
    "unit_id",
    "owner_id",
    "state",
    "state_since",
    "accepted_on",
    "original_due",
    "due",
    "deadline_version",
    "percent",
    "reported_on",
    "handed_in_on",
    "closed_on",
)


def facts_of(measure: Measure | NewMeasure) -> dict[str, Any]:
    """Return the facts of `measure` as plain JSON."""
    return {name: plain(getattr(measure, name)) for name in FACTS}


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """Return column → [before, after] of what differs; None when nothing does."""
    changed = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    return changed or None


def plain(value: Any) -> Any:
    """Return a column's value as plain JSON."""
    if value is None or type(value) in {int, str}:  # most are: an import looks at millions
        return value
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value

"""What an import did, or would do.  Plain values; `duban import` prints them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from engine.rules.plan import Declared
from engine.rules.text import N_, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between the source and the record."""

    code: str  #: of the measure, or of the finding whose text was corrected
    field: str
    before: str | None
    after: str | None


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """Counts and differences of one import."""

    kind: str  #: "notice" or "ledger"
    round: str  #: code
    aspects: int = 0
    problems: int = 0
    items: int = 0
    measures: int = 0
    units: int = 0
    people: int = 0
    created: int = 0  #: measures
    updated: int = 0
    unchanged: int = 0
    to_be_assigned: int = 0
    declared: Declared | None = None
    changes: list[Change] = field(default_factory=list)
    kept: list[Text] = field(default_factory=list)  #: where the file is older than the record, and the record stands

    def as_json(self) -> dict[str, Any]:
        """Return the object that `duban import --json` prints (DESIGN.md section 9)."""
        declared = None
        if self.declared is not None:
            declared = {key: value for key, value in asdict(self.declared).items() if key != "as_of"}
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in {"declared", "changes", "kept"}}
        return {
            **plain,
            "declared": declared,
            "differences": [str(text) for text in differences(self)],
            "kept": [str(text) for text in self.kept],
            "changes": [asdict(change) for change in self.changes],
            "errors": [],
        }


_COUNTED = {
    "aspects": N_("aspects"),
    "problems": N_("problems"),
    "items": N_("items"),
    "measures": N_("measures"),
}


def differences(report: ImportReport) -> list[Text]:
    """Say plainly where the totals that the text claims and those that were read differ."""
    if report.declared is None:
        return []
    return [
        N_(
            "{what}: the text declares {declared}, {read} were read",
            what=name,
            declared=claimed,
            read=getattr(report, key),
        )
        for key, name in _COUNTED.items()
        if (claimed := getattr(report.declared, key)) is not None and claimed != getattr(report, key)
    ]

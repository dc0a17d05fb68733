"""What an import did, or would do.  Plain values; `duban import` prints them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.rules.plan import Claim, Declared
from engine.rules.proposal import Proposal
from engine.rules.text import N_, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between the source and the record."""

    code: str  #: of the measure, or of the finding whose text was corrected
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measure, as a list of an import shows it."""

    code: str
    text: str


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
    declared_from: tuple[Claim, ...] = ()  #: a sentence for each total
    changes: list[Change] = field(default_factory=list)
    new: list[Row] = field(default_factory=list)  #: measures that the record did not have
    absent: list[Row] = field(default_factory=list)  #: measures of the round that a ledger does not hold
    proposal: Proposal | None = None  #: units and people that rows name and nobody knows
    kept: list[Text] = field(default_factory=list)  #: where the file is older than the record, and the record stands

    def as_json(self) -> dict[str, Any]:
        """Return the object that `duban import --json` prints (DESIGN.md section 9)."""
        declared = None
        if self.declared is not None:
            declared = {key: value for key, value in asdict(self.declared).items() if key != "as_of"}
        lists = {"declared", "declared_from", "changes", "kept", "new", "absent", "proposal"}
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in lists}
        return {
            **plain,
            "declared": declared,
            "declared_from": [asdict(one) for one in self.declared_from],
            "differences": [str(text) for text in differences(self)],
            "kept": [str(text) for text in self.kept],
            "changes": [asdict(change) for change in self.changes],
            "new": [asdict(row) for row in self.new],
            "absent": [asdict(row) for row in self.absent],
            "proposal": self.proposal.as_json() if self.proposal else None,
            "errors": [],
        }


_CLAIMED = {
    "aspects": N_("aspects"),
    "problems": N_("problems"),
    "problems_done": N_("problems done"),
    "items": N_("items"),
    "items_done": N_("items done"),
    "measures": N_("measures"),
    "measures_done": N_("measures done"),
}


def tell_claims(claims: Sequence[Claim]) -> list[Text]:
    """Say each sentence that totals come from, with the totals.

    >>> str(tell_claims([Claim(what="items", number=46, row=6, text="反馈的46项问题")])[0])
    'row 6: “反馈的46项问题” declares items 46'
    """
    by_sentence: dict[tuple[int, str], list[Text]] = {}
    for one in claims:
        total = N_("{what} {number}", what=_CLAIMED[one.what], number=one.number)
        by_sentence.setdefault((one.row, one.text), []).append(total)
    return [
        N_("row {row}: “{text}” declares {totals}", row=row, text=text, totals=tuple(totals))
        for (row, text), totals in by_sentence.items()
    ]


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

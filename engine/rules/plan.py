"""What was read in, before anything is stored: a round with its findings, measures, units and people.

`intake` produces a `RoundPlan` (from a notice or from a workbook); `engine.actions.import_round` stores it.
Everything knows its place in the source, so that a fault can be told by file, sheet, row and column.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.rules.text import Text
from engine.rules.vocabulary import Level, MeasureClass, Role, State, UnitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a source file."""

    file: str  #: the file's name as the user gave it
    sheet: str | None = None  #: the sheet's name; None in a text or a .csv
    row: int | None = None  #: line of the text or row of the sheet, from 1
    column: str | None = None  #: the column's heading as the file writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with the input: where, what stands there, and what was expected."""

    place: Place
    value: str | None  #: what stands there, shortened to 60 characters
    message: Text  #: what was expected


class InputRefused(Exception):  # noqa: N818 - the input is refused; nothing went wrong in the program
    """The input has faults; nothing was changed.  Exit code 2."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults)
        self.faults = faults


class FeedbackUnknown(InputRefused):
    """A new round begins with the day of the feedback, and its file does not tell it: whoever imports may say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Totals that the text itself claims; None where it claims nothing."""

    aspects: int | None = None
    problems: int | None = None
    problems_done: int | None = None
    items: int | None = None
    items_done: int | None = None
    measures: int | None = None
    measures_done: int | None = None
    as_of: date | None = None  #: the day the claim is made for ("截至…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A total that the text claims, with the sentence that it came from."""

    what: str  #: field of `Declared`
    number: int
    row: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Whom the public may turn to."""

    telephone: str | None = None
    email: str | None = None
    address: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPlan:
    """A unit as the sheet 单位 gives it."""

    name: str
    kind: UnitKind
    parent: str | None  #: name of the unit above
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPlan:
    """A person as the sheet 人员 gives them."""

    name: str
    code: str  #: sign-in name, unique; the name itself where the sheet has no such column
    unit: str  #: name of the unit
    roles: tuple[Role, ...]  #: granted roles; unit_head is granted for the person's unit
    email: str | None
    language: str | None  #: "zh_CN" or "en"; None: the house's default
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePlan:
    """One measure.  After a notice only the text is known; a ledger fills the rest."""

    code: str | None  #: 序号 of a ledger; None in a notice (the import numbers it)
    code_told: bool = True  #: False: the code is derived, and a measure on record is known by its text first
    code_lost: bool = False  #: a spreadsheet made a date of the code: without a measure on record it is a fault
    text: str
    measure_class: MeasureClass | None = None
    lead: str | None = None  #: 责任领导, a person's name or code
    unit: str | None = None  #: 责任单位, a unit's name
    co_units: tuple[str, ...] = ()  #: 配合单位
    owner: str | None = None  #: 责任人, a person's name or code
    due: date | None = None  #: 整改时限; None with measure_class continuous means open-ended (长期坚持)
    progress: str | None = None  #: 进展情况
    state: State | None = None  #: 完成状态; None where the cell is empty
    evidence: tuple[str, ...] = ()  #: 佐证材料, names only
    fields: tuple[tuple[str, str], ...] = ()  #: what stands in columns of the office's own, by heading
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPlan:
    """A node of the findings tree, with what hangs below it in the order of the source."""

    level: Level
    number: int  #: 1, 2, … among its siblings
    text: str
    children: tuple[FindingPlan, ...] = ()
    measures: tuple[MeasurePlan, ...] = ()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlan:
    """Everything that one source says about a round."""

    kind: str  #: "notice" or "ledger"
    title: str | None = None
    organisation: str | None = None  #: the inspected organisation
    inspecting_body: str | None = None  #: 市委第五巡视组
    inspected_from: date | None = None
    inspected_to: date | None = None
    feedback_on: date | None = None
    declared: Declared = Declared()
    claims: tuple[Claim, ...] = ()  #: where `declared` comes from
    contacts: Contacts = Contacts()
    findings: tuple[FindingPlan, ...] = ()  #: the aspects
    units: tuple[UnitPlan, ...] = ()
    people: tuple[PersonPlan, ...] = ()

    def count(self, level: Level) -> int:
        """Return how many findings of `level` the plan holds."""

        def below(node: FindingPlan) -> int:
            return (node.level is level) + sum(below(child) for child in node.children)

        return sum(below(aspect) for aspect in self.findings)

    def measures(self) -> tuple[MeasurePlan, ...]:
        """Return every measure in the order of the source."""

        def below(node: FindingPlan) -> tuple[MeasurePlan, ...]:
            return node.measures + tuple(measure for child in node.children for measure in below(child))

        return tuple(measure for aspect in self.findings for measure in below(aspect))

"""The ledger (台账) as plain values: its rows, and the cells that each becomes.

Filled by `ledger_book`, written by `write_ledger`.  Every row repeats its findings, so that the sheet survives sorting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from documents.official.told import Told, told_in
from documents.official.words import long_day
from engine.rules.figure import FIGURE_SOURCES, Figure
from engine.rules.lateness import Lateness, Timing, lateness_words
from engine.rules.ledger_layout import (
    CLASS_WORDS,
    KIND_WORDS,
    LANGUAGE_WORDS,
    LEDGER,
    MAX_CELL,
    OPEN_ENDED,
    ROLE_WORDS,
    STATE_WORDS,
    UNASSIGNED,
    Field,
    clean_text,
)
from engine.rules.text import N_, Text
from engine.rules.vocabulary import MeasureClass, Role, State, UnitKind
from i18n import CHINESE, say


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One line of the sheet 单位."""

    name: str
    kind: UnitKind
    parent: str | None = None  #: name of the unit above


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One line of the sheet 人员."""

    name: str
    code: str  #: sign-in name
    unit: str
    roles: tuple[Role, ...] = ()  #: granted ones
    email: str | None = None
    language: str | None = None  #: "zh_CN" or "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One measure, in one line of the sheet 台账."""

    code: str
    aspect: str
    problem: str
    item: str | None  #: None: the measure hangs directly below the problem
    measure: str
    measure_class: MeasureClass | None = None
    lead: str | None = None  #: name, or sign-in name where two people share the name
    unit: str | None = None
    co_units: tuple[str, ...] = ()
    owner: str | None = None  #: as `lead`; None: to be assigned
    due: date | None = None
    open_ended: bool = False  #: 长期坚持: there is no date on purpose
    progress: str | None = None
    state: State | None = None
    evidence: tuple[str, ...] = ()  #: names of the files
    overdue: bool = False  #: shown in colour
    days_late: int = 0  #: working days, of what is overdue
    lateness: Lateness | None = None  #: of what is handed in


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBook:
    """A whole ledger."""

    title: str  #: the round's title
    as_of: date
    created: datetime  #: written into the file; aware
    units: tuple[UnitRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    rows: tuple[LedgerRow, ...] = ()
    tells_lateness: bool = True  #: of what is handed in; ledgers of earlier layouts have no such column

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns of the sheet 台账."""
        return tuple(field for field in LEDGER.headings if self.tells_lateness or field is not Field.LATENESS)


Cell = str | date | None


def ledger_cells(row: LedgerRow) -> dict[Field, Cell]:
    """Return one line of the sheet 台账 as it is written."""
    state = STATE_WORDS[row.state][0] if row.state else None
    return {
        Field.CODE: row.code,
        Field.ASPECT: row.aspect,
        Field.PROBLEM: row.problem,
        Field.ITEM: row.item,
        Field.MEASURE: row.measure,
        Field.CLASS: CLASS_WORDS[row.measure_class][0] if row.measure_class else None,
        Field.LEAD: row.lead,
        Field.UNIT: row.unit,
        Field.CO_UNITS: "\n".join(row.co_units),
        Field.OWNER: row.owner,
        Field.DUE: row.due or (OPEN_ENDED if row.open_ended else None),
        Field.PROGRESS: row.progress,
        Field.STATE: UNASSIGNED if row.state is State.ASSIGNED and not row.owner else state,
        Field.LATENESS: "\n".join(say(one, CHINESE) for one in _lateness(row)),
        Field.EVIDENCE: "\n".join(row.evidence),
    }


def _lateness(row: LedgerRow) -> tuple[Text, ...]:
    """Return how late a measure is, or was."""
    if row.days_late:
        return (N_("{days} working days late", days=row.days_late),)
    return lateness_words(row.lateness)


def unit_cells(row: UnitRow) -> dict[Field, Cell]:
    """Return one line of the sheet 单位 as it is written."""
    return {Field.NAME: row.name, Field.KIND: KIND_WORDS[row.kind][0], Field.PARENT: row.parent}


def person_cells(row: PersonRow) -> dict[Field, Cell]:
    """Return one line of the sheet 人员 as it is written."""
    return {
        Field.NAME: row.name,
        Field.ACCOUNT: row.code,
        Field.UNIT: row.unit,
        Field.ROLES: "、".join(ROLE_WORDS[role][0] for role in row.roles),
        Field.EMAIL: row.email,
        Field.LANGUAGE: LANGUAGE_WORDS.get(row.language or "", (row.language,))[0],
    }


def ledger_line(ledger: LedgerBook) -> Told:
    """Return the line below the title of the sheet 台账."""
    counts = {
        "measures": len(ledger.rows),
        "closed": sum(row.state is State.CLOSED for row in ledger.rows),
        "overdue": sum(row.overdue for row in ledger.rows),
        "done_late": sum(Timing.DONE_LATE in row.lateness.timings for row in ledger.rows if row.lateness),
    }
    told: dict[str, object] = {name: Figure(value=n, source=FIGURE_SOURCES[name]) for name, n in counts.items()}
    told |= {"day": long_day(ledger.as_of), "count": told["measures"], "late": told["done_late"]}
    if not ledger.tells_lateness:
        return told_in(N_("Ledger as of {day}: {count} measures, {closed} closed, {overdue} overdue", **told))
    return told_in(
        N_(
            "Ledger as of {day}: {count} measures, {closed} closed, {late} of them done late, {overdue} overdue",
            **told,
        )
    )


def fitting_text(text: str) -> str:
    """Return `text` as a cell can hold it; what is longer ends in a visible mark."""
    text = clean_text(text)
    if len(text) * 2 <= MAX_CELL or len(text.encode("utf-16-le")) // 2 <= MAX_CELL:
        return text
    return text.encode("utf-16-le")[: (MAX_CELL - 1) * 2].decode("utf-16-le", "ignore") + "…"

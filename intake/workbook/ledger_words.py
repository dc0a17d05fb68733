"""What reads the cells of a 台账: its words for classes and states, names, deadlines; each value is read once.

Called by `ledger_rows`.  Nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from engine.rules.ledger_layout import CLASS_WORDS, STATE_WORDS, UNASSIGNED, key_of, without_remark
from engine.rules.text import N_, Text
from engine.rules.vocabulary import MeasureClass, State
from intake.workbook.cell_values import Remembered, split_names, word_reader
from intake.workbook.dates import Deadline, NotADate, read_deadline
from intake.workbook.named import PeopleCell, UnitsCell, read_people_cell, read_units_cell

_PERCENT = re.compile(r"(?:已?(?:完成|整改)(?:率|进度)?:?)?(\d{1,3}(?:\.\d+)?)%")
_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the record knows, so that no cell is taken apart that names one thing."""

    units: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()  #: texts that may number parts, without spaces


@dataclass(slots=True, kw_only=True)
class Reading:
    """How the cells of one file are read."""

    known: Known
    year: int | None  #: of deadlines that tell none
    feedback_on: date | None
    epoch_1904: bool
    state_words: Mapping[State, tuple[str, ...]] = field(default_factory=lambda: STATE_WORDS)
    without_year: int = 0  #: deadlines that were read with the year of the feedback
    classes: Remembered[str, MeasureClass | Text | None] = field(init=False)
    states: Remembered[str, State | Text | None] = field(init=False)
    people: Remembered[str, PeopleCell] = field(init=False)
    units: Remembered[str, UnitsCell] = field(init=False)
    helping: Remembered[str, tuple[str, ...]] = field(init=False)
    deadlines: Remembered[tuple[str, int | None], Deadline | Text] = field(init=False)

    def __post_init__(self) -> None:
        """Build the readers."""
        self.classes = word_reader(CLASS_WORDS)
        exact = word_reader(self.state_words, also={UNASSIGNED: State.ASSIGNED})
        self.states = Remembered(lambda text: read_state(text, exact))
        self.people = Remembered(lambda text: read_people_cell(text, self.known.people))
        self.units = Remembered(lambda text: read_units_cell(text, self.known.units))
        self.helping = Remembered(lambda text: split_names(text, self.known.units))
        self.deadlines = Remembered(lambda told: self.deadline(*told))

    def learn(self, units: Iterable[str], people: Iterable[str]) -> None:
        """Take in what the file's own sheets name, before any row is read."""
        known = self.known
        self.known = replace(
            known, units=known.units | {*units}, people=known.people | {*people}, measures=known.measures
        )

    def deadline(self, value: object, in_year: int | None) -> Deadline | Text:
        """Return the deadline in a cell, or what was expected."""
        try:
            return read_deadline(value, year=in_year, epoch_1904=self.epoch_1904, feedback_on=self.feedback_on)
        except NotADate as reason:
            return reason.expected


def read_state(text: str, exact: Mapping[str, State | Text | None]) -> State | Text | None:
    """Return the state that a cell tells: by a word, a word with a remark in brackets, or a share (100%)."""
    found = exact[text]
    if not isinstance(found, Text):
        return found
    key = key_of(text)
    bare = exact[without_remark(key)]
    if not isinstance(bare, Text):
        return bare
    if (share := _PERCENT.fullmatch(key)) and float(share[1]) <= _WHOLE:
        return State.CLOSED if float(share[1]) == _WHOLE else State.IN_PROGRESS
    return found if key else N_("a state")

"""Read the sheet 台账: its rows become the tree of findings with the measures below.

Called by `read_workbook`.  Findings are told apart by their texts, in the order of first appearance.  An empty 方面
or 反馈问题 is the one above; an empty 具体事项 too, unless the row names its problem: then the measure hangs directly
below the problem.  Units and people are kept as written; the action that stores them knows whether they exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time

from engine.rules.ledger_layout import CLASS_WORDS, MAX_CODE, MAX_NAME, STATE_WORDS, UNASSIGNED, Field
from engine.rules.plan import FindingPlan, MeasurePlan, Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Level, MeasureClass, State
from intake.workbook.cell_values import Remembered, read_name, split_files, split_names, squeeze, word_reader
from intake.workbook.dates import NOTHING, Deadline, NotADate, read_deadline
from intake.workbook.table import Record, Table

#: Whose merged cells hold for every row.  Not 序号 (each measure has its own), nor what the order of rows tells.
FILLED_DOWN = frozenset(
    {
        *(Field.ITEM, Field.MEASURE, Field.CLASS, Field.LEAD, Field.UNIT, Field.CO_UNITS, Field.OWNER, Field.DUE),
        *(Field.PROGRESS, Field.STATE, Field.EVIDENCE),
    }
)


@dataclass(slots=True, kw_only=True)
class _Node:
    """A finding that is still growing."""

    level: Level
    text: str
    place: Place
    children: dict[str, _Node] = field(default_factory=dict)
    measures: list[MeasurePlan] = field(default_factory=list)

    def below(self, level: Level, text: str, place: Place) -> _Node:
        """Return the finding with this text below, a new one at its first appearance."""
        key = squeeze(text)
        node = self.children.get(key)
        if node is None:
            node = self.children[key] = _Node(level=level, text=text, place=place)
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


class LedgerReader:
    """Reads the rows of one 台账; remembers what the rows above said."""

    def __init__(
        self,
        table: Table,
        *,
        year: int | None,
        feedback_on: date | None,
        epoch_1904: bool,
        known_units: frozenset[str],
    ) -> None:
        self.without_year = 0  #: deadlines that were read with the year of the feedback
        self._table = table
        self._year = year
        self._told_year: int | None = None  #: by the deadlines above
        self._feedback_on = feedback_on
        self._epoch_1904 = epoch_1904
        self._root = _Node(level=Level.ASPECT, text="", place=table.place(None))
        self._aspect: _Node | None = None
        self._problem: _Node | None = None
        self._item: _Node | None = None
        self._rows: dict[str, int] = {}  #: of the codes so far
        self._classes = word_reader(CLASS_WORDS)
        self._states = word_reader(STATE_WORDS, also={UNASSIGNED: State.ASSIGNED})
        self._names = Remembered[str, str](read_name)
        self._units = Remembered[str, tuple[str, ...]](lambda text: split_names(text, known_units))
        self._deadlines = Remembered[tuple[str, int | None], Deadline | Text](self._read_deadline_text)

    def read(self) -> tuple[FindingPlan, ...]:
        """Return the aspects with everything below."""
        for record in self._table.records():
            self._read_row(record)
        return self._root.plans()

    def _read_row(self, record: Record) -> None:
        finding = self._find(record)
        measure = self._measure(record)
        if finding is not None:
            finding.measures.append(measure)

    def _find(self, record: Record) -> _Node | None:
        """Return the finding that the row's measure belongs to."""
        aspect, problem, item = record.text(Field.ASPECT), record.text(Field.PROBLEM), record.text(Field.ITEM)
        above = self._aspect
        if aspect:
            self._aspect = self._root.below(Level.ASPECT, aspect, record.place(Field.ASPECT))
        if self._aspect is None:
            record.need(Field.ASPECT, N_("the aspect: no row above tells it"))
            return None
        if self._aspect is not above:
            self._problem = self._item = None
        if problem:
            node = self._aspect.below(Level.PROBLEM, problem, record.place(Field.PROBLEM))
            self._problem, self._item = node, None
        if self._problem is None:
            record.need(Field.PROBLEM, N_("the problem: no row above tells it"))
            return None
        if item:
            self._item = self._problem.below(Level.ITEM, item, record.place(Field.ITEM))
        return self._item or self._problem

    def _measure(self, record: Record) -> MeasurePlan:
        text = record.need(Field.MEASURE, N_("the text of the measure"))
        measure_class = self._classes[record.text(Field.CLASS)]
        if isinstance(measure_class, Text):
            record.fault(Field.CLASS, measure_class)
            measure_class = None
        state = self._states[record.text(Field.STATE)]
        if isinstance(state, Text):
            record.fault(Field.STATE, state)
            state = None
        deadline = self._deadline(record)
        if deadline.open_ended:
            # Whoever writes 长期坚持 for a date means it, whatever the column beside it still says.
            measure_class = MeasureClass.CONTINUOUS
        return MeasurePlan(
            code=self._code(record),
            text=text,
            measure_class=measure_class,
            lead=self._names[record.name(Field.LEAD, MAX_NAME)] or None,
            unit=self._names[record.name(Field.UNIT, MAX_NAME)] or None,
            co_units=self._co_units(record),
            owner=self._names[record.name(Field.OWNER, MAX_NAME)] or None,
            due=deadline.due,
            progress=record.text(Field.PROGRESS) or None,
            state=state,
            evidence=split_files(evidence) if (evidence := record.text(Field.EVIDENCE)) else (),
            place=record.place(),
        )

    def _code(self, record: Record) -> str:
        if isinstance(record.cells.get(Field.CODE), date | time):
            record.fault(Field.CODE, N_("a number kept as text; Excel made a date of this one"))
            return ""
        code = " ".join(record.need(Field.CODE, N_("a number of its own for every measure")).split())
        if len(code) > MAX_CODE:
            record.fault(
                Field.CODE, N_("at most {count} characters; there are {found}", count=MAX_CODE, found=len(code))
            )
        elif code:
            first = self._rows.setdefault(code, record.row)
            if first != record.row:
                record.fault(Field.CODE, N_("a number that occurs once; row {row} has it too", row=first))
        return code

    def _co_units(self, record: Record) -> tuple[str, ...]:
        text = record.text(Field.CO_UNITS)
        if not text:
            return ()
        units = self._units[text]
        longest = max(map(len, units), default=0)
        if longest > MAX_NAME:
            message = N_("at most {count} characters; there are {found}", count=MAX_NAME, found=longest)
            record.fault(Field.CO_UNITS, message)
        return units

    def _deadline(self, record: Record) -> Deadline:
        value = record.cells.get(Field.DUE)
        in_year = self._year or self._told_year
        assumed = in_year or (self._feedback_on.year if self._feedback_on else None)
        if value is None or isinstance(value, str):
            text = record.text(Field.DUE)
            found: Deadline | Text = self._deadlines[text, assumed] if text else NOTHING
        else:
            found = self._read_deadline(value, assumed)
        if isinstance(found, Text):
            record.fault(Field.DUE, found)
            return NOTHING
        if in_year is None and self._feedback_on and found.due is not None and found.told_year is None:
            found = self._after_feedback(record, found)
        self._told_year = found.told_year or self._told_year
        return found

    def _after_feedback(self, record: Record, found: Deadline) -> Deadline:
        """Take a deadline with the year of the feedback; one that lies before it is of a year that nobody knows."""
        assert found.due is not None
        assert self._feedback_on is not None
        if found.due < self._feedback_on:
            record.fault(
                Field.DUE,
                N_(
                    "the year as well: {day} lies before the feedback on {feedback}",
                    day=found.due,
                    feedback=self._feedback_on,
                ),
            )
            return NOTHING
        self.without_year += 1
        return found

    def _read_deadline_text(self, told: tuple[str, int | None]) -> Deadline | Text:
        return self._read_deadline(*told)

    def _read_deadline(self, value: object, in_year: int | None) -> Deadline | Text:
        try:
            return read_deadline(value, year=in_year, epoch_1904=self._epoch_1904)
        except NotADate as reason:
            return reason.expected

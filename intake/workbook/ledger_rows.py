"""Read the rows of one sheet of a 台账: each names its finding, and holds one measure or several in one cell.

Called by `ledger`.  Findings are told apart by their texts, in the order of first appearance.  An empty 方面 or
反馈问题 is the one above; an empty 具体事项 too, unless the row names its problem: then the measure hangs right below
the problem.  Units and people are kept as written; the action that stores them knows whether they exist.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, time

from engine.rules.ledger_layout import MAX_CODE, MAX_NAME, Field
from engine.rules.plan import MeasurePlan
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Level, MeasureClass, State
from intake.workbook.cell_values import split_files, squeeze, text_of
from intake.workbook.codes import Entry, number_measures
from intake.workbook.dates import NOTHING, Deadline
from intake.workbook.ledger_words import Reading
from intake.workbook.numbered import Parts, split_numbered
from intake.workbook.shape import Shape
from intake.workbook.table import Record, Table
from intake.workbook.tellings import Tellings
from intake.workbook.tree import Node

#: Whose merged cells hold for every row.  Not what the order of rows tells.
FILLED_DOWN = frozenset(
    {
        *(Field.CODE, Field.ITEM, Field.MEASURE, Field.CLASS, Field.LEAD, Field.LEAD_UNIT, Field.UNIT, Field.CO_UNITS),
        *(Field.OWNER, Field.DUE, Field.PROGRESS, Field.STATE, Field.EVIDENCE),
    }
)
#: What may be told for each measure of a cell by numbers of its own, or line by line.
_SHARED = FILLED_DOWN - {Field.CODE, Field.ITEM, Field.MEASURE}
_BY_LINE = frozenset({Field.DUE, Field.STATE, Field.OWNER})
#: A sheet whose rows are counted so has a row for each problem, not for each measure.
_BARE_CODE = re.compile(r"\d*|[一二三四五六七八九十]+|[(（](?:\d+|[一二三四五六七八九十]+)[)）]")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
#: A code that a spreadsheet took for a date, and saved so: 1月1日, 1-Jan, 2025/1/1.
_DATED = re.compile(
    rf"\d{{1,2}}月\d{{1,2}}日|\d{{4}}年\d{{1,2}}月(?:\d{{1,2}}日)?|\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}"
    rf"|\d{{1,2}}-{_MONTH}(?:-\d{{2,4}})?|{_MONTH}-\d{{2,4}}",
    re.IGNORECASE,
)
_SPLIT = N_("the measures of one cell were told apart by their numbering")
_PASSED_OVER = N_("rows that add up or explain are no measures")
_WHOLE = N_("the measure numbers its parts, and stays one")
_OTHERS = N_("only the first person is taken; others are named beside")
_BESIDE_NAME = N_("what stands beside the name is not taken")
_NO_DAY = N_("no deadline was taken from this, so that the round's date holds")
_FIRST_DAY = N_("the first of a month; if the sheet shows the month alone, write its last day, or save it as .xlsx")
_BESIDE_DAY = N_("what stands beside the deadline is not taken")


class RowReader:
    """Reads one sheet; remembers what the rows above said."""

    def __init__(self, reading: Reading, table: Table, shape: Shape, root: Node) -> None:
        self._reading = reading
        self._table = table
        self._shape = shape
        self._root = root
        self._tellings = Tellings()
        self._numbering: tuple[Text, ...] = ()
        self._told_year: int | None = None  #: by the deadlines above
        self._aspect = root.below(Level.ASPECT, shape.aspect, table.place(None)) if shape.aspect else None
        self._problem: Node | None = None
        self._item: Node | None = None

    def read(self) -> list[Entry]:
        """Return the rows with their measures, numbered."""
        entries = [self._read_row(record) for record in self._table.records()]
        for row, begin in self._table.passed_over:
            self._tellings.tell(_PASSED_OVER, row, begin)
        self._tell_apart(entries)
        has_column = Field.CODE in self._table.columns
        name = self._table.sheet.name or self._table.found.file
        numbering = number_measures(entries, has_column=has_column, sheet=name)
        for entry, message in numbering.faults:
            place = self._table.place(entry.row, Field.CODE)
            if not any(fault.place == place for fault in self._table.found.faults):
                self._table.found.fault(place, entry.code or None, message)
        self._numbering = numbering.notes
        return entries

    def notes(self) -> list[Text]:
        """Return what was read otherwise than it is written."""
        return [*self._numbering, *self._tellings.notes(self._table.sheet.name or self._table.found.file)]

    def _read_row(self, record: Record) -> Entry:
        finding = self._find(record)
        code, is_lost = self._code(record)
        entry = Entry(
            code=code,
            row=record.row,
            aspect=self._aspect,
            node=self._problem,
            finding=finding,
            continues=Field.PROBLEM not in record.cells,
            is_merged=Field.CODE in record.filled,
            is_lost=is_lost,
            year=self._told_year,
        )
        text = record.cells.get(self._shape.measure)
        parts = split_numbered(text) if type(text) is str and len(text) > 5 else None  # noqa: PLR2004 - 1.甲2.乙
        if parts is None:
            entry.measures.append(self._measure(record, entry))
        else:
            entry.record, entry.parts = record, parts
        return entry

    def _find(self, record: Record) -> Node | None:
        """Return the finding that the row's measure belongs to."""
        shape = self._shape
        aspect = "" if shape.aspect else record.text(Field.ASPECT)
        problem = record.text(shape.problem) if shape.problem else ""
        item = record.text(shape.item) if shape.item else ""
        above = self._aspect
        if aspect:
            self._aspect = self._root.below(Level.ASPECT, aspect, record.place(Field.ASPECT))
        if self._aspect is None:
            record.need(Field.ASPECT, N_("the aspect: no row above tells it"))
            return None
        if self._aspect is not above:
            self._problem = self._item = None
        if problem:
            node = self._aspect.below(Level.PROBLEM, problem, record.place(shape.problem))
            self._problem, self._item = node, None
        elif shape.problem is None and self._problem is None:
            self._problem = self._aspect.below(Level.PROBLEM, self._aspect.text, self._aspect.place)
        if self._problem is None:
            if shape.problem is not None:
                record.need(shape.problem, N_("the problem: no row above tells it"))
            return None
        if item:
            self._item = self._problem.below(Level.ITEM, item, record.place(Field.ITEM))
        return self._item or self._problem

    def _tell_apart(self, entries: list[Entry]) -> None:
        """Make measures of numbered parts where a row stands for a problem; else tell that they stay one."""
        if not any(entry.parts for entry in entries):
            return
        rows = Counter(id(entry.finding) for entry in entries)
        codes = [entry.code for entry in entries]
        for entry in entries:
            if entry.parts is None or entry.record is None:
                continue
            is_whole = (
                rows[id(entry.finding)] > 1
                or not all(_BARE_CODE.fullmatch(code) for code in codes)
                or squeeze(entry.record.text(self._shape.measure)) in self._reading.known.measures
            )
            self._told_year = entry.year
            if is_whole:
                self._tellings.tell(_WHOLE, entry.row)
                entry.measures.append(self._measure(entry.record, entry))
            else:
                value = f"{entry.parts.before} {len(entry.parts.parts)}".strip()
                self._tellings.tell(_SPLIT, entry.row, value)
                entry.measures += [self._measure(one, entry) for one in self._records_of(entry.record, entry.parts)]
            entry.record = None

    def _records_of(self, record: Record, parts: Parts) -> list[Record]:
        """Return a record for each part; cells that number the same parts, or line them up, are shared out."""
        count = len(parts.parts)
        told: dict[Field, tuple[str, ...]] = {self._shape.measure: parts.parts}
        for field in _SHARED:
            value = record.cells.get(field)
            if type(value) is not str:
                continue
            own = split_numbered(value)
            lines = tuple(line.strip() for line in value.splitlines() if line.strip())
            if own is not None and len(own.parts) == count and not own.before:
                told[field] = own.parts
            elif field in _BY_LINE and len(lines) == count:
                told[field] = lines
        made = []
        for number in range(count):
            one = Record(record.table, record.row, record.cells | {field: each[number] for field, each in told.items()})
            one.beside = record.beside
            made.append(one)
        return made

    def _measure(self, record: Record, entry: Entry) -> MeasurePlan:
        reading = self._reading
        text = record.need(self._shape.measure, N_("the text of the measure"))
        measure_class = reading.classes[record.text(Field.CLASS)]
        if isinstance(measure_class, Text):
            record.fault(Field.CLASS, measure_class)
            measure_class = None
        state = self._state(record)
        deadline = self._deadline(record)
        if deadline.open_ended:
            # Whoever writes 长期坚持 for a date means it, whatever the column beside it still says.
            measure_class = MeasureClass.CONTINUOUS
        unit, co_units = self._units(record)
        return MeasurePlan(
            code=entry.code or None,
            code_told=not entry.is_lost,
            code_lost=entry.is_lost,
            text=text,
            measure_class=measure_class or deadline.measure_class,
            lead=self._person(record, Field.LEAD),
            unit=unit,
            co_units=co_units,
            owner=self._person(record, Field.OWNER),
            due=deadline.due,
            progress=record.text(Field.PROGRESS) or None,
            state=state or (State.CLOSED if deadline.is_done else None),
            evidence=split_files(evidence) if (evidence := record.text(Field.EVIDENCE)) else (),
            fields=self._beside(record),
            place=record.place(),
        )

    def _state(self, record: Record) -> State | None:
        text = record.text(self._shape.state)
        state = self._reading.states[text]
        if not isinstance(state, Text):
            return state
        if self._shape.state is Field.STATE:
            record.fault(Field.STATE, state)
        return None

    def _beside(self, record: Record) -> tuple[tuple[str, str], ...]:
        """Return what stands in columns of the office's own."""
        if not record.beside:
            return ()
        pairs = zip(self._table.unknown, record.beside, strict=True)
        return tuple((heading, text) for (_, heading), value in pairs if (text := text_of(value)))

    def _code(self, record: Record) -> tuple[str, bool]:
        """Return the row's number as written, and whether a spreadsheet made a date of it."""
        if Field.CODE not in self._table.columns:
            return "", False
        value = record.cells.get(Field.CODE)
        code = " ".join(record.text(Field.CODE).split())
        is_lost = isinstance(value, date | time) or bool(code and _DATED.fullmatch(code))
        if len(code) > MAX_CODE:
            record.fault(
                Field.CODE, N_("at most {count} characters; there are {found}", count=MAX_CODE, found=len(code))
            )
        return code, is_lost

    def _units(self, record: Record) -> tuple[str | None, tuple[str, ...]]:
        """Return the unit that leads, and those that help."""
        unit = self._reading.units[record.text(Field.UNIT)]
        lead = self._reading.units[record.text(Field.LEAD_UNIT)] if Field.LEAD_UNIT in record.cells else None
        text = record.text(Field.CO_UNITS)
        helping = self._reading.helping[text] if text else ()
        first = (lead.first if lead else "") or unit.first or self._shape.unit or ""
        if not (lead or unit.others):
            others = helping
        else:
            named = (*(lead.others if lead else ()), unit.first, *unit.others, *helping)
            others = tuple(dict.fromkeys(name for name in named if name and name != first))
        longest = max(map(len, (first, *others)))
        if longest > MAX_NAME:
            named_by = Field.UNIT if len(first) > MAX_NAME else Field.CO_UNITS
            record.fault(named_by, N_("at most {count} characters; there are {found}", count=MAX_NAME, found=longest))
        return first or None, others

    def _person(self, record: Record, field: Field) -> str | None:
        text = record.text(field)
        if not text:
            return None
        found = self._reading.people[text]
        if found.others:
            self._tellings.tell(_OTHERS, record.row, "、".join(found.others))
        if found.left_out:
            self._tellings.tell(_BESIDE_NAME, record.row, found.left_out)
        if len(found.first) > MAX_NAME:
            record.fault(
                field, N_("at most {count} characters; there are {found}", count=MAX_NAME, found=len(found.first))
            )
        return found.first or None

    def _deadline(self, record: Record) -> Deadline:
        value, reading = record.cells.get(Field.DUE), self._reading
        in_year = reading.year or self._told_year
        assumed = in_year or (reading.feedback_on.year if reading.feedback_on else None)
        if value is None or isinstance(value, str):
            text = record.text(Field.DUE)
            found: Deadline | Text = reading.deadlines[text, assumed] if text else NOTHING
        else:
            found = reading.deadline(value, assumed)
        if not isinstance(found, Text) and in_year is None and reading.feedback_on:
            found = self._after_feedback(found, reading.feedback_on)
        if isinstance(found, Text):
            self._tellings.tell(_NO_DAY, record.row, text_of(value), found)
            return NOTHING
        if type(value) is date and value.day == 1 and not self._table.sheet.tells_formats:
            self._tellings.tell(_FIRST_DAY, record.row, value.isoformat())
        if found.remark:
            self._tellings.tell(_BESIDE_DAY, record.row, found.remark)
        self._told_year = found.told_year or self._told_year
        return found

    def _after_feedback(self, found: Deadline, feedback_on: date) -> Deadline | Text:
        """Take a deadline with the year of the feedback; one that lies before it is of a year that nobody knows."""
        if found.due is None or found.told_year is not None:
            return found
        if found.due < feedback_on:
            return N_(
                "the year as well: {day} lies before the feedback on {feedback}", day=found.due, feedback=feedback_on
            )
        self._reading.without_year += 1
        return found

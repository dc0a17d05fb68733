"""Read the sheets of a 台账: their rows become the tree of findings with the measures below.

Called by `read_workbook`; `ledger_rows` reads the rows of one sheet, `codes` numbers its measures.
"""

from __future__ import annotations

from engine.rules.plan import FindingPlan
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Level
from intake.workbook.codes import Entry, keep_apart
from intake.workbook.ledger_rows import RowReader
from intake.workbook.ledger_words import Reading
from intake.workbook.shape import read_shape
from intake.workbook.table import Table
from intake.workbook.tree import Node


class LedgerReader:
    """Reads one sheet after the other into one tree."""

    def __init__(self, reading: Reading, *, several: bool) -> None:
        self._notes: list[Text] = []
        self._reading = reading
        self._several = several
        self._root: Node | None = None
        self._sheets: list[tuple[Table, list[Entry]]] = []

    def read(self, table: Table) -> None:
        """Take in the rows of one sheet; faults are told to the table's findings."""
        if self._root is None:
            self._root = Node(level=Level.ASPECT, text="", place=table.place(None))
        shape = read_shape(table, is_one_of_several=self._several)
        rows = RowReader(self._reading, table, shape, self._root)
        entries = rows.read()
        self._sheets.append((table, entries))
        if entries:
            self._notes += [*shape.notes, *rows.notes()]

    def plans(self) -> tuple[FindingPlan, ...]:
        """Return the aspects with everything below."""
        if len(self._sheets) > 1:
            self._notes += keep_apart(self._sheets)
        for _, entries in self._sheets:
            for entry in entries:
                if entry.finding is not None:
                    entry.finding.measures += entry.measures
        return () if self._root is None else self._root.plans()

    def notes(self) -> list[Text]:
        """Return what was read otherwise than it is written."""
        reading = self._reading
        if reading.without_year and reading.feedback_on:
            told = N_(
                "{count} deadlines tell no year; {year}, the year of the feedback, was taken",
                count=reading.without_year,
                year=reading.feedback_on.year,
            )
            return [*self._notes, told]
        return self._notes

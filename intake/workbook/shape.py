"""Say what stands for the columns that a ledger does not have: its title for the aspect, the problem for the measure.

Called by `ledger`, once for each sheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.rules.ledger_layout import Field, key_of
from engine.rules.text import N_, Text
from intake.workbook.table import Table

_NAMELESS = re.compile(r"(?:sheet|表|工作表)?[\d一二三四五六七八九十]*|台账|ledger")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which columns hold what in one sheet."""

    aspect: str | None  #: the aspect of every row; None: a column tells it
    problem: Field | None  #: None: the aspect is the problem, too
    item: Field | None
    measure: Field
    state: Field  #: PROGRESS where no column tells the state: a word for a state there is one
    unit: str | None  #: the unit of every row that names none: the sheet's name
    notes: tuple[Text, ...]


def read_shape(table: Table, *, is_one_of_several: bool) -> Shape:
    """Return the shape of a sheet."""
    columns, sheet = table.columns, table.sheet.name or table.found.file
    notes: list[Text] = []
    levels = [field for field in (Field.PROBLEM, Field.ITEM, Field.MEASURE) if field in columns]
    problem = levels[0] if levels[0] is not Field.MEASURE else None
    aspect = None
    if Field.ASPECT not in columns:
        aspect = table.title or (sheet if not _NAMELESS.fullmatch(key_of(sheet)) else "整改问题")
        notes.append(
            N_("{sheet}: no column tells the aspect; this stands for it: {aspect}", sheet=sheet, aspect=aspect)
        )
    if problem is None:
        notes.append(N_("{sheet}: no column tells the problem; the aspect stands for it", sheet=sheet))
    if levels[-1] is not Field.MEASURE:
        heading = table.headings[levels[-1]]
        told = N_("{sheet}: no column tells the measure; {heading} stands for it, too", sheet=sheet, heading=heading)
        notes.append(told)
    has_item = problem is Field.PROBLEM and Field.ITEM in columns and levels[-1] is Field.MEASURE
    is_unit = is_one_of_several and not {Field.UNIT, Field.LEAD_UNIT} & columns.keys()
    if is_unit:
        notes.append(N_("{sheet}: no column tells the unit; the sheet's name stands for it", sheet=sheet))
    if Field.LEAD_UNIT in columns and Field.UNIT in columns:
        lead, other = table.headings[Field.LEAD_UNIT], table.headings[Field.UNIT]
        notes.append(
            N_("{sheet}: the unit under {lead} leads, those under {other} help", sheet=sheet, lead=lead, other=other)
        )
    state = Field.STATE if Field.STATE in columns or Field.PROGRESS not in columns else Field.PROGRESS
    return Shape(
        aspect=aspect,
        problem=problem,
        item=Field.ITEM if has_item else None,
        measure=levels[-1],
        state=state,
        unit=sheet if is_unit else None,
        notes=tuple(notes),
    )

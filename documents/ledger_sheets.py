"""How the ledger workbook looks: sheets, widths, colours, choices to pick from, and the set-up for A3 paper.

Called by `documents.write_ledger` only.  Everything a person wrote goes in as a string; the only formulas are
the references of this file's own drop-down lists and colours.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from functools import lru_cache
from math import ceil
from typing import Any

import xlsxwriter

from documents.ledger import (
    Cell,
    LedgerBook,
    LedgerRow,
    fitting_text,
    ledger_cells,
    ledger_line,
    person_cells,
    unit_cells,
)
from engine.rules.colours import STATE_COLOURS
from engine.rules.ledger_layout import (
    CLASS_WORDS,
    KIND_WORDS,
    LANGUAGE_WORDS,
    LEDGER,
    NEVER_GRANTED,
    PEOPLE,
    ROLE_WORDS,
    STATE_WORDS,
    UNASSIGNED,
    UNITS,
    Field,
    Layout,
)
from engine.rules.text import N_
from engine.rules.vocabulary import State
from i18n import say

_FONT = "宋体"
_SPARE_ROWS = 500  #: below the last line, so that new lines are checked as well
_A3 = 8
_NARROW = 0x2E7F  #: letters up to here are one wide
_LINE, _TALLEST = 13.5, 409.0  #: points


def _widths(fields: Iterable[Field], widths: Iterable[float]) -> Mapping[Field, float]:
    return dict(zip(fields, widths, strict=True))


_WIDTHS: dict[str, Mapping[Field, float]] = {
    LEDGER.name: _widths(LEDGER.headings, (9, 17, 25, 25, 42, 10, 10, 15, 15, 10, 12, 30, 10, 16, 21)),
    UNITS.name: _widths(UNITS.headings, (34, 18, 34)),
    PEOPLE.name: _widths(PEOPLE.headings, (14, 18, 34, 26, 30, 10)),
}
#: Of ledgers of earlier layouts.
_WIDTHS_BEFORE = _widths(
    (field for field in LEDGER.headings if field is not Field.LATENESS),
    (9, 17, 26, 26, 44, 10, 10, 15, 15, 10, 12, 34, 10, 24),
)
_CENTRED = frozenset({Field.CODE, Field.CLASS, Field.LEAD, Field.OWNER, Field.DUE, Field.STATE})
_OVERDUE, _HEADING, _REPEATED, _LINES = "#F8CBAD", "#D6DCE4", "#707070", "#A6A6A6"


def ledger_workbook(ledger: LedgerBook) -> bytes:
    """Return the workbook's bytes; the same for the same ledger."""
    content = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(content, options)
    book.set_properties({"title": fitting_text(ledger.title)[:255], "created": ledger.created.astimezone(UTC)})
    _LedgerSheet(book, ledger).write()
    _write_list(book, UNITS, [unit_cells(unit) for unit in ledger.units], {Field.KIND: _first(KIND_WORDS)})
    _write_list(
        book, PEOPLE, [person_cells(person) for person in ledger.people], {Field.LANGUAGE: _first(LANGUAGE_WORDS)}
    )
    book.close()
    return content.getvalue()


def _first(words: Any) -> list[str]:
    return [told[0] for told in words.values()]


def _heading_format(book: Any) -> Any:
    return book.add_format(
        {"bold": True, "font_name": _FONT, "font_size": 10.5, "bg_color": _HEADING, "border": 1, "border_color": _LINES}
        | {"align": "center", "valign": "vcenter", "text_wrap": True}
    )


def _write_headings(sheet: Any, row: int, layout: Layout, fields: Iterable[Field], heading: Any) -> None:
    sheet.set_row(row, 30)
    for column, field in enumerate(fields):
        sheet.write_string(row, column, layout.heading(field), heading)


def _write_list(book: Any, layout: Layout, lines: Sequence[dict[Field, Cell]], choices: dict[Field, list[str]]) -> None:
    """Write one of the two plain sheets."""
    sheet = book.add_worksheet(layout.name)
    plain = book.add_format(
        {
            "font_name": _FONT,
            "font_size": 10.5,
            "border": 1,
            "border_color": _LINES,
            "valign": "vcenter",
            "text_wrap": True,
            "num_format": "@",
        }
    )
    _write_headings(sheet, 0, layout, layout.headings, _heading_format(book))
    for column, field in enumerate(layout.headings):
        sheet.set_column(column, column, _WIDTHS[layout.name][field])
        if field in choices:
            _offer(sheet, column, 1, len(lines), choices[field])
        if field is Field.ROLES:
            _explain_roles(sheet, column, len(lines))
    for row, cells in enumerate(lines, 1):
        sheet.set_row(row, _height(_WIDTHS[layout.name], cells))
        for column, value in enumerate(cells.values()):
            _write_text(sheet, row, column, value, plain)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(lines), 1), len(layout.headings) - 1)
    if lines:
        sheet.ignore_errors({"number_stored_as_text": f"A2:{_letter(len(layout.headings) - 1)}{len(lines) + 1}"})
    _set_up_print(sheet, heading_row=0)


def _letter(column: int) -> str:
    return chr(ord("A") + column)


def _write_text(sheet: Any, row: int, column: int, value: Cell, form: Any) -> None:
    text = fitting_text(str(value)) if value else ""
    if text:
        sheet.write_string(row, column, text, form)
    else:
        sheet.write_blank(row, column, None, form)


@lru_cache(maxsize=8192)
def _lines(text: str, width: float) -> int:
    """Return about how many lines `text` takes in a column of this width: a Chinese character is two wide."""
    return sum(
        ceil(max(1, sum(2 if ord(letter) > _NARROW else 1 for letter in line)) / width) for line in text.split("\n")
    )


def _height(widths: Mapping[Field, float], cells: dict[Field, Cell]) -> float:
    """Return the height of a row in points; LibreOffice and previews do not find it themselves."""
    lines = max(_lines(value, widths[field]) for field, value in cells.items() if isinstance(value, str))
    return min(_TALLEST, lines * _LINE + 6)


def _set_up_print(sheet: Any, *, heading_row: int) -> None:
    sheet.set_paper(_A3)
    sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(heading_row)
    sheet.center_horizontally()
    sheet.set_footer(f"&C&9{say(N_('page {page} of {pages}', page='&P', pages='&N'))}")


def _offer(sheet: Any, column: int, first: int, count: int, source: list[str] | str, *, strict: bool = True) -> None:
    """Offer a list to pick from; a strict one admits nothing else."""
    choice = {"validate": "list", "source": source, "ignore_blank": True}
    if strict:
        choice |= {"error_title": LEDGER.name, "error_message": say(N_("Please choose from the list."))}
    else:
        # Somebody may be known to the database and not to this file.
        choice |= {"error_type": "information", "error_title": LEDGER.name}
        choice |= {"error_message": say(N_("This name is not in the workbook; is it spelt right?"))}
    sheet.data_validation(first, column, first + count + _SPARE_ROWS, column, choice)


def _explain_roles(sheet: Any, column: int, count: int) -> None:
    """Show beside the cell which roles there are: a list to pick from would admit only one of them."""
    roles = tuple(told[0] for role, told in ROLE_WORDS.items() if role not in NEVER_GRANTED)
    told = N_("One or several of: {roles}. Owners and leaders are named in the ledger and need no role.", roles=roles)
    hint = {"validate": "any", "input_title": PEOPLE.heading(Field.ROLES), "input_message": say(told)}
    sheet.data_validation(1, column, 1 + count + _SPARE_ROWS, column, hint)


class _LedgerSheet:
    """Writes the sheet 台账."""

    def __init__(self, book: Any, ledger: LedgerBook) -> None:
        self._book = book
        self._ledger = ledger
        self._sheet = book.add_worksheet(LEDGER.name)
        self._columns: dict[Field, int] = {field: column for column, field in enumerate(ledger.fields)}
        self._widths = _WIDTHS[LEDGER.name] if ledger.tells_lateness else _WIDTHS_BEFORE
        self._formats: dict[tuple[Field, bool], Any] = {}
        self._top = 2  #: row of the headings, from 0

    def write(self) -> None:
        """Write title, headings, lines and everything around them."""
        self._write_title()
        _write_headings(self._sheet, self._top, LEDGER, self._columns, _heading_format(self._book))
        for field, column in self._columns.items():
            kept_as_text = self._book.add_format({"num_format": "@"}) if field is Field.CODE else None
            self._sheet.set_column(column, column, self._widths[field], kept_as_text)
        before: LedgerRow | None = None
        for number, row in enumerate(self._ledger.rows, self._top + 1):
            self._write_line(number, row, before)
            before = row
        last = self._top + max(len(self._ledger.rows), 1)
        self._sheet.autofilter(self._top, 0, last, len(self._columns) - 1)
        self._sheet.freeze_panes(self._top + 1, 1)
        self._sheet.ignore_errors({"number_stored_as_text": f"A{self._top + 2}:A{last + 1}"})
        self._offer_choices(last)
        self._colour_states(last)
        _set_up_print(self._sheet, heading_row=self._top)

    def _write_title(self) -> None:
        ledger, last = self._ledger, len(self._columns) - 1
        large = {"bold": True, "font_name": _FONT, "font_size": 18, "align": "center", "valign": "vcenter"}
        small = {"font_name": _FONT, "font_size": 10.5, "align": "center", "valign": "vcenter", "font_color": "#595959"}
        self._sheet.set_row(0, 34)
        self._sheet.set_row(1, 20)
        for row, text, form in ((0, fitting_text(ledger.title), large), (1, ledger_line(ledger), small)):
            self._sheet.merge_range(row, 0, row, last, "", self._book.add_format(form))
            self._sheet.write_string(row, 0, text, self._book.add_format(form))

    def _format(self, field: Field, *, marked: bool) -> Any:
        """Return a field's format; `marked` is grey for a finding told above, coloured for a date passed."""
        if (field, marked) not in self._formats:
            form = {
                "font_name": _FONT,
                "font_size": 10,
                "border": 1,
                "border_color": _LINES,
                "valign": "vcenter",
                "text_wrap": True,
            }
            if field in _CENTRED:
                form["align"] = "center"
            form["num_format"] = "yyyy-mm-dd" if field is Field.DUE else "@" if field is Field.CODE else "General"
            if marked:
                form |= {"bg_color": _OVERDUE, "bold": True} if field is Field.DUE else {"font_color": _REPEATED}
            self._formats[field, marked] = self._book.add_format(form)
        return self._formats[field, marked]

    def _write_line(self, number: int, row: LedgerRow, before: LedgerRow | None) -> None:
        marked = {Field.DUE} if row.overdue else set[Field]()
        if before and before.aspect == row.aspect:
            marked.add(Field.ASPECT)
            if before.problem == row.problem:
                marked.add(Field.PROBLEM)
                if before.item == row.item:
                    marked.add(Field.ITEM)
        told = ledger_cells(row)
        cells = {field: told[field] for field in self._columns}
        self._sheet.set_row(number, _height(self._widths, cells))
        for column, (field, value) in enumerate(cells.items()):
            form = self._format(field, marked=field in marked)
            if isinstance(value, date):
                self._sheet.write_datetime(number, column, value, form)
            else:
                _write_text(self._sheet, number, column, value, form)

    def _offer_choices(self, last: int) -> None:
        first, count = self._top + 1, last - self._top - 1

        def offer(field: Field, source: list[str] | str, *, strict: bool = True) -> None:
            _offer(self._sheet, self._columns[field], first, count, source, strict=strict)

        offer(Field.CLASS, _first(CLASS_WORDS))
        offer(Field.STATE, [UNASSIGNED, *_first(STATE_WORDS)])
        # Past the last line, so that names are offered as soon as they are typed there.
        offer(Field.UNIT, f"='{UNITS.name}'!$A$2:$A${len(self._ledger.units) + _SPARE_ROWS}", strict=False)
        for field in (Field.LEAD, Field.OWNER):
            offer(field, f"='{PEOPLE.name}'!$A$2:$A${len(self._ledger.people) + _SPARE_ROWS}", strict=False)

    def _colour_states(self, last: int) -> None:
        """Colour each state, so that the colour follows when the cell is filled in."""
        column = self._columns[Field.STATE]
        words = {UNASSIGNED: State.ASSIGNED} | {told[0]: state for state, told in STATE_WORDS.items()}
        for word, state in words.items():
            form = self._book.add_format({"bg_color": STATE_COLOURS[state].pale})
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": form}
            self._sheet.conditional_format(self._top + 1, column, last + _SPARE_ROWS, column, rule)

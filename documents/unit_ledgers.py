"""The ledger unit by unit (分单位台账) as a workbook: what changed since last month, then a sheet for each unit.

A workbook to look at and to print on A3; what is filled in and read back is the ledger of `documents.write_ledger`.
Called by `documents.kinds`.  The same facts give the same bytes; nothing that a person wrote becomes a formula.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from math import ceil
from typing import Any

import xlsxwriter

from documents.official.told import Told, told
from documents.official.words import long_day, wide_of
from documents.papers.phrases import CLOSED, NOBODY, class_words, days_of, due_words, listed, state_words, within
from engine.reads.paper_facts import MeasurePart, PaperFacts
from engine.rules.colours import SLIP_COLOURS, STATE_COLOURS
from engine.rules.figure import Figure, Measures, Reported
from engine.rules.ledger_layout import clean_text
from engine.rules.lights import LIGHT_NAMES, Light, LightSpans
from engine.rules.moment import Moment
from engine.rules.round_names import ledger_title
from engine.rules.vocabulary import Slip, State
from i18n import CHINESE, say

DONE = 100  #: percent
_A3, _FONT, _LINE = 8, "宋体", 13.5
#: Head of each column, and its width.
_COLUMNS: dict[str, float] = {
    "序号": 6,
    "编号": 11,
    "整改措施": 56,
    "类型": 11,
    "责任领导": 11,
    "经办人": 11,
    "配合单位": 18,
    "整改时限": 13,
    "预警": 16,
    "状态": 13,
    "进度": 8,
    "最近填报": 44,
}
_CHANGES: dict[str, float] = {
    "序号": 6,
    "编号": 11,
    "整改措施": 70,
    "责任单位": 24,
    "变动事项": 14,
    "上月末": 34,
    "本期": 34,
}
_LIGHTS = {
    Light.GROUP: (SLIP_COLOURS[Slip.GROUP].edge, "#FFFFFF"),
    Light.RED: (SLIP_COLOURS[Slip.RED].edge, "#FFFFFF"),
    Light.YELLOW: ("#F3D774", "#000000"),
    Light.BLUE: ("#A9CDF0", "#000000"),
    Light.GREEN: (STATE_COLOURS[State.CLOSED].pale, "#000000"),
}


def _percent(one: MeasurePart, at: Moment | None = None) -> Told:
    """Return the progress last reported; what is closed out is done, whatever was reported before."""
    value = DONE if one.state is State.CLOSED else one.percent
    return told(Figure(value=value, source=Reported(code=one.code, closed_is_done=True), at=at), "%")


_COMPARED: dict[str, Callable[[MeasurePart], str]] = {
    "状态": state_words,
    "整改时限": due_words,
    "责任单位": lambda one: one.unit or NOBODY,
    "责任领导": lambda one: one.lead or NOBODY,
    "经办人": lambda one: one.owner or NOBODY,
}
Row = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: what stands in its cells."""

    name: str
    title: str
    columns: dict[str, float]
    rows: tuple[Row, ...]
    lights: tuple[Light, ...] = ()


def unit_ledgers(facts: PaperFacts, before: PaperFacts, spans: LightSpans) -> bytes:
    """Return the workbook's bytes."""
    content = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(content, options)
    created = datetime.combine(facts.as_of, time(), UTC)
    title = ledger_title(facts.title)
    book.set_properties({"title": clean_text(title)[:255], "created": created})
    writer = _Writer(book)
    for one in sheets(facts, before, spans):
        writer.sheet(one.name, one.title, one.columns, one.rows, lights=one.lights)
    book.close()
    return content.getvalue()


def sheets(facts: PaperFacts, before: PaperFacts, spans: LightSpans) -> Iterator[Sheet]:
    """Yield the sheets: what changed since last month, then one for each unit."""
    title = ledger_title(facts.title)
    span = f"{long_day(before.as_of)}至{long_day(facts.as_of)}的变动"
    yield Sheet(name="本月变动", title=f"{title}（{span}）", columns=_CHANGES, rows=tuple(changes(facts, before)))
    for unit, measures in facts.by_unit().items():
        name, which = unit or NOBODY, Measures(units=(unit,))
        closed, late = within(facts, which, states=CLOSED), within(facts, which, late=True)
        lights = tuple(spans.of(one.state, one.due) for one in measures)
        lines = enumerate(zip(measures, lights, strict=True), 1)
        yield Sheet(
            name=name,
            title=told(
                *(f"{title}（{name}，截至{long_day(facts.as_of)}：", facts.count(which), "条，已销号", closed),
                *("条，逾期", late, "条）"),
            ),
            columns=_COLUMNS,
            rows=tuple(_row(number, one, light, facts.as_of) for number, (one, light) in lines),
            lights=lights,
        )


def changes(facts: PaperFacts, before: PaperFacts) -> Iterator[Row]:
    """Yield what is different from before, measure by measure in the order of the ledger."""
    known = {one.code: one for one in before.measures()}
    number = 0
    for one in facts.measures():
        old = known.pop(one.code, None)
        differing = (
            [("新增措施", "—", state_words(one))] if old is None else list(_differences(old, one, facts.before_at))
        )
        for what, then, now in differing:
            number += 1
            yield (str(number), one.code, one.text, one.unit or NOBODY, what, then, now)
    for old in known.values():
        number += 1
        yield (str(number), old.code, old.text, old.unit or NOBODY, "移出台账", state_words(old), "—")


def _differences(old: MeasurePart, one: MeasurePart, then: Moment) -> Iterator[tuple[str, str, str]]:
    for name, say_it in _COMPARED.items():
        if say_it(old) != say_it(one):
            yield name, say_it(old), say_it(one)
    if _percent(old) != _percent(one):
        yield "进度", _percent(old, then), _percent(one)


def _row(number: int, one: MeasurePart, light: Light, as_of: date) -> Row:
    warning = "" if light is Light.NONE else say(LIGHT_NAMES[light], CHINESE)
    return (
        str(number),
        one.code,
        one.text,
        class_words(one),
        one.lead or NOBODY,
        one.owner or NOBODY,
        listed(one.co_units),
        due_words(one),
        told(f"{warning}（", days_of(one, as_of), "个工作日）") if one.late else warning,
        state_words(one),
        _percent(one),
        one.progress or "",
    )


class _Writer:
    """Writes sheets that look alike."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._names: set[str] = set()
        plain = {"font_name": _FONT, "font_size": 10.5, "border": 1, "valign": "vcenter", "text_wrap": True}
        self._plain, self._centred = book.add_format(plain), book.add_format(plain | {"align": "center"})
        self._head = book.add_format(plain | {"align": "center", "bold": True, "bg_color": "#D6DCE4"})
        self._title = book.add_format({"font_name": _FONT, "font_size": 16, "bold": True, "valign": "vcenter"})
        self._lights = {
            light: book.add_format(plain | {"align": "center", "bg_color": fill, "font_color": ink, "bold": True})
            for light, (fill, ink) in _LIGHTS.items()
        }

    def sheet(
        self,
        name: str,
        title: str,
        columns: dict[str, float],
        rows: Sequence[Row],
        *,
        lights: Sequence[Light] = (),
    ) -> None:
        """Write one sheet: title, heads that stay, filters, and a line for each row."""
        heads, widths = tuple(columns), tuple(columns.values())
        sheet = self._book.add_worksheet(self._called(name))
        sheet.set_row(0, 30)
        sheet.write_string(0, 0, clean_text(title), self._title)
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(1, column, head, self._head)
        wide = {column for column, width in enumerate(widths) if width > 18}  # noqa: PLR2004 - texts, not words
        for number, row in enumerate(rows):
            lines = max(ceil(2 * wide_of(value) / (width - 1)) for value, width in zip(row, widths, strict=True))
            sheet.set_row(number + 2, min(max(lines, 1) * _LINE + 6, 409))
            for column, value in enumerate(row):
                form = self._plain if column in wide else self._centred
                if lights and heads[column] == "预警":
                    form = self._lights.get(lights[number], form)
                sheet.write_string(number + 2, column, clean_text(value), form)
        sheet.freeze_panes(2, 2)
        sheet.autofilter(1, 0, max(len(rows), 1) + 1, len(heads) - 1)
        sheet.set_paper(_A3)
        sheet.set_landscape()
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.set_footer("&C&9第 &P 页，共 &N 页")

    def _called(self, name: str) -> str:
        """Return a sheet's name that Excel takes, and that no other sheet has."""
        plain = re.sub(r"[\[\]:*?/\\']", " ", clean_text(name)).strip()[:28] or "单位"
        found, number = plain, 1
        while found.lower() in self._names:
            number += 1
            found = f"{plain}~{number}"
        self._names.add(found.lower())
        return found

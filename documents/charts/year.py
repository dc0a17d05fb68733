"""The calendar of a year: working days, holidays, make-up days and the house's own edits, month by month.  Pure.

Every day that is not as its weekday would have it carries a word, so that nothing hangs on the colour.
"""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date

from documents.charts.svg import INK, LINE, SOFT, Pen, Svg, drawing, tag, together, write
from documents.charts.text_width import width_of
from engine.rules.working_days import DayRow

COLUMNS, CELL, TALL, EDGE, BETWEEN = 4, 33.0, 30.0, 8.0, 16.0
HEAD, WEEKS, LEGEND = 44.0, 6, 30.0
SATURDAY = 5
HOLIDAY, MADE_UP, OWN = ("#fbe3e1", "#8d1812"), ("#e2ecf8", "#123a68"), "#7d5c00"


@dataclass(frozen=True, slots=True, kw_only=True)
class YearWords:
    """What is written in a year's calendar."""

    months: tuple[str, ...]  #: twelve
    weekdays: tuple[str, ...]  #: seven, from Monday on
    off: str  #: one letter: a weekday that is free
    on: str  #: one letter: a day of a weekend that is worked
    holiday: str
    made_up: str
    own: str
    provisional: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """Everything that is drawn."""

    name: str
    title: str
    told: str
    year: int
    days: tuple[DayRow, ...]  #: those that are known
    words: YearWords


def draw_year(data: Year) -> Svg:
    """Return the drawing."""
    known = {row.day: row for row in data.days}
    wide, tall = 7 * CELL, HEAD + WEEKS * TALL
    months = [
        _month(
            data, known, month, (EDGE + place % COLUMNS * (wide + BETWEEN), EDGE + place // COLUMNS * (tall + BETWEEN))
        )
        for place, month in enumerate(range(1, 13))
    ]
    width = 2 * EDGE + COLUMNS * wide + (COLUMNS - 1) * BETWEEN
    bottom = EDGE + 12 // COLUMNS * (tall + BETWEEN)
    return drawing(data.name, data.title, data.told, (width, bottom + LEGEND), *months, _legend(data, bottom + 6))


def is_marked(row: DayRow) -> bool:
    """Return whether a day is not as its weekday would have it."""
    return row.is_working != (row.day.weekday() < SATURDAY)


def _month(data: Year, known: dict[date, DayRow], month: int, corner: tuple[float, float]) -> Svg:
    left, top = corner
    drawn = [write(left, top + 15, data.words.months[month - 1], Pen(size=15, weight="bold"))]
    for weekday, name in enumerate(data.words.weekdays):
        pen = Pen(size=11, fill=SOFT, anchor="middle")
        drawn.append(write(left + CELL * (weekday + 0.5), top + HEAD - 9, name, pen))
    for week, days in enumerate(Calendar().monthdatescalendar(data.year, month)):
        drawn += [
            _day(data.words, known.get(day), day, (left + CELL * day.weekday(), top + HEAD + TALL * week))
            for day in days
            if day.month == month
        ]
    return together(*drawn)


def _day(words: YearWords, row: DayRow | None, day: date, corner: tuple[float, float]) -> Svg:
    x, y = corner
    if row is None:
        return write(x + CELL / 2, y + 15, day.day, Pen(size=13, fill=SOFT, anchor="middle"))
    fill, ink = _look(row)
    is_own, marked = row.source == "own", is_marked(row)
    cell = tag(
        "rect",
        tag("title", " · ".join(part for part in (day.isoformat(), row.note, _said(words, row)) if part)),
        x=x + 1,
        y=y + 1,
        width=CELL - 2,
        height=TALL - 2,
        fill=fill,
        stroke=OWN if is_own else LINE,
        stroke_width=2 if is_own else 0.8,
        stroke_dasharray="2 2" if row.source == "provisional" else None,
    )
    mark = words.on if row.is_working else words.off
    said = write(x + CELL - 9, y + 11, mark, Pen(size=9.5, fill=ink, anchor="middle", weight="bold")) if marked else ""
    weight = "bold" if marked else None
    pen = Pen(size=13, fill=ink, anchor="middle", weight=weight)
    return together(cell, write(x + CELL / 2 - (5 if marked else 0), y + 20, day.day, pen), said)


def _look(row: DayRow) -> tuple[str, str]:
    """Return the ground and the ink of a day."""
    if is_marked(row):
        return MADE_UP if row.is_working else HOLIDAY
    return ("#ffffff", INK) if row.is_working else ("#eef1f5", SOFT)


def _said(words: YearWords, row: DayRow) -> str:
    parts = [words.made_up if row.is_working else words.holiday] if is_marked(row) else []
    if row.source == "own":
        parts.append(words.own)
    return " · ".join(parts)


def _legend(data: Year, y: float) -> Svg:
    words, x, drawn = data.words, EDGE, list[Svg]()
    entries: list[tuple[tuple[str, str], str, str, dict[str, object]]] = [
        (HOLIDAY, words.off, words.holiday, {"stroke": LINE}),
        (MADE_UP, words.on, words.made_up, {"stroke": LINE}),
        (("#ffffff", INK), "", words.own, {"stroke": OWN, "stroke_width": 2}),
        (("#ffffff", INK), "", words.provisional, {"stroke": SOFT, "stroke_dasharray": "2 2"}),
    ]
    for (fill, ink), mark, name, edge in entries:
        drawn += [
            tag("rect", x=x, y=y, width=18, height=16, fill=fill, **edge),
            write(x + 9, y + 12, mark, Pen(size=10, fill=ink, anchor="middle", weight="bold")) if mark else Svg(""),
            write(x + 24, y + 12, name, Pen(size=12)),
        ]
        x += 24 + width_of(name, 12) + 20
    return together(*drawn)

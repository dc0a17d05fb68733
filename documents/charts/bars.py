"""Bars of parts: how far each aspect, unit or leader has come.  Pure.

All bars are of one length, so that a small unit's progress is as plain as a large one's; how many there are stands
beside each.
"""

from __future__ import annotations

from dataclasses import dataclass

from documents.charts.paint import Paint, definitions, legend, painted, within
from documents.charts.svg import INK, SOFT, Pen, Svg, drawing, tag, together, write, write_block
from documents.charts.text_width import width_of

PITCH, BAR, GAP, EDGE = 38.0, 24.0, 12.0, 4.0
LABEL_SHARE, MARK = 0.3, "#c8281e"
NOTE_ROOM, LATE_ROOM = 104.0, 64.0  #: beside a bar: how many of how many; and how many are late


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one part of every bar stands for."""

    paint: Paint
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar."""

    label: str
    counts: tuple[int, ...]  #: one for each part
    note: str  #: beside it, such as 12/15 80%
    late: int = 0  #: how many are overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Everything that is drawn."""

    name: str
    title: str
    told: str
    parts: tuple[Part, ...]
    bars: tuple[Bar, ...]
    late_name: str  #: what the mark beside a bar means
    width: float = 760


def draw_bars(data: Bars) -> Svg:
    """Return the drawing."""
    has_late = any(bar.late for bar in data.bars)
    shown, top = legend(
        data.name, [(part.paint, part.name) for part in data.parts], (EDGE, EDGE), data.width - 2 * EDGE
    )
    if has_late:
        top += 2
        shown = together(shown, _mark(EDGE + 6.5, top + 4), write(EDGE + 19, top + 9, data.late_name, Pen(size=12)))
        top += 20
    label_room = data.width * LABEL_SHARE
    left = EDGE + label_room + GAP
    room = data.width - left - GAP - NOTE_ROOM - (LATE_ROOM if has_late else 0) - EDGE
    rows = [_row(data, bar, top + place * PITCH, (left, room), label_room) for place, bar in enumerate(data.bars)]
    height = top + max(len(data.bars), 1) * PITCH + EDGE
    paints = [part.paint for part in data.parts]
    return drawing(data.name, data.title, data.told, (data.width, height), definitions(data.name, paints), shown, *rows)


def _row(data: Bars, bar: Bar, y: float, place: tuple[float, float], label_room: float) -> Svg:
    left, room = place
    middle, total = y + PITCH / 2, sum(bar.counts)
    drawn = [write_block(EDGE, middle, bar.label, label_room, Pen(size=13))]
    at, top = left, middle - BAR / 2
    for part, count in zip(data.parts, bar.counts, strict=True):
        if not count:
            continue
        width = room * count / total
        drawn.append(painted(data.name, part.paint, (at, top, width, BAR), told=f"{part.name} {count}"))
        if width > width_of(str(count), 12) + 4:
            drawn.append(write(at + width / 2, middle + 4.5, count, within(part.paint, 12)))
        at += width
    if not total:
        drawn.append(
            tag("rect", x=left, y=top, width=room, height=BAR, fill="none", stroke=SOFT, stroke_dasharray="3 3")
        )
    drawn.append(write(left + room + GAP, middle + 4.5, bar.note, Pen(size=13, fill=INK)))
    if bar.late:
        at = data.width - EDGE - LATE_ROOM
        drawn += [_mark(at + 8, middle), write(at + 20, middle + 4.5, bar.late, Pen(fill=MARK, weight="bold"))]
    return together(*drawn)


def _mark(x: float, y: float) -> Svg:
    """Return the mark of what is late: a diamond."""
    return tag("path", d=f"M{x:g},{y - 6:g}L{x + 6:g},{y:g}L{x:g},{y + 6:g}L{x - 6:g},{y:g}Z", fill=MARK)

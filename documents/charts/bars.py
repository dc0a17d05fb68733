"""Bars of parts: how far each aspect, unit or leader has come.  Pure.

All bars are of one length, so that a small unit's progress is as plain as a large one's; how many there are stands
beside each.
"""

from __future__ import annotations

from dataclasses import dataclass

from documents.charts.paint import Paint, Swatch, definitions, legend, painted, swatch, within
from documents.charts.svg import INK, SIZE, SOFT, Pen, Svg, drawing, tag, together, write, write_block
from documents.charts.text_width import width_of

PITCH, CLOSE_PITCH, BAR, GAP, EDGE = 37.0, 29.0, 22.0, 12.0, 4.0
LABEL_SHARE, LEAST, MARK = 0.28, 60.0, "#c8281e"


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
    entries: list[tuple[Swatch, str]] = [(swatch(data.name, part.paint), part.name) for part in data.parts]
    if has_late:
        entries.append((lambda x, y: _mark(x + 6.5, y + 6.5), data.late_name))
    shown, top = legend(entries, (EDGE, EDGE), data.width - 2 * EDGE)
    label_room = data.width * LABEL_SHARE
    left = EDGE + label_room + GAP
    late_room = max((width_of(str(bar.late), SIZE) for bar in data.bars), default=0) + 30 if has_late else 0
    note_room = max((width_of(bar.note, 12) for bar in data.bars), default=0)
    room = max(data.width - left - GAP - note_room - late_room - EDGE, LEAST)
    pitch = PITCH if any(width_of(bar.label, SIZE) > label_room for bar in data.bars) else CLOSE_PITCH
    rows = [
        _row(data, bar, top + (place + 0.5) * pitch, (left, room), late_room) for place, bar in enumerate(data.bars)
    ]
    height = top + max(len(data.bars), 1) * pitch + EDGE
    paints = [part.paint for part in data.parts]
    return drawing(data.name, data.title, data.told, (data.width, height), definitions(data.name, paints), shown, *rows)


def _row(data: Bars, bar: Bar, middle: float, place: tuple[float, float], late_room: float) -> Svg:
    left, room = place
    total = sum(bar.counts)
    drawn = [write_block(EDGE, middle, bar.label, data.width * LABEL_SHARE, Pen(size=SIZE))]
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
    drawn.append(write(left + room + GAP, middle + 4.5, bar.note, Pen(size=12, fill=INK)))
    if bar.late:
        at = data.width - EDGE - late_room + 6
        drawn += [_mark(at + 8, middle), write(at + 20, middle + 4.5, bar.late, Pen(fill=MARK, weight="bold"))]
    return together(*drawn)


def _mark(x: float, y: float) -> Svg:
    """Return the mark of what is late: a diamond."""
    return tag("path", d=f"M{x:g},{y - 6:g}L{x + 6:g},{y:g}L{x:g},{y + 6:g}L{x - 6:g},{y:g}Z", fill=MARK)

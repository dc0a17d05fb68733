"""A figure from week to week, or from month to month, as columns.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from documents.charts.axis import Field, draw_figures, ticks
from documents.charts.svg import SOFT, Pen, Svg, drawing, line, tag, write
from documents.charts.text_width import width_of

FILL, INK = "#c8281e", "#8d1812"
TOP, FOOT = 24.0, 28.0
WIDEST = 38.0  #: of a column


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Everything that is drawn."""

    name: str
    title: str
    told: str
    points: tuple[tuple[date, str, int], ...]  #: day, how it is written, figure
    width: float = 760
    height: float = 240


def draw_trend(data: Trend) -> Svg:
    """Return the drawing: the newest column in full, those before it paler."""
    figures = [figure for _, _, figure in data.points]
    steps = ticks(max(figures, default=0), about=4)
    day = data.points[0][0] if data.points else date.min
    field = Field(
        left=width_of(str(steps[-1]), 12) + 10,
        top=TOP,
        right=data.width - 8,
        bottom=data.height - FOOT,
        first=day,
        last=day,
        most=steps[-1],
    )
    pitch = (field.right - field.left) / max(len(figures), 1)
    wide, drawn, free = min(pitch * 0.7, WIDEST), list[Svg](), 0.0
    for place, (_, name, figure) in enumerate(data.points):
        middle, top = field.left + pitch * (place + 0.5), field.y(figure)
        is_last = place == len(figures) - 1
        drawn.append(
            tag(
                "rect",
                tag("title", f"{name} {figure}"),
                x=middle - wide / 2,
                y=top,
                width=wide,
                height=field.bottom - top,
                fill=FILL,
                fill_opacity=None if is_last else 0.45,
                stroke=INK,
                stroke_width=1,
            )
        )
        if pitch >= width_of(str(figure), 11) + 2 or is_last:
            pen = _PEN_LAST if is_last else _PEN
            at = _within(data, middle, width_of(str(figure), pen.size) / 2)
            drawn.append(write(at, top - 5, figure, pen))
        half = width_of(name, 11) / 2
        at = _within(data, middle, half)
        if at - half >= free and (is_last or at + half <= _last_begins(data, field, pitch)):
            drawn.append(write(at, field.bottom + 17, name, Pen(size=11, fill=SOFT, anchor="middle")))
            free = at + half + 5
    return drawing(
        data.name,
        data.title,
        data.told,
        (data.width, data.height),
        draw_figures(field, steps),
        *drawn,
        line(field.left, field.bottom, field.right, field.bottom, stroke=SOFT),
    )


_PEN = Pen(size=11, fill=INK, anchor="middle", halo="#ffffff")
_PEN_LAST = Pen(size=13, fill=INK, anchor="middle", weight="bold", halo="#ffffff")


def _last_begins(data: Trend, field: Field, pitch: float) -> float:
    """Return where the newest column's name begins: it is always written."""
    half = width_of(data.points[-1][1], 11) / 2
    middle = field.left + pitch * (len(data.points) - 0.5)
    return _within(data, middle, half) - half - 5


def _within(data: Trend, middle: float, half: float) -> float:
    """Return where a text stands that would be in the middle of its column, so that nothing of it is cut off."""
    return min(max(middle, half + 2), data.width - half - 2)

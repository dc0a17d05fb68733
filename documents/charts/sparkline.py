"""A figure's course in the height of a line of text.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from documents.charts.svg import MAIN, Svg, drawing, path, tag

EDGE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """Everything that is drawn."""

    name: str
    title: str
    told: str
    values: tuple[int, ...]
    width: float = 96
    height: float = 22


def draw_sparkline(data: Sparkline) -> Svg:
    """Return the drawing; its ground is the figure 0, and the newest figure has a dot."""
    most, last = max(data.values, default=0), max(len(data.values) - 1, 1)
    points = [
        (
            EDGE + (data.width - 2 * EDGE) * place / last,
            data.height - EDGE - (data.height - 2 * EDGE) * value / max(most, 1),
        )
        for place, value in enumerate(data.values)
    ]
    dot = [tag("circle", cx=points[-1][0], cy=points[-1][1], r=2.5, fill=MAIN)] if points else []
    line = path(points, stroke=MAIN, stroke_width=1.6)
    return drawing(data.name, data.title, data.told, (data.width, data.height), line, *dot)

"""Lights in a row: how many measures have which.  Each has a shape of its own, its name and its figure.  Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from documents.charts.svg import INK, SOFT, Pen, Svg, drawing, number, tag, together, write, write_block
from documents.charts.text_width import width_of
from engine.rules.colours import SLIP_COLOURS
from engine.rules.lights import Light
from engine.rules.vocabulary import Slip

EDGE, RADIUS, LINE = 6.0, 15.0, 16.0
NAME = Pen(size=12, fill=SOFT, anchor="middle")
LAMPS: dict[Light, str] = {
    Light.GROUP: SLIP_COLOURS[Slip.GROUP].edge,
    Light.RED: SLIP_COLOURS[Slip.RED].edge,
    Light.YELLOW: SLIP_COLOURS[Slip.YELLOW].edge,
    Light.BLUE: SLIP_COLOURS[Slip.BLUE].edge,
    Light.GREEN: "#2c9a55",
    Light.NONE: "#ffffff",
}
#: How many corners the shape of a lamp has, and how far it is turned; 0 corners: round.
_SHAPES: dict[Light, tuple[int, float]] = {
    Light.GROUP: (4, 45),
    Light.RED: (4, 0),
    Light.YELLOW: (3, 0),
    Light.BLUE: (6, 0),
    Light.GREEN: (0, 0),
    Light.NONE: (0, 0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamps:
    """Everything that is drawn."""

    name: str
    title: str
    told: str
    lamps: tuple[tuple[Light, str, int], ...]  #: light, its name, how many
    width: float = 760


def draw_lamps(data: Lamps) -> Svg:
    """Return the drawing."""
    pitch = (data.width - 2 * EDGE) / max(len(data.lamps), 1)
    lines = 2 if any(width_of(name, NAME.size) > pitch - 6 for _, name, _ in data.lamps) else 1
    below = EDGE + 2 * RADIUS + 36
    drawn = []
    for place, (light, name, count) in enumerate(data.lamps):
        middle = EDGE + pitch * (place + 0.5)
        drawn += [
            draw_lamp(light, middle, EDGE + RADIUS + 2),
            write(middle, EDGE + 2 * RADIUS + 28, count, Pen(size=22, fill=INK, anchor="middle", weight="bold")),
            write_block(middle, below + lines * LINE / 2, name, pitch - 6, NAME, lines=lines),
        ]
    size = (data.width, below + lines * LINE + EDGE + 2)
    return drawing(data.name, data.title, data.told, size, *drawn)


def draw_lamp(light: Light, x: float, y: float, radius: float = RADIUS) -> Svg:
    """Return the shape of a light around a point."""
    corners, turned = _SHAPES[light]
    look = {"fill": LAMPS[light], "stroke": INK, "stroke_width": 1}
    if not corners:
        return tag("circle", cx=x, cy=y, r=radius * 0.9, **look)
    angles = [math.radians(turned - 90 + 360 * place / corners) for place in range(corners)]
    points = " ".join(f"{number(x + radius * math.cos(one))},{number(y + radius * math.sin(one))}" for one in angles)
    return together(tag("polygon", points=points, stroke_linejoin="round", **look))

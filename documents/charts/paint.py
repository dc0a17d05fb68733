"""What areas are painted with: a colour and a hatch of its own each, so that black and white print tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from documents.charts.svg import INK, Pen, Svg, tag, together, write
from documents.charts.text_width import width_of
from engine.rules.colours import STATE_COLOURS
from engine.rules.vocabulary import State

_TILE = 7  #: how large a hatch's tile is
SWATCH, BETWEEN, LEGEND_LINE = 13, 18, 22  #: of a legend


class Hatch(StrEnum):
    """The patterns."""

    NONE = "none"
    RISING = "rising"
    FALLING = "falling"
    DOTS = "dots"
    CROSSES = "crosses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """How an area looks."""

    key: str  #: its name within a drawing: letters and hyphens
    fill: str
    ink: str  #: what is written in it
    hatch: Hatch = Hatch.NONE


_HATCHES = {
    State.ASSIGNED: Hatch.NONE,
    State.IN_PROGRESS: Hatch.RISING,
    State.SUBMITTED: Hatch.DOTS,
    State.VERIFIED: Hatch.FALLING,
    State.CLOSED: Hatch.NONE,
    State.CANCELLED: Hatch.CROSSES,
}
STATE_PAINTS: dict[State, Paint] = {
    state: Paint(key=state.value.replace("_", "-"), fill=look.fill, ink=look.ink, hatch=_HATCHES[state])
    for state, look in STATE_COLOURS.items()
}


def definitions(name: str, paints: Iterable[Paint]) -> Svg:
    """Return the hatches that `painted` refers to, for the beginning of the drawing `name`."""
    return tag("defs", *(_pattern(name, paint) for paint in paints if paint.hatch is not Hatch.NONE))


Box = tuple[float, float, float, float]  #: left, top, width, height


def painted(name: str, paint: Paint, box: Box, *, told: str = "") -> Svg:
    """Return a painted area with a fine edge; `told` is what a pointer that rests on it hears."""
    x, y, width, height = box
    fill = paint.fill if paint.hatch is Hatch.NONE else f"url(#{_id(name, paint)})"
    inner = [tag("title", told)] if told else []
    return tag("rect", *inner, x=x, y=y, width=width, height=height, fill=fill, stroke=INK, stroke_width=0.8)


Swatch = Callable[[float, float], Svg]  #: draws a sample at its left upper corner


def swatch(name: str, paint: Paint) -> Swatch:
    """Return what draws a sample of a paint."""
    return lambda x, y: painted(name, paint, (x, y, SWATCH, SWATCH))


def legend(entries: Iterable[tuple[Swatch, str]], corner: tuple[float, float], most: float) -> tuple[Svg, float]:
    """Return a row of swatches with their names, in as many lines as it takes, and where what follows may begin."""
    (x, y), drawn, pen = corner, list[Svg](), Pen(size=12)
    at = x
    for sample, text in entries:
        room = SWATCH + 6 + width_of(text, pen.size)
        if at > x and at + room > x + most:
            at, y = x, y + LEGEND_LINE
        drawn += [sample(at, y), write(at + SWATCH + 6, y + SWATCH - 2, text, pen)]
        at += room + BETWEEN
    return together(*drawn), y + LEGEND_LINE + 4


def _id(name: str, paint: Paint) -> str:
    return f"{name}-{paint.key}"


def _pattern(name: str, paint: Paint) -> Svg:
    half = _TILE / 2
    strokes = {
        Hatch.RISING: [f"M0,{_TILE}L{_TILE},0M-1,1L1,-1M{_TILE - 1},{_TILE + 1}L{_TILE + 1},{_TILE - 1}"],
        Hatch.FALLING: [f"M0,0L{_TILE},{_TILE}M-1,{_TILE - 1}L1,{_TILE + 1}M{_TILE - 1},-1L{_TILE + 1},1"],
        Hatch.CROSSES: [f"M0,{half}L{_TILE},{half}M{half},0L{half},{_TILE}"],
    }
    marks = [
        tag("path", d=one, stroke=paint.ink, stroke_width=0.9, stroke_opacity=0.55)
        for one in strokes.get(paint.hatch, ())
    ]
    if paint.hatch is Hatch.DOTS:
        marks = [tag("circle", cx=half, cy=half, r=1.3, fill=paint.ink, fill_opacity=0.65)]
    return tag(
        "pattern",
        tag("rect", width=_TILE, height=_TILE, fill=paint.fill),
        *marks,
        id=_id(name, paint),
        width=_TILE,
        height=_TILE,
        patternUnits="userSpaceOnUse",
    )


def within(paint: Paint, size: float) -> Pen:
    """Return the pen for a figure within an area: with a rim where the area is hatched."""
    halo = None if paint.hatch is Hatch.NONE else paint.fill
    return Pen(size=size, fill=paint.ink, anchor="middle", weight="bold", halo=halo)

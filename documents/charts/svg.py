"""SVG as text: elements, labels and the frame of a drawing.  Pure.

Attributes only, no styles and no scripts: a page with a strict content policy shows it, and so does a printer.  Every
text is escaped; a coordinate that is no number is an error.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from html import escape

from documents.charts.text_width import one_line, shortened, wrapped

INK, SOFT, LINE, MAIN, GROUND = "#1c2733", "#51606f", "#c3ccd6", "#1a4f8b", "#ffffff"
SIZE = 13  #: of ordinary writing
LEADING = 1.35  #: from line to line, in sizes
#: Told to whoever opens a drawing by itself; within a page its own typeface goes before.
FAMILY = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Svg(str):
    """Markup that is ready: templates and other elements take it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return it as it is: Jinja asks."""
        return str(self)


def tag(name: str, /, *children: str, **attributes: object) -> Svg:
    """Return an element; children that are plain text are escaped, attributes without a value left out.

    >>> tag("text", "a<b", x=1.0, font_size=12, class_="label", fill=None)
    '<text x="1" font-size="12" class="label">a&lt;b</text>'
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(child if isinstance(child, Svg) else _escaped(child) for child in children)
    return Svg(f"<{name}{told}>{inner}</{name}>" if inner else f"<{name}{told}/>")


def together(*parts: str) -> Svg:
    """Return elements one after the other."""
    return Svg("".join(parts))


def number(value: float) -> str:
    """Return a coordinate with at most two decimals.  Raises ValueError for what is no number.

    >>> number(2.0), number(1 / 3), number(-0.001)
    ('2', '0.33', '0')
    """
    if not math.isfinite(value):
        msg = f"{value} is no coordinate"
        raise ValueError(msg)
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _value(value: object) -> str:
    return number(value) if isinstance(value, int | float) else _escaped(str(value))


def _escaped(text: str) -> str:
    return escape(_UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """How something is written."""

    size: float = SIZE
    fill: str = INK
    anchor: str = "start"  #: start, middle or end of the text stands at x
    weight: str | None = None  #: bold
    halo: str | None = None  #: colour of a rim around letters that stand on lines


PLAIN = Pen()


def write(x: float, y: float, text: object, pen: Pen = PLAIN, *, told: str | None = None) -> Svg:
    """Return text whose line stands at `y`; `told` is what a pointer that rests on it hears."""
    children = [tag("title", told)] if told else []
    return tag(
        "text",
        one_line(str(text)),
        *children,
        x=x,
        y=y,
        font_size=pen.size,
        fill=pen.fill,
        text_anchor=None if pen.anchor == "start" else pen.anchor,
        font_weight=pen.weight,
        stroke=pen.halo,
        stroke_width=pen.halo and 3,
        stroke_linejoin=pen.halo and "round",
        paint_order=pen.halo and "stroke",
    )


def write_fitting(x: float, y: float, text: str, most: float, pen: Pen = PLAIN) -> Svg:
    """Return text that is no wider than `most`: shortened where it must be, the whole of it told."""
    shown = shortened(text, pen.size, most)
    return write(x, y, shown, pen, told=None if shown == one_line(text) else one_line(text))


def write_block(x: float, y: float, text: str, most: float, pen: Pen = PLAIN, *, lines: int = 2) -> Svg:
    """Return text in up to so many lines around the middle `y`; the whole is told where it is shortened."""
    rows = wrapped(text, pen.size, most, lines)
    told = one_line(text) if "".join(rows).replace(" ", "") != one_line(text).replace(" ", "") else None
    top = y - (len(rows) - 1) * pen.size * LEADING / 2 + pen.size * 0.36
    return together(
        *(write(x, top + place * pen.size * LEADING, row, pen, told=told) for place, row in enumerate(rows))
    )


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, width: float = 1, **more: object) -> Svg:
    """Return a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **more)


def path(points: list[tuple[float, float]], **more: object) -> Svg:
    """Return a line through points; nothing where there are none."""
    if not points:
        return Svg("")
    return tag("polyline", points=" ".join(f"{number(x)},{number(y)}" for x, y in points), **{"fill": "none"} | more)


def drawing(name: str, title: str, told: str, size: tuple[float, float], *body: str) -> Svg:
    """Return a whole drawing under its title; `name` must be the only one of its kind on a page.

    `told` says in words what it shows.
    """
    width, height = size
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", told, id=f"{name}-desc"),
        tag("rect", width=width, height=height, fill=GROUND, class_="ground"),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        class_="chart",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_family=FAMILY,
        font_size=SIZE,
    )

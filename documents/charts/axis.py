"""Axes of charts over time: where days and figures stand, and which of them are written.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from documents.charts.svg import SOFT, Pen, Svg, line, together, write
from documents.charts.text_width import width_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The area in which figures are drawn over days."""

    left: float
    top: float
    right: float
    bottom: float
    first: date
    last: date
    most: int  #: the highest figure

    def x(self, day: date) -> float:
        """Return where a day stands; one beyond the field stands at its edge."""
        days = max((self.last - self.first).days, 1)
        share = (day - self.first).days / days
        return self.left + (self.right - self.left) * min(max(share, 0), 1)

    def y(self, figure: float) -> float:
        """Return where a figure stands."""
        return self.bottom - (self.bottom - self.top) * figure / max(self.most, 1)


def ticks(most: int, about: int = 5) -> list[int]:
    """Return round figures from 0 up to `most` or the next above, about so many.

    >>> ticks(160), ticks(7), ticks(0)
    ([0, 50, 100, 150, 200], [0, 2, 4, 6, 8], [0, 1])
    """
    step, wanted = 1, max(most, 1) / about
    while step < wanted:
        for factor in (1, 2, 5):
            if step * factor >= wanted:
                return _up_to(most, step * factor)
        step *= 10
    return _up_to(most, step)


def _up_to(most: int, step: int) -> list[int]:
    return list(range(0, max(most, 1) + step, step)) if most % step else list(range(0, max(most, step) + 1, step))


def months(first: date, last: date) -> Iterator[date]:
    """Yield the first day of every month that begins within the days."""
    day = first.replace(day=1)
    while day <= last:
        if day >= first:
            yield day
        day = (day + timedelta(days=31)).replace(day=1)


def draw_figures(field: Field, steps: list[int]) -> Svg:
    """Return the lines across, each with its figure on the left."""
    pen = Pen(size=12, fill=SOFT, anchor="end")
    return together(
        *(line(field.left, field.y(step), field.right, field.y(step)) for step in steps),
        *(write(field.left - 6, field.y(step) + 4, step, pen) for step in steps),
    )


def draw_days(field: Field, days: list[tuple[date, str]]) -> Svg:
    """Return the days below, each under a mark; where they would run into each other some go unwritten."""
    drawn, free = list[Svg](), 0.0
    for day, name in days:
        x, half = field.x(day), width_of(name, 12) / 2
        drawn.append(line(x, field.bottom, x, field.bottom + 4, stroke=SOFT))
        middle = max(min(x, field.right + 8 - half), half + 2)
        if middle - half >= free:
            drawn.append(write(middle, field.bottom + 18, name, Pen(size=12, fill=SOFT, anchor="middle")))
            free = middle + half + 6
    return together(line(field.left, field.bottom, field.right, field.bottom, stroke=SOFT), *drawn)

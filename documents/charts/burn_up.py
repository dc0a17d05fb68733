"""Closed measures against the plan, over the days of a round, and where the present pace leads.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from documents.charts.axis import Field, draw_days, draw_figures, ticks
from documents.charts.svg import INK, Pen, Svg, drawing, line, path, tag, together, write
from documents.charts.text_width import width_of

Points = tuple[tuple[date, int], ...]  #: from each day on, how many
Corners = Sequence[tuple[date, int]]

CLOSED, PLAN, FORECAST, DEADLINE = "#1e6b3a", "#4a5563", "#1a4f8b", "#b3211a"
TOP, FOOT, EDGE = 52.0, 30.0, 4.0
HIGH, WIDE = 14.0, 40.0  #: of a figure at the end of a line


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnUp:
    """Everything that is drawn."""

    name: str
    title: str
    told: str
    planned: Points  #: how many were to be closed, from each day on
    closed: Points  #: how many were, from each day on
    forecast: Points  #: where the present pace leads: two points, or none
    first: date
    last: date
    as_of: date
    deadline: date
    plan_name: str
    closed_name: str
    forecast_name: str
    deadline_name: str
    days: tuple[tuple[date, str], ...]  #: which days are written below, and how
    width: float = 760
    height: float = 340


def draw_burn_up(data: BurnUp) -> Svg:
    """Return the drawing."""
    planned = _steps(data.planned, data.last)
    steps = ticks(max((count for _, count in (*planned, *data.closed, *data.forecast)), default=0))
    room = width_of(str(steps[-1]), 13) + 14  # of figures beside the field
    field = Field(
        left=room + EDGE,
        top=TOP,
        right=data.width - room - EDGE,
        bottom=data.height - FOOT,
        first=data.first,
        last=data.last,
        most=steps[-1],
    )
    closed = _steps(data.closed, data.as_of)
    area = [(field.x(day), field.y(count)) for day, count in closed]
    if area:
        area = [(area[0][0], field.bottom), *area, (area[-1][0], field.bottom)]
    return drawing(
        data.name,
        data.title,
        data.told,
        (data.width, data.height),
        draw_figures(field, steps),
        draw_days(field, list(data.days)),
        path(area, fill=CLOSED, fill_opacity=0.14),
        _mark(field, data.deadline, data.deadline_name, DEADLINE, TOP - 6),
        path(_placed(field, planned), stroke=PLAN, stroke_width=2, stroke_dasharray="7 4"),
        path(_placed(field, closed), stroke=CLOSED, stroke_width=3.5),
        path(_placed(field, data.forecast), stroke=FORECAST, stroke_width=2.5, stroke_dasharray="2 4"),
        *_ends(field, data.forecast, planned, closed),
        _legend(data),
    )


def _steps(points: Points, until: date) -> list[tuple[date, int]]:
    """Return the corners of the stairs that go up where a point is, as far as `until`."""
    corners, before = list[tuple[date, int]](), 0
    for day, count in points:
        if day > until:
            break
        corners += [(day, before), (day, count)]
        before = count
    return [*corners, (until, before)] if corners else []


def _placed(field: Field, points: Sequence[tuple[date, int]]) -> list[tuple[float, float]]:
    return [(field.x(day), field.y(count)) for day, count in points]


def _mark(field: Field, day: date, name: str, colour: str, y: float) -> Svg:
    """Return a line down a day, its name above and within the field."""
    x, half = field.x(day), width_of(name, 12) / 2
    middle = min(max(x, field.left + half), field.right + EDGE - half)
    return together(
        line(x, y + 4, x, field.bottom, stroke=colour, width=1.5),
        write(middle, y, name, Pen(size=12, fill=colour, anchor="middle", weight="bold")),
    )


def _ends(field: Field, forecast: Corners, planned: Corners, closed: Corners) -> list[Svg]:
    """Return the figures at the ends of the lines; none stands on another."""
    drawn, taken = list[Svg](), list[tuple[float, float]]()
    for points, colour in ((closed, CLOSED), (forecast, FORECAST), (planned, PLAN)):
        if not points:
            continue
        day, count = points[-1]
        x, y = field.x(day), field.y(count)
        at = y + 4
        while any(abs(at - other) < HIGH and abs(x - where) < WIDE for where, other in taken):
            at += HIGH / 2
        taken.append((x, at))
        pen = Pen(size=13, fill=colour, weight="bold", halo="#ffffff")
        drawn += [tag("circle", cx=x, cy=y, r=3.5, fill=colour), write(x + 7, min(at, field.bottom - 2), count, pen)]
    return drawn


def _legend(data: BurnUp) -> Svg:
    drawn, x = list[Svg](), EDGE
    entries = [
        (data.closed_name, CLOSED, 3.5, None),
        (data.plan_name, PLAN, 2.0, "7 4"),
        *([(data.forecast_name, FORECAST, 2.5, "2 4")] if data.forecast else []),
    ]
    for name, colour, width, dashes in entries:
        drawn += [
            line(x, EDGE + 8, x + 28, EDGE + 8, stroke=colour, width=width, stroke_dasharray=dashes),
            write(x + 34, EDGE + 12, name, Pen(size=12, fill=INK)),
        ]
        x += 34 + width_of(name, 12) + 20
    return together(*drawn)

"""A ladder of escalation on an axis of working days: each rung a flag with its slip and who hears.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from documents.charts.svg import INK, SOFT, Pen, Svg, drawing, line, tag, together, write, write_block, write_fitting
from documents.charts.text_width import width_of
from engine.rules.colours import SLIP_COLOURS
from engine.rules.vocabulary import Slip

EDGE, FLAG_LEAST, FLAG_MOST, FLAG, STEP, FOOT = 10.0, 84.0, 260.0, 58.0, 68.0, 46.0
#: How many strokes the mast of a slip's flag has, so that it is known without its colour.
_DASHES: dict[Slip, str | None] = {
    Slip.REMINDER: "1 3",
    Slip.BLUE: "4 3",
    Slip.YELLOW: "8 3",
    Slip.RED: None,
    Slip.GROUP: None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RungFlag:
    """One rung."""

    offset: int  #: working days after the deadline; negative before it
    slip: Slip
    slip_name: str
    to: tuple[str, ...]  #: who hears
    is_repeat: bool = False  #: the last rung, come back


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderDrawing:
    """Everything that is drawn."""

    name: str
    title: str
    told: str
    rungs: tuple[RungFlag, ...]  #: in order of time
    deadline_name: str
    axis_name: str
    repeat_name: str  #: how the last rung comes back
    between: str = "、"  #: what stands between the parts of a list
    width: float = 860


@dataclass(frozen=True, slots=True)
class _Flag:
    rung: RungFlag
    mast: float
    left: float
    wide: float
    level: int


def offset_name(offset: int) -> str:
    """Return how a day is called that lies so many working days from the deadline.

    >>> offset_name(-7), offset_name(0), offset_name(5)
    ('T-7', 'T', 'T+5')
    """
    return f"T{offset:+d}" if offset else "T"


def draw_ladder(data: LadderDrawing) -> Svg:
    """Return the drawing: flags that would run into each other stand on levels above each other."""
    offsets = [rung.offset for rung in data.rungs] + [0]
    first, last = min(offsets), max(offsets)
    left, right = EDGE + 24, data.width - EDGE - 24

    def x(offset: int) -> float:
        return left + (right - left) * (offset - first) / max(last - first, 1)

    flags = _placed([(rung, x(rung.offset)) for rung in data.rungs], data.width, data.between)
    levels = max((flag.level for flag in flags), default=0) + 1
    ground = EDGE + STEP * levels + 14
    deadline = x(0)
    half = width_of(data.deadline_name, 12.5) / 2
    middle = min(max(deadline, EDGE + half), data.width - EDGE - half)
    return drawing(
        data.name,
        data.title,
        data.told,
        (data.width, ground + FOOT + 18),
        *(_mast(flag, ground) for flag in flags),
        line(deadline, EDGE, deadline, ground + 8, stroke=INK, width=2.5),
        line(EDGE, ground, data.width - EDGE, ground, stroke=INK, width=1.6),
        *(_flag(flag, ground, data.between) for flag in flags),
        *_days(flags, ground),
        write(middle, ground + 38, data.deadline_name, Pen(size=12.5, anchor="middle", weight="bold")),
        write_block(
            EDGE,
            ground + 56,
            f"{data.axis_name} · {data.repeat_name}",
            data.width - 2 * EDGE,
            Pen(size=12, fill=SOFT),
            lines=1,
        ),
    )


def _mast(flag: _Flag, ground: float) -> Svg:
    colour, dashes = SLIP_COLOURS[flag.rung.slip].edge, _DASHES[flag.rung.slip]
    return line(flag.mast, _top(flag, ground), flag.mast, ground, stroke=colour, width=2.5, stroke_dasharray=dashes)


def _placed(rungs: list[tuple[RungFlag, float]], width: float, between: str) -> list[_Flag]:
    """Return each flag on the lowest level where it has room."""
    ends: list[float] = []
    flags = []
    for rung, mast in rungs:
        head = width_of(f"{offset_name(rung.offset)} {rung.slip_name}", 12.5) + 16
        longest = max((width_of(one, 12) for one in _people(rung, between)), default=0) + 16
        wide = min(max(FLAG_LEAST, head, longest), FLAG_MOST)
        left = min(mast, width - EDGE - wide)
        level = next((place for place, end in enumerate(ends) if end <= left), len(ends))
        ends[level : level + 1] = [left + wide + 6]
        flags.append(_Flag(rung, mast, left, wide, level))
    return flags


def _top(flag: _Flag, ground: float) -> float:
    return ground - 14 - STEP * flag.level - FLAG


def _flag(flag: _Flag, ground: float, between: str) -> Svg:
    rung, look, top = flag.rung, SLIP_COLOURS[flag.rung.slip], _top(flag, ground)
    name = f"{offset_name(rung.offset)} {rung.slip_name}"
    room = flag.wide - 12
    return together(
        tag(
            "rect",
            x=flag.left,
            y=top,
            width=flag.wide,
            height=FLAG,
            fill="#ffffff",
            stroke=look.edge,
            stroke_width=1.6,
            stroke_dasharray="5 4" if rung.is_repeat else None,
        ),
        tag("rect", x=flag.left, y=top, width=5, height=FLAG, fill=look.edge),
        write_block(flag.left + 10, top + 13, name, room, Pen(size=12.5, fill=look.ink, weight="bold"), lines=1),
        *(
            write_fitting(flag.left + 10, top + 34 + 16 * place, one, room, Pen(size=12))
            for place, one in enumerate(_people(rung, between))
        ),
    )


def _people(rung: RungFlag, between: str) -> tuple[str, ...]:
    """Return who hears, in two lines at most."""
    return (rung.to[0], between.join(rung.to[1:])) if len(rung.to) > 1 else rung.to


def _days(flags: list[_Flag], ground: float) -> list[Svg]:
    """Return the names of the days below; where they would run into each other the later goes one line lower."""
    drawn, free = list[Svg](), 0.0
    for flag in flags:
        name = offset_name(flag.rung.offset)
        half = width_of(name, 11) / 2
        drawn.append(
            tag(
                "circle",
                cx=flag.mast,
                cy=ground,
                r=4,
                fill=SLIP_COLOURS[flag.rung.slip].edge,
                stroke=INK,
                stroke_width=0.8,
            )
        )
        if flag.mast - half >= free:
            drawn.append(write(flag.mast, ground + 18, name, Pen(size=11, fill=SOFT, anchor="middle")))
            free = flag.mast + half + 4
    return drawn

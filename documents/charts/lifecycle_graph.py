"""A lifecycle as a graph, laid out from its transitions: the main line from left to right, ends aside below it.  Pure.

The main line is the longest way from the first state to the last that visits no state twice; what leads back arches
above it, what leads on past a state below the arches, and states beside the main line hang below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from documents.charts.paint import STATE_PAINTS, definitions, painted
from documents.charts.svg import INK, LEADING, MAIN, SOFT, Pen, Svg, drawing, number, tag, together, write_block
from documents.charts.text_width import wrapped
from engine.rules.vocabulary import State

BOX, TALL, GAP, EDGE = 104.0, 44.0, 118.0, 12.0
ARCH, FOOT, BELOW = 40.0, 104.0, 34.0  #: from arch to arch; to the states below; for what is written under them
LABEL = Pen(size=11.5, fill=INK, anchor="middle", halo="#ffffff")
SMALL = Pen(size=10.5, fill=SOFT, anchor="middle", halo="#ffffff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One transition."""

    source: State
    target: State
    name: str
    by: str  #: who may, in few words


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleGraph:
    """Everything that is drawn."""

    name: str
    title: str
    told: str
    states: tuple[tuple[State, str], ...]  #: with their names
    arrows: tuple[Arrow, ...]
    between: str = "、"  #: what stands between the parts of a list
    first: State = State.ASSIGNED
    last: State = State.CLOSED


Place = tuple[float, float]  #: the middle of a state's box


def main_line(arrows: Iterable[Arrow], first: State, last: State) -> tuple[State, ...]:
    """Return the longest way from `first` to `last` that visits nothing twice; the two alone where there is none."""
    onward = defaultdict(set)
    for arrow in arrows:
        onward[arrow.source].add(arrow.target)
    best: tuple[State, ...] = ()
    ways: list[tuple[State, ...]] = [(first,)]
    while ways:
        way = ways.pop()
        if way[-1] is last:
            best = max(best, way, key=len)
            continue
        ways += [(*way, state) for state in State if state in onward[way[-1]] and state not in way]
    return best or (first, last)


def draw_lifecycle(data: LifecycleGraph) -> Svg:
    """Return the drawing."""
    line = main_line(data.arrows, data.first, data.last)
    rank = {state: place for place, state in enumerate(line)}
    aside = [state for state, _ in data.states if state not in rank]
    groups = _grouped(data.arrows)
    arches = sorted(
        (pair for pair in groups if pair[0] in rank and pair[1] in rank and rank[pair[1]] - rank[pair[0]] != 1),
        key=lambda pair: (abs(rank[pair[0]] - rank[pair[1]]), rank[pair[1]]),
    )
    middle = EDGE + 34 + ARCH * max(len(arches), 1) + TALL / 2
    pitch = BOX + GAP
    width = max(2 * EDGE + pitch * len(line) - GAP, pitch * (len(aside) + 1))
    places = {state: (EDGE + BOX / 2 + pitch * place, middle) for state, place in rank.items()}
    for place, state in enumerate(aside):
        places[state] = (width * (place + 1) / (len(aside) + 1), middle + FOOT)
    height = middle + TALL / 2 + EDGE + (FOOT + BELOW if aside else 0)
    arrows = [
        _straight(data, places[source], places[target], groups[source, target])
        for source, target in groups
        if source in rank and target in rank and rank[target] - rank[source] == 1
    ]
    arrows += [
        _arch(data, places[source], places[target], level, groups[source, target])
        for level, (source, target) in enumerate(arches)
    ]
    arrows += _hanging(data, places, rank, groups, room=width / max(len(aside), 1) - 2 * EDGE)
    boxes = [_box(data.name, state, name, places[state]) for state, name in data.states if state in places]
    head = tag("defs", _arrow_head(data.name))
    paints = definitions(data.name, [STATE_PAINTS[state] for state, _ in data.states])
    return drawing(data.name, data.title, data.told, (width, height), paints, head, *arrows, *boxes)


Groups = dict[tuple[State, State], list[Arrow]]


def _grouped(arrows: Iterable[Arrow]) -> Groups:
    groups: Groups = defaultdict(list)
    for arrow in arrows:
        if arrow.source is not arrow.target:
            groups[arrow.source, arrow.target].append(arrow)
    return groups


def _box(name: str, state: State, said: str, place: Place) -> Svg:
    x, y = place[0] - BOX / 2, place[1] - TALL / 2
    paint = STATE_PAINTS[state]
    pen = Pen(size=14, fill=paint.ink, anchor="middle", weight="bold", halo=paint.fill)
    return together(painted(name, paint, (x, y, BOX, TALL)), write_block(*place, said, BOX - 8, pen))


def _said(data: LifecycleGraph, arrows: Sequence[Arrow], x: float, y: float, most: float) -> Svg:
    """Return what a line is called, and who may, around the line above `y`."""
    names = data.between.join(dict.fromkeys(arrow.name for arrow in arrows))
    people = data.between.join(dict.fromkeys(arrow.by for arrow in arrows if arrow.by))
    below = 9 + SMALL.size * LEADING / 2 * (len(wrapped(people, SMALL.size, most, 2)) - 1)
    who = write_block(x, y + below, people, most, SMALL, lines=2) if people else ""
    above = 7 + LABEL.size * LEADING / 2 * (len(wrapped(names, LABEL.size, most, 2)) - 1)
    return together(write_block(x, y - above, names, most, LABEL, lines=2), who)


def _straight(data: LifecycleGraph, start: Place, end: Place, arrows: Sequence[Arrow]) -> Svg:
    x1, x2, y = start[0] + BOX / 2, end[0] - BOX / 2 - 2, start[1]
    return together(
        tag("path", d=f"M{number(x1)},{number(y)}H{number(x2)}", **_stroke(data.name)),
        _said(data, arrows, (x1 + x2) / 2 - 2, y - 2, GAP - 14),
    )


def _arch(data: LifecycleGraph, start: Place, end: Place, level: int, arrows: Sequence[Arrow]) -> Svg:
    """Return a line from the top of one box to that of another; each is higher than those before."""
    shift = 14 if end[0] < start[0] else -14
    x1, x2 = start[0] - shift, end[0] + shift
    top, up = start[1] - TALL / 2, start[1] - TALL / 2 - 24 - ARCH * level
    bend = 14 if x2 > x1 else -14
    way = (
        f"M{number(x1)},{number(top)}V{number(up + 14)}Q{number(x1)},{number(up)} {number(x1 + bend)},{number(up)}"
        f"H{number(x2 - bend)}Q{number(x2)},{number(up)} {number(x2)},{number(up + 14)}V{number(top - 2)}"
    )
    return together(
        tag("path", d=way, **_stroke(data.name)),
        _said(data, arrows, (x1 + x2) / 2, up, max(abs(x2 - x1) - 20, BOX + GAP / 2)),
    )


def _hanging(
    data: LifecycleGraph, places: dict[State, Place], rank: dict[State, int], groups: Groups, *, room: float
) -> list[Svg]:
    """Return the lines to and from the states beside the main line; what they are called stands once at each."""
    drawn = []
    for state in [state for state in places if state not in rank]:
        x, y = places[state]
        called: dict[str, Arrow] = {}
        for (source, target), arrows in groups.items():
            if state not in {source, target}:
                continue
            other = places[source if target is state else target]
            above = other[1] + TALL / 2
            if other[1] == y:  # both beside the main line
                continue
            lean = max(min((other[0] - x) * 0.12, BOX / 2 - 8), 8 - BOX / 2)
            points = [f"{number(other[0])},{number(above)}", f"{number(x + lean)},{number(y - TALL / 2 - 2)}"]
            start, end = points if target is state else points[::-1]
            drawn.append(tag("path", d=f"M{start}L{end}", **_stroke(data.name, SOFT)))
            called |= {arrow.name: arrow for arrow in arrows}
        if called:
            drawn.append(_below(data, list(called.values()), (x, y), room))
    return drawn


def _below(data: LifecycleGraph, arrows: Sequence[Arrow], place: Place, room: float) -> Svg:
    """Return what the lines to a state beside the main line are called, and who may, below its box."""
    x, y = place
    names = data.between.join(arrow.name for arrow in arrows)
    people = data.between.join(dict.fromkeys(arrow.by for arrow in arrows if arrow.by))
    who = write_block(x, y + TALL / 2 + 28, people, room, SMALL, lines=1)
    return together(write_block(x, y + TALL / 2 + 13, names, room, LABEL, lines=1), who)


def _stroke(name: str, colour: str = MAIN) -> dict[str, object]:
    return {"fill": "none", "stroke": colour, "stroke_width": 1.6, "marker_end": f"url(#{name}-head)"}


def _arrow_head(name: str) -> Svg:
    return tag(
        "marker",
        tag("path", d="M0,0L8,4L0,8Z", fill=INK),
        id=f"{name}-head",
        viewBox="0 0 8 8",
        refX=7,
        refY=4,
        markerWidth=8,
        markerHeight=8,
        markerUnits="userSpaceOnUse",
        orient="auto",
    )

"""Lifecycle and ladders as pictures, in the language of who looks."""

from __future__ import annotations

from dataclasses import dataclass

from documents.charts.ladder_drawing import LadderDrawing, RungFlag, draw_ladder, offset_name
from documents.charts.lifecycle_graph import Arrow, LifecycleGraph, draw_lifecycle
from documents.charts.svg import Svg
from engine.rules.ladder import Ladder, LadderBook
from engine.rules.lifecycle import Lifecycle
from engine.rules.names import ROLE_NAMES, SLIP_NAMES, STATE_NAMES, WAIT_NAMES, action_name
from engine.rules.recipients import DOERS
from engine.rules.text import N_, Text
from engine.rules.vocabulary import AnyWait, OtherWait, Role, State, WaitsFor
from i18n import say

#: The order in which ladders are shown: the due date's first.
SHOWN: tuple[AnyWait, ...] = (
    WaitsFor.DUE_DATE,
    *(wait for wait in WaitsFor if wait is not WaitsFor.DUE_DATE),
    *OtherWait,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RungLine:
    """One rung in words, for who does not see the picture."""

    at: str  #: T+5
    to: tuple[Role, ...]
    slip: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderPicture:
    """One ladder."""

    wait: Text
    svg: Svg
    rungs: tuple[RungLine, ...]
    within: int | None
    repeat_every: int
    hold_at_most: int


def lifecycle_picture(lifecycle: Lifecycle, language: str, name: str = "lifecycle") -> Svg:
    """Return the picture of a lifecycle; pictures on one page have different names."""
    between = say(N_(", "), language)
    arrows = tuple(
        Arrow(
            source=source,
            target=one.target,
            name=say(action_name(one.name), language),
            by=between.join(say(ROLE_NAMES[role], language) for role in Role if role in one.by),
        )
        for one in lifecycle.transitions.values()
        for source in State
        if source in one.sources
    )
    graph = LifecycleGraph(
        name=name,
        title=say(N_("Lifecycle of a measure"), language),
        told=say(N_("From assigned through in progress, submitted and verified to closed."), language),
        states=tuple((state, say(name, language)) for state, name in STATE_NAMES.items()),
        arrows=arrows,
        between=between,
    )
    return draw_lifecycle(graph)


def ladder_pictures(book: LadderBook, language: str) -> tuple[LadderPicture, ...]:
    """Return the picture of every ladder."""
    return tuple(ladder_picture(wait, book.ladders[wait], language) for wait in SHOWN)


def _repeats(wait: AnyWait, ladder: Ladder) -> Text:
    doer = DOERS[wait]
    if doer in ladder.rungs[-1].to:
        return N_("then every {count} working days until it is done", count=ladder.repeat_every)
    return N_(
        "then every {count} working days until it is done, to the {role} as well",
        count=ladder.repeat_every,
        role=ROLE_NAMES[doer],
    )


def ladder_picture(wait: AnyWait, ladder: Ladder, language: str, name: str = "ladder") -> LadderPicture:
    """Return the picture of one ladder; pictures on one page have different names."""
    title = say(WAIT_NAMES[wait], language)
    ends = [offset_name(ladder.rungs[place].offset) for place in (0, -1)]
    drawing = LadderDrawing(
        name=f"{name}-{wait.value.replace('_', '-')}",
        title=title,
        told=say(
            N_(
                "{count} rungs, from {first} to {last}",
                count=len(ladder.rungs),
                first=ends[0],
                last=ends[1],
            ),
            language,
        ),
        rungs=tuple(
            RungFlag(
                offset=rung.offset,
                slip=rung.slip,
                slip_name=say(SLIP_NAMES[rung.slip], language),
                to=tuple(say(ROLE_NAMES[role], language) for role in rung.to),
            )
            for rung in ladder.rungs
        ),
        deadline_name=say(N_("deadline"), language),
        axis_name=say(N_("working days"), language),
        repeat_name=say(_repeats(wait, ladder), language),
        between=say(N_(", "), language),
    )
    return LadderPicture(
        wait=WAIT_NAMES[wait],
        svg=draw_ladder(drawing),
        rungs=tuple(
            RungLine(at=offset_name(rung.offset), to=rung.to, slip=SLIP_NAMES[rung.slip]) for rung in ladder.rungs
        ),
        within=ladder.within,
        repeat_every=ladder.repeat_every,
        hold_at_most=ladder.hold_at_most,
    )

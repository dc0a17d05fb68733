"""The colours of slips and states: one place for mails, paper, charts and pages.  Pure.

A colour never tells anything alone: its name stands beside it, and charts hatch their areas.  Whatever is written in an
`ink` can be read on white, and on the fill beside it (WCAG AA; a test counts).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules.vocabulary import Slip, State


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipColour:
    """How a slip looks, as #rrggbb."""

    edge: str  #: its edge or mark
    ink: str  #: its name in writing: dark enough to be read on white


@dataclass(frozen=True, slots=True, kw_only=True)
class StateColour:
    """How a state looks, as #rrggbb."""

    fill: str  #: its area in a chart
    ink: str  #: a figure within that area
    pale: str  #: the ground of a table's cell under black writing


#: None: what is said without a slip.
SLIP_COLOURS: dict[Slip | None, SlipColour] = {
    Slip.GROUP: SlipColour(edge="#6b1d5e", ink="#6b1d5e"),
    Slip.RED: SlipColour(edge="#c8281e", ink="#b3211a"),
    Slip.YELLOW: SlipColour(edge="#e0a800", ink="#7d5c00"),
    Slip.BLUE: SlipColour(edge="#1f6fc4", ink="#1a5ca3"),
    Slip.REMINDER: SlipColour(edge="#8b97a6", ink="#4a5563"),
    None: SlipColour(edge="#c9d0d8", ink="#4a5563"),
}
STATE_COLOURS: dict[State, StateColour] = {
    State.ASSIGNED: StateColour(fill="#ffffff", ink="#1c2733", pale="#F2F2F2"),
    State.IN_PROGRESS: StateColour(fill="#a9cdf0", ink="#0f2d52", pale="#DDEBF7"),
    State.SUBMITTED: StateColour(fill="#f3d774", ink="#3d2c00", pale="#FFF2CC"),
    State.VERIFIED: StateColour(fill="#b5d99c", ink="#1d3a12", pale="#E2EFDA"),
    State.CLOSED: StateColour(fill="#1e6b3a", ink="#ffffff", pale="#C6E0B4"),
    State.CANCELLED: StateColour(fill="#c3cad2", ink="#1c2733", pale="#D9D9D9"),
}

"""How far a matter of any kind has come: the phase of its state.  Pure.

States belong to a kind and carry its words; whoever counts, colours or lists matters asks the phase.
"""

from __future__ import annotations

from enum import StrEnum

from engine.rules.text import N_, Text
from engine.rules.vocabulary import State


class Phase(StrEnum):
    """Where a state stands on the way of every matter."""

    OPEN = "open"  #: 办理中: somebody works on it, or has still to begin
    HANDED_IN = "handed_in"  #: 待审核: handed in, and looked at by somebody else
    VERIFIED = "verified"  #: 待办结: found good, and waiting for the last word
    DONE = "done"  #: 办结
    DROPPED = "dropped"  #: 不再办理: given up, with a reason on record


#: A matter in one of these waits for nobody any more.
ENDED = frozenset({Phase.DONE, Phase.DROPPED})
#: Nobody brings a matter into one of these alone.
JUDGED = frozenset({Phase.VERIFIED, Phase.DONE, Phase.DROPPED})

#: Where the states of a measure stand.
PHASE_OF: dict[State, Phase] = {
    State.ASSIGNED: Phase.OPEN,
    State.IN_PROGRESS: Phase.OPEN,
    State.SUBMITTED: Phase.HANDED_IN,
    State.VERIFIED: Phase.VERIFIED,
    State.CLOSED: Phase.DONE,
    State.CANCELLED: Phase.DROPPED,
}
PHASE_NAMES: dict[Phase, Text] = {
    Phase.OPEN: N_("being worked on"),
    Phase.HANDED_IN: N_("being looked at"),
    Phase.VERIFIED: N_("found good"),
    Phase.DONE: N_("done"),
    Phase.DROPPED: N_("dropped"),
}

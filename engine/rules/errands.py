"""What is done with a measure without moving it along its lifecycle: by whom, and in which states.  Pure.

What moves it is in `engine.rules.lifecycle`.  Asked by each action, and by pages that offer what is possible.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules.access import Actor, CaseFacts, roles_on
from engine.rules.names import ROLE_NAMES, STATE_NAMES, action_name
from engine.rules.refusal import NotAllowed, WrongState
from engine.rules.text import N_
from engine.rules.vocabulary import Role, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One of them."""

    by: frozenset[Role]  #: any one of these
    states: frozenset[State]


_OWNERS = frozenset({Role.OWNER, Role.UNIT_HEAD})
ERRANDS: dict[str, Errand] = {
    "report": Errand(by=_OWNERS, states=frozenset({State.IN_PROGRESS})),
    "evidence": Errand(by=_OWNERS, states=frozenset({State.IN_PROGRESS, State.SUBMITTED, State.VERIFIED})),
    "request_extension": Errand(by=_OWNERS, states=frozenset({State.ASSIGNED, State.IN_PROGRESS})),
    "start_verification": Errand(by=frozenset({Role.COORDINATOR}), states=frozenset({State.SUBMITTED})),
}


def permit_errand(name: str, *, actor: Actor, facts: CaseFacts) -> None:
    """Refuse, unless `actor` may do this with the measure now.  Raises NotAllowed or WrongState, in this order."""
    errand = ERRANDS[name]
    if not errand.by & roles_on(actor, facts):
        roles = tuple(ROLE_NAMES[role] for role in Role if role in errand.by)
        raise NotAllowed(N_("{action} is for: {roles}", action=action_name(name), roles=roles))
    if facts.state not in errand.states:
        raise WrongState(
            N_(
                "{action} is not possible while the measure is {state}",
                action=action_name(name),
                state=STATE_NAMES[facts.state],
            )
        )

"""The lifecycle of a measure: which transitions exist, from where to where, by whom, and what they need.

Pure.  `config` reads the data from lifecycle.yaml, `models.Policy` keeps the version a measure began with, and
`engine.actions.case` asks `permit` before every change of state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.rules.policy_words import known_keys, mapping_at, word, words, words_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_, Words
from engine.rules.vocabulary import OPEN_STATES, Role, State


class Guard(StrEnum):
    """What a transition may need besides state and role."""

    EVIDENCE = "evidence"  #: at least one piece of evidence
    CO_UNITS_DONE = "co_units_done"  #: every co-unit has said that its part is done
    FOUR_EYES = "four_eyes"  #: not the owner, the owner's unit, nor anyone standing in for the owner
    SAME_EVIDENCE = "same_evidence"  #: the evidence is what the verifier was shown
    REASON = "reason"  #: a reason in words


#: Transitions that the engine itself relies on, and where each must lead; a lifecycle without one of them is refused.
REQUIRED: Mapping[str, State] = {
    "accept": State.IN_PROGRESS,
    "submit": State.SUBMITTED,
    "pass": State.VERIFIED,
    "return": State.IN_PROGRESS,
    "close": State.CLOSED,
    "reassign": State.ASSIGNED,
    "rebound": State.IN_PROGRESS,
    "cancel": State.CANCELLED,
    "merge": State.CANCELLED,
    "accept_risk": State.CANCELLED,
    "void": State.SUBMITTED,
}
#: What Duban does by itself; every other transition names who may.
BY_ITSELF = frozenset({"void"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One arrow of the lifecycle."""

    name: str
    sources: frozenset[State]
    target: State
    by: frozenset[Role]  #: any one of them; empty: Duban itself
    needs: frozenset[Guard]
    words: Words | None = None  #: what the office calls it; None: it is one of those that Duban has a name for


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """All transitions by name."""

    transitions: Mapping[str, Transition]

    def leaving(self, state: State) -> tuple[Transition, ...]:
        """Return the transitions that lead out of `state`."""
        return tuple(arrow for arrow in self.transitions.values() if state in arrow.sources)


def parse_lifecycle(plain: Mapping[str, Any]) -> Lifecycle:
    """Build a lifecycle from `plain` (the content of lifecycle.yaml) and check it as a graph.

    Raises PolicyFault, with the path to the value, for an unknown word, a missing transition, an open state that
    nothing leads to or out of, or a final state that cannot be reached.
    """
    known_keys(plain, {"version", "transitions"}, ())
    arrows: dict[str, Transition] = {}
    table = mapping_at(plain, "transitions", ())
    for name, body in table.items():
        path: tuple[str | int, ...] = ("transitions", name)
        if not isinstance(body, Mapping):
            raise PolicyFault(path, N_("a transition is written as from, to, by and needs"))
        known_keys(body, {"name", "from", "to", "by", "needs"}, path)
        arrows[name] = Transition(
            name=name,
            sources=frozenset(words(State, body, "from", path)),
            target=word(State, body.get("to"), (*path, "to")),
            by=frozenset(words(Role, body, "by", path)),
            needs=frozenset(words(Guard, body, "needs", path)),
            words=words_at(body, "name", path) if "name" in body else None,
        )
        if not arrows[name].sources:
            raise PolicyFault(path, N_("a transition needs at least one state to come from"))
    for name, target in REQUIRED.items():
        if name not in arrows:
            raise PolicyFault(("transitions",), N_("the transition {name} is missing", name=name))
        if arrows[name].target is not target:
            raise PolicyFault(
                ("transitions", name, "to"), N_("{name} must lead to {state}", name=name, state=target.value)
            )
    _check_graph(arrows)
    for arrow in arrows.values():
        _check_hands(arrow)
    return Lifecycle(arrows)


def _check_graph(arrows: Mapping[str, Transition]) -> None:
    reached = {State.ASSIGNED}
    while True:
        further = {arrow.target for arrow in arrows.values() if arrow.sources & reached} - reached
        if not further:
            break
        reached |= further
    for state in State:
        if state not in reached:
            raise PolicyFault(("transitions",), N_("no transition leads to the state {state}", state=state.value))
    for state in OPEN_STATES:
        if not any(state in arrow.sources for arrow in arrows.values()):
            raise PolicyFault(("transitions",), N_("no transition leads out of the state {state}", state=state.value))
    ended = set(State) - OPEN_STATES
    while further := {source for arrow in arrows.values() if arrow.target in ended for source in arrow.sources} - ended:
        ended |= further
    for state in OPEN_STATES - ended:
        raise PolicyFault(
            ("transitions",), N_("from the state {state} no way leads to an end of the measure", state=state.value)
        )


def _check_hands(arrow: Transition) -> None:
    """Check that nobody can strike off alone, verify their own work, or do what is nobody's to do."""
    path = ("transitions", arrow.name)
    if arrow.target is State.CLOSED and arrow.by != {Role.LEADING_GROUP}:
        raise PolicyFault((*path, "by"), N_("only the leading group closes; delegate it in the round"))
    if arrow.target is State.VERIFIED and Guard.FOUR_EYES not in arrow.needs:
        raise PolicyFault((*path, "needs"), N_("four_eyes cannot be left out: nobody verifies their own work"))
    if not arrow.by and arrow.name not in BY_ITSELF:
        raise PolicyFault((*path, "by"), N_("{name} must say who may do it", name=arrow.name))

"""What of a policy lets more people verify, close or decide: a second trusted person must confirm it.  Pure.

Narrowing needs nobody's word, and neither does a ladder.  Asked by flows/policy_file.py; told by engine/rules/trust.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.rules.lifecycle import Guard, Lifecycle, Transition
from engine.rules.names import ROLE_NAMES, STATE_NAMES, action_name
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role, State

#: Where steps lead that pass, close or decide.
JUDGED = frozenset({State.VERIFIED, State.CLOSED, State.CANCELLED})
_GUARDS: dict[Guard, Text] = {
    Guard.EVIDENCE: N_("evidence"),
    Guard.CO_UNITS_DONE: N_("the co-units' word"),
    Guard.FOUR_EYES: N_("four eyes"),
    Guard.SAME_EVIDENCE: N_("the evidence that was seen"),
    Guard.REASON: N_("a reason"),
}


class Wider(StrEnum):
    """How something is widened."""

    STEP = "step"  #: a new one
    BY = "by"  #: more roles
    SOURCES = "from"  #: from more states
    NEEDS = "needs"  #: less is needed
    DELEGATED = "delegated"  #: coordinators close, in rounds to come


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """One thing that is wider than before."""

    how: Wider
    step: str = ""  #: name of the transition
    words: tuple[str, ...] = ()  #: roles, states or guards

    @property
    def plain(self) -> dict[str, Any]:
        """Return it as plain JSON; see `widening_words`."""
        return {"how": self.how.value, "step": self.step, "words": list(self.words)}


def widened(before: Lifecycle, after: Lifecycle) -> tuple[Widening, ...]:
    """Return what `after` lets more people do, or more easily, of the steps that pass, close or decide."""
    return tuple(
        one
        for step in after.transitions.values()
        if step.target in JUDGED
        for one in _step(before.transitions.get(step.name), step)
    )


def _step(before: Transition | None, after: Transition) -> Iterator[Widening]:
    if before is None or before.target is not after.target:
        yield Widening(how=Wider.STEP, step=after.name, words=_sorted(after.by))
        return
    for how, more in (
        (Wider.BY, after.by - before.by),
        (Wider.SOURCES, after.sources - before.sources),
        (Wider.NEEDS, before.needs - after.needs),
    ):
        if more:
            yield Widening(how=how, step=after.name, words=_sorted(more))


def _sorted(words: frozenset[Any]) -> tuple[str, ...]:
    return tuple(sorted(word.value for word in words))


def widening_words(plain: Mapping[str, Any]) -> Text:
    """Return one widening in words; `plain` is what `Widening.plain` gave."""
    step, words = action_name(plain["step"]), plain["words"]
    match Wider(plain["how"]):
        case Wider.STEP:
            return N_("a new step, {step}, by {roles}", step=step, roles=_roles(words))
        case Wider.BY:
            return N_("{step} also by {roles}", step=step, roles=_roles(words))
        case Wider.SOURCES:
            states = tuple(STATE_NAMES[State(word)] for word in words)
            return N_("{step} also from the state {states}", step=step, states=states)
        case Wider.NEEDS:
            guards = tuple(_GUARDS[Guard(word)] for word in words)
            return N_("{step} without {guards}", step=step, guards=guards)
        case Wider.DELEGATED:
            return N_("coordinators close by themselves in rounds to come")


def _roles(words: list[str]) -> tuple[Text, ...]:
    return tuple(ROLE_NAMES[Role(word)] for word in words)

"""Which verifier gets a measure: the least busy of those who are far enough away from it.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.rules.access import Actor, CaseFacts, four_eyes
from engine.rules.refusal import FourEyes


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may verify."""

    person: int
    unit: int
    absent: bool  #: today
    open_count: int  #: verifications already waiting for them
    stands_in_for: frozenset[int] = frozenset()


def choose_verifier(candidates: Iterable[Candidate], facts: CaseFacts) -> int | None:
    """Return the person to ask: present, bound by four eyes, with the fewest open verifications; None if nobody is.

    Equals go in order of their number, so that the same facts always give the same answer.
    """
    free = [candidate for candidate in candidates if not candidate.absent and _may_verify(candidate, facts)]
    best = min(free, key=lambda one: (one.open_count, one.person), default=None)
    return best.person if best else None


def _may_verify(candidate: Candidate, facts: CaseFacts) -> bool:
    actor = Actor(
        person=candidate.person,
        unit=candidate.unit,
        grants=frozenset(),
        stands_in_for=candidate.stands_in_for,
    )
    try:
        four_eyes(actor, facts)
    except FourEyes:
        return False
    return True

"""Which verifier gets a measure: the least busy of those who are far enough away from it.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.rules.work_record import Ground, WorkRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may verify."""

    person: int
    unit: int
    absent: bool  #: today
    open_count: int  #: verifications already waiting for them


def choose_verifier(candidates: Iterable[Candidate], work: WorkRecord) -> int | None:
    """Return the person to ask: present, bound by four eyes, with the fewest open verifications; None if nobody is.

    Equals go in order of their number, so that the same facts always give the same answer.
    """
    free = [candidate for candidate in candidates if not candidate.absent and ground_of(candidate, work) is None]
    best = min(free, key=lambda one: (one.open_count, one.person), default=None)
    return best.person if best else None


def ground_of(candidate: Candidate, work: WorkRecord) -> Ground | None:
    """Return why somebody is too near to check a measure; None: they are not."""
    return work.ground_of(candidate.person, candidate.unit)

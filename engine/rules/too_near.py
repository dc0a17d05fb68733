"""Who is too near to somebody to check their work: whoever stands in for them, and for whom they stand in.  Pure.

Substitution is followed through: whoever stands in, on the same days, for the substitute stands in for both.  Asked by
`engine.actions.case` for the owner of a measure; `engine.rules.access.four_eyes` refuses those found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """One absence."""

    person: int
    substitute: int
    first_day: date
    last_day: date
    lends_trust: bool = False  #: the substitute holds the trusted roles, too


def stand_ins(person: int, absences: Iterable[Away], *, since: date, until: date) -> frozenset[int]:
    """Return everybody who stood in for `person` on a day from `since` to `until`, through chains too.

    >>> july = Away(person=1, substitute=2, first_day=date(2025, 7, 1), last_day=date(2025, 7, 31))
    >>> week = Away(person=2, substitute=3, first_day=date(2025, 7, 7), last_day=date(2025, 7, 13))
    >>> later = Away(person=2, substitute=4, first_day=date(2025, 8, 4), last_day=date(2025, 8, 8))
    >>> sorted(stand_ins(1, [july, week, later], since=date(2025, 6, 1), until=date(2025, 12, 31)))
    [2, 3]
    """
    known = tuple(absences)
    found: set[int] = set()
    seen: set[tuple[int, date, date]] = set()
    to_follow = [(person, since, until)]
    while to_follow:
        absent, first, last = to_follow.pop()
        for away in known:
            from_day, to_day = max(first, away.first_day), min(last, away.last_day)
            step = (away.substitute, from_day, to_day)
            if away.person == absent and from_day <= to_day and step not in seen:
                seen.add(step)
                found.add(away.substitute)
                to_follow.append(step)
    return frozenset(found - {person})


def stood_in_for(person: int, absences: Iterable[Away], *, since: date, until: date) -> frozenset[int]:
    """Return everybody for whom `person` stood in on a day from `since` to `until`, through chains too."""
    mirrored = [
        Away(person=away.substitute, substitute=away.person, first_day=away.first_day, last_day=away.last_day)
        for away in absences
    ]
    return stand_ins(person, mirrored, since=since, until=until)


class Substitutions:
    """Who stood in for whom; answers for one person and span of days at a time, and remembers what it has answered."""

    __slots__ = ("_absences", "_known")

    def __init__(self, absences: Iterable[Away] = ()) -> None:
        self._absences = tuple(absences)
        self._known: dict[tuple[int, date, date], tuple[frozenset[int], frozenset[int]]] = {}

    def near(self, person: int, first: date, last: date) -> tuple[frozenset[int], frozenset[int]]:
        """Return who stood in for `person` on a day from `first` to `last`, and for whom `person` did."""
        if not self._absences:
            return frozenset(), frozenset()
        asked = (person, first, last)
        if asked not in self._known:
            self._known[asked] = (
                stand_ins(person, self._absences, since=first, until=last),
                stood_in_for(person, self._absences, since=first, until=last),
            )
        return self._known[asked]

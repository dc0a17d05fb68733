"""Units and people that a ledger's rows name and nobody knows: what would be created, and which look like one another.

Pure.  `engine.actions.import_named` makes a proposal; pages and commands show it, and may accept it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

_ENDINGS = re.compile(r"(?:办公室|办|科室|科|处|股|部|局|委员会|委|中心|室|站|所|队)$")
_LEAST = 3  #: characters of names of which one may be mistyped


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name that nobody has yet."""

    name: str
    count: int  #: rows that name it
    unit: str | None = None  #: of a person: the unit that they would belong to


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would be created."""

    units: tuple[Named, ...] = ()
    people: tuple[Named, ...] = ()
    alike: tuple[tuple[str, str], ...] = ()  #: pairs that may be one

    def __bool__(self) -> bool:
        """Return whether there is anything to create."""
        return bool(self.units or self.people)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "units": [one.name for one in self.units],
            "people": [{"name": one.name, "unit": one.unit} for one in self.people],
            "alike": [list(pair) for pair in self.alike],
        }


def pairs_alike(new: Iterable[str], known: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a new name and another that may be the same written otherwise.

    >>> pairs_alike(["办公室", "局办公室", "财务处", "财务科"], ())
    (('办公室', '局办公室'), ('财务处', '财务科'))
    >>> pairs_alike(["李红梅", "张三"], ["李红海", "张三丰"])
    (('李红梅', '李红海'),)
    """
    names = [*dict.fromkeys(new)]
    found = [pair for pair in combinations(names, 2) if are_alike(*pair)]
    found += [(name, other) for name in names for other in known if are_alike(name, other)]
    return tuple(found)


def are_alike(one: str, other: str) -> bool:
    """Return whether two names may be one: one ends with the other, or they differ in an ending or in one sign."""
    if one == other:
        return False
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _LEAST and longer.endswith(shorter):
        return True
    bare = [_ENDINGS.sub("", name) for name in (one, other)]
    if bare[0] == bare[1] and len(bare[0]) > 1:
        return True
    if len(one) != len(other) or len(one) < _LEAST:
        return False
    return sum(left != right for left, right in zip(one, other, strict=True)) == 1 and one[0] == other[0]

"""What a promise is: a name, a sentence, and a look at the rows that yields what contradicts it.

docs/promises.md says the same sentences; tests/contracts/test_promises.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from tests.year.mirror import Mirror
from tests.year.office import Office

DAILY, DELIVER, DAY, END = "daily", "deliver", "day", "end"  #: after what somebody looks


@dataclass(slots=True)
class Look:
    """One look at the house."""

    when: str
    office: Office
    mirror: Mirror
    session: Session
    memory: dict[str, Any] = field(default_factory=dict)  #: the promise's own, from look to look


Check = Callable[[Look], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise."""

    name: str
    sentence: str
    check: Check


PROMISES: dict[str, Promise] = {}


def promise(name: str, sentence: str) -> Callable[[Check], Check]:
    """Register what yields the contradictions to a promise."""

    def register(check: Check) -> Check:
        assert name not in PROMISES, name
        PROMISES[name] = Promise(name, sentence, check)
        return check

    return register

"""Robots in the group chats of an office: each module here speaks to one kind.  Their addresses are secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from engine.rules.group_posts import Trouble
from engine.rules.text import N_, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is posted, and where."""

    address: str
    body: Mapping[str, Any]  #: sent as JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a robot did not take a post; nothing in it tells its address or its secret."""

    trouble: Trouble
    error: Text
    is_perhaps_sent: bool = False  #: there was no answer: the post may be there all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """What the codes mean with which a kind of robot answers; any other is tried again."""

    busy: frozenset[int]
    for_good: frozenset[int]
    told: Mapping[int, Text] = field(default_factory=dict)  #: refused for good, and what to look at

    def judge(self, code: object) -> Refused | None:
        """Return what a code means; None: the post was taken."""
        if not isinstance(code, int) or isinstance(code, bool):
            return Refused(trouble=Trouble.LATER, error=N_("the group robot gave no answer that is understood"))
        if code == 0:
            return None
        if (told := self.told.get(code)) is not None:
            return Refused(trouble=Trouble.FOR_GOOD, error=told)
        trouble = Trouble.BUSY if code in self.busy else Trouble.FOR_GOOD if code in self.for_good else Trouble.LATER
        return Refused(trouble=trouble, error=N_("the group robot answered {code}", code=code))


class Robot(Protocol):
    """What an adapter knows of its kind of robot; it does not call it itself."""

    @property
    def channel(self) -> str:
        """Return the kind's name, as it is kept with a post."""

    @property
    def most_bytes(self) -> int:
        """Return how long the text of a post may be, in bytes of UTF-8."""

    @property
    def rest(self) -> timedelta:
        """Return how long it wants to be left alone after too many posts."""

    def request(self, title: str, text: str, *, at: datetime) -> Request:
        """Return what posts `text`, which is Markdown; `at` is the present moment, for the signature."""

    def judge(self, answer: Mapping[str, Any]) -> Refused | None:
        """Return what the answer's own code means; None: the post was taken.  HTTP says 200 to everything."""

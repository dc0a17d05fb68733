"""The files of the policy that are changed while Duban runs, and what differs between two versions of one.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.rules.text import N_, Text


class PolicyFile(StrEnum):
    """One of them, by its name without .yaml."""

    LADDER = "ladder"
    ROUND = "round"
    LIFECYCLE = "lifecycle"

    @property
    def path(self) -> str:
        """The name of the file."""
        return f"{self.value}.yaml"


FILE_NAMES: dict[PolicyFile, Text] = {
    PolicyFile.LADDER: N_("The ladder"),
    PolicyFile.ROUND: N_("Dates and quiet hours"),
    PolicyFile.LIFECYCLE: N_("The lifecycle"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One setting that is not the same in both."""

    path: str  #: waits.due_date.repeat_every
    before: str | None  #: None: it is not there
    after: str | None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return every setting that differs, in the order of the files.

    >>> [one] = differences({"quiet": {"from": "20:00"}, "n": 3}, {"n": 3, "quiet": {"from": "21:00"}})
    >>> one.path, one.before, one.after
    ('quiet.from', '20:00', '21:00')
    """
    old, new = dict(_settings(before)), dict(_settings(after))
    return tuple(
        Difference(path=".".join(path), before=old.get(path), after=new.get(path))
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    )


def _settings(plain: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every setting with its path; a list of settings by their numbers from 1, a list of words as one."""
    if isinstance(plain, Mapping) and plain:
        for name, value in plain.items():
            yield from _settings(value, (*path, str(name)))
    elif isinstance(plain, list) and any(isinstance(one, Mapping) for one in plain):
        for number, value in enumerate(plain, start=1):
            yield from _settings(value, (*path, str(number)))
    else:
        yield path, _written(plain)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

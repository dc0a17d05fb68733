"""A sentence for people that is not yet in any language: a gettext msgid and its parameters.

Rules and actions say what they mean with `N_("…", name=value)`; the edges (cli, documents, notifications) turn it
into Chinese or English with `i18n.say`.  English is the msgid itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text:
    """A translatable sentence.

    >>> str(N_("row {row} has no date", row=7))
    'row 7 has no date'
    """

    msgid: str  #: the English sentence with {named} places; key of the catalogue
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))  #: what fills the places

    def __str__(self) -> str:
        """Return the English sentence."""
        filled = {
            name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
            for name, value in self.params.items()
        }
        return self.msgid.format(**filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a file of the office says in both languages; it stands in sentences as a `Text` does."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Return the English words."""
        return self.en


def N_(msgid: str, /, **params: object) -> Text:  # noqa: N802 - gettext's conventional name for a deferred message
    """Mark `msgid` for the catalogue and keep it with its parameters.

    A parameter may be a `Text`
    itself, or a tuple of them (a list in the sentence).
    """
    return Text(msgid, MappingProxyType(params))


def replaced(text: Text, kind: type[T], by: Callable[[T], object]) -> Text:
    """Return `text` with every parameter of exactly this kind, however deep, as `by` writes it.

    >>> str(replaced(Text("row {row} of {part}", {"row": 7, "part": Text("{n}", {"n": 2})}), int, "<{}>".format))
    'row <7> of <2>'
    """

    def one(value: object) -> object:
        if isinstance(value, Text):
            return replaced(value, kind, by)
        if isinstance(value, tuple):
            return tuple(one(part) for part in value)
        return by(value) if type(value) is kind else value

    return Text(text.msgid, {name: one(value) for name, value in text.params.items()})


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def days_in(text: Text) -> Text:
    """Return `text` with every day that is kept in it as ISO text as a date.

    >>> days_in(Text("until {day}", {"day": "2025-09-03"})).params["day"].month
    9
    """
    return replaced(text, str, _day)


def _day(value: str) -> date | str:
    try:
        return date.fromisoformat(value) if _DAY.fullmatch(value) else value
    except ValueError:  # 2025-99-99 is no day
        return value


def pack(value: object) -> Any:
    """Return a sentence, or whatever fills one, as plain JSON, so that a frozen document keeps it in no language.

    Days become their ISO text; `days_in` makes days of them again.

    >>> str(unpack(pack(Text("{what} since {day}", {"what": Text("closed"), "day": 3}))))
    'closed since 3'
    """
    if isinstance(value, Text):
        return {"msgid": value.msgid, "params": {name: pack(one) for name, one in value.params.items()}}
    if isinstance(value, tuple):
        return [pack(one) for one in value]
    return value if isinstance(value, str | int | float | None) else str(value)


def unpack(plain: Any) -> Any:
    """Return what `pack` packed; dates come back as their ISO text."""
    if isinstance(plain, dict):
        return Text(plain["msgid"], {name: unpack(one) for name, one in plain["params"].items()})
    if isinstance(plain, list):
        return tuple(unpack(one) for one in plain)
    return plain

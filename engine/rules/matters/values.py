"""Reads single values out of a kind's file: names, words in both languages, yes or no, decision tables.

Beside `engine.rules.policy_words`, which reads numbers and words of closed lists.  Raises PolicyFault with the path to
what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, TypeVar

from engine.rules.matters.kind import Span, Table
from engine.rules.matters.vocabulary import BUILT_IN
from engine.rules.policy_words import Path, known_keys, unknown_word, whole_number
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_, Words

Then = TypeVar("Then")
Word = TypeVar("Word", bound=StrEnum)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLACE = re.compile(r"\{([^{}]*)\}")


class Faults(list[PolicyFault]):
    """The faults of one file; reading goes on after each."""

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the fault that stops one part of the file."""
        try:
            yield
        except PolicyFault as fault:
            self.append(fault)


def shown(value: object) -> object:
    """Return a value as a fault names it: what is no single word, by its shape."""
    if isinstance(value, Mapping):
        return N_("names with their settings")
    return N_("a list") if isinstance(value, list) else str(value)[:60]


def entries(plain: Mapping[str, Any], key: str, path: Path = ()) -> Iterator[tuple[str, Any]]:
    """Yield the named entries under `key`, none where it is absent."""
    if key not in plain:
        return
    body = plain[key]
    if not isinstance(body, Mapping) or not body:
        raise PolicyFault((*path, key), N_("a list of names with their settings was expected under {key}", key=key))
    yield from body.items()


def check_name(name: object, path: Path) -> str:
    """Return a name that the file gives to something."""
    if isinstance(name, bool):
        raise PolicyFault(path, N_("on, off, yes and no mean true and false in YAML: put the name in quotes"))
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PolicyFault(
            path,
            N_("{value} is no name; expected small letters, digits and _, beginning with a letter", value=shown(name)),
        )
    return name


def body_at(body: Any, path: Path, expected: tuple[str, ...]) -> Mapping[str, Any]:
    """Return `body` as settings by name, none of them other than `expected`."""
    if not isinstance(body, Mapping):
        raise PolicyFault(path, N_("settings were expected here: {expected}", expected=expected))
    known_keys(body, set(expected), path)
    return body


def check_places(words: Words, fields: Mapping[str, Any], path: Path) -> None:
    """Refuse a {place} of a sentence that nothing fills."""
    for language, text in (("zh", words.zh), ("en", words.en)):
        if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
            raise PolicyFault(
                (*path, language),
                N_("a bracket stands alone in this sentence; places are written as in {example}", example="{code}"),
            )
        for place in _PLACE.findall(text):
            if place not in BUILT_IN and place not in fields:
                raise unknown_word(place, [*fields, *sorted(BUILT_IN)], (*path, language))


def flag_at(body: Mapping[str, Any], key: str, path: Path) -> bool:
    """Return true or false; an absent one is false."""
    value = body.get(key, False)
    if not isinstance(value, bool):
        raise PolicyFault(
            (*path, key), N_("{key}: true or false was expected, not {value}", key=key, value=shown(value))
        )
    return value


def text_at(body: Mapping[str, Any], key: str, path: Path) -> str:
    """Return the word under `key`, which must be there."""
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        at = (*path, key) if key in body else path
        raise PolicyFault(at, N_("{key}: a word was expected", key=key))
    return value


def names_at(body: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
    """Return the list of words under `key`, each once; an absent one is empty."""
    values = body.get(key, [])
    if not isinstance(values, list):
        raise PolicyFault((*path, key), N_("a list in [ ] was expected under {key}", key=key))
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise PolicyFault((*path, key, index), N_("{key}: a word was expected", key=key))
        if value in values[:index]:
            raise PolicyFault((*path, key, index), N_("{value} stands here twice", value=value))
    return tuple(values)


def one_of(value: object, known: Mapping[str, Any] | tuple[str, ...], path: Path) -> str:
    """Return `value`, which must be one of the `known` words."""
    if not isinstance(value, str) or value not in known:
        raise unknown_word(shown(value), tuple(known), path)
    return value


def count_or_all(body: Mapping[str, Any], key: str, path: Path) -> int | None:
    """Return how many must agree: a number, or None for all."""
    return None if body.get(key, "all") == "all" else whole_number(body, key, path, least=1, most=1000)


def span_of(body: Mapping[str, Any], path: Path) -> Span:
    """Return months and working days, at least one of them."""
    months, days = (
        whole_number(body, key, path, least=0, most=most) if key in body else 0
        for key, most in (("months", 240), ("working_days", 1000))
    )
    if "months" not in body and "working_days" not in body:
        raise PolicyFault(path, N_("a span of time was expected: months, working_days or both"))
    return Span(months=months, working_days=days)


def table_of(
    body: Mapping[str, Any],
    path: Path,
    *,
    values: Mapping[str, tuple[str, ...]],
    then: Callable[[Any, Path], Then],
) -> Table[Then]:
    """Return the decision table under `rows` and `else`.

    `values` are the fields that a row may ask about, with all that each may hold.  A row that can never decide, and a
    case that no row decides, are faults.
    """
    rows = body.get("rows")
    if not isinstance(rows, list) or not rows:
        raise PolicyFault((*path, "rows") if "rows" in body else path, N_("a decision table needs at least one row"))
    parsed: list[tuple[Mapping[str, str], Then]] = []
    for index, row in enumerate(rows):
        at: Path = (*path, "rows", index)
        row = body_at(row, at, ("when", "then"))  # noqa: PLW2901 - the same row, known to be settings
        when: dict[str, str] = {}
        for name, value in entries(row, "when", at):
            one_of(name, values, (*at, "when", name))
            when[name] = one_of(answer_of(value), values[name], (*at, "when", name))
        if not when:
            raise PolicyFault(at, N_("a row says when it holds: {expected}", expected=tuple(values)))
        if any(earlier.items() <= when.items() for earlier, _ in parsed):
            raise PolicyFault(at, N_("a row above decides every case of this one already"))
        parsed.append((when, then(row.get("then"), (*at, "then"))))
    otherwise = then(body["else"], (*path, "else")) if "else" in body else None
    lacking = _undecided([when for when, _ in parsed], values)
    if otherwise is None and lacking is not None:
        case = tuple(f"{name} = {value}" for name, value in lacking.items())
        raise PolicyFault((*path, "rows"), N_("no row decides this case: {case}; an else row would", case=case))
    return Table(rows=tuple(parsed), otherwise=otherwise)


def answer_of(value: object) -> object:
    """Return a value as fields hold it: YAML reads yes and no as true and false.

    >>> answer_of(True), answer_of("grave")
    ('yes', 'grave')
    """
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _undecided(
    rows: list[Mapping[str, str]], values: Mapping[str, tuple[str, ...]], case: Mapping[str, str] | None = None
) -> Mapping[str, str] | None:
    """Return a case that no row decides, or None; only fields that rows ask about are tried."""
    case = case or {}
    if any(row.items() <= case.items() for row in rows):
        return None
    open_fields = [name for row in rows for name in row if name not in case]
    if not open_fields:
        return case
    name = open_fields[0]
    alive = [row for row in rows if all(case.get(key, value) == value for key, value in row.items())]
    if not alive:
        return case
    for value in values[name]:
        if (found := _undecided(alive, values, {**case, name: value})) is not None:
            return found
    return None

"""Reads words and numbers out of policy data (what a YAML file gave), and says where one is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from engine.rules.refusal import PolicyFault
from engine.rules.text import N_, Words

Word = TypeVar("Word", bound=StrEnum)
Path = tuple[str | int, ...]


def mapping_at(plain: Mapping[str, Any], key: str, path: Path) -> Mapping[str, Any]:
    """Return the mapping under `key`, or say that one was expected there."""
    value = plain.get(key) if isinstance(plain, Mapping) else None
    if not isinstance(value, Mapping) or not value:
        raise PolicyFault((*path, key), N_("a list of names with their settings was expected under {key}", key=key))
    return value


def known_keys(body: Mapping[str, Any], keys: set[str], path: Path) -> None:
    """Refuse a key that nobody reads: a misspelt setting must not be silently ignored."""
    for key in body:
        if key not in keys:
            expected = tuple(sorted(keys))
            raise PolicyFault(
                (*path, key), N_("{key} is not a setting; expected: {expected}", key=key, expected=expected)
            )


def word(kind: type[Word], value: object, path: Path) -> Word:
    """Return `value` as a member of `kind`, or say which words are known."""
    try:
        return kind(str(value))
    except ValueError:
        raise unknown_word(value, [member.value for member in kind], path) from None


def unknown_word(value: object, known: Sequence[str], path: Path) -> PolicyFault:
    """Return the fault of a `value` that is none of the `known` words."""
    near = get_close_matches(str(value), known, n=1)
    if near:
        return PolicyFault(path, N_("{value} is not known; did you mean {near}?", value=value, near=near[0]))
    return PolicyFault(
        path, N_("{value} is not known; expected one of: {expected}", value=value, expected=tuple(known))
    )


def words(kind: type[Word], body: Mapping[str, Any], key: str, path: Path) -> tuple[Word, ...]:
    """Return the list under `key` as members of `kind`; an absent list is empty."""
    values = body.get(key, [])
    if not isinstance(values, list):
        raise PolicyFault((*path, key), N_("a list in [ ] was expected under {key}", key=key))
    return tuple(word(kind, value, (*path, key, index)) for index, value in enumerate(values))


def whole_number(body: Mapping[str, Any], key: str, path: Path, *, least: int, most: int) -> int:
    """Return the number under `key`, at least `least` and at most `most`."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise PolicyFault(
            (*path, key) if key in body else path,
            N_(
                "{key}: a whole number from {least} to {most} was expected, not {value}",
                key=key,
                least=least,
                most=most,
                value=N_("nothing") if value is None else value,
            ),
        )
    return value


def words_at(body: Mapping[str, Any], key: str, path: Path) -> Words:
    """Return the words under `key`, which must be there in both languages."""
    found = body.get(key)
    at = (*path, key) if key in body else path
    if not isinstance(found, Mapping):
        raise PolicyFault(at, N_("{key}: the words in both languages were expected, as zh and en", key=key))
    known_keys(found, {"zh", "en"}, at)
    for language in ("zh", "en"):
        text = found.get(language)
        if not isinstance(text, str) or not text.strip():
            raise PolicyFault(
                (*at, language), N_("{key}: the words for {language} are missing", key=key, language=language)
            )
    return Words(zh=found["zh"], en=found["en"])

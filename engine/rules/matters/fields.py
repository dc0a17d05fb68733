"""Reads the fields of a kind: what its matters tell, who sees it, and what is added up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.rules.matters.kind import Field
from engine.rules.matters.values import Faults, answer_of, body_at, check_name, entries, flag_at, one_of
from engine.rules.matters.vocabulary import BUILT_IN, FieldType
from engine.rules.policy_words import Path, word, words, words_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_, Words
from engine.rules.vocabulary import Role

_KEYS = (
    *("name", "type", "needed", "asked_by", "column", "sum", "from", "show_when", "sees", "keep"),
    *("choices", "of", "kind"),
)
_KEYS_OF_ROW = ("name", "type", "needed", "sum", "choices", "kind", "sees")
_YEARS = re.compile(r"([1-9][0-9]?)y")
#: What can be added up.
_ADDED = frozenset({FieldType.NUMBER, FieldType.COUNT, FieldType.MONEY, FieldType.LIST})


def parse_fields(plain: Mapping[str, Any], faults: Faults) -> Mapping[str, Field]:
    """Return the fields of a kind; whatever is wrong is added to `faults`."""
    fields: dict[str, Field] = {}
    with faults.kept():
        for name, body in entries(plain, "fields"):
            path: Path = ("fields", name)
            with faults.kept():
                check_name(name, path)
                if name in BUILT_IN:
                    raise PolicyFault(
                        path, N_("every matter has {name} already; give the field another name", name=name)
                    )
                fields[name] = _field(body, path, _KEYS)
    for name, field in fields.items():
        with faults.kept():
            if field.show_when is not None:
                _check_shown(field.show_when, fields, ("fields", name, "show_when"))
    return fields


def values_of(field: Field) -> tuple[str, ...]:
    """Return all that a field may hold, where that is a short list; else nothing."""
    if field.type is FieldType.YES_NO:
        return ("yes", "no")
    return tuple(field.choices or ())


def _field(body: Any, path: Path, keys: tuple[str, ...]) -> Field:
    body = body_at(body, path, keys)
    kind_of = word(FieldType, body.get("type"), (*path, "type"))
    _check_parts(body, kind_of, path)
    return Field(
        words=words_at(body, "name", path),
        type=kind_of,
        needed=flag_at(body, "needed", path),
        asked_by=body.get("asked_by"),
        column=flag_at(body, "column", path),
        sum=_figure(body, kind_of, path),
        source=_source(body, path),
        show_when=_shown(body, path),
        sees=words(Role, body, "sees", path),
        keep=_years(body, path),
        choices=_choices(body, path) if kind_of is FieldType.CHOICE else None,
        of=_rows(body, path) if kind_of is FieldType.LIST else None,
        kind=body.get("kind"),
    )


def _check_parts(body: Mapping[str, Any], kind_of: FieldType, path: Path) -> None:
    """Check that a field has what its type needs, and nothing that belongs to another."""
    for key, types in (
        ("choices", {FieldType.CHOICE}),
        ("of", {FieldType.LIST}),
        ("kind", {FieldType.LINK, FieldType.LINKS}),
    ):
        if kind_of in types and key not in body:
            raise PolicyFault(path, N_("a field of the type {type} needs {key}", type=kind_of.value, key=key))
        if kind_of not in types and key in body:
            raise PolicyFault((*path, key), N_("a field of the type {type} has no {key}", type=kind_of.value, key=key))
    for key in ("asked_by", "kind", "from", "sum"):
        if key in body and not isinstance(body[key], str):
            raise PolicyFault((*path, key), N_("{key}: a word was expected", key=key))


def _figure(body: Mapping[str, Any], kind_of: FieldType, path: Path) -> str | None:
    if "sum" in body and kind_of not in _ADDED:
        raise PolicyFault((*path, "sum"), N_("only numbers, counts, money and lists are added up"))
    return check_name(body["sum"], (*path, "sum")) if "sum" in body else None


def _source(body: Mapping[str, Any], path: Path) -> str | None:
    source = body.get("from")
    if source is not None and not source.startswith("parent."):
        raise PolicyFault((*path, "from"), N_("{value}: parent.FIELD was expected", value=source))
    return source


def _shown(body: Mapping[str, Any], path: Path) -> tuple[str, str] | None:
    if "show_when" not in body:
        return None
    found = [(name, answer_of(value)) for name, value in entries(body, "show_when", path)]
    if len(found) != 1 or not all(isinstance(part, str) for part in found[0]):
        raise PolicyFault((*path, "show_when"), N_("one field and its value were expected"))
    return str(found[0][0]), str(found[0][1])


def _check_shown(shown: tuple[str, str], fields: Mapping[str, Field], path: Path) -> None:
    name, value = shown
    one_of(name, fields, (*path, name))
    one_of(value, values_of(fields[name]), (*path, name))


def _years(body: Mapping[str, Any], path: Path) -> int | None:
    if "keep" not in body:
        return None
    match = _YEARS.fullmatch(str(body["keep"]))
    if match is None:
        raise PolicyFault((*path, "keep"), N_("keep: a number of years such as 10y was expected"))
    return int(match[1])


def _choices(body: Mapping[str, Any], path: Path) -> Mapping[str, Words]:
    at: Path = (*path, "choices")
    return {
        check_name(name, (*at, name)): words_at(body["choices"], name, at) for name, _ in entries(body, "choices", path)
    }


def _rows(body: Mapping[str, Any], path: Path) -> Mapping[str, Field]:
    rows = {}
    for name, row in entries(body, "of", path):
        at: Path = (*path, "of", name)
        check_name(name, at)
        rows[name] = _field(row, at, _KEYS_OF_ROW)
        if rows[name].type is FieldType.LIST:
            raise PolicyFault((*at, "type"), N_("a list holds no lists"))
    return rows

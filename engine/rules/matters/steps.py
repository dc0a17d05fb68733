"""Reads the steps of a kind: from where to where, by whom, what each needs, tells and does besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.rules.matters.fields import values_of
from engine.rules.matters.kind import Each, Effect, Field, Step, Table
from engine.rules.matters.values import (
    Faults,
    answer_of,
    body_at,
    check_name,
    check_places,
    count_or_all,
    entries,
    flag_at,
    names_at,
    one_of,
    shown,
    table_of,
    text_at,
)
from engine.rules.matters.vocabulary import BUILT_IN, FieldType, Itself, Listener, Need, Verb
from engine.rules.names import DOCUMENT_NAMES
from engine.rules.policy_words import Path, unknown_word, word, words, words_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_, Words
from engine.rules.vocabulary import Role

_KEYS = (*("name", "from", "to", "by", "itself", "each", "delegated_to", "needs", "minor", "undo", "tells", "effects"),)
#: What each verb is told, the needed ones first; a verb with no settings is written as one word.
_SETTINGS: Mapping[Verb, tuple[frozenset[str], frozenset[str]]] = {
    Verb.OPEN: (frozenset({"kind"}), frozenset({"for_each", "owner", "unit", "due", "text"})),
    Verb.TAKE: (frozenset({"step", "of"}), frozenset({"due"})),
}
_OF = ("parent", "children", "earlier")
_SET = ("owner", "lead", "unit", "due")
_PEOPLE = frozenset({FieldType.PERSON, FieldType.PEOPLE})


def parse_steps(
    plain: Mapping[str, Any], fields: Mapping[str, Field], states: Mapping[str, Any], classes: Any, faults: Faults
) -> Mapping[str, Step]:
    """Return the steps of a kind; whatever is wrong is added to `faults`."""
    steps: dict[str, Step] = {}
    with faults.kept():
        for name, body in entries(plain, "steps"):
            with faults.kept():
                check_name(name, ("steps", name))
                steps[name] = _step(body, fields, states, classes, ("steps", name))
    return steps


def _step(body: Any, fields: Mapping[str, Field], states: Mapping[str, Any], classes: Any, path: Path) -> Step:
    body = body_at(body, path, _KEYS)
    sources = names_at(body, "from", path)
    if not sources:
        raise PolicyFault(path, N_("a step needs at least one state to come from"))
    for index, source in enumerate(sources):
        one_of(source, states, (*path, "from", index))
    target, answer = _target(body, fields, states, path)
    needs, asks = _needs(body, fields, path)
    return Step(
        words=words_at(body, "name", path),
        sources=sources,
        target=target,
        answer=answer,
        by=_by(body, fields, classes, path),
        itself=word(Itself, body["itself"], (*path, "itself")) if "itself" in body else None,
        each=_each(body["each"], fields, (*path, "each")) if "each" in body else None,
        delegated_to=words(Role, body, "delegated_to", path),
        needs=needs,
        asks=asks,
        is_minor=flag_at(body, "minor", path),
        may_undo=flag_at(body, "undo", path),
        tells=_tells(body, fields, path) if "tells" in body else None,
        effects=_effects(body, fields, path),
    )


def _target(
    body: Mapping[str, Any], fields: Mapping[str, Field], states: Mapping[str, Any], path: Path
) -> tuple[str | None, tuple[str, Mapping[str, str]] | None]:
    """Return the state that a step leads to, or the field that decides it; neither where it stays."""
    to, at = body.get("to"), (*path, "to")
    if to is None:
        if "to" in body:
            raise PolicyFault(at, N_("a state was expected; a step that leads nowhere leaves to out"))
        return None, None
    if not isinstance(to, Mapping):
        return one_of(to, states, at), None
    if len(to) != 1:
        raise PolicyFault(at, N_("one field was expected, with a state for each of its values"))
    [(name, branches)] = to.items()
    one_of(name, fields, (*at, name))
    values = values_of(fields[name])
    if not values or not isinstance(branches, Mapping):
        raise PolicyFault((*at, name), N_("a field of the type choice or yes_no was expected, with its values"))
    leads = {str(answer_of(value)): state for value, state in branches.items()}
    for value, state in leads.items():
        one_of(value, values, (*at, name, value))
        one_of(state, states, (*at, name, value))
    for value in values:
        if value not in leads:
            raise PolicyFault((*at, name), N_("no state is named for the answer {value}", value=value))
    return None, (name, leads)


def _needs(
    body: Mapping[str, Any], fields: Mapping[str, Field], path: Path
) -> tuple[tuple[Need, ...], tuple[str, ...]]:
    needs, asks = [], []
    for index, value in enumerate(names_at(body, "needs", path)):
        if value in set(Need):
            needs.append(Need(value))
        elif value in fields:
            asks.append(value)
        else:
            raise unknown_word(value, [*Need, *fields], (*path, "needs", index))
    return tuple(needs), tuple(asks)


def _by(
    body: Mapping[str, Any], fields: Mapping[str, Field], classes: Any, path: Path
) -> tuple[Role, ...] | Table[tuple[Role, ...]]:
    by, at = body.get("by"), (*path, "by")
    if not isinstance(by, Mapping):
        return words(Role, body, "by", path)
    return table_of(body_at(by, at, ("rows", "else")), at, values=answers(fields, classes), then=_roles)


def _roles(value: Any, path: Path) -> tuple[Role, ...]:
    found = words(Role, {"then": value}, "then", path[:-1]) if value else ()
    if not found:
        raise PolicyFault(path, N_("roles in [ ] were expected"))
    return found


def answers(fields: Mapping[str, Field], classes: Any) -> Mapping[str, tuple[str, ...]]:
    """Return what a decision table may ask about: the class, and fields with a short list of values."""
    short = {name: values_of(field) for name, field in fields.items() if values_of(field)}
    return {**({"class": tuple(classes)} if isinstance(classes, Mapping) else {}), **short}


def _each(body: Any, fields: Mapping[str, Field], path: Path) -> Each:
    body = body_at(body, path, ("of", "pass"))
    of = text_at(body, "of", path)
    people = [name for name, field in fields.items() if field.type in _PEOPLE]
    one_of(of, (*people, *Role), (*path, "of"))
    return Each(of=of, enough=count_or_all(body, "pass", path))


def _tells(body: Mapping[str, Any], fields: Mapping[str, Field], path: Path) -> Mapping[str, Words]:
    told: dict[str, Words] = {}
    at: Path = (*path, "tells")
    for listener, _ in entries(body, "tells", path):
        one_of(
            listener,
            (*Role, *Listener, *(name for name, field in fields.items() if field.type in _PEOPLE)),
            (*at, listener),
        )
        told[listener] = words_at(body["tells"], listener, at)
        check_places(told[listener], fields, (*at, listener))
    return told


def _effects(body: Mapping[str, Any], fields: Mapping[str, Field], path: Path) -> tuple[Effect, ...]:
    values = body.get("effects", [])
    if not isinstance(values, list):
        raise PolicyFault((*path, "effects"), N_("a list in [ ] was expected under {key}", key="effects"))
    return tuple(_effect(value, fields, (*path, "effects", index)) for index, value in enumerate(values))


def _effect(value: Any, fields: Mapping[str, Field], path: Path) -> Effect:
    if isinstance(value, Mapping):
        if len(value) != 1:
            raise PolicyFault(path, N_("one effect was expected here, by its word"))
        [(name, args)] = value.items()
        verb, at = word(Verb, name, path), (*path, name)
    else:
        verb, args, at = word(Verb, shown(value), path), None, path
    if verb is Verb.PRINT:
        return Effect(verb=verb, args={"print": one_of(args, tuple(DOCUMENT_NAMES), at)})
    if verb is Verb.SET:
        return Effect(verb=verb, args=_set(args, fields, at))
    needed, more = _SETTINGS.get(verb, (frozenset(), frozenset()))
    if not needed:
        if args is not None:
            raise PolicyFault(at, N_("{verb} is written as one word, without settings", verb=verb.value))
        return Effect(verb=verb, args={})
    args = body_at(args, at, tuple(sorted(needed | more)))
    for key in sorted(needed):
        text_at(args, key, at)
    for key, given in args.items():
        if not isinstance(given, str):
            raise PolicyFault((*at, key), N_("{key}: a word was expected", key=key))
    _check_args(verb, args, fields, at)
    return Effect(verb=verb, args=dict(args))


def _check_args(verb: Verb, args: Mapping[str, str], fields: Mapping[str, Field], path: Path) -> None:
    if verb is Verb.TAKE:
        one_of(args["of"], _OF, (*path, "of"))
    many = {
        name: field
        for name, field in fields.items()
        if field.type in {FieldType.UNITS, FieldType.PEOPLE, FieldType.LIST}
    }
    rows = fields[args["for_each"]].of or {} if args.get("for_each") in many else {}
    for key, given in args.items():
        if key == "for_each":
            one_of(given, many, (*path, key))
        elif key in {"owner", "unit", "due", "text"}:
            one_of(given, (*fields, *rows, *sorted(BUILT_IN), "each"), (*path, key))


def _set(args: Any, fields: Mapping[str, Field], path: Path) -> Mapping[str, str]:
    if not isinstance(args, Mapping) or not args:
        raise PolicyFault(path, N_("what is set was expected: {expected}", expected=(*_SET, *fields)))
    for name, value in args.items():
        one_of(name, (*_SET, *fields), (*path, name))
        one_of(value, (*fields, "actor", "nobody", "today", *sorted(BUILT_IN)), (*path, name))
    return dict(args)

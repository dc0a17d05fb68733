"""Reads a kind of matter out of its file: every part, and all faults of them at once.

`parse_kind` is called by `config.kinds` with what YAML gave, and by nobody else; `check_graph` then walks the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.rules.ladder import DECIDERS
from engine.rules.matters.display import agenda_of, ledger_of, visible_of
from engine.rules.matters.fields import parse_fields
from engine.rules.matters.kind import Children, Class, Field, Kind, Sleep, State, Wait
from engine.rules.matters.opening import about_of, code_of, dates_of, opened_of, parse_due
from engine.rules.matters.phases import Phase
from engine.rules.matters.steps import parse_steps
from engine.rules.matters.values import (
    Faults,
    body_at,
    check_name,
    count_or_all,
    entries,
    flag_at,
    names_at,
    one_of,
    text_at,
)
from engine.rules.matters.vocabulary import DueHow
from engine.rules.matters.waits import LADDER_KEYS, ladder_at, parse_waits
from engine.rules.policy_words import Path, known_keys, word, words, words_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_, Words
from engine.rules.vocabulary import Role

KEYS = (
    *("version", "name", "code", "key", "about", "publish", "restricted", "opened", "fields", "due", "outcomes"),
    *("states", "steps", "waits", "children", "extension", "classes", "agenda", "ledger", "visible"),
)


def parse_kind(plain: Mapping[str, Any], faults: Faults) -> Kind | None:
    """Return the kind that `plain` (the content of its file) describes, or None after adding to `faults`."""
    with faults.kept():
        known_keys(plain, set(KEYS), ())
    fields = parse_fields(plain, faults)
    waits = parse_waits(plain, fields, faults)
    outcomes = _all_words(plain, "outcomes", faults)
    states = _states(plain, fields, outcomes, faults)
    steps = parse_steps(plain, fields, _named(plain, "states"), plain.get("classes"), faults)
    found: dict[str, Any] = {"fields": fields, "waits": waits, "outcomes": outcomes, "states": states, "steps": steps}
    for part, read in (
        ("words", lambda: words_at(plain, "name", ())),
        ("code", lambda: code_of(plain)),
        ("key", lambda: one_of(plain["key"], fields, ("key",)) if "key" in plain else None),
        ("about", lambda: about_of(plain)),
        ("is_published", lambda: flag_at(plain, "publish", ())),
        ("is_restricted", lambda: flag_at(plain, "restricted", ())),
        ("opened", lambda: opened_of(plain)),
        ("due", lambda: parse_due(plain.get("due", DueHow.NONE), fields, plain.get("classes"), ("due",))),
        ("children", lambda: _children(plain)),
        ("extension", lambda: _extension(plain)),
        ("classes", lambda: _classes(plain, fields, waits)),
        ("agenda", lambda: agenda_of(plain, waits)),
        ("ledger", lambda: ledger_of(plain, fields)),
        ("visible", lambda: visible_of(plain)),
    ):
        with faults.kept():
            found[part] = read()
    with faults.kept():
        if not states and not faults:
            raise PolicyFault(("states",) if "states" in plain else (), N_("a kind needs at least one state"))
    return None if faults else Kind(**found)


def _named(plain: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the entries as written, so that one that is faulty is not missed by name as well."""
    body = plain.get(key)
    return body if isinstance(body, Mapping) else {}


def _all_words(plain: Mapping[str, Any], key: str, faults: Faults) -> Mapping[str, Words] | None:
    found: dict[str, Words] = {}
    with faults.kept():
        for name, _ in entries(plain, key):
            with faults.kept():
                found[check_name(name, (key, name))] = words_at(plain[key], name, (key,))
    return found or None


def _states(
    plain: Mapping[str, Any],
    fields: Mapping[str, Field],
    outcomes: Mapping[str, Words] | None,
    faults: Faults,
) -> Mapping[str, State]:
    states: dict[str, State] = {}
    named = _named(plain, "waits")
    with faults.kept():
        for name, body in entries(plain, "states"):
            path: Path = ("states", name)
            with faults.kept():
                check_name(name, path)
                body = body_at(body, path, ("name", "phase", "waits", "sleeps", "clock", "outcome"))  # noqa: PLW2901
                for index, wait in enumerate(names_at(body, "waits", path)):
                    one_of(wait, named, (*path, "waits", index))
                states[name] = State(
                    words=words_at(body, "name", path),
                    phase=word(Phase, body.get("phase"), (*path, "phase") if "phase" in body else path),
                    waits=names_at(body, "waits", path),
                    sleeps=_sleep(body["sleeps"], fields, _named(plain, "steps"), (*path, "sleeps"))
                    if "sleeps" in body
                    else None,
                    is_stopped=one_of(body.get("clock", "runs"), ("runs", "stopped"), (*path, "clock")) == "stopped",
                    outcome=one_of(body["outcome"], outcomes or {}, (*path, "outcome")) if "outcome" in body else None,
                )
    return states


def _sleep(body: Any, fields: Mapping[str, Field], steps: Mapping[str, Any], path: Path) -> Sleep:
    body = body_at(body, path, ("until", "then"))
    for key in ("until", "then"):
        text_at(body, key, path)
    one_of(body["until"], ("due", *dates_of(fields)), (*path, "until"))
    one_of(body["then"], steps, (*path, "then"))
    return Sleep(until=body["until"], then=body["then"])


def _children(plain: Mapping[str, Any]) -> Children | None:
    if "children" not in plain:
        return None
    path: Path = ("children",)
    body = body_at(plain["children"], path, ("kinds", "join", "then", "drop"))
    kinds = names_at(body, "kinds", path)
    if not kinds:
        raise PolicyFault(path, N_("kinds: at least one kind was expected"))
    return Children(
        kinds=kinds,
        enough=count_or_all(body, "join", path),
        then=one_of(body["then"], _named(plain, "steps"), (*path, "then")) if "then" in body else None,
        drop=flag_at(body, "drop", path),
    )


def _extension(plain: Mapping[str, Any]) -> tuple[Role, ...]:
    if "extension" not in plain:
        return ()
    path: Path = ("extension",)
    body = body_at(plain["extension"], path, ("decided_by",))
    roles = words(Role, body, "decided_by", path)
    for index, role in enumerate(roles):
        one_of(role.value, tuple(map(str, DECIDERS)), (*path, "decided_by", index))
    if not roles:
        raise PolicyFault(path, N_("decided_by: who decides the first, the second, … request was expected"))
    return roles


def _classes(
    plain: Mapping[str, Any], fields: Mapping[str, Field], waits: Mapping[str, Wait]
) -> Mapping[str, Class] | None:
    classes: dict[str, Class] = {}
    for name, body in entries(plain, "classes"):
        path: Path = ("classes", name)
        check_name(name, path)
        body = body_at(body, path, ("name", "due", "ladders"))  # noqa: PLW2901 - the same, known to be settings
        ladders = {}
        for wait, ladder in entries(body, "ladders", path):
            at: Path = (*path, "ladders", wait)
            one_of(wait, waits, at)
            ladders[wait] = ladder_at(body_at(ladder, at, LADDER_KEYS), waits[wait].since, at)
        due = parse_due(body["due"], fields, None, (*path, "due")) if "due" in body else None
        classes[name] = Class(words=words_at(body, "name", path), due=due, ladders=ladders or None)
    return classes or None

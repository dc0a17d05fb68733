"""Reads the waits of a kind: whom each is for, what its deadline follows from, its ladder and what it asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.rules.ladder import Ladder, parse_ladder
from engine.rules.matters.kind import Wait
from engine.rules.matters.values import Faults, body_at, check_name, check_places, entries, shown
from engine.rules.matters.vocabulary import GIVEN, Beyond, Since, When
from engine.rules.policy_words import Path, unknown_word, whole_number, word, words_at
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_
from engine.rules.vocabulary import Role

LADDER_KEYS = ("within", "rungs", "repeat_every", "hold_at_most")
_KEYS = ("name", "for", "since", "when", "ask", *LADDER_KEYS, "day", "counts_from")


def parse_waits(plain: Mapping[str, Any], fields: Mapping[str, Any], faults: Faults) -> Mapping[str, Wait]:
    """Return the waits of a kind; whatever is wrong is added to `faults`."""
    waits: dict[str, Wait] = {}
    with faults.kept():
        for name, body in entries(plain, "waits"):
            with faults.kept():
                check_name(name, ("waits", name))
                waits[name] = _wait(body, fields, ("waits", name))
    return waits


def _wait(body: Any, fields: Mapping[str, Any], path: Path) -> Wait:
    body = body_at(body, path, _KEYS)
    whom = _whom(body.get("for"), (*path, "for") if "for" in body else path)
    since = word(Since, body.get("since", Since.STATE), (*path, "since"))
    if whom is Beyond.CHILDREN:
        for key in ("since", "ask", *LADDER_KEYS):
            if key in body:
                raise PolicyFault((*path, key), N_("children have ladders of their own; {key} has no meaning", key=key))
        return Wait(words=words_at(body, "name", path), waiting_for=whom)
    ask = words_at(body, "ask", path)
    check_places(ask, fields, (*path, "ask"))
    reports = since is Since.REPORTED
    for key in ("day", "counts_from"):
        if key in body and not reports:
            raise PolicyFault((*path, key), N_("{key} belongs to a wait since reported", key=key))
    return Wait(
        words=words_at(body, "name", path),
        waiting_for=whom,
        since=since,
        when=word(When, body["when"], (*path, "when")) if "when" in body else None,
        ask=ask,
        ladder=ladder_at(body, since, path),
        day=whole_number(body, "day", path, least=1, most=31) if reports else None,
        counts_from=whole_number(body, "counts_from", path, least=0, most=27) if reports else None,
    )


def ladder_at(body: Mapping[str, Any], since: Since, path: Path) -> Ladder:
    """Return the ladder that stands among the settings of a wait."""
    only = {key: body[key] for key in LADDER_KEYS if key in body}
    return parse_ladder(only, path, is_counted=since not in GIVEN)


def _whom(value: object, path: Path) -> Role | Beyond:
    for words in (Role, Beyond):
        if isinstance(value, str) and value in set(words):
            return words(value)
    raise unknown_word(shown(value), [*Role, *Beyond], path)

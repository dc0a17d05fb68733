"""Reads how a matter of a kind comes to be: its code, what it hangs on, who or what opens it, and its due date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.rules.matters.kind import Due, Field, Opened, Schedule, Span
from engine.rules.matters.steps import answers
from engine.rules.matters.values import body_at, flag_at, names_at, one_of, shown, span_of, table_of, text_at
from engine.rules.matters.vocabulary import DAYS, About, DueHow, FieldType
from engine.rules.policy_words import Path, word, words
from engine.rules.refusal import PolicyFault
from engine.rules.text import N_
from engine.rules.vocabulary import Role

_NUMBERED = frozenset({"n", "random", "parent"})  #: one of them keeps codes apart
_CODE_PLACES = ("n", "parent", "random", "unit", "year")


def code_of(plain: Mapping[str, Any]) -> str:
    """Return the pattern of codes, which must keep matters apart."""
    code = text_at(plain, "code", ())
    places = re.findall(r"\{([^{}]*)\}", code)
    for place in places:
        one_of(place, _CODE_PLACES, ("code",))
    if not _NUMBERED & set(places):
        raise PolicyFault(
            ("code",),
            N_("{code} names every matter alike; expected: {expected}", code=code, expected=("{n}", "{random}")),
        )
    return code


def about_of(plain: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what matters hang on: words of `About`, or kinds, which `check_together` knows."""
    about = names_at(plain, "about", ())
    if not about:
        raise PolicyFault(
            ("about",) if "about" in plain else (),
            N_("about: at least one of {expected} was expected, or a kind", expected=tuple(About)),
        )
    return about


def opened_of(plain: Mapping[str, Any]) -> Opened:
    """Return how a matter comes to be."""
    path: Path = ("opened",)
    body = body_at(plain.get("opened"), path, ("by", "effect", "import", "public", "schedule"))
    public = names_at(body, "public", path)
    for index, way in enumerate(public):
        one_of(way, ("form", "mailbox"), (*path, "public", index))
    opened = Opened(
        by=words(Role, body, "by", path),
        effect=flag_at(body, "effect", path),
        imported=flag_at(body, "import", path),
        public=public,
        schedule=_schedule(body["schedule"], (*path, "schedule")) if "schedule" in body else None,
    )
    if opened == Opened():
        raise PolicyFault(path, N_("nothing opens a matter of this kind: by, effect, import, public or schedule"))
    return opened


def _schedule(body: Any, path: Path) -> Schedule:
    body = body_at(body, path, ("months", "working_days", "from"))
    every = span_of(body, path)
    if every == Span():
        raise PolicyFault(path, N_("a period is at least one month or one working day"))
    since = one_of(
        body.get("from"),
        tuple(day for day in DAYS if day.startswith("round.")),
        (*path, "from") if "from" in body else path,
    )
    return Schedule(every=every, since=since)


def parse_due(value: Any, fields: Mapping[str, Field], classes: Any, path: Path) -> Due:
    """Return where a due date comes from."""
    if not isinstance(value, Mapping):
        return Due(how=word(DueHow, shown(value), path))
    body = body_at(value, path, ("from", "months", "working_days", "rows", "else"))
    since = one_of(body.get("from"), (*DAYS, *dates_of(fields)), (*path, "from") if "from" in body else path)
    if "rows" not in body:
        return Due(how=None, since=since, span=span_of(body, path))
    for key in ("months", "working_days"):
        if key in body:
            raise PolicyFault((*path, key), N_("the rows tell the span; {key} has no meaning beside them", key=key))
    return Due(how=None, since=since, span=table_of(body, path, values=answers(fields, classes), then=_span))


def _span(value: Any, path: Path) -> Span:
    return span_of(body_at(value, path, ("months", "working_days")), path)


def dates_of(fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Return the names of the fields that hold a day."""
    return tuple(name for name, field in fields.items() if field.type is FieldType.DATE)

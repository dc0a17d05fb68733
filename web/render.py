"""Turns a page's context into HTML: one template, one frozen dataclass, and what every page shows around it.

A value that a template misses is an error; everything that people wrote is escaped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer

from engine.rules.names import (
    CLASS_NAMES,
    LEVEL_NAMES,
    ROLE_NAMES,
    SLIP_NAMES,
    STATE_NAMES,
    UNIT_KIND_NAMES,
    WAIT_NAMES,
)
from engine.rules.text import Text, replaced
from engine.rules.text import Words as BothLanguages
from engine.rules.trust import TRUST_STATE_NAMES
from i18n import CHINESE, say
from web.navigation import navigation
from web.told import COOKIE, read_told
from web.visit import SignedVisit, Visit

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

#: The spoken names, for templates: `names.state[line.state]`.
_NAMES: dict[str, Any] = {
    "state": STATE_NAMES,
    "role": ROLE_NAMES,
    "wait": WAIT_NAMES,
    "slip": SLIP_NAMES,
    "class": CLASS_NAMES,
    "level": LEVEL_NAMES,
    "unit_kind": UNIT_KIND_NAMES,
    "trust": TRUST_STATE_NAMES,
}


@dataclass(frozen=True, slots=True)
class Words:
    """What templates say things with, in one language."""

    language: str
    zone: ZoneInfo

    def say(self, text: Text | BothLanguages | str, /, **params: object) -> str:
        """Return a sentence: `_("row {row}", row=3)`, or a Text, with its dates as pages write them."""
        if isinstance(text, Text) and not text.params and not params:  # a name, as most are
            return _said(text.msgid, self.language)
        if params or not isinstance(text, str):
            return say(replaced(text, date, self.day) if isinstance(text, Text) else text, self.language, **params)
        return _said(text, self.language)

    def day(self, value: date | None) -> str:
        """Return a date as it is written: 2025年9月10日, or 10 Sep 2025; a dash where there is none."""
        if value is None:
            return "—"
        if self.language == CHINESE:
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {value:%b} {value.year}"

    def moment(self, value: datetime | None) -> str:
        """Return a moment in the house's zone."""
        return "—" if value is None else f"{value.astimezone(self.zone):%Y-%m-%d %H:%M}"


def page(visit: Visit, template: str, context: object, *, status: int = 200) -> HTMLResponse:
    """Return the page: `template` with `context` as its `page`."""
    words = Words(visit.language, ZoneInfo(visit.house.zone))
    told = read_told(visit.request)
    html = _template(template, visit.language)(
        page=context,
        visit=visit,
        signed=visit if isinstance(visit, SignedVisit) else None,
        navigation=partial(navigation, visit) if isinstance(visit, SignedVisit) else tuple,
        told=told,
        words=words,
        _=words.say,
        day=words.day,
        moment=words.moment,
        names=_NAMES,
        static=static,
    )
    answer = HTMLResponse(html, status)
    if told is not None:
        answer.delete_cookie(COOKIE)
    return answer


def printed(visit: Visit, template: str, context: object) -> str:
    """Return a page that stands alone, in the house's language: for archives and printers."""
    words = Words(visit.house.language, ZoneInfo(visit.house.zone))
    return _template(template, words.language)(
        page=context, words=words, _=words.say, day=words.day, moment=words.moment, names=_NAMES
    )


@cache
def _said(msgid: str, language: str) -> str:
    """Return a sentence of a template; a page says some hundred, always the same."""
    return say(msgid, language)


@cache
def static(name: str) -> str:
    """Return the address of a file of ours; it changes with its content, so that browsers may keep it for good."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@cache
def _template(name: str, language: str) -> Callable[..., str]:
    return _environment(language).get_template(name).render


class Translated(Environment):
    """Templates in one language: what they say with no places to fill is put in when they are compiled.

    A page says some hundred such sentences, and a list the same in each line; calling for each costs more than the
    rest of the page.
    """

    language: str

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Return the tree of a template with `_("…")` replaced by the sentence."""
        tree = super()._parse(source, name, filename)
        _Saying(self.language).visit(tree)
        return tree


class _Saying(NodeTransformer):
    def __init__(self, language: str) -> None:
        self._language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the name is Jinja's
        """Return the sentence where it is a plain one, or else the call."""
        self.generic_visit(node)
        is_said = isinstance(node.node, nodes.Name) and node.node.name == "_"
        if not is_said or node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) != 1:
            return node
        (sentence,) = node.args
        if not isinstance(sentence, nodes.Const) or not isinstance(sentence.value, str):
            return node
        return nodes.Const(_said(sentence.value, self._language), lineno=node.lineno)


@cache
def _environment(language: str) -> Environment:
    environment = Translated(
        loader=FileSystemLoader(FOLDER / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.language = language
    return environment

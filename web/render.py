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
from jinja2 import Environment, FileSystemLoader, StrictUndefined

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
}


@dataclass(frozen=True, slots=True)
class Words:
    """What templates say things with, in one language."""

    language: str
    zone: ZoneInfo

    def say(self, text: Text | str, /, **params: object) -> str:
        """Return a sentence: `_("row {row}", row=3)`, or a Text, with its dates as pages write them."""
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
    html = _template(template)(
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
    return _template(template)(page=context, words=words, _=words.say, day=words.day, moment=words.moment, names=_NAMES)


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
def _template(name: str) -> Callable[..., str]:
    return _environment().get_template(name).render


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )

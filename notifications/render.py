"""Turns a digest into subject, text and HTML, in Chinese or English, from one set of templates.

Called by `notifications.delivery`.  A value that a template misses is an error; in HTML everything that people typed is
escaped; nothing is loaded from elsewhere by who opens the mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

import i18n
from engine.rules.text import Text
from engine.rules.vocabulary import Slip
from notifications import sentences
from notifications.messages import DigestMessage, Section

#: The colour of each slip: its edge, and its name in writing (dark enough to be read on white).
COLOURS: dict[Slip | None, tuple[str, str]] = {
    Slip.GROUP: ("#6b1d5e", "#6b1d5e"),
    Slip.RED: ("#c8281e", "#b3211a"),
    Slip.YELLOW: ("#e0a800", "#7d5c00"),
    Slip.BLUE: ("#1f6fc4", "#1a5ca3"),
    Slip.REMINDER: ("#8b97a6", "#4a5563"),
    None: ("#c9d0d8", "#4a5563"),
}
#: How much of a measure's text is shown.
SHOWN = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One message, ready to be handed to a sender."""

    subject: str
    text: str
    html: str


def render_digest(digest: DigestMessage) -> Rendered:
    """Return the message in the reader's language."""
    context: dict[str, Any] = {"digest": digest, "language": digest.language, "colours": COLOURS}
    environment = _environment()
    subject = " ".join(environment.get_template("digest/subject.txt").render(context).split())
    return Rendered(
        subject=subject,
        text=environment.get_template("digest/body.txt").render(context),
        html=environment.get_template("digest/body.html").render(context, subject=subject),
    )


def shortened(text: str, most: int = SHOWN) -> str:
    """Return `text` on one line, cut where it is too long.

    >>> shortened("Publish the rules for procurement", 12)
    'Publish the…'
    """
    line = sentences.words(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["say"] = _say
    environment.globals["heading"] = _heading
    for name in ("subject", "summary", "sentence", "facts", "timing", "notes", "words", "each"):
        environment.globals[name] = getattr(sentences, name)
    environment.filters["shortened"] = shortened
    return environment


@pass_context
def _say(context: Context, text: Text | str, /, **params: object) -> str:
    return i18n.say(text, context["language"], **params)


@pass_context
def _heading(context: Context, section: Section) -> str:
    """Return a section's heading, which begins with a capital where the language has them."""
    said = i18n.say(section.heading, context["language"])
    return said[:1].upper() + said[1:]


@pass_context
def _gettext(context: Context, msgid: str) -> str:
    return i18n.catalogue(context["language"]).gettext(msgid)


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return i18n.catalogue(context["language"]).ngettext(one, many, count)

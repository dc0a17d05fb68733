"""Sets an agenda as a page for the browser and its printer, or as Markdown.

Called by `documents.agenda`.  The page stands alone: no script, nothing loaded from elsewhere.  Everything that people
wrote is escaped in both forms, and a value that a template misses is an error.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from documents.agenda_view import SaidAgenda
from documents.agenda_words import MARK_COLOURS

_MARKS = re.compile(r"([\\`*_\[\]<>&|~#$!])")
_LEADING = re.compile(r"^([-+]|\d+[.)]|=+)(?=\s|$)")


def agenda_html(agenda: SaidAgenda) -> str:
    """Return the whole page."""
    return _environment().get_template("agenda.html").render(agenda=agenda, colours=MARK_COLOURS)


def agenda_markdown(agenda: SaidAgenda) -> str:
    """Return the Markdown text."""
    return _environment().get_template("agenda.md").render(agenda=agenda)


def escape_markdown(text: object) -> str:
    r"""Return one line of text in which nothing is a mark of Markdown, or ends a table's cell.

    >>> escape_markdown("a|b *c* <i>"), escape_markdown("1. x"), escape_markdown("1.2.3-04")
    ('a\\|b \\*c\\* \\<i\\>', '1\\. x', '1.2.3-04')
    """
    line = _MARKS.sub(r"\\\1", " ".join(str(text).split()))
    return _LEADING.sub(lambda found: f"{found[1][:-1]}\\{found[1][-1]}", line)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape_markdown
    return environment

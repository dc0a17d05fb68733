"""Sets an official paper as a page for the browser and its printer: no script, nothing loaded from elsewhere.

Called by `write`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from documents.official.blocks import Paper
from documents.official.words import long_day


def paper_html(paper: Paper) -> str:
    """Return the whole page."""
    return _environment().get_template("official.html").render(paper=paper)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["long_day"] = long_day
    environment.filters["kind"] = lambda block: type(block).__name__
    return environment

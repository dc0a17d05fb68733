"""Writes an official paper to a file, whole or not at all: the file's ending says in which form.

Called by the kinds of `documents.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from documents.official.blocks import Paper
from documents.official.own_template import OwnTemplate
from engine.whole_file import write_whole


def _docx(paper: Paper, template: OwnTemplate | None) -> bytes:
    from documents.official.word import paper_docx  # noqa: PLC0415 - python-docx is only needed here

    if template is not None:
        from documents.official.word_template import fill  # noqa: PLC0415 - only offices with templates need it

        return fill(template.content, paper)
    return paper_docx(paper)


def _html(paper: Paper, _template: OwnTemplate | None) -> bytes:
    from documents.official.page import paper_html  # noqa: PLC0415 - Jinja is only needed here

    return paper_html(paper).encode()


def _text(paper: Paper, _template: OwnTemplate | None) -> bytes:
    from documents.official.plain_text import paper_text  # noqa: PLC0415 - only needed here

    return paper_text(paper).encode()


_FORMS: dict[str, Callable[[Paper, OwnTemplate | None], bytes]] = {".docx": _docx, ".html": _html, ".txt": _text}
FORMS = tuple(_FORMS)


def write_paper(path: Path, paper: Paper, template: OwnTemplate | None = None) -> None:
    """Write `paper` to `path`, a Word file through the office's own template where there is one.

    Raises KeyError for an ending that is none of `FORMS`.
    """
    write_whole(path, _FORMS[path.suffix.lower()](paper, template))

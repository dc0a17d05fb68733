"""Writes an official paper to a file, whole or not at all: the file's ending says in which form.

Called by the kinds of `documents.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from documents.official.blocks import Paper
from documents.whole_file import write_whole


def _docx(paper: Paper) -> bytes:
    from documents.official.word import paper_docx  # noqa: PLC0415 - python-docx is only needed here

    return paper_docx(paper)


def _html(paper: Paper) -> bytes:
    from documents.official.page import paper_html  # noqa: PLC0415 - Jinja is only needed here

    return paper_html(paper).encode()


def _text(paper: Paper) -> bytes:
    from documents.official.plain_text import paper_text  # noqa: PLC0415 - only needed here

    return paper_text(paper).encode()


_FORMS: dict[str, Callable[[Paper], bytes]] = {".docx": _docx, ".html": _html, ".txt": _text}
FORMS = tuple(_FORMS)


def write_paper(path: Path, paper: Paper) -> None:
    """Write `paper` to `path`.  Raises KeyError for an ending that is none of `FORMS`."""
    write_whole(path, _FORMS[path.suffix.lower()](paper))

"""Opens a notice: whatever its file is, it becomes lines of text with their numbers.

Plain text, Markdown, pages, Word documents new and old, and PDF with text.
"""

from __future__ import annotations

import re
from pathlib import Path

from engine.rules.text import N_
from intake.notice.markdown import is_markdown, markdown_lines
from intake.notice.old_word import old_word_lines
from intake.notice.source import PDF, ZIP, SourceLine, decode, is_old_word, read_bytes, refuse, text_lines

_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|table|span|h[1-6]|br)\b", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
MAX_CHARACTERS = 500_000  #: of a notice: ten times the longest that were published; read in seconds
_SEARCHED = 4096  #: characters in which a page shows that it is one


def read_lines(path: Path) -> list[SourceLine]:
    """Return the lines of a notice that hold any text.  Raises InputRefused."""
    from intake.notice.page import html_lines  # noqa: PLC0415 - needs a large library
    from intake.notice.word import word_lines  # noqa: PLC0415 - the same

    content = read_bytes(path)
    if content.startswith(ZIP):
        lines = word_lines(path, content)
    elif content.startswith(PDF):
        from intake.notice.pdf import pdf_lines  # noqa: PLC0415 - the same

        lines = pdf_lines(path, content)
    elif is_old_word(content):
        lines = old_word_lines(path, content)
    else:
        text = decode(path, content)
        if is_markdown(text) and _PAGE.search(text, 0, _SEARCHED) is None:
            lines = markdown_lines(text)
        else:
            lines = html_lines(path, text) if _HTML.search(text, 0, _SEARCHED) else text_lines(text)
    if not lines:
        raise refuse(path, N_("the file holds no text"))
    length = sum(len(line.text) for line in lines)
    if length > MAX_CHARACTERS:
        message = N_(
            "the text has {length} characters; a notice has at most {most}", length=length, most=MAX_CHARACTERS
        )
        raise refuse(path, message)
    return lines

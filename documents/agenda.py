"""Writes the agenda of the leading group's meeting as .docx, .html or .md: the file's ending says which.

Called by `duban agenda` and the monthly run with a frozen agenda; reads nothing and decides nothing.  The same agenda
gives the same bytes, and a file is written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from documents.agenda_layout import agenda_paper
from documents.agenda_view import say_agenda
from engine.reads.agenda_document import AgendaDocument
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.whole_file import write_whole
from i18n import CHINESE


def write_agenda(path: Path, agenda: AgendaDocument, *, language: str = CHINESE) -> None:
    """Write `agenda` to `path`.  Raises NotReady for an ending that no form has."""
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        endings = tuple(_FORMS)
        raise NotReady(
            N_("the agenda is written as {endings}; {file} has none of these endings", endings=endings, file=path.name)
        )
    write_whole(path, form(agenda, language))


def _docx(agenda: AgendaDocument, language: str) -> bytes:
    from documents.official.word import paper_docx  # noqa: PLC0415 - python-docx is only needed here

    return paper_docx(agenda_paper(say_agenda(agenda, language), agenda.as_of))


def _html(agenda: AgendaDocument, language: str) -> bytes:
    from documents.agenda_page import agenda_html  # noqa: PLC0415 - Jinja is only needed here

    return agenda_html(say_agenda(agenda, language)).encode()


def _markdown(agenda: AgendaDocument, language: str) -> bytes:
    from documents.agenda_page import agenda_markdown  # noqa: PLC0415 - Jinja is only needed here

    return agenda_markdown(say_agenda(agenda, language)).encode()


_FORMS: dict[str, Callable[[AgendaDocument, str], bytes]] = {".docx": _docx, ".html": _html, ".md": _markdown}

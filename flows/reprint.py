"""Prints every kept document again, from the record as it stood then, and holds it to what was printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.kinds import KINDS, SIGNED
from engine.rules.refusal import NotReady
from flows.house import House
from flows.papers import write_again
from flows.templates import paper_templates
from i18n import CHINESE, LANGUAGES
from models import Document
from models.database import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprinted:
    """One document, printed again."""

    path: str  #: relative to DUBAN_HOME
    as_of: date
    is_same: bool  #: byte for byte
    template_changed: bool  #: the office's own template is another one now, or came or went
    is_kept: bool  #: the file itself is there, and is what was printed


def reprint(house: House) -> Iterator[Reprinted]:
    """Yield every document that was ever printed, approved papers too, the oldest first."""
    now = {kind: one.sha256 for kind, one in paper_templates(house.settings)[0].items()}
    with reading(house.sessions) as session, TemporaryDirectory(prefix="duban-reprint-") as folder:
        for document in session.scalars(select(Document).order_by(Document.created_at, Document.id)).all():
            hashes = _hashes(session, house, document, Path(folder))
            yield Reprinted(
                path=document.path,
                as_of=document.as_of,
                is_same=document.sha256 in hashes,
                template_changed=_is_word(document) and document.template != now.get(document.kind),
                is_kept=intact(house.home / document.path, document.sha256) is not None,
            )


def _hashes(session: Session, house: House, document: Document, folder: Path) -> set[str]:
    """Return the hashes of a document printed again; none where the template is gone with which it was printed."""
    try:
        return {sha256(one.read_bytes()).hexdigest() for one in _print(session, house, document, folder)}
    except NotReady:
        return set()


def _is_word(document: Document) -> bool:
    return document.kind in SIGNED and document.path.endswith(".docx")


def intact(file: Path, digest: str) -> bytes | None:
    """Return the bytes of `file` when they have this hash; None when they have not, or cannot be read."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return content if sha256(content).hexdigest() == digest else None


def _print(session: Session, house: House, document: Document, folder: Path) -> Iterator[Path]:
    """Yield the document anew; where its kind has several languages, in each: the house may have changed its own."""
    file = folder / Path(document.path).name
    for language in LANGUAGES if KINDS[document.kind].is_bilingual else (CHINESE,):
        write_again(house, session, document, file, language)
        yield file

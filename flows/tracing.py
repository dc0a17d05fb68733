"""Traces a document: every figure that it prints, what it counts, and the record asked again by SQL.

Called by `duban trace` and the page of a document's figures; changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.kinds import KINDS
from documents.papers.asked import Asked
from documents.trace import trace_document
from engine.reads.documents_page import find_printed
from engine.reads.in_sight import in_sight
from engine.reads.recount import Recounter, Rows
from engine.rules.figure import Change, Figure, Share
from engine.rules.figure_words import figure_words
from engine.rules.sight import Sight
from engine.rules.text import Text
from models import Document, Measure, Round

EVERYTHING = Sight(everything=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """One figure of a document."""

    number: int  #: in the document, from 1
    place: str  #: the heading, table or sheet
    words: str  #: the sentence or cell; the figure between 【 and 】
    shown: str  #: as it is printed
    value: int
    counts: Text  #: in words of the glossary
    as_of: date
    recount: int  #: what the record gives now
    parts: tuple[Rows, ...]  #: the statements and what they gave

    @property
    def agrees(self) -> bool:
        """Whether the record gives what is printed."""
        return self.value == self.recount


def is_same(session: Session, round_: Round, kind: str, asked: Asked, file: Path) -> bool:
    """Say whether making a document anew gives the bytes of a file."""
    with TemporaryDirectory(prefix="duban-trace-") as folder:
        made = Path(folder) / f"again{file.suffix.lower()}"
        KINDS[kind].write(made, session, round_, asked)
        return made.read_bytes() == file.read_bytes()


def trace(session: Session, round_: Round, kind: str, asked: Asked) -> tuple[Traced, ...]:
    """Return the figures of a document, in the order in which they are read."""
    printed = trace_document(kind, session, round_, asked)
    recounter = Recounter(session, round_, printed.until)
    found = []
    for number, one in enumerate(printed.figures, 1):
        again = recounter.recount(one.figure)
        found.append(
            Traced(
                number=number,
                place=one.place,
                words=one.words,
                shown=str(one.figure),
                value=one.figure.value,
                counts=figure_words(one.figure),
                as_of=_day(one.figure, printed.until.on),
                recount=again.value,
                parts=again.parts,
            )
        )
    return tuple(found)


def _day(figure: Figure, of_document: date) -> date:
    """Return the day of a figure; what is made of two stands for the day of the first."""
    source = figure.source
    if isinstance(source, Share):
        return _day(source.part, of_document)
    if isinstance(source, Change):
        return _day(source.now, of_document)
    return figure.at.on if figure.at else of_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The rows behind one statement of a figure."""

    rows: tuple[dict[str, Any], ...]  #: column → value; `text` beside the code of a measure
    hidden: int  #: rows of measures that whoever asks may not see
    of_measures: bool  #: a code is that of a measure


def rows_behind(session: Session, round_id: int, rows: Rows, sight: Sight = EVERYTHING) -> Behind:
    """Return the rows of a statement that somebody may see, and how many they may not."""
    if "code" not in rows.columns:
        every = tuple(dict(zip(rows.columns, row, strict=True)) for row in rows.rows)
        return Behind(rows=every, hidden=0, of_measures=False)
    place = rows.columns.index("code")
    seen = _texts(session, round_id, sight) if "text" not in rows.columns else None
    told = []
    for row in rows.rows:
        line = dict(zip(rows.columns, row, strict=True))
        if seen is None or not row[place]:
            told.append(line)
        elif row[place] in seen:
            told.append(line | {"text": seen[row[place]]})
    return Behind(rows=tuple(told), hidden=len(rows.rows) - len(told), of_measures=seen is not None)


def _texts(session: Session, round_id: int, sight: Sight) -> Mapping[str, str]:
    """Return by code the texts of the measures that somebody sees."""
    query = select(Measure.code, Measure.text).where(Measure.round_id == round_id, *in_sight(sight))
    return dict(session.execute(query).tuples().all())


def find_kept(session: Session, home: Path, document: str) -> Document | None:
    """Return the kept document that somebody names: by its path in DUBAN_HOME, or by a file with its bytes."""
    kept = find_printed(session, path=Path(document).as_posix())
    if kept is not None:
        return kept
    for file in (Path(document), home / document):
        if file.is_file():
            return find_printed(session, digest=sha256(file.read_bytes()).hexdigest())
    return None

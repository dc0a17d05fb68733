"""From files to a running round: tells each file's kind by its content, reads it, and stores what it says.

Called by the command line and by the demo.  Several files are one transaction, the caller's: all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from engine.actions.import_round import import_round
from engine.actions.import_target import ImportGround, feedback_of
from engine.reads.known_names import known_names
from engine.reads.reading_answers import reading_answers
from engine.rules.import_report import ImportReport
from engine.rules.passages import Passage
from engine.rules.plan import Fault, InputRefused, Place, RoundPlan
from engine.rules.text import N_, Text
from intake.kind import Kind, tell_kind
from intake.notice.answers import Answers
from intake.notice.read_notice import NoticeRefused, read_notice_whole
from intake.workbook.ledger_words import Known
from intake.workbook.read_workbook import NOTHING_KNOWN, read_ledger

Busy = Callable[[Text], AbstractContextManager[None]]


class ReadingRefused(InputRefused):
    """Files that cannot be read as they are; where one is a notice, its passages may be answered."""

    def __init__(self, faults: tuple[Fault, ...], passages: Mapping[str, tuple[Passage, ...]]) -> None:
        super().__init__(faults)
        self.passages = passages  #: by file, as the user gave it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One file that was read."""

    file: str  #: as the user gave it
    plan: RoundPlan
    notes: tuple[Text, ...]  #: what was not read, or had to be taken from elsewhere
    passages: tuple[Passage, ...] = ()  #: of a notice: all of its text, and what became of it


def read_source(path: Path, *, year: int | None = None, feedback_on: date | None = None) -> Reading:
    """Return what the file says; `year` or `feedback_on` date a ledger's deadlines that tell no year.

    Raises InputRefused with every fault of the file.
    """
    return _read(path, _kind_of(path), _Aids(year=year, feedback_on=feedback_on))


def known_on_record(session: Session) -> Known:
    """Return what the record knows, so that no cell of a ledger is taken apart that names one thing."""
    units, people, measures = known_names(session)
    return Known(units=units, people=people, measures=measures)


def read_sources(
    paths: Sequence[Path],
    *,
    year: int | None = None,
    feedback_on: date | None = None,
    known: Known = NOTHING_KNOWN,
    answers: Answers | None = None,
    busy: Busy | None = None,
) -> list[Reading]:
    """Read every file, notices first: their feedback dates the ledgers' deadlines.

    `answers` are what people have said that passages of notices are; `busy` is entered around each.  Raises
    InputRefused with the faults of all files; ReadingRefused, where passages of a notice may be answered.
    """
    faults: list[Fault] = []
    shown: dict[str, tuple[Passage, ...]] = {}
    kinds: dict[Path, Kind] = {}
    readings: list[Reading] = []
    aids = _Aids(year=year, feedback_on=feedback_on, known=known, answers=answers)
    for path in paths:
        try:
            kinds[path] = _kind_of(path)
        except InputRefused as refused:
            faults += refused.faults
    for path in sorted(kinds, key=lambda one: kinds[one] != "notice"):
        try:
            with busy(N_("reading {file}", file=path.name)) if busy else nullcontext():
                reading = _read(path, kinds[path], aids)
        except InputRefused as refused:
            faults += refused.faults
            if isinstance(refused, NoticeRefused):
                shown[str(path)] = refused.passages
        else:
            aids = replace(aids, feedback_on=reading.plan.feedback_on or aids.feedback_on)
            readings.append(reading)
    if faults:
        raise ReadingRefused(tuple(faults), shown)
    return readings


def import_files(session: Session, paths: Sequence[Path], ground: ImportGround) -> list[ImportReport]:
    """Store every file, notices first.  Raises InputRefused, or a Refusal; then nothing must be committed."""
    feedback_on = ground.feedback_on or feedback_of(session, ground.round)
    readings = read_sources(
        paths, feedback_on=feedback_on, known=known_on_record(session), answers=reading_answers(session)
    )
    return [import_round(session, one.plan, ground) for one in readings]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aids:
    """What helps to read a file, besides itself."""

    year: int | None = None
    feedback_on: date | None = None
    known: Known = NOTHING_KNOWN
    answers: Answers | None = None


def _read(path: Path, kind: Kind, aids: _Aids) -> Reading:
    if kind == "notice":
        notice = read_notice_whole(path, feedback_on=aids.feedback_on, answers=aids.answers)
        return Reading(file=str(path), plan=notice.plan, notes=notice.notes, passages=notice.passages)
    found = read_ledger(path, year=aids.year, feedback_on=aids.feedback_on, known=aids.known)
    return Reading(file=str(path), plan=found.plan, notes=found.notes)


def _kind_of(path: Path) -> Kind:
    problem = _unreadable(path)
    if problem is not None:
        raise InputRefused((Fault(place=Place(file=str(path)), value=None, message=problem),))
    return tell_kind(path)


def _unreadable(path: Path) -> Text | None:
    """Return why the file cannot even be opened."""
    try:
        if path.is_dir():
            return N_("this is a folder; a file was expected")
        if not path.exists():
            return N_("there is no such file")
        if not path.is_file():
            return N_("this is a device; a file was expected")
        with path.open("rb"):
            return None
    except (OSError, ValueError) as error:
        return N_("the system says: {problem}", problem=getattr(error, "strerror", None) or str(error))

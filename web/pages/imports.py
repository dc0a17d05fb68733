"""Notices and ledgers are uploaded, shown with all that they would change or with every fault, and then taken over.

Nothing is stored before the confirmation: until then the files wait in a folder, and what is shown was rolled back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Annotated, BinaryIO

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response

from engine.actions.answer_reading import answer_reading, mark_of
from engine.actions.expect_version import SeenOther, expect_seen, mark_seen
from engine.actions.import_round import import_as
from engine.actions.import_target import ImportGround, feedback_of
from engine.reads.reading_answers import reading_answers
from engine.rules.import_report import ImportReport, differences, tell_claims
from engine.rules.passages import ANSWERS, NAMES, Became, LineCounts, Passage, count_lines
from engine.rules.plan import Fault, FeedbackUnknown, InputRefused
from engine.rules.record_words import field_change
from engine.rules.refusal import NotFound, Refusal, RoundUnknown
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from intake.import_files import Reading, ReadingRefused, known_on_record, read_sources
from intake.workbook.excerpt import Excerpt, read_excerpts
from web.fields import Number
from web.render import page
from web.troubles import CONFLICT, UNPROCESSABLE, status_of
from web.uploads import Upload, drop_upload, find_upload, keep_upload, tell_feedback, tell_round
from web.visit import Signed, SignedVisit

routes = APIRouter()
SHOWN = 300  #: differences of one file
SHOWN_LINES = 1000  #: of the text of a notice
Cell = Text | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage:
    """What can be uploaded."""

    rounds: tuple[tuple[str, str], ...]
    problem: Text | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """The text of a notice, and what each passage of it became."""

    name: str
    lines: tuple[tuple[int, tuple[tuple[str, Passage], ...]], ...]  #: number, and the passages with their marks
    counts: LineCounts
    left_out: int  #: lines


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePreview:
    """What one file would do."""

    name: str
    report: ImportReport
    claims: tuple[Text, ...]  #: what the text declares, with the sentences that do
    differences: tuple[Text, ...]  #: between what the text declares and what was read
    changes: tuple[tuple[str, Cell, Cell, Cell], ...]  #: code, field, before, after
    left_out: int
    text: ShownText | None  #: of a notice
    notes: tuple[Text, ...]
    lines: tuple[str, ...]  #: marks of `changes`


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """What a confirmation would do, or why there can be none."""

    id: str
    names: tuple[str, ...]
    round: str | None
    files: tuple[FilePreview, ...] = ()
    faults: tuple[Fault, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    texts: tuple[ShownText, ...] = ()  #: of notices in which too little was recognised
    names_of: Mapping[Became, Text] = field(default_factory=lambda: NAMES)
    answers: tuple[Became, ...] = ANSWERS
    problem: Text | None = None
    rounds: tuple[tuple[str, str], ...] = ()  #: to choose from, where nothing tells the round
    asks_feedback: bool = False  #: nothing tells the day of the feedback of a new round
    seen: str = ""  #: marks what is shown: only this is confirmed
    former: frozenset[str] | None = (
        None  #: marks of the differences that were shown before; None: this is the first time
    )


@routes.get("/rounds/import")
def ask(visit: Signed) -> Response:
    """Show the form for files."""
    visit.open(Place.IMPORT)
    return page(visit, "import.html", ImportPage(rounds=visit.rounds))


@routes.post("/rounds/import")
def upload(
    visit: Signed,
    *,
    files: Annotated[list[UploadFile], File()],
    into: Annotated[str, Form()] = "",
    new_code: Annotated[str, Form()] = "",
    feedback_on: Annotated[date | None, Form()] = None,
    year: Annotated[Number | None, Form()] = None,
) -> Response:
    """Keep the files, and lead to the preview."""
    visit.open(Place.IMPORT)
    named: list[tuple[str, BinaryIO]] = [(one.filename, one.file) for one in files if one.filename]
    try:
        number = keep_upload(
            visit.house.home,
            named,
            visit.moment,
            round_code=into or new_code.strip() or None,
            feedback_on=feedback_on,
            year=year,
        )
    except InputRefused as refused:
        return page(visit, "import.html", ImportPage(rounds=visit.rounds, faults=refused.faults), status=UNPROCESSABLE)
    return visit.go(f"/rounds/import/{number}")


@routes.get("/rounds/import/{number}")
def preview(visit: Signed, number: str) -> Response:
    """Show what a confirmation would change; nothing is changed."""
    visit.open(Place.IMPORT)
    return _show(visit, number)


def _show(visit: SignedVisit, number: str, *, former: frozenset[str] | None = None) -> Response:
    waiting = find_upload(visit.house.home, number)
    shown = PreviewPage(id=number, names=tuple(one.name for one in waiting.files), round=waiting.round, former=former)
    try:
        readings, reports = _store(visit, waiting)
    except FeedbackUnknown:
        asking = replace(shown, asks_feedback=True)
        return page(visit, "import_preview.html", asking, status=UNPROCESSABLE)
    except InputRefused as refused:
        faulty = _with_faults(shown, waiting, refused.faults)
        if isinstance(refused, ReadingRefused):
            texts = tuple(_text(Path(name).name, told) for name, told in refused.passages.items())
            faulty = replace(faulty, texts=texts)
        return page(visit, "import_preview.html", faulty, status=UNPROCESSABLE)
    except Refusal as refusal:
        rounds = visit.rounds if isinstance(refusal, RoundUnknown) else ()
        refused_page = replace(shown, problem=refusal.text, rounds=rounds)
        return page(visit, "import_preview.html", refused_page, status=status_of(refusal))
    files = tuple(_preview(one, report) for one, report in zip(readings, reports, strict=True))
    context = replace(shown, files=files, seen=mark_seen(reports), problem=None if former is None else _MEANWHILE)
    return page(visit, "import_preview.html", context, status=200 if former is None else CONFLICT)


_MEANWHILE = N_("the record was changed after this was shown to you: look at what would change now, and confirm that")


@routes.post("/rounds/import/{number}/confirm")
def confirm(
    visit: Signed,
    number: str,
    seen: Annotated[str, Form()] = "",
    lines: Annotated[str, Form()] = "",
    create: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Take the files over with the names to be created, if what they change is what was shown; else show it anew."""
    visit.open(Place.IMPORT)
    waiting = find_upload(visit.house.home, number)
    try:
        _, reports = _store(visit, waiting, seen=seen, create=create or ())
    except SeenOther:
        return _show(visit, number, former=frozenset(lines.split()))
    drop_upload(visit.house.home, number)
    told = N_(
        "taken over: {created} measures new, {updated} changed, {unchanged} as they were",
        created=sum(one.created for one in reports),
        updated=sum(one.updated for one in reports),
        unchanged=sum(one.unchanged for one in reports),
    )
    return visit.go(f"/rounds/{reports[-1].round}/ledger", told)


@routes.post("/rounds/import/{number}/feedback")
def tell(visit: Signed, number: str, feedback_on: Annotated[date, Form()]) -> Response:
    """Keep the day of the feedback beside the files, and show what they would change then."""
    visit.open(Place.IMPORT)
    tell_feedback(visit.house.home, number, feedback_on)
    return visit.go(f"/rounds/import/{number}")


@routes.post("/rounds/import/{number}/answer")
def answer(visit: Signed, number: str, said: Annotated[str, Form()]) -> Response:
    """Keep what a passage of a waiting notice is said to be, and show what the files would change then."""
    visit.open(Place.IMPORT)
    waiting = find_upload(visit.house.home, number)
    mark, _, word = said.partition(" ")
    passage = next((one for one in _passages(visit, waiting) if mark_of(one.text) == mark), None)
    if passage is None or (word and word not in ANSWERS):
        raise NotFound(N_("there is no such passage in these files; look at them anew"))
    with visit.desk() as desk:
        answer_reading(desk, passage.text, Became(word) if word else None)
    return visit.go(f"/rounds/import/{number}#row-{passage.row}")


def _passages(visit: SignedVisit, waiting: Upload) -> list[Passage]:
    try:
        return [passage for one in _read(visit, waiting) for passage in one.passages]
    except ReadingRefused as refused:
        return [passage for told in refused.passages.values() for passage in told]


@routes.post("/rounds/import/{number}/into")
def choose(
    visit: Signed,
    number: str,
    *,
    into: Annotated[str, Form()] = "",
    new_code: Annotated[str, Form()] = "",
    feedback_on: Annotated[date | None, Form()] = None,
) -> Response:
    """Keep the round beside the files, and show what they would change there."""
    visit.open(Place.IMPORT)
    tell_round(visit.house.home, number, into or new_code.strip() or None)
    if feedback_on is not None:
        tell_feedback(visit.house.home, number, feedback_on)
    return visit.go(f"/rounds/import/{number}")


@routes.post("/rounds/import/{number}/discard")
def discard(visit: Signed, number: str) -> Response:
    """Forget the files."""
    visit.open(Place.IMPORT)
    drop_upload(visit.house.home, number)
    return visit.go("/rounds/import", N_("the files are gone; nothing was changed"))


def _store(
    visit: SignedVisit, waiting: Upload, *, seen: str | None = None, create: Collection[str] = ()
) -> tuple[list[Reading], list[ImportReport]]:
    """Read the files, and store them, if what that changes was `seen`; None: roll back what was stored.

    Raises SeenOther, InputRefused or another Refusal.
    """
    readings = _read(visit, waiting)
    with visit.desk(for_good=seen is not None) as desk:
        ground = _ground(visit, waiting)
        plans = [one.plan for one in readings]
        if seen is not None and create:
            with desk.session.begin_nested() as passing:  # what was shown is told without the names to be created
                expect_seen(seen, import_as(desk, plans, ground))
                passing.rollback()
            reports = import_as(desk, plans, replace(ground, create=create))
        else:
            reports = import_as(desk, plans, ground)
            expect_seen(seen, reports)
    return readings, reports


def _read(visit: SignedVisit, waiting: Upload) -> list[Reading]:
    with visit.reading() as session:
        feedback = waiting.feedback_on or feedback_of(session, waiting.round)
        known, said = known_on_record(session), reading_answers(session)
    return read_sources(waiting.files, year=waiting.year, feedback_on=feedback, known=known, answers=said)


def _ground(visit: SignedVisit, waiting: Upload) -> ImportGround:
    return visit.house.import_ground(visit.moment, round_code=waiting.round, feedback_on=waiting.feedback_on)


def _preview(one: Reading, report: ImportReport) -> FilePreview:
    shown = report.changes[:SHOWN]
    return FilePreview(
        name=Path(one.file).name,
        report=report,
        claims=tuple(tell_claims(report.declared_from)),
        differences=tuple(differences(report)),
        changes=tuple((one.code, *field_change(one)) for one in shown),
        lines=tuple(mark_seen(one) for one in shown),
        left_out=max(len(report.changes) - SHOWN, 0),
        text=_text(Path(one.file).name, one.passages) if one.passages else None,
        notes=(*report.kept, *one.notes),
    )


def _text(name: str, passages: Sequence[Passage]) -> ShownText:
    by_line = [
        (row, tuple((mark_of(one.text), one) for one in line)) for row, line in groupby(passages, lambda one: one.row)
    ]
    return ShownText(
        name=name,
        lines=tuple(by_line[:SHOWN_LINES]),
        counts=count_lines(passages),
        left_out=max(len(by_line) - SHOWN_LINES, 0),
    )


def _with_faults(shown: PreviewPage, waiting: Upload, faults: Sequence[Fault]) -> PreviewPage:
    """Return the page with every fault: where a sheet holds it, in the sheet itself, too."""
    named = tuple(replace(one, place=replace(one.place, file=Path(one.place.file).name)) for one in faults)
    excerpts = [one for file in waiting.files for one in read_excerpts(file, named)]
    return replace(shown, faults=named, excerpts=tuple(excerpts))

"""Every kind of document that Duban prints: one registry for the command line, the month's run, reprints and pages.

A kind reads what it needs as of a moment and writes a file; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from documents.agenda import write_agenda
from documents.ledger_book import read_ledger
from documents.official.blocks import Paper
from documents.official.write import FORMS, write_paper
from documents.papers import minutes, notice, plans, report, slips
from documents.papers.asked import Asked
from documents.papers.record import with_record
from documents.write_ledger import write_ledger, write_ledger_csv
from engine.reads.agenda_document import read_agenda
from engine.reads.paper_facts import read_paper_facts
from engine.rules.ladder import parse_ladders
from engine.rules.lights import light_spans
from engine.rules.refusal import NotReady
from engine.rules.text import N_, Text
from engine.rules.vocabulary import WaitsFor
from engine.whole_file import write_whole
from models import Policy, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind."""

    key: str  #: in commands, files and the record of documents
    name: Text
    endings: tuple[str, ...]
    write: Callable[[Path, Session, Round, Asked], None]
    monthly: tuple[str, ...] = ()  #: the forms in which the month's run prints it
    is_bilingual: bool = False  #: printed in the language of the house; the others are in Chinese
    is_signed: bool = False  #: approved by who may sign; a draft until then
    options: frozenset[str] = frozenset()  #: fields of `Asked` that it heeds beside the moment


def _paper(make: Callable[[Session, Round, Asked], Paper]) -> Callable[[Path, Session, Round, Asked], None]:
    return lambda path, session, round_, asked: write_paper(
        path, replace(make(session, round_, asked), recipe=asked.recipe)
    )


def _signed(make: Callable[[Session, Round, Asked], Paper]) -> Callable[[Path, Session, Round, Asked], None]:
    def write(path: Path, session: Session, round_: Round, asked: Asked) -> None:
        paper = with_record(make(session, round_, asked), asked)
        write_paper(path, replace(paper, recipe=asked.recipe), asked.template)

    return write


def _agenda(path: Path, session: Session, round_: Round, asked: Asked) -> None:
    if asked.period is None:
        raise NotReady(N_("an agenda is of one meeting: name its day"))
    printed = read_agenda(session, round_, period=asked.period, version=asked.version)
    write_agenda(path, printed, language=asked.language)


def _ledger(path: Path, session: Session, round_: Round, asked: Asked) -> None:
    writers = {".xlsx": write_ledger, ".csv": write_ledger_csv}
    writers[path.suffix.lower()](
        path,
        read_ledger(session, round_, until=asked.until, calendar=asked.calendar, tells_lateness=asked.tells_lateness),
    )


def _unit_ledgers(path: Path, session: Session, round_: Round, asked: Asked) -> None:
    from documents.unit_ledgers import unit_ledgers  # noqa: PLC0415 - xlsxwriter is only needed here

    facts = read_paper_facts(session, round_, asked.until, asked.calendar)
    before = read_paper_facts(session, round_, facts.before_at, asked.calendar)
    ladder = parse_ladders(session.get_one(Policy, round_.policy_id).ladder).ladders[WaitsFor.DUE_DATE]
    spans = light_spans(ladder, asked.until.on, asked.calendar)
    write_whole(path, unit_ledgers(facts, before, spans))


_ISSUED = frozenset({"issued"})
KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            key="agenda",
            name=N_("agenda"),
            endings=(".docx", ".html", ".md"),
            write=_agenda,
            monthly=(".docx", ".html", ".md"),
            is_bilingual=True,
            options=frozenset({"period"}),
        ),
        Kind(key="ledger", name=N_("ledger"), endings=(".xlsx", ".csv"), write=_ledger, monthly=(".xlsx",)),
        Kind(
            key="unit-ledgers",
            name=N_("ledger of each unit, and what changed since last month"),
            endings=(".xlsx",),
            write=_unit_ledgers,
        ),
        Kind(
            key="minutes",
            name=N_("minutes of a meeting"),
            endings=FORMS,
            write=_signed(minutes.minutes),
            is_signed=True,
            options=_ISSUED | {"period"},
        ),
        Kind(
            key="slip",
            name=N_("slips of a day, or of a measure"),
            endings=FORMS,
            write=_paper(slips.slips),
            options=frozenset({"measure"}),
        ),
        Kind(
            key="lists",
            name=N_("lists of problems, tasks and responsibilities"),
            endings=FORMS,
            write=_signed(plans.three_lists),
            is_signed=True,
            options=_ISSUED,
        ),
        Kind(
            key="timetable",
            name=N_("timetable"),
            endings=FORMS,
            write=_signed(plans.timetable),
            is_signed=True,
            options=_ISSUED,
        ),
        Kind(
            key="task-book",
            name=N_("task book of each unit"),
            endings=FORMS,
            write=_signed(plans.task_book),
            is_signed=True,
            options=_ISSUED | {"unit"},
        ),
        Kind(
            key="road-map",
            name=N_("road map"),
            endings=FORMS,
            write=_signed(plans.road_map),
            is_signed=True,
            options=_ISSUED,
        ),
        Kind(
            key="letter",
            name=N_("responsibility letter of each unit"),
            endings=FORMS,
            write=_signed(plans.responsibility_letters),
            is_signed=True,
            options=_ISSUED | {"unit"},
        ),
        Kind(
            key="report",
            name=N_("monthly progress report"),
            endings=FORMS,
            monthly=(".docx",),
            write=_signed(report.report),
            is_signed=True,
            options=_ISSUED,
        ),
        Kind(
            key="notice",
            name=N_("notice of progress"),
            endings=FORMS,
            write=_signed(notice.notice),
            is_signed=True,
            options=_ISSUED | {"number"},
        ),
    )
}

#: Kinds that are signed; each may have a Word template of the office's own.
SIGNED = frozenset(key for key, kind in KINDS.items() if kind.is_signed)

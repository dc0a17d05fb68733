"""Where every figure of a document stands: read from the very blocks and cells that are printed.

Called by `flows.tracing`, which counts each again.  A kind of document that prints no figures is no kind: a test holds
this table to `documents.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from documents.agenda_layout import agenda_paper
from documents.agenda_view import say_agenda
from documents.ledger import ledger_line
from documents.ledger_book import read_ledger
from documents.official.blocks import Block, Chart, Heading, Paper, Paragraph, Run, Table
from documents.official.told import figures_in, told
from documents.papers import minutes, notice, plans, report, slips
from documents.papers.asked import Asked
from engine.reads.agenda_document import read_agenda
from engine.reads.paper_facts import read_paper_facts
from engine.rules.figure import Figure
from engine.rules.ladder import parse_ladders
from engine.rules.ledger_layout import LEDGER
from engine.rules.lights import light_spans
from engine.rules.moment import Moment
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import WaitsFor
from models import Policy, Round

_AROUND = 18  #: characters of a sentence on either side of a figure
_ENDS = "。；\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A figure at its place."""

    place: str  #: the heading, table or sheet, in the document's own words
    words: str  #: the sentence or cell; the figure between 【 and 】
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The figures of one document, in the order in which they are read."""

    until: Moment  #: for which it stands
    figures: tuple[Placed, ...]


def trace_document(kind: str, session: Session, round_: Round, asked: Asked) -> Printed:
    """Return the figures that a document of this kind prints.  Raises what making it raises."""
    if kind == "agenda":
        return _agenda(session, round_, asked)
    if kind in PAPERS:
        return Printed(until=asked.until, figures=tuple(paper_figures(PAPERS[kind](session, round_, asked))))
    return Printed(until=asked.until, figures=tuple(BOOKS[kind](session, round_, asked)))


def _agenda(session: Session, round_: Round, asked: Asked) -> Printed:
    if asked.period is None:
        raise NotReady(N_("an agenda is of one meeting: name its day"))
    agenda = read_agenda(session, round_, period=asked.period, version=asked.version)
    paper = agenda_paper(say_agenda(agenda, asked.language), agenda.as_of)
    return Printed(until=agenda.frozen or asked.until, figures=tuple(paper_figures(paper)))


def _ledger(session: Session, round_: Round, asked: Asked) -> Iterator[Placed]:
    book = read_ledger(session, round_, until=asked.until, calendar=asked.calendar, tells_lateness=asked.tells_lateness)
    return _found(LEDGER.name, ledger_line(book))


def _unit_ledgers(session: Session, round_: Round, asked: Asked) -> Iterator[Placed]:
    from documents.unit_ledgers import sheets  # noqa: PLC0415 - xlsxwriter is only needed here

    facts = read_paper_facts(session, round_, asked.until, asked.calendar)
    before = read_paper_facts(session, round_, facts.before_at, asked.calendar)
    ladder = parse_ladders(session.get_one(Policy, round_.policy_id).ladder).ladders[WaitsFor.DUE_DATE]
    for sheet in sheets(facts, before, light_spans(ladder, asked.until.on, asked.calendar)):
        yield from _found(sheet.name, sheet.title)
        heads = tuple(sheet.columns)
        for row in sheet.rows:
            for head, value in zip(heads, row, strict=True):
                yield from _found(sheet.name, told(f"{row[1]}｜{head}：", value))


PAPERS: dict[str, Callable[[Session, Round, Asked], Paper]] = {
    "minutes": minutes.minutes,
    "slip": slips.slips,
    "lists": plans.three_lists,
    "timetable": plans.timetable,
    "task-book": plans.task_book,
    "road-map": plans.road_map,
    "letter": plans.responsibility_letters,
    "report": report.report,
    "notice": notice.notice,
}
BOOKS: dict[str, Callable[[Session, Round, Asked], Iterable[Placed]]] = {
    "ledger": _ledger,
    "unit-ledgers": _unit_ledgers,
}
TRACED = frozenset({"agenda", *PAPERS, *BOOKS})


def paper_figures(paper: Paper) -> Iterator[Placed]:
    """Yield the figures of a paper with their places."""
    heading = "".join(paper.title) or paper.about
    for block in paper.body:
        if isinstance(block, Heading):
            heading = block.text
        yield from _block(heading, block)


def _block(heading: str, block: Block) -> Iterator[Placed]:
    if isinstance(block, Heading):
        yield from _found(block.text, block.text)
        yield from _found(block.text, block.rest)
    elif isinstance(block, Paragraph):
        yield from _found(heading, _line(block.runs))
    elif isinstance(block, Table):
        yield from _table(heading, block)
    elif isinstance(block, Chart):
        for series in block.series:
            for label, figure in zip(block.labels, series.figures, strict=True):
                if figure is not None:
                    yield from _found(block.title, told(f"{label}｜{series.name}：", figure))


def _table(heading: str, table: Table) -> Iterator[Placed]:
    """Yield the figures of a table; each is called by the words before it in its row, and by the head above it.

    Of several cells of words the first names the row, where it is more than a number; what follows figures begins anew.
    """
    for row in table.rows:
        name, column, is_new = "", 0, True
        for one in row:
            lines = [_line(line) for line in one.lines]
            words = "、".join(lines)
            if any(map(figures_in, lines)):
                is_new = True
            elif is_new and words and not words.isdigit():
                name, is_new = words[:_AROUND], False
            head = table.heads[column] if table.heads else ""
            for line in lines:
                if figures_in(line):
                    yield from _found(heading, told("｜".join(filter(None, (name, head))), "：", line))
            column += one.across


def _line(runs: Iterable[Run]) -> str:
    return told(*(run.text for run in runs))


def _found(place: str, text: str) -> Iterator[Placed]:
    """Yield the figures of one text, each with the words around it."""
    for span in figures_in(text):
        start = max((text.rfind(end, 0, span.start) for end in _ENDS), default=-1) + 1
        ends = [at for at in (text.find(end, span.end) for end in _ENDS) if at >= 0]
        before, after = text[start : span.start], text[span.end : min(ends, default=len(text))]
        if len(after) > _AROUND:
            after = after[: _AROUND - 1] + "…"
        if len(before) > 2 * _AROUND:
            before = "…" + before[1 - 2 * _AROUND :]
        yield Placed(place=str(place), words=f"{before}【{span.figure}】{after}", figure=span.figure)

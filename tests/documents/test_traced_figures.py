"""Every number of every document is traced, and the record gives it again: by SQL that shares nothing with printing."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.agenda_layout import agenda_paper
from documents.agenda_view import say_agenda
from documents.kinds import KINDS
from documents.official.blocks import Chart, Heading, Paper, Paragraph, Table, Title
from documents.official.told import figures_in
from documents.trace import PAPERS, TRACED, trace_document
from engine.actions.fill_calendar import fill_calendar
from engine.actions.freeze_agenda import freeze_agenda
from engine.actions.snapshot_ledger import snapshot_ledger
from engine.reads.agenda_document import read_agenda
from engine.reads.recount import Recounter
from engine.rules.figure import Figure
from i18n import CHINESE
from intake.calendar.official_calendar import official_days
from models import Decision, Finding, Measure, ProgressReport, Round, WorkingDay
from tests.documents.test_official_papers import DAY, Office, needs, office  # noqa: F401 - the fixture
from tests.factories import at
from tests.world import real_calendar

APRIL, MAY = DAY, date(2025, 5, 10)
#: Numbers that are no figures: days, months and years, document numbers, headings and places in a list, rungs.
NO_FIGURES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\d{4}-\d\d-\d\d",
        r"\d{4}年(\d{1,2}月)?(\d{1,2}日)?",
        r"\d{1,2}月(\d{1,2}日)?",
        r"\d{4}-\d\d督〔\d{4}〕\d+号",
        r"(联系电话|邮政编码|通讯地址|电子邮箱)：.*",
        r"第\d+(期|次|级)",
        r"^\d+(?=\.)",
        r"^（\d+）",
        r"^第\d+版（.*）$",
        r"\d{4}-\d\d会议第＃?",
        r"\d+(\.\d+)+-\d+",
    )
)


@pytest.fixture(scope="module")
def meeting(office: Office) -> Office:  # noqa: F811 - the fixture
    """Add agendas of two months, with the figures kept in between."""
    with office.sessions.begin() as session:
        if session.scalar(select(WorkingDay.day).limit(1)) is None:
            fill_calendar(session, official_days(date(2024, 1, 1), date(2026, 12, 31)), moment=at(DAY))
    for month in (APRIL, MAY):
        with office.sessions.begin() as session:
            number, moment = session.scalar(select(Round.id)), at(month, hour=18)
            assert number is not None
            told = {"round_id": number, "moment": moment, "calendar": real_calendar()}
            freeze_agenda(session, held_on=month, **told)  # type: ignore[arg-type]
            snapshot_ledger(session, period=f"{month:%Y-%m}", **told)  # type: ignore[arg-type]
    return office


def traced(
    office: Office,  # noqa: F811 - the fixture
    key: str,
    session: Session,
    day: date = DAY,
    **told: object,
) -> list[tuple[str, Figure, int]]:
    """Return each figure of a document: its words, itself, and what the record gives."""
    if key == "agenda":
        told = {"period": "2025-05"} | told
    round_ = session.scalars(select(Round)).one()
    printed = trace_document(key, session, round_, office.asked(day, **(needs(key) | told)))
    recounter = Recounter(session, round_, printed.until)
    return [(one.words, one.figure, recounter.recount(one.figure).value) for one in printed.figures]


def test_kinds_when_traced_are_those_of_the_registry():
    assert set(KINDS) == TRACED


@pytest.mark.parametrize("key", sorted(KINDS))
@pytest.mark.parametrize("day", [date(2025, 3, 24), DAY, date(2025, 5, 12)])
def test_figure_when_counted_again_from_the_record_is_what_is_printed(meeting: Office, key: str, day: date):
    if (key, day) == ("minutes", date(2025, 3, 24)):
        return  # the meeting was not held yet
    with meeting.sessions() as session:
        found = traced(meeting, key, session, day)
    assert found
    assert [(words, figure.value, again) for words, figure, again in found if figure.value != again] == []


def is_place(table: Table, column: int) -> bool:
    """Say whether a column only counts the lines of its table."""
    return bool(table.heads) and table.heads[column] == "序号"


def texts_of(paper: Paper) -> Iterator[str]:
    """Yield every text of a paper's body: what a figure may stand in."""
    for block in paper.body:
        if isinstance(block, Title):
            yield from block.lines
        elif isinstance(block, Heading):
            yield from (block.text, block.rest)
        elif isinstance(block, Paragraph):
            yield from (run.text for run in block.runs)
        elif isinstance(block, Table):
            for row in block.rows:
                lines = [(place, line) for place, cell in enumerate(row) for line in cell.lines]
                yield from (run.text for place, line in lines if not is_place(block, place) for run in line)
        elif isinstance(block, Chart):
            yield block.title


def agenda_of(session: Session, round_: Round) -> Paper:
    return agenda_paper(say_agenda(read_agenda(session, round_, period="2025-05"), CHINESE), MAY)


def written(session: Session) -> list[str]:
    """Return what people wrote: numbers in it are theirs."""
    columns = (Measure.text, Finding.text, ProgressReport.text, Decision.text, Round.title)
    found = {text for column in columns for text in session.scalars(select(column)) if re.search(r"\d", text)}
    return sorted((piece for text in found for piece in (text, text.rstrip("。"))), key=len, reverse=True)


@pytest.mark.parametrize("key", ["agenda", *sorted(PAPERS)])
def test_number_when_it_stands_in_a_paper_is_traced_or_is_no_figure(meeting: Office, key: str):
    with meeting.sessions() as session:
        round_ = session.scalars(select(Round)).one()
        asked = meeting.asked(DAY, **needs(key))
        paper = PAPERS[key](session, round_, asked) if key in PAPERS else agenda_of(session, round_)
        quoted = written(session)
    left = []
    for text in texts_of(paper):
        rest = list(text)
        for span in figures_in(text):
            rest[span.start : span.end] = "＃" * (span.end - span.start)
        plain = "".join(rest)
        for piece in quoted:
            plain = plain.replace(piece, "")
        for pattern in NO_FIGURES:
            plain = pattern.sub("", plain)
        if re.search(r"\d", plain):
            left.append((text, plain))
    assert left == []


def test_document_when_written_prints_the_figures_that_are_traced(meeting: Office, tmp_path: Path):
    text = meeting.write("notice", tmp_path / "notice.txt").read_text(encoding="utf-8")
    with meeting.sessions() as session:
        found = traced(meeting, "notice", session)
    for words, figure, _ in found:
        head = re.sub(r"[【】…]", "", words)
        assert head in text, "the words around a figure are those of the document"
        assert str(figure) in text

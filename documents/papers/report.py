"""The monthly progress report (整改工作进展月报): figures against last month, charts, what is late, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from documents.official.blocks import (
    BODY,
    HEITI,
    Block,
    Cell,
    Chart,
    Heading,
    Imprint,
    Paper,
    Paragraph,
    Run,
    Series,
    Signature,
    Table,
    cell,
    middle,
    text,
)
from documents.official.told import Told, told
from documents.official.words import long_day, numbered
from documents.papers.asked import Asked
from documents.papers.phrases import (
    CLOSED,
    day_words,
    due_words,
    kept_late_words,
    state_cell,
    subject,
    totals,
    who_cell,
    within,
)
from engine.reads.paper_facts import MeasurePart, PaperFacts, read_paper_facts
from engine.rules.colours import STATE_COLOURS
from engine.rules.figure import OPEN, UNCANCELLED, Figure, Measures, Record, change_of, share_of
from engine.rules.lateness import Timing
from engine.rules.round_dates import months_later
from engine.rules.vocabulary import Slip, State
from models import Round

T = TypeVar("T")
AHEAD = timedelta(days=31)
_OVERDUE, _DONE, _PLAN = "C8281E", STATE_COLOURS[State.CLOSED].fill[1:].upper(), "51606F"
_SHORT = 14  #: characters of an aspect beside its bar
_FIGURES = {
    "problems_done": "完成整改的问题",
    "items": "具体事项",
    "items_done": "其中：已完成整改",
    "measures": "整改措施",
    "closed": "其中：已销号",
    "verified": "核验通过待销号",
    "submitted": "等待核验",
    "in_progress": "正在整改",
    "assigned": "待签收",
    "overdue": "逾期",
}
_KEPT_LATE = {"done_late": "逾期完成", "handed_in_late": "逾期申请核验"}


def report(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return the report of the month up to the moment."""
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    sections = (_overall, _work, _aspects, _late, _ahead)
    body = [block for number, section in enumerate(sections, 1) for block in section(number, facts)]
    return Paper(
        title=(f"{subject(facts)}工作进展月报", f"（{facts.as_of.year}年{facts.as_of.month}月）"),
        author=facts.organisation,
        as_of=asked.until.on,
        addressee="整改工作领导小组",
        body=(*body, Signature(organisation=f"{facts.organisation}整改工作专班", day=asked.issued)),
        draft=asked.draft,
        imprint=Imprint(
            copies="领导小组成员，各责任单位。", printer="整改工作专班", printed_on=day_words(asked.issued)
        ),
    )


def _overall(number: int, facts: PaperFacts) -> Iterator[Block]:
    yield Heading(text=numbered(1, number, "总体进展"))
    yield text(totals(facts))
    closed, done = (change_of(facts.total(key), facts.total_before(key)) for key in ("closed", "items_done"))
    told_now = told(
        *(f"与{long_day(facts.before_on)}相比，新销号", closed, "条，新完成具体事项", done, "项；"),
        *("逾期", facts.total("overdue"), "条，上月末为", facts.total_before("overdue"), "条。"),
    )
    yield Paragraph(runs=(Run(told_now),), leads=True)
    if facts.tells_lateness and (facts.figures.closed_timed or facts.figures.handed_in_late):
        yield Paragraph(runs=(Run(_kept_late(facts)),), leads=True)
    rows = [(name, facts.total(key), facts.total_before(key)) for key, name in _figures(facts).items()]
    half = len(rows) // 2
    yield Table(
        heads=("项目", "本期", "上月末", "增减") * 2,
        widths=(36, 13, 15, 14) * 2,
        rows=tuple((*_figure(*one), *_figure(*other)) for one, other in zip(rows[:half], rows[half:], strict=True)),
        together=True,
    )
    yield _course(facts)


def _figures(facts: PaperFacts) -> dict[str, str]:
    return _FIGURES | (_KEPT_LATE if facts.tells_lateness else {})


def _kept_late(facts: PaperFacts) -> Told:
    """Return how punctually the closed ones were done."""
    total = facts.total
    in_time, timed = total("done_in_time"), total("closed_timed")
    return told(
        *("有原定期限的已销号措施", timed, "条，按期申请核验", in_time, "条，按期完成率", share_of(in_time, timed)),
        *(
            "；逾期完成",
            total("done_late"),
            "条，其中延期后仍逾期",
            total("done_late_extended"),
            "条；销号日期晚于原定期限",
        ),
        *(total("closed_late"), "条。包括尚未销号的在内，申请核验时已超过期限", total("handed_in_late"), "条。"),
    )


def _figure(name: str, now: Figure, then: Figure) -> tuple[Cell, ...]:
    return cell(name), middle(now), middle(then), middle(change_of(now, then, signed=True))


def _course(facts: PaperFacts) -> Chart:
    """Return what was planned and what was closed, month by month."""
    measures = [one for one in facts.measures() if one.state is not State.CANCELLED]
    last = max((one.due for one in measures if one.due), default=facts.as_of)
    ends: list[date] = []
    month = facts.feedback_on.replace(day=1)
    while month <= max(last, facts.as_of) and len(ends) < 24:  # noqa: PLR2004 - two years are as wide as the paper
        month = months_later(month, 1)
        ends.append(month - timedelta(days=1))
    planned = tuple(facts.count(Measures(states=UNCANCELLED, due_until=end)) for end in ends)
    closed = tuple(_closed_by(facts, end) for end in ends)
    return Chart(
        title="整改措施计划与销号进度（月末累计，条）",
        labels=tuple(f"{end.year % 100}年{end.month}月" for end in ends),
        series=(
            Series(name="计划到期", colour=_PLAN, figures=planned),
            Series(name="实际销号", colour=_DONE, figures=closed),
        ),
        is_course=True,
        height=62,
    )


def _closed_by(facts: PaperFacts, end: date) -> Figure | None:
    """Return how many were closed at a month's end; in the current month, until now; after it nothing is known."""
    return None if end.replace(day=1) > facts.as_of else facts.count(Measures(states=CLOSED, closed_until=end))


def _work(number: int, facts: PaperFacts) -> Iterator[Block]:
    work = facts.work
    yield Heading(text=numbered(1, number, "督办和核验情况"))
    yield text(
        *("领导小组累计召开会议", work.count(Record.MEETING), "次，议定销号", work.count(Record.DECISION, "close")),
        *("条。累计核验通过", work.count(Record.VERIFICATION, "passed"), "次、退回"),
        *(work.count(Record.VERIFICATION, "returned"), "次；同意延期", work.count(Record.EXTENSION, "approved")),
        *("件、不同意延期", work.count(Record.EXTENSION, "refused"), "件。累计发出蓝色督办单"),
        *(work.handed_out(Slip.BLUE), "份、黄色督办单", work.handed_out(Slip.YELLOW), "份、红色督办单"),
        *(work.handed_out(Slip.RED), "份，提交领导小组研究", work.handed_out(Slip.GROUP), "件次。"),
    )


def _aspects(number: int, facts: PaperFacts) -> Iterator[Block]:
    yield Heading(text=numbered(1, number, "分方面、分单位进展"))
    groups = [(one.text, Measures(findings=one.ids(), under=one.text)) for one in facts.findings]
    counts = [(name, _counts(facts, which)) for name, which in groups]
    yield Chart(
        title="各方面整改措施（条）",
        labels=tuple(name if len(name) <= _SHORT else name[: _SHORT - 1] + "…" for name, _ in counts),
        series=(
            Series(name="已销号", colour=_DONE, figures=tuple(one[0] for _, one in counts)),
            Series(name="在办", colour="A9CDF0", figures=tuple(one[1] for _, one in counts)),
            Series(name="逾期", colour=_OVERDUE, figures=tuple(one[2] for _, one in counts)),
        ),
        height=70,
    )
    yield _group_table(facts, "方面", groups)
    units = [(name or "责任单位待明确", Measures(units=(name,))) for name in facts.by_unit()]
    yield _group_table(facts, "责任单位", units)


def _counts(facts: PaperFacts, which: Measures) -> tuple[Figure, Figure, Figure, Figure]:
    """Return how many are closed, open and not late, late, and were done late."""
    return (
        within(facts, which, states=CLOSED),
        within(facts, which, states=OPEN, late=False),
        within(facts, which, late=True),
        within(facts, which, timing=Timing.DONE_LATE),
    )


def _group_table(facts: PaperFacts, name: str, groups: Sequence[tuple[str, Measures]]) -> Table:
    return Table(
        heads=_told(facts, (name, "措施", "已销号", "逾期完成", "在办", "逾期", "完成率")),
        widths=(60, 16, 16, 16, 16, 16, 16) if facts.tells_lateness else (76, 16, 16, 16, 16, 16),
        rows=(
            *(_group_row(facts, name, which, total=False) for name, which in groups),
            _group_row(facts, "合计", Measures(), total=True),
        ),
        together=len(groups) < 12,  # noqa: PLR2004 - a long one breaks
    )


def _group_row(facts: PaperFacts, name: str, which: Measures, *, total: bool) -> tuple[Cell, ...]:
    closed, going, late, done_late = _counts(facts, which)
    face, whole = HEITI if total else BODY, facts.count(which)
    figures = (whole, closed, done_late, going, late, share_of(closed, whole))
    return _told(facts, (cell(name, face=face), *(middle(one, face=face) for one in figures)))


def _told(facts: PaperFacts, row: tuple[T, ...]) -> tuple[T, ...]:
    """Return a row of the table of groups; papers of earlier layouts do without the column of what was done late."""
    return row if facts.tells_lateness else (*row[:3], *row[4:])


def _late(number: int, facts: PaperFacts) -> Iterator[Block]:
    late = sorted((one for one in facts.measures() if one.late), key=lambda one: -one.late)
    yield Heading(text=numbered(1, number, "逾期事项"))
    if late:
        count = facts.count(Measures(late=True))
        yield Paragraph(runs=(Run(told("逾期", count, "条，按逾期时间排列：")),), leads=True)
        yield _measures("最近填报", late, facts.as_of)
    else:
        yield text("本期没有逾期事项。")
    which = Measures(timing=Timing.DONE_LATE)
    done = sorted(filter(which.fits, facts.measures()), key=_closed_after, reverse=True)
    if done:
        count = facts.count(which)
        yield Paragraph(runs=(Run(told("逾期完成", count, "条，按超期时间排列：")),), leads=True)
        yield _done_late(done)


def _closed_after(one: MeasurePart) -> int:
    return (one.lateness and one.lateness.closed_after_original) or 0


def _done_late(measures: Sequence[MeasurePart]) -> Table:
    return Table(
        heads=("编号", "整改措施", "责任单位和经办人", "原定期限", "销号日期", "超期情况"),
        widths=(18, 40, 26, 23, 23, 26),
        rows=tuple(
            (
                middle(one.code),
                cell(one.text),
                who_cell(one.unit, one.owner),
                middle(one.original_due.isoformat() if one.original_due else "—"),
                middle(one.closed_on.isoformat() if one.closed_on else "—"),
                cell(*kept_late_words(one)),
            )
            for one in measures
        ),
    )


def _ahead(number: int, facts: PaperFacts) -> Iterator[Block]:
    until = facts.as_of + AHEAD
    which = Measures(states=OPEN, late=False, due_from=facts.as_of, due_until=until)
    coming = sorted(filter(which.fits, facts.measures()), key=lambda one: one.due or until)
    yield Heading(text=numbered(1, number, "下月安排"))
    if not coming:
        yield text(f"至{long_day(until)}没有到期的措施。")
        return
    count = facts.count(which)
    yield Paragraph(runs=(Run(told(f"至{long_day(until)}到期的在办措施", count, "条：")),), leads=True)
    yield _measures("最近填报", coming, facts.as_of)


def _measures(last: str, measures: Sequence[MeasurePart], as_of: date) -> Table:
    return Table(
        heads=("编号", "整改措施", "责任单位和经办人", "时限", "状态", last),
        widths=(18, 44, 26, 23, 20, 25),
        rows=tuple(
            (
                middle(one.code),
                cell(one.text),
                who_cell(one.unit, one.owner),
                middle(due_words(one)),
                state_cell(one, as_of),
                cell(one.progress or "—"),
            )
            for one in measures
        ),
    )

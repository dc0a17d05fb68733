"""Slips (督办单): a page for each, with a head in the colour of its rung and a receipt to tear off."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from documents.official.blocks import (
    HEITI,
    TITLE_FACE,
    Block,
    Cell,
    NewPage,
    Paper,
    Run,
    Side,
    Table,
    TearLine,
    cell,
    middle,
)
from documents.official.told import Told, told
from documents.official.words import long_day
from documents.papers.asked import Asked
from documents.papers.phrases import NOBODY, due_words, group, listed, state_words
from engine.reads.paper_facts import FindingPart, MeasurePart, PaperFacts, read_paper_facts
from engine.reads.slip_facts import SlipFacts, read_slips
from engine.rules.colours import SLIP_COLOURS
from engine.rules.figure import Days, Figure
from engine.rules.ledger_layout import ROLE_WORDS
from engine.rules.progress import days_late
from engine.rules.refusal import NotFound
from engine.rules.text import N_
from engine.rules.vocabulary import Slip, WaitsFor
from engine.rules.working_days import WorkingCalendar
from models import Round

ANSWER_WITHIN = 3  #: working days
_NAMES = {Slip.BLUE: "蓝色", Slip.YELLOW: "黄色", Slip.RED: "红色", Slip.GROUP: "提交领导小组"}
_WAITS = {
    WaitsFor.ASSIGNMENT: ("分派", "尚未明确经办人"),
    WaitsFor.ACCEPTANCE: ("签收", "尚未签收"),
    WaitsFor.MONTHLY_REPORT: ("月度填报", "尚未填报本期进展"),
    WaitsFor.DUE_DATE: ("整改时限", "尚未完成整改并申请核验"),
    WaitsFor.VERIFICATION: ("核验", "尚未作出核验意见"),
    WaitsFor.EXTENSION: ("延期审批", "尚未答复延期申请"),
    WaitsFor.CLOSE_OUT: ("销号", "尚未研究销号"),
}
_DEMANDS = {
    Slip.BLUE: "请对照时限抓紧推进，按期办结，并同步整理佐证材料。",
    Slip.YELLOW: "请单位负责人过问，排出倒排计划，确保按期办结。",
    Slip.RED: "请立即办理，书面说明未按期办结的原因和补救措施，明确办结日期。",
    Slip.GROUP: "已提请领导小组研究。请责任领导审定书面说明，并在下次会议上报告。",
}
_FORM, _HEIGHT, _SIZE = (25.0, 61.0, 25.0, 45.0), 9.5, 12.0


def slips(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return the slips of a day, or the last one of a measure.  Raises NotFound where there is none."""
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    found = read_slips(session, round_, asked.until, measure=asked.measure)
    if not found and asked.measure:
        raise NotFound(N_("no slip was handed out for {code} until {day}", code=asked.measure, day=asked.until.on))
    if not found:
        raise NotFound(N_("no slip was handed out on {day}", day=asked.until.on))
    places = {one.code: place for finding in facts.findings for one, place in _places(finding, ())}
    measures = {one.code: one for one in facts.measures()}
    body: list[Block] = []
    for slip in found:
        body += [NewPage()] if body else []
        body += _slip(facts, slip, measures[slip.measure], places[slip.measure], asked.calendar)
    return Paper(
        title=(), name="整改督办单", author=facts.organisation, as_of=asked.until.on, body=tuple(body), draft=None
    )


def _places(finding: FindingPart, above: tuple[str, ...]) -> Iterator[tuple[MeasurePart, tuple[str, ...]]]:
    path = (*above, finding.text)
    for one in finding.measures:
        yield one, path
    for below in finding.below:
        yield from _places(below, path)


def _slip(
    facts: PaperFacts, slip: SlipFacts, measure: MeasurePart, place: tuple[str, ...], calendar: WorkingCalendar
) -> list[Block]:
    colour = SLIP_COLOURS[slip.slip].edge[1:].upper()
    ink = "000000" if slip.slip is Slip.YELLOW else "FFFFFF"
    title = (Run(f"整改督办单（{_NAMES[slip.slip]}）", TITLE_FACE, ink),)
    answer = calendar.shift(slip.handed_out_on, ANSWER_WITHIN)
    head = Cell(lines=(title,), side=Side.CENTRE, fill=colour)
    return [
        Table(widths=(sum(_FORM),), rows=((head,),), size=22, height=15),
        _form(tuple(_rows(facts, slip, measure, place, calendar))),
        TearLine(f"……………………　沿此线裁下，于{long_day(answer)}前交回工作专班　……………………"),
        _form(_receipt(_number(facts, slip), measure, colour)),
    ]


def _number(facts: PaperFacts, slip: SlipFacts) -> str:
    return f"{facts.code}督〔{slip.handed_out_on.year}〕{slip.number}号"


def _form(rows: tuple[tuple[Cell, ...], ...]) -> Table:
    return Table(widths=_FORM, rows=rows, size=_SIZE, height=_HEIGHT)


def _rows(
    facts: PaperFacts,
    slip: SlipFacts,
    measure: MeasurePart,
    place: tuple[str, ...],
    calendar: WorkingCalendar,
) -> Iterator[tuple[Cell, ...]]:
    wait, missing = _WAITS[slip.waits_for]
    over = _over(slip, calendar)
    to = listed(dict.fromkeys(f"{name}（{ROLE_WORDS[role][0]}）" if role else name for name, role in slip.receivers))
    yield _name("督办编号"), middle(_number(facts, slip)), _name("发出日期"), middle(long_day(slip.handed_out_on))
    yield _name("主送"), cell(to or NOBODY, across=3)
    yield _name("督办措施"), cell(f"{measure.code}　{measure.text}", across=3)
    yield _name("所属问题"), cell("；".join(place[-2:]), across=3)
    yield _name("责任单位"), middle(measure.unit or NOBODY), _name("责任领导"), middle(measure.lead or NOBODY)
    yield _name("经办人"), middle(measure.owner or NOBODY), _name("整改时限"), middle(due_words(measure))
    yield (
        _name("督办层级"),
        middle(f"{wait}第{slip.rung}级"),
        _name("办理时限"),
        middle(slip.deadline.isoformat(), over),
    )
    yield (
        _name("督办事由"),
        cell(
            told(
                *(f"该事项应于{long_day(slip.deadline)}前办理，至发出之日{missing}，", over),
                *(f"。当前状态：{state_words(measure)}，填报进度", measure.reported(), "%。"),
            ),
            across=3,
        ),
    )
    yield _name("督办要求"), cell(_DEMANDS[slip.slip], across=3)
    yield (
        _name("签发人"),
        middle(""),
        _name("签发单位"),
        middle(group(facts) if slip.slip is Slip.GROUP else "整改工作专班"),
    )


def _over(slip: SlipFacts, calendar: WorkingCalendar) -> Told:
    """Say by how many working days the deadline was passed, or how many were left, on the day of the slip."""
    late = days_late(slip.deadline, slip.handed_out_on, calendar)
    if late:
        days = Days(start=slip.deadline, end=slip.handed_out_on, code=slip.measure)
        return told("逾期", Figure(value=late, source=days), "个工作日")
    left = max(calendar.between(slip.handed_out_on, slip.deadline), 0)
    days = Days(start=slip.handed_out_on, end=slip.deadline, code=slip.measure)
    return told("距时限", Figure(value=left, source=days), "个工作日")


def _receipt(number: str, measure: MeasurePart, colour: str) -> tuple[tuple[Cell, ...], ...]:
    band = Cell(lines=((Run("督办单回执", HEITI, colour),),), side=Side.CENTRE, across=4)
    blank = cell(*[""] * 5, across=3)
    return (
        (band,),
        (_name("督办编号"), middle(number), _name("措施编号"), middle(measure.code)),
        (_name("落实情况"), blank),
        (_name("办结日期"), middle(""), _name("收到日期"), middle("")),
        (_name("负责人签字"), middle(""), _name("单位盖章"), middle("")),
    )


def _name(told: str) -> Cell:
    return middle(told, face=HEITI)

"""The published notice of progress (整改进展情况通报): how the work was led, what was done problem by problem, totals.

Its structure is that of published notices, so `duban import` reads it back: the same aspects, problems, items and
measures, and the totals that it declares.  Accountability outcomes are restricted, and told by nobody here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy.orm import Session

from documents.official.blocks import Block, Head, Heading, Imprint, Paper, Run, Signature, text
from documents.official.blocks import Paragraph as TextParagraph
from documents.official.told import Told, told
from documents.official.words import long_day, numbered, numeral
from documents.papers.asked import Asked
from documents.papers.phrases import CLOSED, day_words, group, kept_late_words, listed, totals
from engine.reads.paper_facts import FindingPart, MeasurePart, PaperFacts, read_paper_facts
from engine.rules.figure import OPEN, Figure, Measures, Record, Units
from engine.rules.lateness import Timing
from engine.rules.vocabulary import Slip, State, UnitKind
from models import Round

#: Words that count within what people wrote: read back, they would begin a measure of their own.
_ORDINAL = re.compile(r"(?:(?<=^)|(?<=[。；;，,：:、！？!?\s]))([一二三四五六七八九十]{1,3})(?:是|要)")
_END = re.compile(r"[\s。；;，,、]+$")
DONE = 100  #: percent


def notice(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return the notice."""
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    return Paper(
        title=(facts.title,),
        author=facts.organisation,
        as_of=asked.until.on,
        head=Head(mark=f"{facts.organisation}文件", number=asked.number),
        body=(
            text(_opening(facts)),
            *_leading(facts),
            *_findings(facts),
            text(totals(facts)),
            *_next(facts),
            *_contacts(facts),
            Signature(organisation=facts.organisation, day=asked.issued),
        ),
        draft=asked.draft,
        imprint=Imprint(copies=None, printer=f"{facts.organisation}办公室", printed_on=day_words(asked.issued)),
    )


def _opening(facts: PaperFacts) -> Told:
    first, last = facts.inspected
    body = facts.inspecting_body or "上级检查组"
    span = f"{long_day(first)}至{_short(last, first)}，" if first and last else ""
    extended = [name for name, kind in facts.units if kind is UnitKind.EXTENDED]
    count = Figure(value=len(extended), source=Units(kind=UnitKind.EXTENDED))
    reach = (f"，并延伸了解{listed(extended)}等", count, "家单位") if extended else ()
    return told(
        f"{span}{body}对{facts.organisation}{'进行了巡视' if '巡视' in body else '进行了检查'}",
        *reach,
        f"，于{long_day(facts.feedback_on)}反馈意见。依照党务公开有关规定，现将整改进展情况公布如下。",
    )


def _short(day: date, first: date) -> str:
    return long_day(day) if day.year != first.year else f"{day.month}月{day.day}日"


def _leading(facts: PaperFacts) -> Iterator[Block]:
    work = facts.work
    answering = Figure(value=len([unit for unit in facts.by_unit() if unit]), source=Units())
    yield Heading(text=numbered(1, 1, "整改工作组织推进情况"))
    yield Heading(text=numbered(2, 1, "分解任务，落实责任"), level=2)
    yield text(
        f"{group(facts)}对照反馈意见建立统一台账，把反馈内容逐条拆解为可检查、可核验的具体事项和措施，分别落实到",
        answering,
        "家责任单位，每条措施明确责任领导、经办人和完成时限。",
    )
    yield Heading(text=numbered(2, 2, "定期调度，分级督办"), level=2)
    yield text(
        *("领导小组先后", work.count(Record.MEETING), "次开会研究整改，对议定事项逐次检查落实。"),
        *("对临近时限和超过时限的措施分级督办，累计发出黄色督办单", work.handed_out(Slip.YELLOW)),
        *("份、红色督办单", work.handed_out(Slip.RED), "份，提交领导小组", work.handed_out(Slip.GROUP)),
        *("件次；延期申请从严审批，同意", work.count(Record.EXTENSION, "approved"), "件，未予同意"),
        *(work.count(Record.EXTENSION, "refused"), "件。"),
    )
    yield Heading(text=numbered(2, 3, "独立核验，集体销号"), level=2)
    yield text(
        "核验人与经办人、责任单位分离，对照佐证材料和现场情况逐条核验，累计通过",
        *(work.count(Record.VERIFICATION, "passed"), "次，退回重办"),
        *(work.count(Record.VERIFICATION, "returned"), "次；核验通过的措施由领导小组会议决定销号，"),
        *(f"截至{long_day(facts.as_of)}销号", facts.total("closed"), "条"),
        *(("，其中逾期完成", facts.total("done_late"), "条。") if facts.tells_lateness else ("。",)),
    )


def _findings(facts: PaperFacts) -> Iterator[Block]:
    yield Heading(text=numbered(1, 2, "集中整改进展情况"))
    for number, aspect in enumerate(facts.findings, 1):
        yield Heading(text=numbered(2, number, f"关于“{aspect.text}”问题的整改"), level=2)
        for place, problem in enumerate(aspect.below, 1):
            yield Heading(
                text=numbered(3, place, f"针对“{problem.text}”的问题。"), level=3, rest=_told(problem.measures)
            )
            for part, item in enumerate(problem.below, 1):
                yield _item(part, item)


def _item(number: int, item: FindingPart) -> Block:
    name = numbered(4, number, f"关于“{item.text}”的问题。")
    return TextParagraph(runs=(Run(name), Run(_told(item.measures))))


def _told(measures: Sequence[MeasurePart]) -> Told:
    """Return the measures as the clauses of a paragraph."""
    return told(
        *(
            part
            for number, one in enumerate(measures, 1)
            for part in (f"{numeral(number)}是{_sentence(one.text)}。{_progress(one)}", *_kept_late(one))
        )
    )


def _kept_late(one: MeasurePart) -> Iterator[str]:
    """Yield the sentence on how late a measure was closed, where it was handed in late."""
    if one.state is State.CLOSED and (kept := kept_late_words(one)) and Timing.DONE_LATE in one.timings:
        yield told("该项", kept[0], "。")


def _progress(one: MeasurePart) -> str:
    """Say what became of a measure; a report is told as long as it is the last word on it."""
    if one.state is State.CLOSED:
        report = f"{_sentence(one.progress)}。" if one.progress and one.percent == DONE else ""
        return report or (f"该项已于{one.closed_on.month}月完成销号。" if one.closed_on else "该项已销号。")
    if one.state is State.CANCELLED:
        return "该项经领导小组研究不再单独实施。"
    if one.state is State.VERIFIED:
        return "该项已通过核验，待研究销号。"
    if one.state is State.SUBMITTED:
        return "该项已提交佐证材料，正在核验。"
    late = f"该项已超过{long_day(one.due)}的时限，正在抓紧办理。" if one.late and one.due else ""
    return late + (f"目前进展：{_sentence(one.progress)}。" if one.progress else "" if late else "该项正在推进。")


def _sentence(told: str) -> str:
    """Return what a person wrote as the beginning of a sentence: on one line, and counting nothing by 一是.

    >>> _sentence("初稿已成；二是征求意见。 ")
    '初稿已成；其二，征求意见'
    """
    line = _END.sub("", " ".join(told.split()))
    return _ORDINAL.sub(lambda found: f"其{found[1]}，", line)


def _next(facts: PaperFacts) -> Iterator[Block]:
    left = facts.count(Measures(states=OPEN))
    late = facts.count(Measures(states=OPEN, late=True))
    lasting = facts.count(Measures(states=OPEN, dated=False))
    yield Heading(text=numbered(1, 3, "下一步工作安排"))
    yield Heading(text=numbered(2, 1, "紧盯尚未完成的措施"), level=2)
    if left.value:
        yield text(
            *("对在办的", left, "条逐条盯办，其中超过时限的", late, "条由责任领导说明原因并限期办结，需要长期坚持的"),
            *(lasting, "条纳入日常工作定期检查，不降低要求，不放宽时限。"),
        )
    else:
        yield text("全部措施办结后继续跟踪成效，防止松劲。")
    yield Heading(text=numbered(2, 2, "开展整改“回头看”"), level=2)
    yield text(
        "对已经销号的",
        facts.count(Measures(states=CLOSED)),
        "条在一年内分批复查，看制度是否执行、成效是否保持，发现反弹的重新列入台账。",
    )


def _contacts(facts: PaperFacts) -> Iterator[Block]:
    names = {"telephone": "联系电话", "email": "电子邮箱", "address": "通讯地址", "postcode": "邮政编码"}
    told = [(name, facts.contacts[key]) for key, name in names.items() if facts.contacts.get(key)]
    if told:
        yield text("欢迎干部群众对整改落实情况进行监督，意见建议可通过下列方式反映。")
        for name, value in told:
            yield text(f"{name}：{value}")

"""The minutes of a meeting of the leading group (会议纪要): what it heard, decided and said, and who was there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from documents.agenda_words import with_days
from documents.official.blocks import (
    HEITI,
    Block,
    Cell,
    Head,
    Heading,
    Imprint,
    Paper,
    Paragraph,
    Run,
    Table,
    cell,
    middle,
    text,
)
from documents.official.told import told
from documents.official.words import long_day, numbered, numeral
from documents.papers.asked import Asked
from documents.papers.phrases import NOBODY, day_words, group
from engine.reads.minutes_facts import MinutesDecision, MinutesFacts, read_minutes
from engine.reads.paper_facts import MeasurePart, PaperFacts, read_paper_facts
from engine.reads.recused import RecusedLine
from engine.rules.figure import Figure, Record, Records, share_of
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from i18n import CHINESE, say
from models import DecisionKind, Round

#: In the order in which minutes tell them: the name, and what was decided.
_DECIDED: dict[DecisionKind, tuple[str, str]] = {
    DecisionKind.CLOSE: ("同意销号", "下列整改措施经核验达到销号条件，会议同意予以销号。"),
    DecisionKind.EXTEND: ("同意延期", "下列整改措施确有客观原因，会议同意调整完成时限，原定时限留存备查。"),
    DecisionKind.REFUSE_EXTENSION: ("不同意延期", "下列延期申请理由不充分，会议决定维持原定时限。"),
    DecisionKind.REASSIGN: ("调整责任人", "会议决定调整下列整改措施的经办人，工作交接由责任单位负责。"),
    DecisionKind.MERGE: ("合并实施", "下列整改措施内容相近，会议同意并入其他措施实施。"),
    DecisionKind.CANCEL: ("不再实施", "会议同意下列整改措施不再实施，理由记录在案。"),
    DecisionKind.ACCEPT_RISK: ("确认风险", "会议确认下列事项的剩余风险，由责任单位持续关注。"),
    DecisionKind.TASK: ("交办事项", "会议交办下列事项，由工作专班跟踪落实并在下次会议上报告。"),
}
_WIDTHS, _TASK_WIDTHS = (12, 22, 66, 28, 28), (12, 92, 26, 26)


def minutes(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return the minutes.  Raises NotFound where there is no such meeting, NotReady before it was held."""
    if asked.period is None:
        raise NotReady(N_("minutes are of one meeting: name its day"))
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    meeting = read_minutes(session, round_, asked.period, asked.until)
    if meeting.held_on > asked.until.on:
        raise NotReady(N_("the meeting of {day} was not held yet", day=meeting.held_on))
    return Paper(
        title=(facts.organisation, f"整改工作领导小组第{numeral(meeting.issue)}次会议纪要"),
        author=facts.organisation,
        as_of=asked.until.on,
        head=Head(mark="领导小组会议纪要", number=f"第{meeting.issue}期", opposite=long_day(meeting.held_on)),
        body=tuple(_body(facts, meeting)),
        draft=asked.draft,
        imprint=Imprint(
            copies="领导小组成员，各责任单位，纪检监督机构。",
            printer=f"{facts.organisation}整改工作专班",
            printed_on=day_words(asked.issued),
        ),
    )


def _body(facts: PaperFacts, meeting: MinutesFacts) -> Iterator[Block]:
    total = facts.total
    yield text(
        f"{long_day(meeting.held_on)}，{group(facts)}召开第{numeral(meeting.issue)}次会议，"
        f"听取整改进展情况汇报，逐项研究提交会议的事项。现将会议情况纪要如下。"
    )
    yield Heading(text=numbered(1, 1, "整改进展情况"))
    yield text(
        *(f"会议听取了工作专班的汇报。截至{long_day(facts.as_of)}，", total("items"), "项具体事项已完成整改"),
        *(total("items_done"), "项，", total("measures"), "条整改措施已销号", total("closed"), "条，占"),
        *(share_of(total("closed"), total("measures")), "；正在整改", total("in_progress"), "条，等待核验"),
        *(total("submitted"), "条，核验通过待销号", total("verified"), "条，逾期", total("overdue"), "条。"),
    )
    yield Heading(text=numbered(1, 2, "会议议定事项"))
    if not meeting.decisions:
        yield text("会议没有议定事项。")
    else:
        yield from _decisions(meeting, {one.code: one for one in facts.measures()})
    if meeting.text:
        yield Heading(text=numbered(1, 3, "会议讨论情况和有关要求"))
        for line in meeting.text.splitlines():
            if line.strip():
                yield text(line.strip())
    yield text("")
    yield Paragraph(runs=(Run("出席：", HEITI), Run("，".join(meeting.present.split("\n")) or "　")))
    if meeting.written_by:
        yield Paragraph(runs=(Run("记录：", HEITI), Run(meeting.written_by)))


def _decisions(meeting: MinutesFacts, measures: Mapping[str, MeasurePart]) -> Iterator[Block]:
    number = 0
    for kind, (name, sentence) in _DECIDED.items():
        decided = [one for one in meeting.decisions if one.kind is kind]
        if not decided:
            continue
        number += 1
        source = Records(record=Record.DECISION, outcome=kind.value, period=meeting.period)
        count = Figure(value=len(decided), source=source)
        yield Heading(text=told(numbered(2, number, name), count, "项"), level=2)
        yield Paragraph(runs=(Run(sentence),), leads=True)
        if kind is DecisionKind.TASK:
            rows = tuple(_task(place, one) for place, one in enumerate(decided, 1))
            yield Table(heads=("序号", "交办事项", "责任人", "办结时限"), widths=_TASK_WIDTHS, rows=rows)
        else:
            rows = tuple(_row(place, one, measures) for place, one in enumerate(decided, 1))
            yield Table(heads=("序号", "编号", "整改措施", "责任单位", "议定意见"), widths=_WIDTHS, rows=rows)


def _task(place: int, one: MinutesDecision) -> tuple[Cell, ...]:
    due = one.due.isoformat() if one.due else NOBODY
    return middle(str(place)), cell(one.text), middle(one.owner or NOBODY), middle(due)


def _row(place: int, one: MinutesDecision, measures: Mapping[str, MeasurePart]) -> tuple[Cell, ...]:
    measure = measures.get(one.measure or "")
    new = [f"时限：{one.due.isoformat()}"] if one.due else []
    owner = [f"经办人：{one.owner}"] if one.owner else []
    return (
        middle(str(place)),
        middle(one.measure or "—"),
        cell(measure.text if measure else "—"),
        middle(measure.unit or NOBODY if measure else "—"),
        cell(one.text, *new, *owner, *_recused(one.recused)),
    )


def _recused(recused: tuple[RecusedLine, ...]) -> list[str]:
    """Return the lines that say who did not decide, and whether who wrote it down had worked on the measure."""
    members = "，".join(_why(one) for one in recused if one.is_member)
    return [
        *([f"回避：{members}"] if members else []),
        *(f"记录：{_why(one)}" for one in recused if not one.is_member),
    ]


def _why(one: RecusedLine) -> str:
    return f"{one.person}（{say(with_days(one.why), CHINESE)}）"

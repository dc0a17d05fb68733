"""What a plan of rectification consists of: the three lists, timetable, task book, road map, responsibility letters.

All from the ledger as it stood at a moment; tables on A4 turned, but for the letters, which are signed upright.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from documents.official.blocks import (
    HEITI,
    KAITI,
    Block,
    Cell,
    Gap,
    Heading,
    NewPage,
    Paper,
    Paragraph,
    Run,
    Table,
    Title,
    cell,
    middle,
    text,
)
from documents.official.told import told
from documents.official.words import long_day, numbered
from documents.papers.asked import Asked
from documents.papers.phrases import (
    CLOSED,
    LATE_FILL,
    NOBODY,
    OPEN_END,
    class_words,
    day_words,
    due_words,
    listed,
    state_cell,
    subject,
    who_cell,
    within,
)
from engine.reads.paper_facts import FindingPart, MeasurePart, PaperFacts, read_paper_facts
from engine.rules.colours import STATE_COLOURS
from engine.rules.figure import OPEN, UNCANCELLED, Figure, Findings, Measures, share_of
from engine.rules.refusal import NotFound
from engine.rules.round_dates import months_later
from engine.rules.text import N_
from engine.rules.vocabulary import Level, State
from models import Round

MOST_MONTHS = 12  #: columns of the road map; what is due later stands in one more


def three_lists(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return the lists of problems, tasks and responsibilities."""
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    return _turned(facts, asked, "问题清单、任务清单、责任清单", _lists(facts))


def timetable(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return the measures by the month in which they are due."""
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    return _turned(facts, asked, "整改时间表", _months(facts))


def task_book(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return what each unit has to do."""
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    return _turned(facts, asked, "整改任务书", _tasks(facts, asked))


def road_map(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return the way from the feedback to the last due date, problem by problem and month by month."""
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    return _turned(facts, asked, "整改路线图", _map(facts))


def responsibility_letters(session: Session, round_: Round, asked: Asked) -> Paper:
    """Return a letter for each unit, to be signed by both sides."""
    facts = read_paper_facts(session, round_, asked.until, asked.calendar, tells_lateness=asked.tells_lateness)
    body: list[Block] = []
    for unit, measures in _units(facts, asked):
        body += [*([NewPage()] if body else []), Title(lines=(facts.organisation, "整改责任状"))]
        body += _letter(facts, asked, unit, measures)
    return Paper(
        title=(),
        name="整改责任状",
        author=facts.organisation,
        as_of=asked.until.on,
        body=tuple(body),
        draft=asked.draft,
    )


def _turned(facts: PaperFacts, asked: Asked, name: str, body: Iterable[Block]) -> Paper:
    return Paper(
        title=(f"{subject(facts)}{name.removeprefix('整改')}",),
        author=facts.organisation,
        as_of=asked.until.on,
        body=(
            Paragraph(
                runs=(Run(f"{facts.organisation}　　数据截至{long_day(facts.as_of)}", KAITI),), indent=False, leads=True
            ),
            *body,
        ),
        draft=asked.draft,
        landscape=True,
    )


def _lists(facts: PaperFacts) -> Iterator[Block]:
    yield Heading(text=numbered(1, 1, "问题清单"))
    yield Table(
        heads=("序号", "方面", "问题", "具体事项", "牵头领导", "责任单位", "措施", "已销号"),
        widths=(12, 46, 44, 50, 22, 29, 11, 11),
        rows=tuple(_problem_rows(facts)),
    )
    yield NewPage()
    yield Heading(text=numbered(1, 2, "任务清单"))
    yield _task_table(facts.measures(), facts.as_of)
    yield NewPage()
    yield Heading(text=numbered(1, 3, "责任清单"))
    yield Table(
        heads=("序号", "责任单位", "责任领导", "经办人", "牵头措施", "已销号", "逾期", "配合措施", "负责人签字"),
        widths=(12, 44, 38, 47, 17, 14, 12, 17, 24),
        rows=tuple(_unit_rows(facts)),
    )


def _problem_rows(facts: PaperFacts) -> Iterator[tuple[Cell, ...]]:
    number = 0
    for aspect in facts.findings:
        for problem in aspect.below or (aspect,):
            for item in problem.below or (problem,):
                number += 1
                measures, which = list(item.all_measures()), Measures(findings=item.ids(), under=item.text)
                yield (
                    middle(str(number)),
                    cell(aspect.text),
                    cell(problem.text if problem is not aspect else ""),
                    cell(item.text if item is not problem else ""),
                    who_cell(*dict.fromkeys(one.lead for one in measures)),
                    who_cell(*dict.fromkeys(one.unit for one in measures)),
                    middle(facts.count(which)),
                    middle(within(facts, which, states=CLOSED)),
                )


def _task_table(measures: Sequence[MeasurePart], as_of: date) -> Table:
    return Table(
        heads=("编号", "整改措施", "类型", "责任单位", "责任领导", "经办人", "配合单位", "整改时限", "状态"),
        widths=(19, 69, 17, 26, 16, 15, 19, 23, 21),
        rows=tuple(
            (
                middle(one.code),
                cell(one.text),
                middle(class_words(one)),
                who_cell(one.unit),
                who_cell(one.lead),
                who_cell(one.owner),
                middle(listed(one.co_units) or "—"),
                middle(due_words(one)),
                state_cell(one, as_of),
            )
            for one in measures
        ),
    )


def _unit_rows(facts: PaperFacts) -> Iterator[tuple[Cell, ...]]:
    helped = Counter(unit for one in facts.measures() for unit in one.co_units)
    own = facts.by_unit()
    names = [name for name, _ in facts.units if name in own or helped[name]] + [None] * (None in own)
    for number, name in enumerate(names, 1):
        measures, which = own.get(name, []), Measures(units=(name,))
        late = within(facts, which, late=True)
        yield (
            middle(str(number)),
            cell(name or NOBODY),
            cell(listed(dict.fromkeys(one.lead for one in measures if one.lead)) or "—"),
            cell(listed(dict.fromkeys(one.owner for one in measures if one.owner)) or "—"),
            middle(facts.count(which)),
            middle(within(facts, which, states=CLOSED)),
            middle(late, fill=LATE_FILL if late.value else None),
            middle(facts.count(Measures(co_unit=name)) if name else "—"),
            cell(""),
        )


def _months(facts: PaperFacts) -> Iterator[Block]:
    months: dict[tuple[int, int] | None, list[MeasurePart]] = defaultdict(list)
    for one in facts.measures():
        months[(one.due.year, one.due.month) if one.due else None].append(one)
    ordered = sorted(months.items(), key=lambda one: one[0] or (9999, 0))
    for number, (month, measures) in enumerate(ordered, 1):
        name = f"{month[0]}年{month[1]}月" if month else f"{OPEN_END}或时限待定"
        which = _due_in(date(*month, 1)) if month else Measures(dated=False)
        closed = within(facts, which, states=CLOSED)
        yield Heading(text=told(numbered(1, number, name), "（", facts.count(which), "条，已销号", closed, "条）"))
        yield _task_table(sorted(measures, key=lambda one: one.due or date.max), facts.as_of)


def _due_in(start: date) -> Measures:
    """Return those that are due in the month that begins so."""
    return Measures(due_from=start, due_until=months_later(start, 1) - timedelta(days=1))


def _units(facts: PaperFacts, asked: Asked) -> list[tuple[str | None, list[MeasurePart]]]:
    """Return the units asked for with their measures.  Raises NotFound for one without any."""
    found = [(name, measures) for name, measures in facts.by_unit().items() if asked.unit in {None, name}]
    if not found:
        raise NotFound(N_("no measure belongs to a unit {name}", name=asked.unit or ""))
    return found


def _tasks(facts: PaperFacts, asked: Asked) -> Iterator[Block]:
    for number, (unit, measures) in enumerate(_units(facts, asked), 1):
        if number > 1:
            yield NewPage()
        which = Measures(units=(unit,))
        sentence = told(
            *("承担整改措施", facts.count(which), "条，已销号", within(facts, which, states=CLOSED), "条，在办"),
            *(within(facts, which, states=OPEN), "条，逾期", within(facts, which, late=True), "条。"),
        )
        yield Heading(text=numbered(1, number, unit or "责任单位待明确"))
        yield Paragraph(runs=(Run(sentence),), leads=True)
        yield _task_table(measures, facts.as_of)
        yield Paragraph(runs=(Run("单位负责人（签字）：　　　　　　　　　　　　日期：　　　　年　　月　　日"),))


def _map(facts: PaperFacts) -> Iterator[Block]:
    starts = _columns(facts)
    heads = (
        "问题",
        *(
            f"{one.month}月" if place and one.month > 1 else f"{one.year}年{one.month}月"
            for place, one in enumerate(starts)
        ),
    )
    later = any(one.due and one.due >= months_later(starts[-1], 1) for one in facts.measures())
    ends = (*(("以后",) if later else ()), "长期", "合计")
    narrow, last = 14.0, 18.0
    first = 225 - narrow * (len(starts) + len(ends) - 1) - last
    yield Paragraph(
        runs=(
            Run(
                f"各格为“已销号条数／当月到期条数”：绿色为全部销号，红色为有逾期，蓝色为尚未到期或正在办理。"
                f"反馈日{long_day(facts.feedback_on)}，集中整改截止{long_day(facts.concentrated_end)}。"
            ),
        ),
        leads=True,
    )
    yield Table(
        heads=(*heads, *ends),
        widths=(first, *(narrow for _ in (*starts, *ends[1:])), last),
        rows=tuple(_map_rows(facts, starts, later=later)),
    )


def _columns(facts: PaperFacts) -> list[date]:
    first = min((one.due for one in facts.measures() if one.due), default=facts.feedback_on)
    last = max((one.due for one in facts.measures() if one.due), default=facts.report_due)
    start = min(first, facts.feedback_on).replace(day=1)
    count = (last.year - start.year) * 12 + last.month - start.month + 1
    return [months_later(start, number) for number in range(min(max(count, 1), MOST_MONTHS))]


def _map_rows(facts: PaperFacts, starts: Sequence[date], *, later: bool) -> Iterator[tuple[Cell, ...]]:
    for number, aspect in enumerate(facts.findings, 1):
        across = 1 + len(starts) + later + 2
        yield (cell(numbered(1, number, aspect.text), face=HEITI, across=across, fill="F2F2F2"),)
        for problem in aspect.below or (aspect,):
            yield (cell(problem.text), *_steps(facts, problem, starts, later=later))


def _steps(facts: PaperFacts, problem: FindingPart, starts: Sequence[date], *, later: bool) -> Iterator[Cell]:
    every = Measures(states=UNCANCELLED, findings=problem.ids(), under=problem.text)
    for start in starts:
        span = _due_in(start)
        yield _step(facts, replace(every, due_from=span.due_from, due_until=span.due_until))
    if later:
        yield _step(facts, replace(every, due_from=months_later(starts[-1], 1)))
    yield _step(facts, replace(every, dated=False))
    yield middle(told(within(facts, every, states=CLOSED), "／", facts.count(every)), face=HEITI)


def _step(facts: PaperFacts, which: Measures) -> Cell:
    count, closed = facts.count(which), within(facts, which, states=CLOSED)
    if not count.value:
        return middle("")
    state = State.CLOSED if closed.value == count.value else State.IN_PROGRESS
    fill = LATE_FILL if within(facts, which, late=True).value else STATE_COLOURS[state].pale[1:]
    return middle(told(closed, "／", count), fill=fill)


def _letter(facts: PaperFacts, asked: Asked, unit: str | None, measures: list[MeasurePart]) -> Iterator[Block]:
    name = unit or "（责任单位待明确）"
    problems = sum(
        any(one.unit == unit for one in problem.all_measures())
        for aspect in facts.findings
        for problem in (aspect.below or (aspect,))
        if problem.level is not Level.ITEM
    )
    last = max((one.due for one in measures if one.due), default=None)
    ending = f"最迟一条应于{long_day(last)}前完成" if last else "均为长期坚持事项"
    yield Heading(text=numbered(1, 1, "责任范围"))
    which = Measures(units=(unit,))
    closed, whole = within(facts, which, states=CLOSED), facts.count(which)
    counted = Figure(value=problems, source=Findings(level=Level.PROBLEM, units=(unit,)))
    yield text(
        *(f"{name}承担{subject(facts)}中", counted, "个问题的", whole, f"条整改措施，{ending}。"),
        *(f"截至{long_day(facts.as_of)}已销号", closed, "条（", share_of(closed, whole)),
        "），措施编号和时限见任务清单。",
    )
    yield Heading(text=numbered(1, 2, "责任要求"))
    for number, demand in enumerate(
        (
            "单位主要负责人对本单位整改负总责，责任领导对所分管措施的进度和质量负责，经办人对填报和佐证材料的真实性负责。",
            "每月按时填报进展；预计不能按期完成的，在时限届满前提出延期申请，不得先逾期后补办。",
            "申请核验时一并提交佐证材料，接受现场检查；被退回的在规定时间内补改到位。",
            "销号后一年内配合“回头看”，问题反弹的重新整改，并按规定追究责任。",
        ),
        1,
    ):
        yield text(numbered(3, number, demand))
    yield Gap(10)
    yield Table(
        widths=(39, 39, 39, 39),
        size=12,
        height=10,
        together=True,
        rows=(
            (middle("交责方", face=HEITI), middle("整改工作领导小组"), middle("承责方", face=HEITI), middle(name)),
            (middle("组　长", face=HEITI), middle(""), middle("主要负责人", face=HEITI), middle("")),
            (
                middle("日期", face=HEITI),
                middle(day_words(asked.issued)),
                middle("日期", face=HEITI),
                middle(day_words(asked.issued)),
            ),
        ),
    )

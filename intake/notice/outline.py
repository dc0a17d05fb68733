"""The grammar of a notice's findings: numbered lines become aspects, problems, items and measures.

Levels are recognised by numbering and wording, never by one file's layout: which kind of number stands for which level
is found out from where the headings stand that name a problem (关于…的问题, 针对…的问题).  Called by `read_notice`;
knows lines, not files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, takewhile

from engine.rules.ledger_layout import Field
from engine.rules.passages import Became
from engine.rules.vocabulary import Level, MeasureClass
from intake.notice.asides import Aside, hide, is_mark, match, standing_aside
from intake.notice.clauses import Clause, go_on, has_passed, is_label, measures_of, share_asides, split_line
from intake.notice.headings import (
    LABEL,
    NARROW,
    first_sentence,
    is_again,
    is_called,
    marker,
    name_of,
    quoted_places,
    split_heading,
    tag_of,
    untagged,
)
from intake.notice.source import SourceLine
from intake.notice.states import read_standing

#: A paragraph that sums up, or stands below the text: it ends the text of the last finding.
_SUM = re.compile(
    r"截[至止]|(?:目前|总体|总的).{0,12}(?:完成整改|整改完成|整改)|党纪政[务纪]|公示期|如有意见|对.{0,20}有.{0,6}意见"
    r"|欢迎.{0,40}监督|(?:监督|举报|联系)(?:电话|方式)|(?:电子)?邮箱|通[讯信]地址|邮政编码|邮编|下一步|今后|接下来|特此|附件"
    r"|(?:(?:巡[视察]|审计|督察))?反馈的?(?:[\d,]+[个项条]|(?:具体)?问题(?:共|合计)?[\d,]+[个项条])"
    r"|来源:|(?:责任)?编辑:|上一[篇页条]|下一[篇页条]|版权所有|扫一扫|打印|关闭|分享"
    r"|中共.{2,40}(?:委员会|党[委组]|支部)$|(?:\d{4}|[〇零一二三四五六七八九]{4})年.{1,3}月.{1,3}日$"
)
_ORDINAL = re.compile(r"^(?:[一二三四五六七八九十]{1,3}[是要]|首先[,、]?|其次[,、]?|再次[,、]?|最后[,、]?)")
_SOFT = re.compile(r"(?:截[至止]?目前|目前|今后|接下来|对)(?!.*反馈)")
#: A heading of a finding that stands within a line, because the line breaks were lost.
_WITHIN = re.compile(
    r"(?<=[。;:!?改题况面])\s*(?=(?:[一二三四五六七八九十百]{1,4}、|\([一二三四五六七八九十百]{1,4}\)|\d{1,3}[.、]|\(\d{1,3}\))\s*(?:关于|针对)[^。;]{2,200}?(?:问题|方面))"
)
_ANSWERED = 9  #: rank of what somebody said; it stands in no list
_DUE = "完成时限"  #: the label of what somebody said is a deadline
_PROBLEM_RANK = 2  #: 1. and what counts below it; above it stand the Chinese numbers


@dataclass(slots=True, eq=False)
class Node:
    """One numbered line with what follows it."""

    line: int
    rank: int  #: kind of number, 0 to 5
    number: int
    text: str  #: all of the line
    heading: str  #: the text after the number
    body: list[SourceLine] = field(default_factory=list)  #: unnumbered paragraphs that follow
    parent: Node | None = None
    names: bool = False  #: its heading names a problem or an aspect
    answer: Became | None = None  #: what somebody said that it is


@dataclass(slots=True)
class Found:
    """One finding."""

    level: Level
    line: int
    text: str
    children: list[Found] = field(default_factory=list)
    measures: list[Clause] = field(default_factory=list)
    body: list[SourceLine] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)  #: told of all that hangs below it


def read_findings(lines: Sequence[SourceLine]) -> list[Found]:
    """Return the tree of findings, from the aspects (or, in a notice without any, the problems) down."""
    nodes = _without_repeats(read_nodes(lines))
    levels = find_levels([node for node in nodes if node.answer is None])
    if levels is None and not any(node.answer for node in nodes):
        return []
    levels = levels or Levels(None, _PROBLEM_RANK, frozenset())
    reader = _Reader(levels)
    for node in nodes:
        reader.take(node)
    for finding in reader.all:
        if finding.level is not Level.ASPECT:
            if _has_own(finding):
                finding.measures = measures_of(finding.body) + finding.measures
            else:
                finding.asides += hide(finding.body)[1]
            share_asides(finding.measures)
    for finding in reader.roots:
        _hand_down(finding, ())
    return reader.roots


def _hand_down(finding: Found, above: Sequence[Aside]) -> None:
    """Give what is told of a finding to every measure below it that nothing of the kind is told of."""
    told = {one.kind for one in finding.asides}
    own = (*finding.asides, *(one for one in above if one.kind not in told))
    for clause in finding.measures:
        clause.asides = (*clause.asides, *(one for one in own if _is_lacking(one, clause)))
    for child in finding.children:
        _hand_down(child, own)


def _is_lacking(aside: Aside, clause: Clause) -> bool:
    """Return whether a measure has nothing of its own of what is told of its finding."""
    if any(one.kind is aside.kind for one in clause.asides):
        return False
    if aside.kind is not Field.CLASS:
        return True
    own = [(one, read_standing(one.value)) for one in clause.asides if one.kind in {Field.DUE, Field.STATE}]
    has_class = any(said is not None and said.measure_class is not None for _, said in own)
    said = read_standing(aside.value)
    is_lasting = said is not None and said.measure_class is MeasureClass.CONTINUOUS
    return not has_class and not (is_lasting and any(one.kind is Field.DUE for one, _ in own))


def span_of(findings: Sequence[Found]) -> tuple[int, int]:
    """Return the first and the last line in which findings and their measures begin."""
    everything = list(below(findings))
    clauses = [clause for one in everything for clause in one.measures]
    beside = [aside.line for clause in clauses for aside in clause.asides]
    return min(one.line for one in everything), max(
        [*(one.line for one in everything), *(one.line for one in clauses), *beside]
    )


def below(findings: Sequence[Found]) -> Iterator[Found]:
    """Yield findings with all that hang below them, in the order of the text."""
    for one in findings:
        yield one
        yield from below(one.children)


def _without_repeats(nodes: list[Node]) -> list[Node]:
    """Return the lines without the sections that only name again, as what goes on, findings that stand elsewhere."""
    again = [node for node in nodes if _is_again(node)]
    others = [node for node in nodes if node not in again]
    known = {name_of(node.heading) for node in others if node.names}
    return others if all(name_of(node.heading) in known for node in again if node.names) else nodes


def _is_again(node: Node | None) -> bool:
    """Return whether a line heads, or stands in, a section that names findings again."""
    if node is None:
        return False
    return (node.rank < _PROBLEM_RANK and is_again(node.heading)) or _is_again(node.parent)


def _has_own(finding: Found) -> bool:
    """Return whether the text of a finding tells measures: an introduction to items or numbered measures does not."""
    return not (finding.children or finding.measures) or bool(_counts(finding.body))


def _counts(body: Sequence[SourceLine]) -> bool:
    return any(re.search("(?:^|[。;:])一[是要]", line.text.translate(NARROW)) for line in body)


def read_nodes(lines: Iterable[SourceLine]) -> list[Node]:
    """Return the numbered lines in order, each with the paragraphs below it and the numbered line above it."""
    nodes: list[Node] = []
    for line in (piece for whole in lines for piece in _lines_within(whole)):
        if line.answer in {Became.NOTHING, Became.DEADLINE}:
            if line.answer is Became.DEADLINE and nodes:
                nodes[-1].body.append(replace(line, text=f"{_DUE}:{line.text}"))
            continue
        found = marker(line.text)
        if line.answer is not None:
            _, number, begin = found or (_ANSWERED, 0, 0)
            nodes.append(Node(line.number, _ANSWERED, number, line.text, line.text[begin:].strip(), answer=line.answer))
            continue
        if found is None:
            if (
                nodes
                and not nodes[-1].body
                and _is_cut(nodes[-1].heading)
                and not _is_cut(nodes[-1].heading + line.text)
            ):
                nodes[-1].heading += line.text
                nodes[-1].text += line.text
            elif nodes:
                nodes[-1].body.append(line)
            continue
        rank, number, begin = found
        parent = next((one for one in reversed(nodes) if one.answer is None), None)
        while parent is not None and parent.rank >= rank:
            parent = parent.parent
        heading = line.text[begin:].strip()
        nodes.append(Node(line=line.number, rank=rank, number=number, text=line.text, heading=heading, parent=parent))
    _mark_names(nodes)
    return nodes


def _is_cut(heading: str) -> bool:
    """Return whether a heading opens a quotation mark that it does not close: it goes on in the next line."""
    return heading.startswith(("关于", "针对")) and heading.count("“") > heading.count("”")


def _lines_within(line: SourceLine) -> Iterator[SourceLine]:
    """Yield a line, cut before every numbered heading in it that names a problem."""
    if line.answer is not None:
        yield line
        return
    quoted = quoted_places(line.text)
    cuts = [0, *(one.end() for one in _WITHIN.finditer(line.text.translate(NARROW)) if one.end() not in quoted)]
    for begin, end in zip(cuts, [*cuts[1:], len(line.text)], strict=True):
        yield replace(line, text=line.text[begin:end].strip(), ends=line.ends and end == len(line.text))


def _mark_names(nodes: Sequence[Node]) -> None:
    """Mark what names a problem: by its words, or loosely, where every line beside it does so too."""

    def place(node: Node) -> tuple[int, int]:
        return (id(node.parent), node.rank)

    for _, group in groupby(sorted(nodes, key=place), key=place):
        siblings = list(group)
        is_parted = any(is_label(SourceLine(node.line, node.heading)) for node in siblings)
        is_loose = not is_parted and all(
            split_heading(node.heading, loose=True) or _is_labelled(node) for node in siblings
        )
        for node in siblings:
            aside = match(node.heading) if is_parted else None
            if aside is not None and aside["fault"]:  # 存在问题:, 整改措施: of one finding, numbered
                continue
            node.names = is_loose or is_called(node.text) or split_heading(node.heading) is not None


def _is_labelled(node: Node) -> bool:
    """Return whether 整改措施: or the like follows a heading, which then names a problem whatever its words."""
    _, rest = first_sentence(node.heading)
    after = rest or (node.body[0].text if node.body else "")
    shown, _ = hide([SourceLine(node.line, after)])
    first = next((line.text for line in shown if not is_mark(line)), "")
    return LABEL.match(first.translate(NARROW)) is not None


@dataclass(frozen=True, slots=True)
class Levels:
    """Which kind of number stands for which level."""

    aspect: int | None
    problem: int
    aspects: frozenset[Node]


def find_levels(nodes: Sequence[Node]) -> Levels | None:
    """Find out which kinds of number are aspects and problems; None when no heading names a problem."""
    ranks = sorted({node.rank for node in nodes if node.names})
    if not ranks:
        return None
    first = [node for node in nodes if node.names and node.rank == ranks[0]]
    parents = list(dict.fromkeys(node.parent for node in first if node.parent is not None))
    unworded = [one for one in parents if split_heading(one.heading, loose=True)]
    if len(ranks) == 1 or unworded or ranks[0] >= _PROBLEM_RANK:
        above = unworded or (parents if len(parents) > 1 else [])
        return Levels(above[0].rank if above else None, ranks[0], frozenset(above))
    return Levels(ranks[0], ranks[1], frozenset(first))


@dataclass(slots=True)
class _Reader:
    """Walks the numbered lines and hangs each where it belongs."""

    levels: Levels
    roots: list[Found] = field(default_factory=list)
    all: list[Found] = field(default_factory=list)
    aspect: Found | None = None
    problem: Found | None = None
    item: Found | None = None
    item_rank: int = 0
    measure_rank: int | None = None  #: of the numbered measure that deeper numbers belong to
    is_told: bool = False  #: 整改措施 are over; numbers that follow tell the progress (整改情况)

    def take(self, node: Node) -> None:
        """Hang the next numbered line."""
        levels = self.levels
        if node.answer is not None:
            self._answered(node, node.answer)
            return
        if node.rank < levels.problem:
            if levels.aspect is None or node.rank <= levels.aspect:
                self.aspect = self.problem = self.item = None
            if node in levels.aspects:
                self.aspect = self._add(Level.ASPECT, node, self.roots)
        elif levels.aspect is not None and self.aspect is None:
            return
        elif node.rank == levels.problem:
            self.problem = self.item = self.measure_rank = None
            self.is_told = False
            if self.aspect is not None or node.names:
                self.problem = self._add(Level.PROBLEM, node, self.aspect.children if self.aspect else self.roots)
        elif self.problem is not None:
            self._below(node, self.problem)

    def _answered(self, node: Node, answer: Became) -> None:
        """Hang what somebody said where they said; a measure needs a problem or an item above it."""
        self.measure_rank, self.is_told = None, False
        if answer is Became.ASPECT:
            self.problem = self.item = None
            self.aspect = self._add(Level.ASPECT, node, self.roots)
        elif answer is Became.PROBLEM or (answer is Became.ITEM and self.problem is None):
            self.item = None
            self.problem = self._add(Level.PROBLEM, node, self.aspect.children if self.aspect else self.roots)
        elif answer is Became.ITEM and self.problem is not None:
            self.item, self.item_rank = self._add(Level.ITEM, node, self.problem.children), _ANSWERED
        elif (holder := self.item or self.problem or self.aspect) is not None:
            whole = "".join(line.text for line in _until_sum(node.body, has_text=True))
            holder.measures.append(Clause(node.line, _ORDINAL.sub("", node.heading) + whole))

    def _below(self, node: Node, problem: Found) -> None:
        """Hang a numbered clause: one that names a problem is an item, any other is a measure or a part of one."""
        if node.names:
            self.item, self.item_rank = self._add(Level.ITEM, node, problem.children), node.rank
            self.measure_rank, self.is_told = None, False
            return
        if self.item is not None and node.rank <= self.item_rank:
            self.item = None
        holder = self.item or problem
        self.is_told = self.is_told or (not holder.measures and has_passed(holder.body))
        if self.is_told:
            return
        body = _until_sum(node.body, has_text=bool(node.heading))
        if match(node.heading) or is_label(SourceLine(node.line, node.heading)):
            self.measure_rank = None
            holder.body += [SourceLine(node.line, node.heading), *body]
        elif _goes_on(holder):
            holder.body += [SourceLine(node.line, node.text), *body]
        elif self.measure_rank is not None and node.rank > self.measure_rank:
            go_on(holder.measures[-1], [SourceLine(node.line, node.text), *body])
        elif LABEL.fullmatch(node.heading.translate(NARROW)):
            self.measure_rank = None
            holder.body += body
        else:
            self.measure_rank = node.rank
            own = list(takewhile(lambda line: not is_label(line), body))
            holder.measures += split_line(SourceLine(node.line, node.text), node.number, own)
            self.is_told = len(own) < len(body) and any(is_label(line) for line in holder.body)

    def _add(self, level: Level, node: Node, siblings: list[Found]) -> Found:
        tag = tag_of(node.heading)
        standing = standing_aside(node.line, tag) if tag is not None else None
        heading = node.heading if standing is None else untagged(node.heading)
        named = split_heading(heading, loose=node.names or level is Level.ASPECT)
        text, rest = named or first_sentence(heading)
        own = [SourceLine(node.line, rest.strip())] if rest.strip() else []
        body = own + _until_sum(node.body, has_text=bool(own))
        found = Found(level=level, line=node.line, text=text if named else name_of(text), body=body)
        if standing is not None:
            found.asides.append(standing)
        siblings.append(found)
        self.all.append(found)
        return found


def _goes_on(finding: Found) -> bool:
    """Return whether a clause of a finding's text leads to numbered parts of its own (二是开展检查:)."""
    leads = [line for line in finding.body if line.text.translate(NARROW).endswith(":")]
    return bool(leads) and not finding.measures and _counts(finding.body)


def _until_sum(body: Sequence[SourceLine], *, has_text: bool) -> list[SourceLine]:
    """Return the paragraphs up to the first that sums up; under a bare heading such words may tell the measure."""
    kept: list[SourceLine] = []
    for line in body:
        narrow = line.text.translate(NARROW)
        if _SUM.match(narrow) and (has_text or kept or not _SOFT.match(narrow)):
            break
        kept.append(line)
        if line.ends:
            break
    return kept

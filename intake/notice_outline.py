"""The grammar of a notice's findings: numbered lines become aspects, problems, items and measures.

Levels are recognised by numbering and wording, never by one file's layout: which kind of number stands for which level
is found out from where the headings stand that name a problem (关于…的问题, 针对…的问题).  Called by `intake.notice`;
knows lines, not files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.rules.vocabulary import Level
from intake.chinese_numbers import NUMERAL, read_number
from intake.notice_source import SourceLine

#: Full-width signs and what they match as; one for one, so that places stay the same.
NARROW = str.maketrans("(),.:;!?0123456789％", "(),.:;!?0123456789%")

_MARKERS = (  # in the order of rank: 一、 (一) 1. (1) ①
    re.compile(rf"({NUMERAL})\s*[、.](?!\d)\s*"),
    re.compile(rf"\(({NUMERAL})\)\s*[、.]?\s*"),
    re.compile(r"(\d{1,3})\s*[.、](?!\d)\s*"),
    re.compile(r"\((\d{1,3})\)\s*[、.]?\s*"),
    re.compile(r"(?:(\d{1,3})\)|([①-⑳]))\s*[、.]?\s*"),
)
_OPENING, _CLOSING = "“‘《「『", "”’》」』"
_HEAD_END = "。;:!?"
#: What a heading that names a problem ends with.
_NAMES = re.compile(
    r"(?:的)?(?:突出|有关)?问题(?:的)?(?:整改)?(?:落实|进展)?(?:情况)?(?:方面)?$|方面(?:的|存在的)?(?:问题)?(?:的)?(?:整改)?(?:落实|进展)?(?:情况)?$"
)
#: Headings about the whole feedback, not about one finding.
_WHOLE = re.compile(r"反馈|移交|巡视整改|巡察整改|整改任务|线索")
#: A paragraph that sums up: it ends the text of the last finding.
_SUM = re.compile(
    r"截[至止]|(?:目前|总体).{0,12}(?:完成整改|整改完成)|党纪政[务纪]|欢迎.{0,12}监督|联系(?:电话|方式)|(?:电子)?邮箱|通[讯信]地址|邮政编码"
)
_BEFORE_CLAUSE = "。;:,!?、 ”"


@dataclass(slots=True)
class Clause:
    """One measure."""

    line: int
    text: str


@dataclass(slots=True)
class Node:
    """One numbered line with what follows it."""

    line: int
    rank: int  #: kind of number, 0 to 4
    heading: str  #: the text after the number, all of the line
    body: list[SourceLine] = field(default_factory=list)  #: unnumbered paragraphs that follow
    parent: Node | None = None


@dataclass(slots=True)
class Found:
    """One finding."""

    level: Level
    line: int
    text: str
    children: list[Found] = field(default_factory=list)
    measures: list[Clause] = field(default_factory=list)
    body: list[SourceLine] = field(default_factory=list)


def read_nodes(lines: Iterable[SourceLine]) -> list[Node]:
    """Return the numbered lines in order, each with the paragraphs below it and the numbered line above it."""
    nodes: list[Node] = []
    for line in lines:
        marker = _marker(line.text)
        if marker is None:
            if nodes:
                nodes[-1].body.append(line)
            continue
        rank, rest = marker
        parent = nodes[-1] if nodes else None
        while parent is not None and parent.rank >= rank:
            parent = parent.parent
        nodes.append(Node(line=line.number, rank=rank, heading=rest, parent=parent))
    return nodes


def _marker(text: str) -> tuple[int, str] | None:
    """Return (kind of number, text after it) of a numbered line."""
    narrow = text.translate(NARROW)
    for rank, pattern in enumerate(_MARKERS):
        match = pattern.match(narrow)
        if match is None:
            continue
        numeral = match[1] or ""
        if rank < 2 and read_number(numeral) is None:  # noqa: PLR2004 - the Chinese kinds
            continue
        return rank, text[match.end() :].strip()
    return None


def split_heading(text: str) -> tuple[str, str] | None:
    """Return (what a heading names, the text after it) where it names a problem or an aspect; else None.

    >>> split_heading("针对“思想‘武装’不够”的问题。一是学习。")
    ('思想‘武装’不够', '一是学习。')
    >>> split_heading("关于作风方面")
    ('作风', '')
    >>> split_heading("关于巡视反馈问题的整改情况") is None
    True
    """
    match = re.match(r"\s*(?:关于|针对)\s*", text)
    if match is None:
        return None
    head, rest = _first_sentence(text[match.end() :])
    named = _strip_names(head)
    if named is None:  # 关于…问题,我们…: the heading ends at a comma
        for place in _places(head, ","):
            named = _strip_names(head[:place])
            if named is not None:
                rest = head[place + 1 :] + rest
                break
    if named is None or (_WHOLE.search(named) and not named.startswith(tuple(_OPENING))):
        return None
    return _unquoted(named), rest.strip()


def _strip_names(head: str) -> str | None:
    stripped = head.strip()
    found = _NAMES.search(stripped)
    return stripped[: found.start()].strip() or None if found else None


def _unquoted(text: str) -> str:
    """Return the phrase inside the quotation marks, where they hold all of it."""
    if len(text) > 2 and (text[0], text[-1]) in {("“", "”"), ('"', '"'), ("「", "」")}:  # noqa: PLR2004 - the marks themselves
        inner = text[1:-1]
        if text[0] not in inner and text[-1] not in inner:
            return inner
    return text


def _first_sentence(text: str) -> tuple[str, str]:
    """Return the first sentence without its end sign, and the rest; quoted signs end nothing."""
    for place in _places(text, _HEAD_END):
        return text[:place], text[place + 1 :]
    return text, ""


def _places(text: str, signs: str) -> Iterator[int]:
    """Yield where one of `signs` stands outside quotation marks."""
    depth, is_straight_open = 0, False
    for place, character in enumerate(text.translate(NARROW)):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(depth - 1, 0)
        elif character == '"':
            is_straight_open = not is_straight_open
        elif character in signs and not depth and not is_straight_open:
            yield place


def split_clauses(paragraphs: Sequence[SourceLine]) -> list[Clause]:
    """Return the clauses 一是…二是… of some paragraphs; none where they are not counted from 一.

    A clause begins where a sentence or a part of it begins, outside quotation marks, with the next number.
    """
    clauses: list[Clause] = []
    expected = 1
    for paragraph in paragraphs:
        starts = list(_clause_starts(paragraph.text, expected))
        if clauses and (not starts or starts[0][0] > 0):
            before = paragraph.text[: starts[0][0]] if starts else paragraph.text
            clauses[-1].text += before.strip()
        for index, (_, text_start, number) in enumerate(starts):
            end = starts[index + 1][0] if index + 1 < len(starts) else len(paragraph.text)
            clauses.append(Clause(paragraph.number, _trimmed(paragraph.text[text_start:end])))
            expected = number + 1
    return [clause for clause in clauses if clause.text]


def _trimmed(text: str) -> str:
    """Return a clause without the signs that join it to its neighbours."""
    return re.sub(r"^[\s;,;,]+|[\s;,;,]+$", "", text)


_ORDINAL = re.compile(rf"({NUMERAL})\s*是")


def _clause_starts(text: str, expected: int) -> Iterator[tuple[int, int, int]]:
    """Yield (where a clause begins, where its text begins, its number)."""
    outside = set(_places(text, "".join(set(text.translate(NARROW)) - set(_OPENING + _CLOSING + '"'))))
    narrow = text.translate(NARROW)
    for match in _ORDINAL.finditer(narrow):
        start = match.start()
        number = read_number(match[1])
        begins = start == 0 or narrow[start - 1] in _BEFORE_CLAUSE
        restarts = number == 1 and start == 0
        if start in outside and begins and (number == expected or restarts):
            yield start, match.end(), expected if number == expected else 1
            expected = (number or 0) + 1


@dataclass(frozen=True, slots=True)
class Levels:
    """Which kind of number stands for which level."""

    aspect: int | None
    problem: int
    aspects: frozenset[int]  #: lines of the headings that are aspects, where their wording does not tell


def find_levels(nodes: Sequence[Node]) -> Levels | None:
    """Find out which kinds of number are aspects and problems; None when no heading names a problem."""
    naming = [node for node in nodes if split_heading(node.heading)]
    ranks = sorted({node.rank for node in naming})
    if not ranks:
        return None
    first = [node for node in naming if node.rank == ranks[0]]
    parents = {node.parent.line: node.parent for node in first if node.parent is not None}
    unworded = [one for one in parents.values() if one.heading.translate(NARROW).rstrip("。:").endswith("方面")]
    if len(ranks) == 1 or unworded:
        above = unworded or (list(parents.values()) if len(parents) > 1 else [])
        rank = above[0].rank if above else None
        return Levels(rank, ranks[0], frozenset(one.line for one in above))
    return Levels(ranks[0], ranks[1], frozenset(node.line for node in first))


def read_findings(lines: Sequence[SourceLine]) -> list[Found]:
    """Return the tree of findings, from the aspects (or, in a notice without any, the problems) down."""
    nodes = read_nodes(lines)
    levels = find_levels(nodes)
    if levels is None:
        return []
    reader = _Reader(levels)
    for node in nodes:
        reader.take(node)
    for finding in reader.all:
        finish(finding)
    return reader.roots


@dataclass(slots=True)
class _Reader:
    """Walks the numbered lines and hangs each where it belongs."""

    levels: Levels
    roots: list[Found] = field(default_factory=list)
    all: list[Found] = field(default_factory=list)
    aspect: Found | None = None
    problem: Found | None = None
    item: Found | None = None

    def take(self, node: Node) -> None:
        levels = self.levels
        if node.rank < levels.problem:
            if levels.aspect is None or node.rank <= levels.aspect:
                self.aspect = self.problem = self.item = None
            if node.rank == levels.aspect and node.line in levels.aspects:
                self.aspect = self._add(Level.ASPECT, node, self.roots)
        elif levels.aspect is not None and self.aspect is None:
            return
        elif node.rank == levels.problem:
            if self.aspect is None and split_heading(node.heading) is None:
                self.problem = self.item = None
                return
            self.problem = self._add(Level.PROBLEM, node, self.aspect.children if self.aspect else self.roots)
            self.item = None
        elif self.problem is not None:
            self._below(node, self.problem)

    def _below(self, node: Node, problem: Found) -> None:
        """Hang a numbered clause: one that names a problem is an item, any other is a measure."""
        named = split_heading(node.heading)
        if named is not None and "问题" in node.heading[: len(node.heading) - len(named[1])]:
            self.item = self._add(Level.ITEM, node, problem.children)
            return
        text = "".join([node.heading, *(line.text for line in _until_sum(node.body))])
        if text:
            (self.item or problem).measures.append(Clause(node.line, text))

    def _add(self, level: Level, node: Node, siblings: list[Found]) -> Found:
        named = split_heading(node.heading)
        text, rest = named or _first_sentence(node.heading)
        if named is None:
            text = _strip_names(text) or text.strip()
        body = ([SourceLine(node.line, rest.strip())] if rest.strip() else []) + _until_sum(node.body)
        found = Found(level=level, line=node.line, text=_unquoted(text), body=body)
        siblings.append(found)
        self.all.append(found)
        return found


def _until_sum(body: Sequence[SourceLine]) -> list[SourceLine]:
    """Return the paragraphs up to the first that sums up."""
    kept: list[SourceLine] = []
    for line in body:
        if _SUM.match(line.text):
            break
        kept.append(line)
    return kept


def finish(finding: Found) -> None:
    """Turn what stands under a problem or item into measures: its clauses, or all of it as one."""
    if finding.level is Level.ASPECT:
        return
    clauses = split_clauses(finding.body)
    if not clauses and not finding.measures and not finding.children and finding.body:
        clauses = [Clause(finding.body[0].number, "".join(line.text for line in finding.body))]
    finding.measures = clauses + finding.measures

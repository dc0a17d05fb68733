"""The measures in the text under a finding: its clauses 一是…二是…, or whatever else counts from one.

Pure functions over lines; called by `outline` and `tables`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.notice.chinese_numbers import NUMERAL, read_number
from intake.notice.headings import LABEL, NARROW, circled, quoted_places
from intake.notice.source import SourceLine

_FORMS = (
    re.compile(rf"({NUMERAL})\s*(?:是|要)"),
    re.compile(rf"第({NUMERAL})\s*[,、]"),
    re.compile(rf"({NUMERAL})、"),
    re.compile(rf"\(({NUMERAL})\)\s*[、.]?"),
    re.compile(r"(?<![\d.])(\d{1,2})[.、](?!\d)"),
    re.compile(r"\((\d{1,2})\)\s*[、.]?"),
    re.compile(r"([①-⑳])\s*[、.]?"),
    re.compile(r"(?<![\d(])(\d{1,2})\)\s*[、.]?"),
)
_SPOKEN = _FORMS[0]
_AFTER_PART = "。;:,!?、 ”》)…"  #: a spoken ordinal begins a part of a sentence, any other number a sentence
_AFTER_SENTENCE = "。;:!? "
#: Signs that join a clause to its neighbours.
_JOINTS = re.compile(r"^[\s;,、\uff1b\uff0c]+|[\s;,、\uff1b\uff0c]+$")
#: Lines of a finding that say who and when, or what the problem was.
_ASIDE = re.compile(
    r"\s*(?:(?:整改)?责任(?:单位|部门|领导|人)|(?:牵头|配合|协办|主责)(?:单位|部门|领导|人)|(?:整改|完成)(?:时限|期限|时间|目标)"
    r"|问题(?:描述|表现)|具体表现|整改类型|完成状态|销号(?:情况|状态))\s*:[^。]*。?"
)


@dataclass(slots=True)
class Clause:
    """One measure."""

    line: int
    text: str


def split_clauses(paragraphs: Sequence[SourceLine]) -> list[Clause]:
    """Return the clauses of some paragraphs, by the kind of number that begins first; none where nothing counts.

    >>> [one.text for one in split_clauses([SourceLine(1, "一是学习“一是一”;二是检查:(1)甲;(2)乙。")])]
    ['学习“一是一”', '检查:(1)甲;(2)乙。']
    """
    found = [(form, list(_starts(paragraphs, form, first=1))) for form in _FORMS]
    counted = [(starts[0][:2], form) for form, starts in found if len(starts) > (form is not _SPOKEN)]
    if not counted:
        return []
    form = min(counted, key=lambda one: one[0])[1]
    return split_by(paragraphs, form, first=1)


def split_line(line: SourceLine, number: int, body: Sequence[SourceLine]) -> list[Clause]:
    """Return the clauses of a numbered line and its further paragraphs: it may hold the next numbers too."""
    for form in _FORMS:
        starts = list(_starts([line], form, first=number))
        if starts and starts[0][1] == 0:
            return split_by([line, *body], form, first=number)
    return []


def is_label(line: SourceLine) -> bool:
    """Return whether a paragraph begins with a label such as 整改情况: or 责任单位:."""
    narrow = line.text.translate(NARROW)
    found = LABEL.match(narrow)
    return (found is not None and ":" in found[0]) or _ASIDE.match(narrow) is not None


def split_by(paragraphs: Sequence[SourceLine], form: re.Pattern[str], *, first: int) -> list[Clause]:
    """Return the clauses that `form` counts; what stands before the first is no clause."""
    starts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, begin, text in _starts(paragraphs, form, first=first):
        starts[index].append((begin, text))
    clauses: list[Clause] = []
    for index, paragraph in enumerate(paragraphs):
        here = starts.get(index, [])
        ends = [*(begin for begin, _ in here), len(paragraph.text)]
        if clauses:
            clauses[-1].text += paragraph.text[: ends[0]]
        clauses += [
            Clause(paragraph.number, paragraph.text[text:end]) for (_, text), end in zip(here, ends[1:], strict=True)
        ]
    for clause in clauses:
        clause.text = _JOINTS.sub("", clause.text)
    return [clause for clause in clauses if clause.text]


def _starts(paragraphs: Sequence[SourceLine], form: re.Pattern[str], *, first: int) -> Iterator[tuple[int, int, int]]:
    """Yield (paragraph, where a clause begins, where its text begins): outside quotation marks, with the next number.

    The count may begin again with a paragraph.
    """
    expected, boundary = first, _AFTER_PART if form is _SPOKEN else _AFTER_SENTENCE
    for index, paragraph in enumerate(paragraphs):
        narrow = paragraph.text.translate(NARROW)
        quoted = quoted_places(paragraph.text)
        for match in form.finditer(narrow):
            start = match.start()
            number = circled(match[1]) or (int(match[1]) if match[1].isdecimal() else read_number(match[1]))
            begins = start == 0 or narrow[start - 1] in boundary
            restarts = number == 1 and start == 0
            if begins and start not in quoted and (number == expected or restarts):
                yield index, start, match.end()
                expected = (number or 0) + 1


def measures_of(paragraphs: Sequence[SourceLine]) -> list[Clause]:
    """Return the measures in the text of a finding: its clauses, or all of it as one; labels and asides are none."""
    body = _spoken_for(paragraphs)
    clauses = split_clauses(body)
    if not clauses and body:
        clauses = [Clause(body[0].number, "".join(line.text for line in body))]
    return clauses


def _spoken_for(paragraphs: Sequence[SourceLine]) -> list[SourceLine]:
    """Return the paragraphs that tell measures; where 整改措施 and 整改情况 are both told, those of the first."""
    parts: list[tuple[bool, list[SourceLine]]] = [(False, [])]
    for line in paragraphs:
        for piece in _pieces(line):
            narrow = piece.text.translate(NARROW)
            label, aside = LABEL.match(narrow), _ASIDE.match(narrow)
            if label is not None:
                parts.append((label["measures"] is not None, []))
            passed = label or aside
            text = piece.text[passed.end() :] if passed else piece.text
            if text.strip():
                parts[-1][1].append(SourceLine(piece.number, text.strip()))
    told = [part for is_measures, part in parts if is_measures and part]
    return [line for part in told or [part for _, part in parts] for line in part]


def _pieces(line: SourceLine) -> Iterator[SourceLine]:
    """Yield a paragraph, cut before every label that begins a sentence in it."""
    narrow = line.text.translate(NARROW)
    quoted = quoted_places(line.text)
    cuts = [0]
    for pattern in (LABEL, _ASIDE):
        cuts += [
            match.start()
            for match in pattern.finditer(narrow)
            if match.start()
            and ":" in match[0]
            and match.start() not in quoted
            and narrow[match.start() - 1] in _AFTER_SENTENCE
        ]
    cuts.sort()
    for begin, end in zip(cuts, [*cuts[1:], len(line.text)], strict=True):
        if line.text[begin:end].strip():
            yield SourceLine(line.number, line.text[begin:end].strip())

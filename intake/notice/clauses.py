"""The measures in the text under a finding: its clauses 一是…二是…, or whatever else counts from one.

Pure functions over lines; called by `outline` and `tables`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from intake.notice.asides import Aside, behind, hide, is_mark, pieces, seek
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
    re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.(\d{1,2})(?![\d.%])\s*[、.]?"),
    re.compile(rf"(?:整改)?(?:措施|举措)\s*(\d{{1,2}}|{NUMERAL})\s*[:.、]"),
)
_SPOKEN = _FORMS[0]
#: Clauses that no number counts: bullets, and words of order.
_LISTED = (
    re.compile(r"^\s*[●•◆■▪◇□★·*-]\s*"),
    re.compile(r"(?:^|(?<=[。;]))\s*(?:首先|其次|再次|最后)[,、]?\s*"),
)
_AFTER_PART = "。;:,!?、 ”》)…"  #: a spoken ordinal begins a part of a sentence, any other number a sentence
_AFTER_SENTENCE = "。;:!? "
#: Signs that join a clause to its neighbours.
_JOINTS = re.compile(r"^[\s;,、\uff1b\uff0c]+|[\s;,、\uff1b\uff0c]+$")


@dataclass(slots=True)
class Clause:
    """One measure."""

    line: int
    text: str
    asides: tuple[Aside, ...] = ()  #: who and when, told on labels behind it


def split_clauses(paragraphs: Sequence[SourceLine]) -> list[Clause]:
    """Return the clauses of some paragraphs, by the kind of number that begins first; none where nothing counts.

    >>> [one.text for one in split_clauses([SourceLine(1, "一是学习“一是一”;二是检查:(1)甲;(2)乙。")])]
    ['学习“一是一”', '检查:(1)甲;(2)乙。']
    """
    found = [(form, list(_starts(paragraphs, form, first=1))) for form in _FORMS]
    begin = next((index for index, line in enumerate(paragraphs) if not is_mark(line)), 0)
    counted = [(starts[0][:2], form) for form, starts in found if _do_count(form, starts, begin)]
    if not counted:
        return _listed(paragraphs)
    form = min(counted, key=lambda one: one[0])[1]
    return split_by(paragraphs, form, first=1)


def _listed(paragraphs: Sequence[SourceLine]) -> list[Clause]:
    """Return the clauses of a list without numbers; none where fewer than two stand in it."""
    for form in _LISTED:
        clauses: list[Clause] = []
        for line in paragraphs:
            quoted = quoted_places(line.text)
            starts = [one for one in form.finditer(line.text.translate(NARROW)) if one.start() not in quoted]
            ends = [*(one.start() for one in starts), len(line.text)]
            if clauses:
                clauses[-1].text += line.text[: ends[0]]
            pairs = zip(starts, ends[1:], strict=True)
            clauses += [Clause(line.number, line.text[one.end() : end].strip()) for one, end in pairs]
        if len(clauses) > 1:
            return [one for one in clauses if one.text]
    return []


def _do_count(form: re.Pattern[str], starts: Sequence[tuple[int, int, int]], begin: int) -> bool:
    """Return whether numbers count clauses: two do, and one that is spoken or that the text begins with."""
    return len(starts) > 1 or (len(starts) == 1 and (form is _SPOKEN or starts[0][:2] == (begin, 0)))


def split_line(line: SourceLine, number: int, body: Sequence[SourceLine]) -> list[Clause]:
    """Return the clauses of a numbered line and its further paragraphs: it may hold the next numbers too."""
    shown, asides = hide([line, *body])
    for form in _FORMS:
        starts = list(_starts(shown[:1], form, first=number))
        if starts and starts[0][1] == 0:
            return _with_asides(split_by(shown, form, first=number), asides)
    return []


def go_on(clause: Clause, paragraphs: Sequence[SourceLine]) -> None:
    """Add paragraphs to a clause."""
    shown, asides = hide(paragraphs)
    text, found = seek("".join(line.text for line in shown), asides)
    clause.text, clause.asides = clause.text + text, (*clause.asides, *found)


def is_label(line: SourceLine) -> bool:
    """Return whether a paragraph begins with a label such as 整改情况:."""
    narrow = line.text.translate(NARROW)
    found = LABEL.match(narrow)
    return found is not None and ":" in found[0]


def has_passed(body: Sequence[SourceLine]) -> bool:
    """Return whether a text tells its measures under a label, and then begins to tell how far they are."""
    *before, last = _parts(hide(body)[0])
    return not last[0] and any(is_measures and part for is_measures, part in before)


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
    """Return the measures in the text of a finding: its clauses, or all of it as one; labels and asides are none.

    Who and when is told of the clause before it; what is told before the first is told of all.
    """
    shown, asides = hide(paragraphs)
    body = _spoken_for(shown)
    clauses = split_clauses(body)
    if not clauses and any(not is_mark(line) for line in body):
        first = next(line for line in body if not is_mark(line))
        clauses = [Clause(first.number, "".join(line.text for line in body))]
    clauses = [one for one in _with_asides(clauses, asides) if one.text]
    placed = {id(aside) for one in clauses for aside in one.asides}
    of_all = tuple(aside for aside in asides if id(aside) not in placed)
    for clause in clauses:
        clause.asides = (*of_all, *clause.asides)
    return clauses


def share_asides(clauses: Sequence[Clause]) -> None:
    """Give what stands once, behind the last of several measures and apart from it, to all of them."""
    told = [(one, aside) for one in clauses for aside in one.asides]
    for one, aside in told:
        is_apart = aside.line != one.line or len({other.line for other in clauses}) == 1
        if one is clauses[-1] and is_apart and sum(other.kind is aside.kind for _, other in told) == 1:
            for other in clauses[:-1]:
                other.asides = (*other.asides, aside)


def _with_asides(clauses: Sequence[Clause], asides: Sequence[Aside]) -> list[Clause]:
    """Return the clauses without the marks of asides, and with the asides."""
    found = [(one, *seek(one.text, asides)) for one in clauses]
    return [
        replace(one, text=_JOINTS.sub("", text), asides=(*one.asides, *own, *behind(one.line, text)))
        for one, text, own in found
    ]


def _spoken_for(paragraphs: Sequence[SourceLine]) -> list[SourceLine]:
    """Return the paragraphs that tell measures; where 整改措施 and 整改情况 are both told, those of the first."""
    parts = _parts(paragraphs)
    told = [part for is_measures, part in parts if is_measures and any(not is_mark(line) for line in part)]
    return [line for part in told or [part for _, part in parts] for line in part]


def _parts(paragraphs: Sequence[SourceLine]) -> list[tuple[bool, list[SourceLine]]]:
    """Return (whether the label is one of measures, its paragraphs) of every label; what is before the first first."""
    parts: list[tuple[bool, list[SourceLine]]] = [(False, [])]
    for line in paragraphs:
        for piece in pieces(line):
            label = LABEL.match(piece.text.translate(NARROW))
            if label is not None:
                parts.append((label["measures"] is not None, []))
            text = piece.text[label.end() :] if label else piece.text
            if text.strip():
                parts[-1][1].append(SourceLine(piece.number, text.strip()))
    return parts

"""Tells of every passage of a notice what became of it.  Called by `read_notice`; decides nothing.

A line is cut where a heading, a measure, what stands beside one, a total, or what was not taken begins in it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.rules.ledger_layout import Field
from engine.rules.passages import Became, Passage
from engine.rules.plan import Claim
from engine.rules.text import Text
from engine.rules.vocabulary import Level
from intake.notice.asides import Aside
from intake.notice.outline import Found, below
from intake.notice.source import SourceLine

Told = tuple[int, str, Text]  #: line, passage, why it was not taken
_LEVELS = {Level.ASPECT: Became.ASPECT, Level.PROBLEM: Became.PROBLEM, Level.ITEM: Became.ITEM}
_WHEN = frozenset({Field.DUE, Field.CLASS})
_BEGINS = re.compile(r"(?:^|(?<=[。;:!?,、\uff1b\uff1a\uff01\uff1f\uff0c\s]))[^。;:!?\uff1b\uff1a\uff01\uff1f\s]{0,8}$")
_SHOWN = 12  #: characters by which a passage is found again in its line


@dataclass(frozen=True, slots=True, order=True)
class _Mark:
    """Where in a line something begins, and where it ends if that is known."""

    begin: int
    became: Became
    end: int | None = None
    why: Text | None = None


def passages(
    lines: Sequence[SourceLine],
    findings: Sequence[Found],
    taken: Collection[Aside],
    claims: Iterable[Claim],
    told: Iterable[Told],
) -> tuple[Passage, ...]:
    """Return the passages in the order of the text; together they are all of it."""
    marks = _Marks(findings, taken, claims, told)
    return tuple(one for line in lines for one in _joined(marks.cut(line)))


def _joined(pieces: Iterable[Passage]) -> list[Passage]:
    """Return the passages of a line; signs alone belong to the passage before."""
    found: list[Passage] = []
    for one in pieces:
        if found and not re.search(r"\w", one.text):
            found[-1] = replace(found[-1], text=found[-1].text + one.text)
        else:
            found.append(one)
    return found


class _Marks:
    """Knows what begins in which line."""

    def __init__(
        self, findings: Sequence[Found], taken: Collection[Aside], claims: Iterable[Claim], told: Iterable[Told]
    ) -> None:
        everything = list(below(findings))
        clauses = [clause for one in everything for clause in one.measures]
        self._names: dict[int, list[Found]] = defaultdict(list)
        self._clauses: dict[int, list[str]] = defaultdict(list)
        self._asides: dict[int, list[Aside]] = defaultdict(list)
        self._claims: dict[int, list[str]] = defaultdict(list)
        self._told: dict[int, list[tuple[str, Text]]] = defaultdict(list)
        for one in everything:
            self._names[one.line].append(one)
        for clause in clauses:
            self._clauses[clause.line].append(clause.text)
        for aside in dict.fromkeys(taken):
            self._asides[aside.line].append(aside)
        for claim in claims:
            self._claims[claim.row].append(claim.text)
        for row, text, why in told:
            self._told[row].append((text, why))
        self._text = "|".join("".join(clause.text.split()) for clause in clauses)

    def cut(self, line: SourceLine) -> Iterator[Passage]:
        """Yield the passages of a line."""
        if line.answer is not None:
            yield Passage(row=line.number, text=line.text, became=line.answer, is_answered=True)
            return
        marks = sorted(self._marks(line), key=lambda one: (one.begin, one.became is not Became.TOLD))
        goes_on = "".join(line.text.split()) in self._text
        now = _Mark(0, Became.MEASURE if goes_on and not marks else Became.NOTHING)
        place = 0
        for mark in marks:
            for end in filter(None, (now.end,)):
                if place < end < mark.begin:
                    yield from _passage(line, place, end, now)
                    place, now = end, _Mark(end, Became.MEASURE if end and goes_on else Became.NOTHING)
            if mark.begin > place:
                yield from _passage(line, place, mark.begin, now)
                place = mark.begin
            now = mark
        if now.end is not None and place < now.end < len(line.text):
            yield from _passage(line, place, now.end, now)
            place, now = now.end, _Mark(now.end, Became.NOTHING)
        yield from _passage(line, place, len(line.text), now)

    def _marks(self, line: SourceLine) -> Iterator[_Mark]:
        text, place = line.text, 0
        for name in self._names.get(line.number, ()):
            found = text.find(name.text[:_SHOWN], place)
            if found >= 0:
                yield _Mark(0 if not place else _beginning(text, found, place), _LEVELS[name.level])
                place = found + 1
        for clause in self._clauses.get(line.number, ()):
            found, length = _find(text, clause, place)
            if found >= 0:
                yield _Mark(_beginning(text, found, place), Became.MEASURE)
                place = found + length
        yield from self._beside(line)

    def _beside(self, line: SourceLine) -> Iterator[_Mark]:
        text = line.text
        for aside in self._asides.get(line.number, ()):
            shown = aside.label or aside.value
            found = text.find(shown)
            if found >= 0 and aside.label:
                end = text.find(aside.value, found)
                yield _Mark(
                    found,
                    Became.DEADLINE if aside.kind in _WHEN else Became.BESIDE,
                    end=end + len(aside.value) if end >= 0 else None,
                )
        for passage in self._claims.get(line.number, ()):
            found = text.find(passage[:_SHOWN])
            if found >= 0:
                yield _Mark(found, Became.TOTAL, end=found + len(passage))
        for passage, why in self._told.get(line.number, ()):
            found = text.find(passage[:_SHOWN])
            if found >= 0:
                yield _Mark(found, Became.TOLD, end=min(found + len(passage), len(text)), why=why)


def _find(text: str, clause: str, place: int) -> tuple[int, int]:
    """Return where a clause begins in a line from `place` on, and how much of it was found; it may end in another."""
    for length in range(min(len(clause), _SHOWN), 0, -1):
        found = text.find(clause[:length], place)
        if found >= 0:
            return found, length
    return -1, 0


def _beginning(text: str, found: int, place: int) -> int:
    """Return where a passage begins whose words stand at `found`: with its number."""
    number = _BEGINS.search(text, place, found)
    return number.start() if number is not None else found


def _passage(line: SourceLine, begin: int, end: int, mark: _Mark) -> Iterator[Passage]:
    text = line.text[begin:end].strip()
    if text:
        yield Passage(row=line.number, text=text, became=mark.became, why=mark.why)

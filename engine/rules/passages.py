"""What became of each passage of a text that was read in, and what people may answer about one.

Pure values: `intake.notice` fills them, pages and commands show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.rules.text import N_, Text


class Became(StrEnum):
    """What a passage became."""

    ASPECT = "aspect"
    PROBLEM = "problem"
    ITEM = "item"
    MEASURE = "measure"
    DEADLINE = "deadline"
    BESIDE = "beside"  #: a unit, a person or a state beside a measure
    TOTAL = "total"
    TOLD = "told"  #: it was not taken, and the notes tell why
    NOTHING = "nothing"  #: it claims nothing that could be taken


NAMES: dict[Became, Text] = {
    Became.ASPECT: N_("aspect"),
    Became.PROBLEM: N_("problem"),
    Became.ITEM: N_("item"),
    Became.MEASURE: N_("measure"),
    Became.DEADLINE: N_("deadline"),
    Became.BESIDE: N_("beside a measure"),
    Became.TOTAL: N_("declared total"),
    Became.TOLD: N_("not taken"),
    Became.NOTHING: N_("only text"),
}
#: What somebody may say that a passage is.
ANSWERS = (Became.ASPECT, Became.PROBLEM, Became.ITEM, Became.MEASURE, Became.DEADLINE, Became.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of a line, or all of it."""

    row: int
    text: str
    became: Became
    why: Text | None = None  #: it was not taken because of this
    is_answered: bool = False  #: somebody said so


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCounts:
    """How many lines of a text were taken, how many hold something that is told, and how many hold neither."""

    taken: int
    told: int
    left_out: int


def count_lines(passages: Sequence[Passage]) -> LineCounts:
    """Count the lines: each once, as told where anything in it is.

    >>> lines = [(1, Became.NOTHING), (2, Became.PROBLEM), (2, Became.MEASURE), (3, Became.MEASURE), (3, Became.TOLD)]
    >>> count_lines([Passage(row=row, text="…", became=became) for row, became in lines])
    LineCounts(taken=1, told=1, left_out=1)
    """
    rows: dict[int, set[Became]] = {}
    for one in passages:
        rows.setdefault(one.row, set()).add(one.became)
    told = sum(Became.TOLD in found for found in rows.values())
    left_out = sum(found == {Became.NOTHING} for found in rows.values())
    return LineCounts(taken=len(rows) - told - left_out, told=told, left_out=left_out)

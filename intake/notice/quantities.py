"""What a sentence of a notice counts: quantities (46项, 160条), each with what it counts and how many are done.

Pure functions over one sentence of half-width signs without blanks; called by `totals`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from intake.notice.chinese_numbers import DIGITS, UNITS, read_number

Kind = Literal["items", "measures"]
NUMBER = rf"(?:\d{{1,6}}|[{''.join(DIGITS)}{''.join(UNITS)}千]{{1,9}})"
_NOUN = r"问题(?!线索)|事项|任务|措施|举措|具体表现"
_QUANTITY = re.compile(
    rf"(?<![\d.第])(?P<number>{NUMBER})\s*(?P<counter>[个项条件])(?!方面)"
    rf"(?P<noun>(?:具体|反馈|突出|主要|重点|整改|巡视|巡察|的|立行立改)*(?:{_NOUN}))?"
)
_DONE = r"(?:完成|落实|办结|销号|整改到位|解决|整改)"
_DONE_BEFORE = re.compile(
    r"(?:完成|办结|销号|整改到位|(?:已经?|均|全部|累计)(?:整改|落实|解决))[^,;、]{0,8}$|(?:整改|落实|解决)$"
)
_DONE_AFTER = re.compile(
    rf"[中均都的]?(?:整改)?(?:任务|工作)?(?:已经?|均|都|全部|基本|现|也|实现|[如按]期|按时|按计划)+(?:整改|全部|顺利)*{_DONE}|{_DONE}率(?:为|达到?)?100%"
)
_OPEN_BEFORE = re.compile(r"未|正在|尚|剩余|其余|其他|持续|仍|推进中")
_OPEN_AFTER = re.compile(r"[均都仍]?(?:正在?|正按|未|尚|持续|仍|需|还|有序推进|推进中)")
_REST = re.compile(r"其余|剩余|余下|其他")
_TO_DO = re.compile(r"应|需|拟|计划|要求")
#: A part of the total, by its class: 立行立改20个已全部完成.
_PART = re.compile(r"立行立改|限期(?:整改)?|分阶段|阶段性|[近中短]期|长期")
#: What may stand between a total and how many of it are done.
_ONLY_DONE = re.compile(
    r"(?:其中|目前|报告日|现在?|累计|[如按]期|按时|按计划|截至目前|截[至止]到?[\d年月日]+|已经?|均|全部|整改|完成|落实|办结|销号|到位|解决|实际|共|计|了|中|的|有|占|率|[,;、:(]|\d+(?:\.\d+)?%)*"
)
#: The problems of the aspects, where the sentence counts what they were divided into as well.
_ASPECTS_ALONE = re.compile(
    rf"{NUMBER}(?:个|大)(?:大)?(?:方面|类)的?(?:{NUMBER}类)?{NUMBER}[个项条](?:主要|突出|具体|的)*问题"
    rf"(?=[^。]*{NUMBER}[个项条件](?:具体|整改|反馈)*(?:问题|事项|任务|表现))"
)
_PERCENT = re.compile(
    r"(?:(?:完成|办结|落实|销号|整改)率?|占(?:全部|总数)?(?:整改)?(?:措施|问题|任务|事项)?(?:总数)?的?)"
    r"(?:分别)?(?:已|约|为|达到?|的)*(\d{1,3}(?:\.\d+)?)%"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """So many of something."""

    number: int
    counter: str  #: 个, 项, 条, 件
    kind: Kind | None
    claim: Literal["all", "done", "open", "total", "part"]


@dataclass(slots=True)
class Claimed:
    """What a sentence claims of one kind."""

    total: int | None = None
    done: int | None = None
    still: int | None = None  #: not done yet
    is_all: bool = False  #: the total is only known from what is done
    percent: str | None = None  #: of the done
    parts: list[tuple[int, int | None]] = field(default_factory=list)  #: total and done of each class

    def take(self, one: Quantity) -> None:
        """Take the next quantity of this kind; the first of each claim counts."""
        if one.claim == "open":
            self.still = self.still or one.number
        elif one.claim == "part" or (self.parts and one.claim == "done" and self.parts[-1][1] is None):
            self._take_part(one)
        elif one.claim == "done" or (one.claim == "all" and self.total is not None):
            self.done = one.number if self.done is None else self.done
        elif self.total is None:
            self.total, self.is_all = one.number, one.claim == "all"
            self.done = one.number if self.is_all else self.done

    def _take_part(self, one: Quantity) -> None:
        if one.claim == "part":
            self.parts.append((one.number, None))
        else:
            self.parts[-1] = (self.parts[-1][0], one.number)
        if sum(total for total, _ in self.parts) == self.total:
            known = [done for _, done in self.parts if done is not None]
            self.done = sum(known) if len(known) == len(self.parts) else self.done

    def pair(self) -> tuple[int | None, int | None]:
        """Return (total, done)."""
        if self.is_all and self.still is not None and self.done is not None:
            return self.done + self.still, self.done
        return self.total, self.done


def claims(sentence: str, before: Quantity | None = None) -> tuple[dict[Kind, Claimed], Quantity | None]:
    """Return what a sentence claims of problems and of measures, and the last quantity whose kind it tells.

    `before` is that of the sentence before: 制定措施160条。已完成142条。
    """
    claimed: dict[Kind, Claimed] = {"items": Claimed(), "measures": Claimed()}
    waiting: Quantity | None = None  #: done, of what is only told afterwards
    last: Kind | None = None
    is_first = True
    named = before
    for one in quantities(sentence):
        if is_first and before is not None and one.kind is None and one.counter == before.counter:
            last = before.kind
        is_first = False
        if one.kind:
            for told in (waiting, one):
                if told:
                    claimed[one.kind].take(told)
            waiting, last, named = None, one.kind, one
        elif one.claim == "done" and (last is None or (claimed[last].done is not None and not claimed[last].parts)):
            waiting = one
        elif last and (one.claim != "total" or (claimed[last].total is None and claimed[last].done is not None)):
            claimed[last].take(one)
    percents = [found[1] for found in _PERCENT.finditer(sentence)]
    spoken = [kind for kind, one in claimed.items() if (one.total, one.done) != (None, None)]
    if len(percents) == 1 and not spoken and before is not None and before.kind and is_first:
        claimed[before.kind].percent = percents[0]
    elif len(percents) == len(spoken) == 1:
        claimed[spoken[0]].percent = percents[0]
    return claimed, named


def quantities(sentence: str) -> Iterator[Quantity]:
    """Yield the quantities of a sentence in order.

    >>> [(one.number, one.kind, one.claim) for one in quantities("反馈的46项问题,已完成32项")]
    [(46, 'items', 'total'), (32, None, 'done')]
    """
    found = list(_QUANTITY.finditer(_ASPECTS_ALONE.sub(lambda match: "#" * len(match[0]), sentence)))
    for place, match in enumerate(found):
        number = read_count(match["number"])
        if number is None:
            continue
        before = sentence[found[place - 1].end() if place else 0 : match.start()]
        after = sentence[match.end() : found[place + 1].start() if place + 1 < len(found) else len(sentence)]
        clause = re.split(r"[,;、:(]", before)[-1]
        own = re.split(r"[,;、()]", re.sub(r"^,(?=\w{0,3}(?:全部|均|都))", "", after))[0]
        is_last = len(own) < len(after) or place + 1 == len(found)
        noun = match["noun"] or next(iter(reversed(re.findall(_NOUN, clause))), None)
        is_alone = bool(_OPEN_BEFORE.match(clause)) and not own
        is_ours = bool(noun) or is_alone or any(_ONLY_DONE.fullmatch(one) for one in (before, clause))
        is_ours = is_ours or _REST.match(clause) is not None
        kind = _kind(noun)
        if not is_ours and _PART.search(clause) is not None:
            yield Quantity(number, match["counter"], None, "part")
            if is_last and _DONE_AFTER.match(own):
                yield Quantity(number, match["counter"], None, "done")
        elif is_ours:
            yield Quantity(number, match["counter"], kind, _claim(clause, own if is_last else ""))


def read_count(told: str) -> int | None:
    """Return a number in digits, or in words below ten thousand; None when it is none.

    >>> [read_count(told) for told in ("160", "一百六十", "一千零二十四", "两千", "十五十")]
    [160, 160, 1024, 2000, None]
    """
    if told.isdecimal():
        return int(told)
    thousands, sign, rest = told.partition("千")
    if not sign:
        return read_number(told)
    first, below = read_number(thousands), read_number(rest.removeprefix("零").removeprefix("〇")) if rest else 0
    return None if first is None or below is None else first * 1000 + below


def done_by(total: int, percent: str) -> int | None:
    """Return how many of a total a percentage says are done; None where several numbers, or none, would be so many.

    >>> done_by(50, "86"), done_by(160, "88.8"), done_by(1000, "86"), done_by(30, "86.5")
    (43, 142, None, None)
    """
    about = round(total * float(percent) / 100)
    fitting = [one for one in range(max(about - 1, 0), min(about + 1, total) + 1) if fits(one, total, percent)]
    return fitting[0] if len(fitting) == 1 else None


def fits(done: int, total: int, percent: str) -> bool:
    """Return whether so many of a total are, rounded or cut off, so many per cent."""
    scale: int = 10 ** len(percent.partition(".")[2])
    told, exact = round(float(percent) * scale), done * 100 * scale / total if total else 0.0
    return int(exact) == told or int(exact + 0.5) == told


def _kind(noun: str | None) -> Kind | None:
    if noun is None:
        return None
    return "measures" if noun.endswith(("措施", "举措")) else "items"


def _claim(before: str, after: str) -> Literal["all", "done", "open", "total"]:
    """Return what is claimed of a quantity by the words around it."""
    if _OPEN_BEFORE.search(before) or _OPEN_AFTER.match(after):
        return "open"
    if _DONE_BEFORE.search(before) and not _TO_DO.search(before):
        return "done"
    if _DONE_AFTER.match(after):
        return "all"
    return "total"

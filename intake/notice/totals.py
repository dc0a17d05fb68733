"""The totals that a notice claims, in whatever order and usual wording it claims them.  Called by `notice_facts`.

A sentence is read as quantities (46项, 160条), each with what it counts, and whether it says that so many are done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.rules.plan import Declared
from intake.notice.chinese_numbers import NUMERAL, read_number
from intake.notice.dates import read_days
from intake.notice.headings import NARROW

Kind = Literal["items", "measures"]
_NUMBER = rf"(?:\d{{1,5}}|{NUMERAL})"
_NOUN = r"问题(?!线索)|事项|任务|措施|举措"
_QUANTITY = re.compile(
    rf"(?<![\d.第])(?P<number>{_NUMBER})\s*[个项条件](?!方面)"
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
#: What may stand between a total and how many of it are done.
_ONLY_DONE = re.compile(
    r"(?:其中|目前|报告日|现在?|累计|[如按]期|按时|按计划|截至目前|已经?|均|全部|整改|完成|落实|办结|销号|到位|解决|实际|共|了|中|的|有|占|率|[,;、:(]|\d+(?:\.\d+)?%)*"
)
_WHOLE = re.compile(r"反馈|巡视|巡察|督察|督导|审计|截[至止]|总体|整改措施|整改任务|整改问题")
_ASPECTS = re.compile(
    rf"(?P<aspects>{_NUMBER})\s*(?:个|大)(?:大)?(?:方面|类)[、,的和共存在]*(?:(?P<problems>{_NUMBER})\s*[个项条类])?\s*(?:主要|突出|具体|的)*问题"
)

#: The problems of the aspects, where the sentence counts what they were divided into as well.
_ASPECTS_ALONE = re.compile(
    rf"{_NUMBER}(?:个|大)(?:大)?(?:方面|类)的?{_NUMBER}[个项条](?:主要|突出|具体|的)*问题"
    rf"(?=[^。]*{_NUMBER}[个项条件](?:具体|整改|反馈)*(?:问题|事项|任务))"
)


@dataclass(frozen=True, slots=True)
class _Quantity:
    number: int
    kind: Kind | None
    claim: Literal["all", "done", "open", "total"]


def read_declared(text: str) -> Declared:
    """Return the totals that the text claims.

    >>> read_declared("截至2025年9月10日,反馈的46项问题已完成整改32项;提出整改措施160条,已经完成142条。").items_done
    32
    """
    plain = re.sub(r"[ \t]+", "", text)
    as_of = next(
        (one.day for one in read_days(plain) if re.search(r"截[至止]到?[^\d,。]{0,4}$", plain[: one.begin])), None
    )
    aspects = _ASPECTS.search(plain)
    sentences = [sentence for sentence in re.split(r"[。!?\n]", plain) if _QUANTITY.search(sentence)]
    items, items_done = _find_pair(sentences, "items")
    measures, measures_done = _find_pair(sentences, "measures")
    if items is None:
        items = _first(rf"({_NUMBER})[个项条件]具体(?:问题|事项)", plain)
    if measures is None:
        measures = _first(
            rf"({_NUMBER})[个项条件](?:具体|整改)*(?:措施|举措)|(?:措施|举措)({_NUMBER})[个项条件]", plain
        )
    problems = _number(aspects["problems"]) if aspects and aspects["problems"] else None
    return Declared(
        aspects=_number(aspects["aspects"]) if aspects else None,
        problems=problems,
        problems_done=_done_of(sentences, problems),
        items=items,
        items_done=items_done,
        measures=measures,
        measures_done=measures_done,
        as_of=as_of,
    )


def counted(sentence: str) -> list[int]:
    """Return how many problems or measures a sentence speaks of, in order.

    >>> counted("反馈的46项问题已完成整改,制定措施160条,召开会议5次")
    [46, 160]
    """
    plain = re.sub(r"\s+", "", sentence.translate(NARROW))
    return [one.number for one in _quantities(plain) if one.kind]


def _first(pattern: str, text: str) -> int | None:
    found = re.search(pattern, text)
    return _number(found[1] or found[2] if found.re.groups > 1 else found[1]) if found else None


def _number(told: str) -> int:
    return int(told) if told.isdecimal() else read_number(told) or 0


def _find_pair(sentences: Sequence[str], kind: Kind) -> tuple[int | None, int | None]:
    """Return (total, done): of one sentence, one about the whole first; of two; or of one that tells the done alone.

    More done than there are is no such pair.
    """
    whole_first = sorted(sentences, key=lambda sentence: _WHOLE.search(sentence) is None)
    pairs = [(claimed, claimed.pair()) for claimed in (_claims(sentence)[kind] for sentence in whole_first)]
    known = [(claimed, total, done) for claimed, (total, done) in pairs if total is not None and done is not None]
    sound = [(claimed, total, done) for claimed, total, done in known if done <= total]
    told = next(((total, done) for claimed, total, done in sound if not claimed.is_all), None)
    alone = next(((total, done) for _, total, done in sound), (None, None))
    return told or _pair_of_two(sentences, kind) or alone


def _pair_of_two(sentences: Sequence[str], kind: Kind) -> tuple[int, int] | None:
    """Return the total of a sentence and how many are done by a later one that agrees with it."""
    total: int | None = None
    for claimed in (_claims(sentence)[kind] for sentence in sentences):
        if claimed.total is not None and claimed.done is None and total is None:
            total = claimed.total
        elif total is not None and claimed.done is not None:
            is_same = claimed.total is None or claimed.is_all or claimed.total == total
            still = total - claimed.done if claimed.still is None else claimed.still
            if is_same and claimed.done <= total and claimed.done + still == total:
                return total, claimed.done
    return None


def _done_of(sentences: Sequence[str], problems: int | None) -> int | None:
    """Return how many problems are done, where a sentence tells it of as many as there are."""
    pairs = [_claims(sentence)["items"].pair() for sentence in sentences if problems is not None]
    return next((done for total, done in pairs if total is not None and total == problems and done is not None), None)


@dataclass(slots=True)
class _Claimed:
    """What a sentence claims of one kind."""

    total: int | None = None
    done: int | None = None
    still: int | None = None  #: not done yet
    is_all: bool = False  #: the total is only known from what is done

    def take(self, one: _Quantity) -> None:
        """Take the next quantity of this kind; the first of each claim counts."""
        if one.claim == "open":
            self.still = self.still or one.number
        elif one.claim == "done" or (one.claim == "all" and self.total is not None):
            self.done = one.number if self.done is None else self.done
        elif self.total is None:
            self.total, self.is_all = one.number, one.claim == "all"
            self.done = one.number if self.is_all else self.done

    def pair(self) -> tuple[int | None, int | None]:
        """Return (total, done)."""
        if self.is_all and self.still is not None and self.done is not None:
            return self.done + self.still, self.done
        return self.total, self.done


def _claims(sentence: str) -> dict[Kind, _Claimed]:
    """Return what a sentence claims of problems and of measures."""
    claimed: dict[Kind, _Claimed] = {"items": _Claimed(), "measures": _Claimed()}
    waiting: _Quantity | None = None  #: done, of what is only told afterwards
    last: Kind | None = None
    for one in _quantities(sentence):
        if one.kind:
            for told in (waiting, one):
                if told:
                    claimed[one.kind].take(told)
            waiting, last = None, one.kind
        elif one.claim == "done" and (last is None or claimed[last].done is not None):
            waiting = one
        elif last and one.claim != "total":
            claimed[last].take(one)
    return claimed


def _quantities(sentence: str) -> Iterator[_Quantity]:
    """Yield the quantities of a sentence in order."""
    found = list(_QUANTITY.finditer(_ASPECTS_ALONE.sub(lambda match: "#" * len(match[0]), sentence)))
    for place, match in enumerate(found):
        before = sentence[found[place - 1].end() if place else 0 : match.start()]
        after = sentence[match.end() : found[place + 1].start() if place + 1 < len(found) else len(sentence)]
        clause = re.split(r"[,;、:]", before)[-1]
        own = re.split(r"[,;、(]", re.sub(r"^,(?=\w{0,3}(?:全部|均|都))", "", after))[0]
        is_last = len(own) < len(after) or place + 1 == len(found)
        noun = match["noun"] or next(iter(reversed(re.findall(_NOUN, clause))), None)
        is_ours = bool(noun) or any(_ONLY_DONE.fullmatch(one) for one in (before, clause)) or _REST.match(clause)
        claim = _claim(clause, own if is_last else "", bool(is_ours))
        if claim is not None:
            yield _Quantity(_number(match["number"]), _kind(noun), claim)


def _kind(noun: str | None) -> Kind | None:
    if noun is None:
        return None
    return "measures" if noun.endswith(("措施", "举措")) else "items"


def _claim(before: str, after: str, is_ours: bool) -> Literal["all", "done", "open", "total"] | None:  # noqa: FBT001 - told by its name
    """Return what is claimed of a quantity by the words around it; None when it counts something else."""
    if not is_ours:
        return None
    if _OPEN_BEFORE.search(before) or _OPEN_AFTER.match(after):
        return "open"
    if _DONE_BEFORE.search(before) and not _TO_DO.search(before):
        return "done"
    if _DONE_AFTER.match(after):
        return "all"
    return "total"

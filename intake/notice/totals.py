"""The totals that a notice claims, each with the sentence it came from, and where they contradict each other.

Called by `facts` and `left_out`.  What a section says of itself never stands for the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.rules.plan import Claim, Declared
from engine.rules.text import N_, Text
from intake.notice.dates import read_days
from intake.notice.headings import NARROW
from intake.notice.quantities import NUMBER, Claimed, Kind, Quantity, claims, done_by, fits, quantities, read_count
from intake.notice.source import SourceLine, text_lines

_WHOLE = re.compile(r"反馈|巡视|巡察|督察|督导|审计|截[至止]|总体|整改措施|整改任务|整改问题")
#: How a sentence within the findings speaks of all of them.
_OVER_ALL = re.compile(r"截[至止]|总体|反馈的|巡[视察]反馈|合计|总计")
_ASPECTS = re.compile(
    rf"(?P<aspects>{NUMBER})\s*(?:个|大)(?:大)?(?:方面|类)[、,的和共存在]*"
    rf"(?:(?P<kinds>{NUMBER})\s*类)?[、,的和共]*(?:(?P<problems>{NUMBER})\s*[个项条])?\s*(?:主要|突出|具体|的)*问题"
)
_REST = re.compile(r"其余|剩余|余下")
_SEPARATED = re.compile(r"(?<![\d,.])\d{1,3}(?:[,\uff0c]\d{3})+(?![\d])")
_OF_SEVERAL = re.compile(r"(\d+)/\d+[个项条件]")
_LONGEST = 60  #: characters of a passage that is told
_DIVIDED = re.compile(rf"[^。]*{NUMBER}[个项条件](?:具体|整改|反馈)*(?:问题|事项|任务|表现)")


@dataclass(frozen=True, slots=True)
class Totals:
    """What the text claims in all."""

    declared: Declared
    claims: tuple[Claim, ...] = ()
    remarks: tuple[Text, ...] = ()  #: where numbers do not go together, or were not taken


@dataclass(slots=True)
class _Sentence:
    """A sentence that counts something, and what it claims."""

    row: int
    text: str  #: as it is written
    plain: str
    is_within: bool  #: it stands among the findings
    claimed: dict[Kind, Claimed] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[bool, bool]:
        """The order in which sentences are believed: about the whole first."""
        return self.is_within, _WHOLE.search(self.plain) is None


@dataclass(frozen=True, slots=True)
class _Pair:
    """A total and how many are done, with the sentences that tell them."""

    total: int | None = None
    done: int | None = None
    total_in: _Sentence | None = None
    done_in: _Sentence | None = None


def read_declared(text: str) -> Declared:
    """Return the totals that the text claims.

    >>> read_declared("截至2025年9月10日,反馈的46项问题已完成整改32项;提出整改措施160条,已经完成142条。").items_done
    32
    """
    return read_totals(text_lines(text)).declared


def read_totals(lines: Sequence[SourceLine], findings: tuple[int, int] | None = None) -> Totals:
    """Return the totals of a text; `findings` are the first and last line of what it tells of single findings."""
    sentences = list(_sentences(lines, findings))
    read = [one for one in sentences if one.claimed]
    items, measures = _find_pair(read, "items"), _find_pair(read, "measures")
    aspects, problems, aspects_in = _aspects(sentences)
    problems_done, problems_in = _done_of(sentences, problems)
    declared = Declared(
        aspects=aspects,
        problems=problems,
        problems_done=problems_done,
        items=items.total,
        items_done=items.done,
        measures=measures.total,
        measures_done=measures.done,
        as_of=_as_of(lines),
    )
    found = (
        ("aspects", aspects, aspects_in),
        ("problems", problems, aspects_in),
        ("problems_done", problems_done, problems_in),
        ("items", items.total, items.total_in),
        ("items_done", items.done, items.done_in),
        ("measures", measures.total, measures.total_in),
        ("measures_done", measures.done, measures.done_in),
    )
    told = tuple(
        Claim(what=what, number=number, row=one.row, text=_part_with(one.text, number))
        for what, number, one in found
        if number is not None and one is not None
    )
    remarks = [text for one in sentences for text in _contradictions(one)]
    remarks += _percents_left(sentences, "items", items)
    remarks += _percents_left(sentences, "measures", measures)
    return Totals(declared, told, tuple(remarks))


def counted(sentence: str) -> list[int]:
    """Return how many problems or measures a sentence speaks of, in order.

    >>> counted("反馈的46项问题已完成整改,制定措施160条,召开会议5次")
    [46, 160]
    """
    plain = _plain(sentence)
    of_several = [int(told) for told in _OF_SEVERAL.findall(plain)]
    return of_several + [one.number for one in quantities(plain) if one.kind or one.claim != "total"]


def _plain(text: str) -> str:
    """Return a text in half-width signs, without blanks and without the commas of large numbers."""
    narrow = re.sub(r"\s+", "", text.translate(NARROW))
    return _SEPARATED.sub(lambda match: re.sub(r"\D", "", match[0]), narrow)


def _sentences(lines: Sequence[SourceLine], findings: tuple[int, int] | None) -> Iterator[_Sentence]:
    before: Quantity | None = None
    for line in lines:
        is_within = findings is not None and findings[0] <= line.number <= findings[1]
        for text in re.split(r"(?<=[。!?\uff01\uff1f])", line.text):
            plain = _plain(text).rstrip("。!?")
            claimed, named = claims(plain, before)
            before = named if named is not None else before
            if not plain:
                continue
            counts = any(one != Claimed() for one in claimed.values())
            is_read = counts and (not is_within or _OVER_ALL.search(plain) is not None)
            yield _Sentence(line.number, text.strip(), plain, is_within, claimed if is_read else {})


def _part_with(sentence: str, number: int) -> str:
    """Return the part of a sentence, between semicolons or commas where it is long, that holds a number; else all."""
    spoken = re.compile(rf"(?<!\d){number}(?!\d)")
    for signs in (r"[;\uff1b]", r"[;,\uff1b\uff0c](?!\d)"):
        parts = [part.strip() for part in re.split(signs, sentence)]
        found = next((part for part in parts if spoken.search(_plain(part))), sentence)
        if len(found) <= _LONGEST:
            return found
    return found


def _as_of(lines: Sequence[SourceLine]) -> date | None:
    whole = "\n".join(_plain(line.text) for line in lines)
    days = (one.day for one in read_days(whole) if re.search(r"截[至止]到?[^\d,。]{0,4}$", whole[: one.begin]))
    return next(days, None)


def _aspects(sentences: Sequence[_Sentence]) -> tuple[int | None, int | None, _Sentence | None]:
    """Return how many aspects and problems there are; kinds of problems are problems where nothing else counts them."""
    for one in sorted(sentences, key=lambda one: one.is_within):
        found = _ASPECTS.search(one.plain)
        if found is None or (one.is_within and _OVER_ALL.search(one.plain) is None):
            continue
        kinds, problems = (read_count(found[name]) if found[name] else None for name in ("kinds", "problems"))
        is_divided = problems is None or _DIVIDED.match(one.plain, found.end()) is None
        return read_count(found["aspects"]), kinds if kinds and (problems is None or is_divided) else problems, one
    return None, None, None


def _find_pair(sentences: Sequence[_Sentence], kind: Kind) -> _Pair:
    """Return total and done: of one sentence, one about the whole first; of two; or of one that tells the done alone.

    More done than there are is no such pair.
    """
    ordered = [(one, one.claimed[kind]) for one in sorted(sentences, key=lambda one: one.rank)]
    known = [(one, claimed, *claimed.pair()) for one, claimed in ordered]
    pairs = [
        (claimed, _Pair(total, done, one, one))
        for one, claimed, total, done in known
        if total is not None and done is not None and done <= total
    ]
    told = next((pair for claimed, pair in pairs if not claimed.is_all), None)
    alone = next((pair for _, pair in pairs), None)
    return (
        told
        or _pair_of_two(sentences, kind)
        or _pair_by_percent(sentences, kind)
        or alone
        or _pair_of_parts(ordered)
        or _total_alone(ordered)
        or _Pair()
    )


def _pair_of_two(sentences: Sequence[_Sentence], kind: Kind) -> _Pair | None:
    """Return the total of a sentence and how many are done by a later one that agrees with it."""
    total_in: _Sentence | None = None
    total: int | None = None
    for one in sentences:
        claimed = one.claimed[kind]
        if claimed.total is not None and claimed.done is None and total is None:
            total, total_in = claimed.total, one
        elif total is not None and claimed.done is not None:
            is_same = claimed.total is None or claimed.is_all or claimed.total == total
            still = total - claimed.done if claimed.still is None else claimed.still
            if is_same and claimed.done <= total and claimed.done + still == total:
                return _Pair(total, claimed.done, total_in, one)
    return None


def _pair_by_percent(sentences: Sequence[_Sentence], kind: Kind) -> _Pair | None:
    """Return the total and how many are done by the percentage behind it."""
    total: _Sentence | None = None
    for one in sentences:
        claimed = one.claimed[kind]
        total = one if claimed.total is not None else total
        if total is not None and claimed.percent is not None and (number := total.claimed[kind].total) is not None:
            done = done_by(number, claimed.percent)
            return None if done is None else _Pair(number, done, total, one)
    return None


def _pair_of_parts(ordered: Sequence[tuple[_Sentence, Claimed]]) -> _Pair | None:
    """Return what is done and what is not, added up, where nothing tells the total."""
    if any(claimed.total is not None for _, claimed in ordered):
        return None
    found = ((one, told) for one, told in ordered if told.done is not None and told.still is not None)
    return next((_Pair((told.done or 0) + (told.still or 0), told.done, one, one) for one, told in found), None)


def _total_alone(ordered: Sequence[tuple[_Sentence, Claimed]]) -> _Pair | None:
    """Return the total that nothing is said to be done of: of items only where they are counted as such."""
    found = ((one, told) for one, told in ordered if told.total is not None and not told.is_all and told.done is None)
    return next((_Pair(total=told.total, total_in=one) for one, told in found if _is_counted(one, told)), None)


def _is_counted(one: _Sentence, told: Claimed) -> bool:
    if told is one.claimed["measures"]:
        return True
    return re.search(rf"{told.total}[个项条件](?:具体|整改)(?:问题|事项|表现)", one.plain) is not None


def _done_of(sentences: Sequence[_Sentence], problems: int | None) -> tuple[int | None, _Sentence | None]:
    """Return how many problems are done, where a sentence tells it of as many as there are."""
    for one in sentences if problems is not None else ():
        total, done = one.claimed["items"].pair() if one.claimed else (None, None)
        if total is not None and total == problems and done is not None and done <= total:
            return done, one
    return None, None


def _contradictions(one: _Sentence) -> Iterator[Text]:
    """Yield where the numbers of a sentence do not go together."""
    for claimed in one.claimed.values():
        total, done = claimed.total, claimed.done
        if total is None or done is None or claimed.is_all:
            continue
        said = {"row": one.row, "done": done, "total": total, "still": claimed.still}
        if done > total:
            yield N_("row {row}: the text contradicts itself: {done} of {total} cannot be done", **said)
        elif claimed.still is not None and (
            done + claimed.still > total or (done + claimed.still < total and _REST.search(one.plain))
        ):
            yield N_(
                "row {row}: the text contradicts itself: {done} done and {still} not done do not make {total}", **said
            )
        elif claimed.percent is not None and not fits(done, total, claimed.percent):
            yield N_(
                "row {row}: the text contradicts itself: {done} of {total} are not {percent} per cent",
                **said,
                percent=claimed.percent,
            )


def _percents_left(sentences: Sequence[_Sentence], kind: Kind, pair: _Pair) -> Iterator[Text]:
    """Yield the percentages that no number follows from."""
    for one in sentences if pair.done is None else ():
        percent = one.claimed[kind].percent if one.claimed else None
        if percent is not None:
            yield N_(
                "row {row}: {percent} per cent done were not taken: no single number of done is so many per cent",
                row=one.row,
                percent=percent,
            )

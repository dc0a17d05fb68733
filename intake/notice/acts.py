"""How often something was checked: what a notice says in all, beside what it tells one by one.

A notice claims 21 checks on 8 topics and then tells, under its findings, each with its topic.  Called by `read_notice`;
only says where the two differ, and takes neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.rules.text import N_, Text
from intake.notice.headings import NARROW
from intake.notice.quantities import NUMBER, read_count
from intake.notice.source import SourceLine, shorten

_ACT = r"(?:核查|检查|督查|抽查|巡查|排查|督导|调研|约谈)"
_IN_ALL = re.compile(
    rf"(?P<topics>{NUMBER})(?:个|项|类)(?:重点|突出|关注|专项)*(?:问题|事项|专题|领域|方面|课题)[,、]?[^。;\d]{{0,8}}"
    rf"专项(?P<act>{_ACT})(?P<times>{NUMBER})[次轮场]"
)
_TOPICS = re.compile(r"(?:针对|围绕|就|整改|聚焦)(?P<named>[^。;,]{1,60}?)(?:问题|事项|情况|领域)")
_QUOTED = re.compile(r"[“\"「]([^”\"」]+)[”\"」]")


@dataclass(frozen=True, slots=True)
class _Told:
    """One act, or several on the same topics."""

    row: int
    times: int
    topics: frozenset[str]


def acts_that_differ(lines: Sequence[SourceLine], findings: tuple[int, int]) -> Iterator[Text]:
    """Yield where acts that are told one by one are not as many, or on other topics, than is said in all."""
    for line in lines:
        if findings[0] <= line.number <= findings[1]:
            continue
        for found in _IN_ALL.finditer(line.text.translate(NARROW)):
            told = list(_one_by_one(lines, findings, found["act"]))
            times, topics = sum(one.times for one in told), len(frozenset().union(*(one.topics for one in told)))
            said = read_count(found["topics"]), read_count(found["times"])
            if told and said != (topics, times):
                yield N_(
                    "row {row}: the text declares “{text}”; told one by one are {times} times on {topics} topics "
                    "(rows {rows})",
                    row=line.number,
                    text=shorten(line.text[slice(*found.span())]),
                    times=times,
                    topics=topics,
                    rows=", ".join(str(row) for row in dict.fromkeys(one.row for one in told)),
                )


def _one_by_one(lines: Sequence[SourceLine], findings: tuple[int, int], act: str) -> Iterator[_Told]:
    times = re.compile(rf"(?P<times>{NUMBER})[次轮场]")
    for line in lines:
        if not findings[0] <= line.number <= findings[1]:
            continue
        for sentence in re.split("[。;]", line.text.translate(NARROW)):
            place = sentence.find(f"专项{act}")
            found = re.compile(rf"{act}{times.pattern}").search(sentence, max(place, 0))
            number = read_count(found["times"]) if found is not None else None
            if place >= 0 and number is not None:
                yield _Told(line.number, number, frozenset(_topics(sentence)))


def _topics(sentence: str) -> Iterator[str]:
    """Yield what the acts of a sentence are about: each quoted name, or the words before 问题."""
    named = _TOPICS.search(sentence)
    if named is None:
        return
    quoted = _QUOTED.findall(named["named"])
    yield from quoted or [named["named"]]

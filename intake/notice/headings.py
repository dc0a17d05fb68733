"""What a numbered line of a notice names: its number, its heading, and where quoted text begins and ends.

Pure functions over one line of text; called by the grammar in `outline` and its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from intake.notice.chinese_numbers import NUMERAL, read_number

#: Full-width signs and what they match as; one for one, so that places stay the same.
NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("　"): " ",
    ord("【"): " ",
    ord("】"): ":",
    ord("○"): "〇",
}
QUOTES = (("“", "”"), ("‘", "’"), ("「", "」"), ("『", "』"), ("《", "》"), ('"', '"'))
_CLOSES = dict(QUOTES)
_MARKS = re.compile("[" + "".join(mark for pair in QUOTES for mark in pair) + "]")

_CHINESE_RANKS, _PROBLEM_RANK = 2, 2
_MARKERS = (  # in the order of rank: 一、 (一) 1. (1) 1) ①
    re.compile(rf"({NUMERAL})\s*[、.](?!\d)\s*"),
    re.compile(rf"\(({NUMERAL})\)\s*[、.]?\s*"),
    re.compile(r"(\d{1,3})\s*[.、](?!\d)\s*"),
    re.compile(r"\((\d{1,3})\)\s*[、.]?\s*"),
    re.compile(r"(\d{1,3})\)\s*[、.]?\s*"),
    re.compile(r"([①-⑳])\s*[、.]?\s*"),
)
#: 1.1 and 1.1.1, each with its rank; 1.5亿元 is no number of a line.
_DOTTED = (
    (4, re.compile(r"\d{1,2}\.\d{1,2}\.(\d{1,2})(?![\d.%])\s*[、.]?\s*")),
    (3, re.compile(r"\d{1,2}\.(\d{1,2})(?![\d.%])\s*(?:[、.]\s*|(?=关于|针对))")),
)
_COUNT = rf"(\d{{1,3}}|{NUMERAL})"
#: Headings that say by their own word what they number, each with its rank: 第一方面:… 问题一:… 措施1:…
_CALLED = (
    (re.compile(rf"\s*(?:第{_COUNT}个?方面|方面{_COUNT})\s*[:.、]\s*"), 0),
    (
        re.compile(rf"\s*(?:(?:反馈|存在|整改)?问题|反馈意见)\s*{_COUNT}\s*[:.、]\s*|\s*第{_COUNT}个问题\s*[:.、]\s*"),
        _PROBLEM_RANK,
    ),
    (re.compile(rf"\s*(?:整改)?(?:措施|举措)\s*{_COUNT}\s*[:.、]\s*"), 3),
)
#: How far a finding is, or any other remark, in brackets behind its heading.
_TAG = re.compile(
    r"\s*[(\uff08\u3010\[\u3014](?:已经?|正在|正|基本|部分|尚?未|全部|持续|长期|阶段性|立行立改|限期|整改|完成|推进|落实|销号|坚持|解决|到位|进行|办结|中|并|[,、\uff0c])+"
    r"[)\uff09\u3011\]\u3015]\s*"
    r"|(?<=问题|情况|方面)[(\uff08\u3010][^()\uff08\uff09\u3010\u3011。;]{1,20}[)\uff09\u3011]"
)
#: Who pointed a finding out, before its name in quotation marks.
_POINTED = re.compile(
    r"[^“”\"「」。,\uff0c]{0,20}?(?:反馈|指出|提出|发现|通报|移交)[^“”\"「」。,\uff0c]{0,6}(?=[“\"「])"
)
_QUOTED_STATE = re.compile(r"(?<=[”」\"])(?:的)?整改(?:落实|进展|完成)?情况$")
#: What a heading that names a problem ends with.
_ABOUT = r"(?:的)?(?:整改)?(?:落实|进展|完成)?(?:情况)?"
_NAMES = re.compile(rf"(?:存在)?(?:的)?(?:突出|有关|具体)?问题{_ABOUT}(?:方面)?$|方面(?:的|存在的)?(?:问题)?{_ABOUT}$")
#: Headings about the whole feedback, not about one finding.
_WHOLE = re.compile(r"反馈|移交|巡视整改|巡察整改|整改任务|线索|^(?:重点|突出|主要|具体|有关|各类|存在|集中|整改|的)*$")
#: What a finding says and a section about the whole feedback does not.
_FAULT = re.compile(r"不|差距|欠缺|缺|薄弱|滞后|短板|弱化|虚化|流于|迟|松懈|走样|变形|敷衍|乏力|偏|表面|形式")
#: Sections that name again what stands above, because it goes on.
_AGAIN = re.compile(
    r"(?:需要?|仍需|尚需|正在)?(?:长期|持续|继续)(?:整改|推进|坚持)的?.{0,6}(?:问题|事项|任务)|(?:尚未|未)(?:整改)?(?:完成|到位).{0,6}(?:问题|事项|任务)"
)
#: How clauses begin that do something about a problem, and do not name it.
_DOES = re.compile(r"着力|切实|督促|推动|解决|整改|梳理|排查|聚焦|围绕|加强|强化|查摆|逐一|全面|认真|坚持|深化|落实")
#: Labels before what was done; 整改措施 and 整改情况 of one finding may both be told.
LABEL = re.compile(
    r"\s*(?:具体)?(?:整改)?(?P<measures>(?:主要|具体)?(?:措施|举措)(?:及|和)?(?:落实情况|进展情况|情况|(?:整改)?成效|(?:整改)?进展)?)\s*(?:[:。]|$)\s*"
    r"|\s*(?:主要)?整改(?:落实|进展|完成)?(?:情况|进展|成效|结果)\s*(?:[:。]|$)\s*|\s*(?:进展|落实|完成)情况\s*(?:[:]|$)\s*"
)
_PROBLEM_LABEL = re.compile(r"\s*(?:巡视|巡察)?(?:反馈|存在)?(?:的)?(?:具体)?问题\s*:\s*")
HEAD_END = "。;:!?"


def marker(text: str) -> tuple[int, int, int] | None:
    """Return (kind of number, the number, where the text after it begins) of a numbered line."""
    narrow = text.translate(NARROW)
    for called, rank in _CALLED:
        match = called.match(narrow)
        if match is not None:
            told = next(one for one in match.groups() if one)
            number = int(told) if told.isdecimal() else read_number(told)
            return None if number is None else (rank, number, match.end())
    for rank, dotted in _DOTTED:
        match = dotted.match(narrow)
        if match is not None:
            return rank, int(match[1]), match.end()
    for rank, pattern in enumerate(_MARKERS):
        match = pattern.match(narrow)
        if match is None:
            continue
        told = match[1]
        number = read_number(told) if rank < _CHINESE_RANKS else circled(told) or int(told)
        if number is not None:
            return rank, number, match.end()
    return None


def is_called(text: str) -> bool:
    """Return whether a numbered line says by its own word that it is a problem or an aspect.

    >>> is_called("问题一:学习少"), is_called("第二方面:作风"), is_called("措施1:清退")
    (True, True, False)
    """
    narrow = text.translate(NARROW)
    return any(rank <= _PROBLEM_RANK and called.match(narrow) for called, rank in _CALLED)


def is_again(heading: str) -> bool:
    """Return whether a section names findings again that stand above it.

    >>> is_again("需要长期整改的事项"), is_again("关于“长期整改的问题销号慢”的问题")
    (True, False)
    """
    return _AGAIN.search(heading) is not None and _FAULT.search(_AGAIN.sub("", heading)) is None and "“" not in heading


def circled(told: str) -> int | None:
    """Return the number of ① to ⑳; None of anything else."""
    return ord(told) - ord("①") + 1 if "①" <= told <= "⑳" else None


def split_heading(text: str, *, loose: bool = False) -> tuple[str, str] | None:
    """Return (what a heading names, the text after it) where it names a problem or an aspect; else None.

    >>> split_heading("针对“思想‘武装’不够”的问题。一是学习。")
    ('思想‘武装’不够', '一是学习。')
    >>> split_heading("关于作风方面")
    ('作风', '')
    >>> split_heading("关于巡视反馈问题的整改情况") is None
    True

    Headings without 关于 or 针对 name a problem only loosely: the line may as well tell what was done about one.

    >>> split_heading("学习不深入的问题") is None
    True
    >>> split_heading("学习不深入的问题", loose=True)
    ('学习不深入', '')
    """
    text = untagged(text)
    narrow = text.translate(NARROW)
    labelled = _PROBLEM_LABEL.match(narrow)
    if labelled is not None:
        named, rest = first_sentence(text[labelled.end() :])
        return (name_of(named), rest) if named else None
    match = re.match(r"\s*(?:关于|针对)\s*", text)
    if match is None and (not loose or _DOES.match(text)):
        return None
    head, rest = first_sentence(text[match.end() if match else 0 :])
    named_or_none = _strip_names(head)
    if named_or_none is None and match:  # 关于…问题,我们…: the heading ends at a comma
        for place in places(head, ","):
            named_or_none = _strip_names(head[:place])
            if named_or_none is not None:
                rest = head[place + 1 :] + rest
                break
    if named_or_none is not None and (pointed := _POINTED.match(named_or_none)) is not None:
        named_or_none = named_or_none[pointed.end() :]
    if named_or_none is None or (_is_whole(named_or_none) and not _is_quoted(named_or_none)):
        return None
    return _unquoted(named_or_none), rest.strip()


def _is_whole(name: str) -> bool:
    """Return whether a heading is about the whole feedback, or hands on; one that says what is wrong is a finding."""
    return _WHOLE.search(name) is not None and _FAULT.search(name) is None


def tag_of(text: str) -> str | None:
    """Return the remark in brackets behind a heading.

    >>> tag_of("关于“学习少”的问题(已完成)"), tag_of("学习少的问题")
    ('已完成', None)
    """
    tag = _TAG.search(text)
    if tag is None or next(places(text[: tag.start()], HEAD_END), None) is not None:
        return None
    return tag[0].strip().strip("()\uff08\uff09\u3010\u3011[]\u3014\u3015")


def untagged(text: str) -> str:
    """Return a heading without the remark in brackets behind it, such as how far the finding is."""
    tag = _TAG.search(text)
    if tag is None or next(places(text[: tag.start()], HEAD_END), None) is not None:
        return text
    return text[: tag.start()] + text[tag.end() :]


def name_of(text: str) -> str:
    """Return what a heading names, without its number and the words around the name.

    >>> name_of("(一)关于“规划滞后”问题"), name_of("规划滞后。")
    ('规划滞后', '规划滞后')
    """
    found = marker(text)
    plain = text[found[2] :] if found else text
    named = split_heading(plain, loose=True)
    head = named[0] if named and not named[1] else untagged(plain)
    stripped = re.sub(r"[。;:\s\uff1b\uff1a]+$", "", head.strip())
    return _unquoted(_strip_names(stripped) or stripped)


def first_sentence(text: str) -> tuple[str, str]:
    """Return the first sentence without its end sign, and the rest; quoted signs end nothing."""
    for place in places(text, HEAD_END):
        return text[:place], text[place + 1 :].strip()
    return text, ""


def places(text: str, signs: Collection[str]) -> Iterator[int]:
    """Yield where one of `signs` stands outside quotation marks; full-width signs count as their narrow twins."""
    quoted = quoted_places(text)
    for place, character in enumerate(text.translate(NARROW)):
        if character in signs and place not in quoted:
            yield place


@lru_cache(maxsize=64)
def quoted_places(text: str) -> frozenset[int]:
    """Return the places inside quotation marks; a mark without its partner quotes nothing."""
    inside: set[int] = set()
    waiting: dict[str, list[int]] = {closing: [] for _, closing in QUOTES}
    for match in _MARKS.finditer(text):
        place, mark = match.start(), match[0]
        if waiting.get(mark):
            inside.update(range(waiting[mark].pop(), place + 1))
        elif mark in _CLOSES:
            waiting[_CLOSES[mark]].append(place)
    return frozenset(inside)


def _strip_names(head: str) -> str | None:
    stripped = head.strip()
    found = _NAMES.search(stripped) or _QUOTED_STATE.search(stripped)
    return stripped[: found.start()].strip() or None if found else None


def _unquoted(text: str) -> str:
    """Return the phrase inside the quotation marks, where they hold all of it."""
    return text[1:-1].strip() or text if _is_quoted(text) else text


def _is_quoted(text: str) -> bool:
    """Return whether one pair of quotation marks holds all of a text; 《…》 is a title and part of it."""
    for opening, closing in QUOTES:
        if opening == "《" or not text.startswith(opening) or not text.endswith(closing) or len(text) < 3:  # noqa: PLR2004 - both marks and something
            continue
        depth = 0
        for character in text[1:-1]:
            depth += (character == opening) - (character == closing)
            if depth < 0 or (opening == closing and character == opening):
                return False
        return depth == 0
    return False

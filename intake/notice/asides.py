"""What is told beside a measure on a label: who, until when, how far it is, and how the fault showed.

An aside is taken out of the text before its clauses are counted, so that its own numbers count nothing, and is given
back to the clause behind which it stood.  Pure functions over lines; called by `clauses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.rules.ledger_layout import LEDGER, Field, key_of, without_remark
from intake.notice.headings import LABEL, NARROW, first_sentence, quoted_places
from intake.notice.source import SourceLine
from intake.notice.states import read_standing

_WHO = r"(?:整改)?(?:责任|牵头|配合|协办|主责|承办|包干|分管|督办)"
_PLACES = r"(?:单位|部门|科室|处室)"
_PEOPLE = r"(?:领导|人员|人)"
_WHEN = r"(?:计划|预计)?(?:整改|完成|办理|办结|落实)?(?:时限|期限|时间)(?:要求)?"
_STATE = r"(?:完成|整改|办理|当前)状态|销号(?:情况|状态)|是否(?:完成|销号)"
_FAULT = r"问题(?:描述|表现)|(?:具体|主要|突出)?表现(?:形式)?|(?:主要|突出)?存在(?:的)?(?:主要|突出|具体)?问题"
_OTHER = r"(?:整改|完成)目标|整改类型"
_KINDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (rf"(?:整改)?(?:配合|协办){_PLACES}", Field.CO_UNITS),
        (rf"(?!督办){_WHO}{_PLACES}", Field.UNIT),
        (rf"(?!督办){_WHO}领导", Field.LEAD),
        (rf"(?!督办){_WHO}(?:人员|人)", Field.OWNER),
        (_WHEN, Field.DUE),
        (_STATE, Field.STATE),
    )
)
_ASIDE = re.compile(
    rf"[\s(]*(?P<label>{_WHO}(?:{_PLACES}|{_PEOPLE})(?:(?:及|和|、){_WHO}?(?:{_PLACES}|{_PEOPLE}))*|{_WHEN}|{_STATE}"
    rf"|(?P<fault>{_FAULT})|{_OTHER}|〔[^〕]*〕)\s*:(?P<value>[^。]*)。?"
)
#: Where the measures begin behind the words that describe the fault.
_TURN = re.compile(r"(?<=[。;])\s*(?:一是|①|\(1\)|1[.、])")
_REMARK = re.compile(r"[(\uff08\u3010\[]([^()\uff08\uff09\u3010\u3011\[\]]{2,40})[)\uff09\u3011\]]\W*$")
#: A deadline and nothing else.
_DAY = re.compile(
    r"\s*(?:于|在|计划|预计|拟|确保|力争)*(?:\d{4}年|今年|明年|当年)?(?:\d{1,2}月(?:\d{1,2}[日号]|底|末|[上中下]旬)?|年[底末]|第?[一二三四1-4]季度)"
    r"(?:之?前|以前)?(?:全部|基本)?(?:完成|整改到位|到位|办结|销号)?\s*"
)
_AFTER = "。;:!?,( "
_FIRST_MARK = 0xE000  #: private signs, one for each aside of a text: no notice holds them
_MARKS = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Aside:
    """One label with what it says."""

    line: int
    label: str
    value: str
    kind: Field | None  #: None: what no field of a measure holds

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.label}:{self.value}"


def hide(paragraphs: Sequence[SourceLine]) -> tuple[list[SourceLine], list[Aside]]:
    """Return the paragraphs with a mark in the place of every aside, each in a paragraph of its own, and the asides."""
    kept: list[SourceLine] = []
    asides: list[Aside] = []
    for line in paragraphs:
        for piece in pieces(line):
            found = match(piece.text)
            if found is None:
                kept += _without_standing(piece, asides)
                continue
            end = found.end()
            if found["fault"]:  # all of the paragraph describes it, up to where measures are counted
                turn = None if _TURN.match("。" + found["value"].lstrip(), 1) else _TURN.search(piece.text, end - 1)
                end = turn.start() if turn else len(piece.text)
            value = piece.text[found.start("value") : end].strip(" 。;,()\uff1b\uff0c\uff08\uff09")
            label = piece.text[slice(*found.span("label"))].strip("〔〕")
            asides.append(Aside(piece.number, label, value, _kind(label)))
            kept.append(SourceLine(piece.number, chr(_FIRST_MARK + len(asides) - 1)))
            if piece.text[end:].strip(" )\uff09;,"):
                kept.append(SourceLine(piece.number, piece.text[end:].strip()))
    return kept, asides


def _without_standing(line: SourceLine, asides: list[Aside]) -> list[SourceLine]:
    """Return a paragraph without the words that it begins with, where they only tell how far something is."""
    label = LABEL.match(line.text.translate(NARROW))
    begin = label.end() if label is not None else 0
    sentence, rest = first_sentence(line.text[begin:])
    if read_standing(sentence) is None:
        return [line]
    asides.append(Aside(line.number, line.text[:begin].strip(" :\uff1a。"), sentence.strip(), Field.STATE))
    mark = SourceLine(line.number, chr(_FIRST_MARK + len(asides) - 1))
    return [mark, SourceLine(line.number, line.text[:begin] + rest)] if rest else [mark]


def standing_aside(line: int, phrase: str) -> Aside | None:
    """Return what a phrase tells of how far something is, or of its class alone; None where it tells anything else."""
    said = read_standing(phrase)
    if said is None:
        return None
    return Aside(line, "", phrase.strip(), Field.CLASS if said.state is None else Field.STATE)


def behind(line: int, text: str) -> Iterator[Aside]:
    """Yield what a remark in brackets at the end of a measure tells of when and how far: (2025年6月底前完成)."""
    remark = _REMARK.search(text)
    if remark is not None and (whole := standing_aside(line, remark[1])) is not None:
        yield whole
        return
    for part in re.split(r"[;,\uff1b\uff0c]", remark[1]) if remark is not None else ():
        if (one := standing_aside(line, part)) is not None:
            yield one
        elif _DAY.fullmatch(part.translate(NARROW)):
            yield Aside(line, "", part.strip(), Field.DUE)


def match(text: str) -> re.Match[str] | None:
    """Return the match of an aside that a text begins with."""
    return _ASIDE.match(text.translate(NARROW))


def seek(text: str, asides: Sequence[Aside]) -> tuple[str, tuple[Aside, ...]]:
    """Return a text without its marks, and the asides that stood in their places."""
    found = tuple(asides[ord(mark) - _FIRST_MARK] for mark in _MARKS.findall(text))
    return _MARKS.sub("", text), found


def is_mark(line: SourceLine) -> bool:
    """Return whether a paragraph is the mark of an aside and nothing else."""
    return _MARKS.fullmatch(line.text) is not None


def pieces(line: SourceLine) -> Iterator[SourceLine]:
    """Yield a paragraph, cut before every label that begins a sentence or a part of one."""
    narrow = line.text.translate(NARROW)
    quoted = quoted_places(line.text)
    cuts = [0]
    for pattern, boundary in ((LABEL, "。;:!? "), (_ASIDE, _AFTER)):
        place = 0
        while (found := pattern.search(narrow, place)) is not None:
            begin = found.start()
            place = max(begin + 1, found.end("label") if pattern is _ASIDE else found.end())
            before = narrow[begin - 1] if begin else ""
            is_cut = begin and ":" in found[0] and begin not in quoted
            if is_cut and (before in boundary or narrow[begin] in " ("):
                cuts.append(begin)
    cuts = sorted(set(cuts))
    for begin, end in zip(cuts, [*cuts[1:], len(line.text)], strict=True):
        if line.text[begin:end].strip(" (\uff08"):
            yield SourceLine(line.number, line.text[begin:end].strip().rstrip("(\uff08"))


def _kind(label: str) -> Field | None:
    if re.fullmatch(_FAULT, label):
        return Field.PROBLEM
    known = LEDGER.fields_by_key().get(without_remark(key_of(label)))
    if known is Field.LEAD_UNIT:
        return Field.UNIT
    return known or next((kind for pattern, kind in _KINDS if pattern.fullmatch(label)), None)

"""What a notice says about the round as a whole: who, when, how many, whom to write to.  Called by `intake.notice`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine.rules.plan import Contacts, Declared
from intake.notice_headings import NARROW
from intake.notice_source import SourceLine

_BODY = re.compile(
    r"(?:中央|国家|自治区党委|[省市区县州旗]委|[一-鿿]{2,6}党[委组])?"
    r"第[一二三四五六七八九十]{1,3}(?:巡视|巡察|督察|督导|审计)组"
)
_DATE = re.compile(r"(?:(\d{4})\s*年)?\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_SPAN = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*(?:至|到|—+|-|–|~|~)\s*"
    r"(?:(\d{4})\s*年)?\s*(?:(\d{1,2})\s*月)?\s*(\d{1,2})\s*日"
)
_AS_OF = re.compile(r"截[至止]到?\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_COUNT = r"\s*(\d{1,5})\s*"
_UNIT = r"[个项条件]"
_DONE = rf"(?:已经?|均已|全部)?\s*(?:整改)?(?:完成|落实|办结|销号)(?:整改|销号)?{_COUNT}{_UNIT}"

NEAR = 40  #: characters between a date and the word 反馈 that it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The round, as the notice tells it; None where it tells nothing."""

    title: str | None
    organisation: str | None
    inspecting_body: str | None
    inspected_from: date | None
    inspected_to: date | None
    feedback_on: date | None
    declared: Declared
    contacts: Contacts


def read_facts(lines: Sequence[SourceLine]) -> Facts:
    """Return what the notice says about itself."""
    texts = [line.text for line in lines]
    narrow = [text.translate(NARROW) for text in texts]
    whole = "\n".join(narrow)
    title = _title(texts)
    spans = list(_spans(whole))
    body = _BODY.search(whole)
    return Facts(
        title=title,
        organisation=_organisation(title),
        inspecting_body=body[0] if body else None,
        inspected_from=spans[0][0] if spans else None,
        inspected_to=spans[0][1] if spans else None,
        feedback_on=_feedback_on(whole),
        declared=read_declared(whole),
        contacts=_contacts(whole),
    )


def _title(texts: Sequence[str]) -> str | None:
    """Return the heading: the first line, with the next one where a line break cuts it."""
    for index, text in enumerate(texts[:5]):
        if re.search(r"通报|公告|公示|报告|情况|通知", text) and len(text) < 120:  # noqa: PLR2004 - no heading is longer
            before = texts[:index]
            return "".join([*before, text]) if all(len(one) < 60 for one in before) else text  # noqa: PLR2004
    return texts[0][:200] if texts else None


def _organisation(title: str | None) -> str | None:
    match = re.match(r"(.{2,60}?)关于", title or "")
    return match[1].strip() if match else None


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _spans(text: str) -> Iterator[tuple[date, date]]:
    """Yield spans of days; the second takes year and month from the first where it has none, and never precedes it."""
    for year, month, day, year2, month2, day2 in _SPAN.findall(text):
        first = _day(year, month, day)
        last = _day(year2 or year, month2 or month, day2)
        if first and last and last < first and not year2:
            last = _day(int(year) + 1, month2 or month, day2)
        if first and last and first <= last:
            yield first, last


def _feedback_on(text: str) -> date | None:
    """Return the day of the feedback: the date that stands just before the word, in the same sentence.

    A date without a year takes it from the date before; one that would then lie before that date is a year later.
    """
    year, last = None, None
    for sentence in re.split(r"[。!?;\n]", text):
        dates = []
        for match in _DATE.finditer(sentence):
            year = int(match[1]) if match[1] else year
            day = _day(year, match[2], match[3]) if year else None
            if day and not match[1] and last and day < last:
                day = _day(day.year + 1, day.month, day.day)
            if day is None:
                continue
            year, last = day.year, day
            dates.append((match.end(), day))
        for word in re.finditer(r"反馈", sentence):
            near = [day for end, day in dates if 0 <= word.start() - end <= NEAR]
            if near and not re.match(r"(?:的|问题|意见的)", sentence[word.end() : word.end() + 3]):
                return near[-1]
            if near:
                return near[-1]
    return None


def read_declared(text: str) -> Declared:
    """Return the totals that the text claims, in whatever order and usual wording it claims them.

    >>> read_declared("截至2025年9月10日,反馈的46项问题已完成整改32项;提出整改措施160条,已经完成142条。").items_done
    32
    """
    as_of = _AS_OF.search(text)
    aspects = re.search(rf"{_COUNT}个\s*方面", text)
    problems = re.search(rf"\d\s*个\s*方面[、,的和共]*{_COUNT}[个项条]\s*(?:主要|突出|具体)?\s*问题", text)
    items, items_done = _first_pair(
        text,
        rf"{_COUNT}{_UNIT}\s*(?:具体)?(?:反馈)?(?:问题|事项|任务)(?!线索)[^。;\n]{{0,12}}?{_DONE}",
        rf"(?:问题|事项|任务){_COUNT}{_UNIT}[^。;\n]{{0,6}}?{_DONE}",
    )
    if items is None:
        match = re.search(rf"{_COUNT}{_UNIT}\s*具体(?:问题|事项)", text)
        items = int(match[1]) if match else None
    measures, measures_done = _first_pair(
        text,
        rf"(?:措施|举措){_COUNT}{_UNIT}[^。;\n]{{0,12}}?{_DONE}",
        rf"{_COUNT}{_UNIT}\s*(?:整改)?(?:措施|举措)[^。;\n]{{0,12}}?{_DONE}",
    )
    if measures is None:
        match = re.search(rf"{_COUNT}{_UNIT}\s*(?:具体)?(?:整改)?(?:措施|举措)", text) or re.search(
            rf"(?:整改)?(?:措施|举措){_COUNT}{_UNIT}", text
        )
        measures = int(match[1]) if match else None
    return Declared(
        aspects=int(aspects[1]) if aspects else None,
        problems=int(problems[1]) if problems else None,
        items=items,
        items_done=items_done,
        measures=measures,
        measures_done=measures_done,
        as_of=_day(as_of[1], as_of[2], as_of[3]) if as_of else None,
    )


def _first_pair(text: str, *patterns: str) -> tuple[int | None, int | None]:
    """Return (total, done) of the first pattern that fits; more done than there are is no such pair."""
    for pattern in patterns:
        for match in re.finditer(pattern, text):
            total, done = int(match[1]), int(match[2])
            if done <= total:
                return total, done
    return None, None


_LABELS = {
    "telephone": r"(?:联系|监督|举报)?电话(?:号码)?",
    "email": r"(?:电子)?(?:邮箱|邮件)(?:地址)?|E-?mail",
    "address": r"(?:通[讯信]|邮寄|联系)地址",
    "postcode": r"邮政编码|邮编",
}


def _contacts(text: str) -> Contacts:
    def labelled(name: str) -> str | None:
        match = re.search(rf"(?:{_LABELS[name]})\s*[::]\s*([^\n;。]+)", text, re.IGNORECASE)
        return match[1].strip(" ,。") if match else None

    return Contacts(**{name: labelled(name) for name in _LABELS})

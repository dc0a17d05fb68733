"""What a notice says about the round as a whole: who, when, how many, whom to write to.  Called by `read_notice`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.rules.plan import Contacts
from intake.notice.dates import Day, read_days, read_spans
from intake.notice.headings import NARROW
from intake.notice.source import SourceLine, tidy
from intake.notice.totals import Totals, read_totals

_BODY = re.compile(
    r"(?:(?:中央|国家|[省市区县州旗]委|自治区党委|[一-鿿]{2,6}党[委组])第?|第)[一二三四五六七八九十]{0,3}(?:轮)?"
    r"(?:巡视|巡察|督察|督导|审计)[一二三四五六七八九十]{0,3}组"
)
_VISIT = re.compile(r"巡视|巡察|督察|督导|审计|检查|进驻")
_AS_OF = re.compile(r"截[至止]到?\s*$")
_AFTER_WORD = re.compile(r"反馈(?:会议?|大会|意见|情况|问题|巡[视察]|的|召开|时间|日期|于|在|是|为|:| )*")
_TITLE = re.compile(r"通报|公告|公示|报告|情况|通知")

_LONGEST_TITLE = 120
NEAR = 60  #: characters between a day and the word 反馈 that it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The round, as the notice tells it; None where it tells nothing."""

    title: str | None
    organisation: str | None
    inspecting_body: str | None
    inspected_from: date | None
    inspected_to: date | None
    feedback_on: date | None
    no_such_day: str | None  #: what the text writes for the day of the feedback, where there is no such day
    totals: Totals
    contacts: Contacts


def read_facts(lines: Sequence[SourceLine], findings: tuple[int, int] | None = None) -> Facts:
    """Return what the notice says about itself: who and when is told before the first of the lines of `findings`."""
    narrow = [tidy(line.text.translate(NARROW)) for line in lines]
    whole = "\n".join(narrow)
    before = [text for text, line in zip(narrow, lines, strict=True) if findings is None or line.number < findings[0]]
    opening = "\n".join(before) or whole
    title = _title([line.text for line in lines])
    span = _visit(opening)
    feedback = _feedback(opening)
    body = _BODY.search(opening) or _BODY.search(whole)
    return Facts(
        title=title,
        organisation=_organisation(title, [line.text for line in lines]),
        inspecting_body=body[0] if body else None,
        inspected_from=span[0] if span else None,
        inspected_to=span[1] if span else None,
        feedback_on=feedback.day if feedback else None,
        no_such_day=feedback.text if feedback and feedback.day is None else None,
        totals=read_totals(lines, findings),
        contacts=_contacts(whole, "\n".join(tidy(line.text) for line in lines)),
    )


def _title(texts: Sequence[str]) -> str | None:
    """Return the heading of the notice, with the lines that a line break cuts off it."""
    for index, text in enumerate(texts[:30]):
        if "关于" not in text or len(text) > _LONGEST_TITLE or re.search("[。;\uff1b]", text):
            continue
        parts = [text]
        if text.startswith("关于") and index and _organisation_of(texts[index - 1]):
            parts.insert(0, texts[index - 1])
        following = texts[index + 1] if index + 1 < len(texts) else ""
        if _TITLE.search(following) and (not _TITLE.search(text) or following.startswith("的")):
            parts.append(following)
        if _TITLE.search("".join(parts)):
            return "".join(parts)
    return next((text for text in texts[:5] if _TITLE.search(text) and len(text) <= _LONGEST_TITLE), texts[0][:200])


def _organisation(title: str | None, texts: Sequence[str]) -> str | None:
    """Return who publishes the notice: by its title, else by the name below it."""
    match = re.match(r"(.{2,60}?)关于", title or "")
    if match:
        return match[1].strip()
    return next((name for text in reversed(texts) if (name := _organisation_of(text))), None)


def _organisation_of(text: str) -> str | None:
    found = re.fullmatch(
        r"[\w·()\uff08\uff09、 ]{2,40}(?:委员会|党委|党组|党工委|总支|支部|厅|局|院|公司|集团|学校|大学|中心)", text
    )
    return found[0] if found else None


def _visit(text: str) -> tuple[date, date] | None:
    """Return the first span of days in a sentence that speaks of an inspection, or else the first span."""
    spans = list(read_spans(text))
    for begin, first, last in spans:
        sentence = re.split(r"[。!?\n]", text[begin:])[0] + re.split(r"[。!?\n]", text[:begin])[-1]
        if _VISIT.search(sentence):
            return first, last
    return spans[0][1:] if spans else None


def _feedback(text: str) -> Day | None:
    """Return the day of the feedback: the day just before the word in the same sentence, or just after it."""
    days = list(read_days(text))
    spans = {begin for begin, _, _ in read_spans(text)}
    days = [day for day in days if not day.joined and day.begin not in spans and not _AS_OF.search(text[: day.begin])]
    for word in re.finditer("反馈", text):
        near = [day for day in days if 0 <= word.start() - day.end <= NEAR and not _ends(text[day.end : word.start()])]
        after = [
            day for day in days if day.begin > word.start() and _AFTER_WORD.fullmatch(text[word.start() : day.begin])
        ]
        if near or after:
            return near[-1] if near else after[0]
    return None


def _ends(text: str) -> bool:
    """Return whether a sentence ends in a text."""
    return re.search(r"[。!?;\n]", text) is not None


_CONTACTS = {
    "telephone": r"电话(?:号码|及传真|\(传真\))?\s*:?\s*((?:\(?\d[\d()\- ]{5,}\d(?:转\d+)?[、,/或 ]*)+)",
    "email": r"(?:邮箱|邮件|E-?mail)(?:地址)?\s*:?\s*([\w.+-]+@[\w.-]+\w)",
    "address": (
        r"(?:(?:通[讯信]|邮寄|联系|来信|寄送|办公|收信)地址|地址)\s*:\s*([^\n;。]+?)"
        r"(?=[,\s]*(?:邮政编码|邮编|联系|监督|举报|电子|电话|邮箱)|[\n;。]|$)"
    ),
    "postcode": r"(?:邮政编码|邮编)\s*:?\s*(\d{6})(?!\d)",
}


def _contacts(narrow: str, whole: str) -> Contacts:
    """Return whom to turn to; the last mention counts, as it stands below the text.

    `narrow` is `whole` in half-width signs, in which an address is not written.
    """
    found: dict[str, str] = {}
    for name, pattern in _CONTACTS.items():
        for match in re.finditer(pattern, narrow, re.IGNORECASE):
            found[name] = (whole[slice(*match.span(1))] if name == "address" else match[1]).strip(" ,，、/或")
    return Contacts(**found)

"""The day's summary for a group chat, as Markdown that WeCom, DingTalk and Feishu show alike.

Names and figures only: no text of a measure, no reason, no address of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.reads.board_worst import WorstLine
from engine.reads.group_summary import NEAR, RoundSummary
from engine.rules.group_posts import fitted
from engine.rules.round_names import subject_of
from engine.rules.text import N_, Text
from i18n import say
from notifications.typed_words import ABSENT, day, words

_MEANS_SOMETHING = re.compile(r"([\\`*_\[\]<>#~|!])")


def summary_title(summaries: Sequence[RoundSummary], language: str) -> str:
    """Return the title of a day's post."""
    return say(N_("Duban: rectification on {day}", day=day(summaries[0].on)), language)


def summary_text(summaries: Sequence[RoundSummary], *, language: str, address: str | None, most: int) -> str:
    """Return the post, of `most` bytes at most; `address` is where people reach the workplace, where it may be told."""
    lines = [f"**{summary_title(summaries, language)}**"]
    for one in summaries:
        lines += [said if isinstance(said, str) else say(said, language) for said in _round(one)]
    last = f"[{say(N_('Open Duban'), language)}]({address})" if address else ""
    left_out = say(N_("… the rest stands in Duban."), language)
    room = most - len(f"\n\n{last}".encode())
    told = fitted(_apart(lines), most=room, left_out=left_out)
    return f"{told}\n\n{last}" if last else told


def _round(one: RoundSummary) -> Iterator[Text | str]:
    yield f"**{plain(subject_of(one.title))}**"
    yield N_(
        "Closed out {closed} of {measures}; overdue {overdue}; due within {days} working days {near}.",
        closed=one.closed,
        measures=one.measures,
        overdue=one.overdue,
        days=NEAR,
        near=one.near,
    )
    if one.units:
        yield N_("By unit: {units}", units=tuple(_unit(*pair) for pair in ((u.unit, u.overdue) for u in one.units)))
    if one.worst:
        yield N_("Longest overdue:")
    for number, line in enumerate(one.worst, 1):
        yield _worst(number, line)


def _unit(name: str | None, overdue: int) -> Text:
    unit = N_("no unit yet") if name is None else plain(name)
    return N_("{unit} {overdue} overdue", unit=unit, overdue=overdue)


def _worst(number: int, line: WorstLine) -> Text:
    return N_(
        "{number}. {code} {unit} {owner}, {days} working days late",
        number=number,
        code=plain(line.code),
        unit=plain(line.unit),
        owner=plain(line.owner),
        days=line.days_late,
    )


def _apart(lines: Sequence[str]) -> list[str]:
    """Return the lines as paragraphs of their own: one line break alone is none for DingTalk."""
    return [f"{line}\n" for line in lines[:-1]] + [lines[-1]]


def plain(value: str | None) -> str:
    r"""Return a text that Markdown leaves as it is.

    >>> plain("一处*重点*"), plain(None)
    ('一处\\*重点\\*', '—')
    """
    return ABSENT if value is None else _MEANS_SOMETHING.sub(r"\\\1", words(value))

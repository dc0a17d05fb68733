"""The names of days off in the reader's language.

The calendar keeps a day's name as its source writes it: in Chinese, by the yearly notice or the calendar library.  What
the organisation itself wrote is told as it stands.  Pure.
"""

from __future__ import annotations

import re

from engine.rules.text import N_, Text
from engine.rules.working_days import DayRow

_NAMES: dict[str, Text] = {
    "元旦": N_("New Year's Day"),
    "农历除夕": N_("Spring Festival's Eve"),
    "除夕": N_("Spring Festival's Eve"),
    "春节": N_("Spring Festival"),
    "春节延长假期": N_("Spring Festival, prolonged"),
    "清明节": N_("Tomb-Sweeping Day"),
    "劳动节": N_("Labour Day"),
    "端午节": N_("Dragon Boat Festival"),
    "中秋节": N_("Mid-Autumn Festival"),
    "国庆节": N_("National Day"),
}
_AND = re.compile(r"[;；、和]\s*")
_INSTEAD = re.compile(r"(.+)（补假）")
_MOVED = re.compile(r"休息日（由\s*(\d{4}-\d{2}-\d{2})\s*调休）")


def name_of_day(note: str | None) -> Text | str | None:
    """Return the name of a day by its note; what is no known holiday is the note itself, None: it has none.

    >>> str(name_of_day("中秋节; 国庆节")), str(name_of_day("劳动节（补假）"))
    ('Mid-Autumn Festival, National Day', 'Labour Day (day off in lieu)')
    >>> str(name_of_day("休息日（由 2026-02-14 调休）")), name_of_day("校庆")
    ('day off in exchange for 2026-02-14', '校庆')
    """
    if note is None:
        return None
    if found := _MOVED.fullmatch(note):
        return N_("day off in exchange for {day}", day=found[1])
    if (found := _INSTEAD.fullmatch(note)) and not isinstance(name := name_of_day(found[1]), str):
        return N_("{name} (day off in lieu)", name=name)
    names = [_NAMES.get(part) for part in _AND.split(note)]
    known = tuple(name for name in names if name is not None)
    if len(known) < len(names):
        return note
    return known[0] if len(known) == 1 else N_("{names}", names=known)


def day_name(row: DayRow) -> Text | str | None:
    """Return what a day of the calendar is called; the organisation's own days as it wrote."""
    return row.note if row.source == "own" else name_of_day(row.note)

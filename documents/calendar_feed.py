"""The private calendar of a person as iCalendar (RFC 5545): whole days, the same bytes for the same entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote

from icalendar import Calendar, Event

from engine.reads.person_calendar import CalendarEntry, Sort
from engine.rules.round_names import subject_of
from engine.rules.text import N_, Text
from i18n import CHINESE, say

REFRESH = timedelta(hours=4)  #: how often calendars are asked to look again
LONGEST = 60  #: characters of a measure's text in a title


def write_calendar(entries: Sequence[CalendarEntry], *, name: str, zone: str, language: str, base: str) -> bytes:
    """Return the calendar of the person called `name`; `base` is the address that links begin with.

    Days are days in `zone`, wherever the reader is: a deadline is over when that day is.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Duban//Duban//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", say(N_("Duban: {name}", name=name), language))
    calendar.add("x-wr-calname", say(N_("Duban: {name}", name=name), language))
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for entry in entries:
        calendar.add_component(_event(entry, language, base))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, language: str, base: str) -> Event:
    text = entry.text if isinstance(entry.text, str) else say(entry.text, language)
    title, event = _title(entry, text), Event()
    event.add("uid", f"{entry.sort.value}-{entry.id}-{quote(entry.round, safe='')}@duban")
    event.add("dtstamp", datetime.combine(entry.since, time.min, UTC))
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))
    event.add("summary", say(N_("Over: {title}", title=title) if entry.is_off else title, language))
    event.add("description", "\n".join(dict.fromkeys((subject_of(entry.title), text))))
    event.add("sequence", entry.version)
    event.add("status", "CANCELLED" if entry.is_off else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a deadline does not fill the day
    event.add("categories", ["督办" if language == CHINESE else "Duban"])
    event.add("url", f"{base}{_path(entry)}")
    return event


def _title(entry: CalendarEntry, text: str) -> Text:
    code, text = entry.code, subject_of(text) if entry.sort is Sort.MEETING else text
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return _TITLES[entry.sort](code, text)


_TITLES: dict[Sort, Callable[[str, str], Text]] = {
    Sort.DUE: lambda code, text: N_("Due: {code} {text}", code=code, text=text),
    Sort.VERIFY: lambda code, text: N_("To verify: {code} {text}", code=code, text=text),
    Sort.EXTENSION: lambda code, text: N_("Extension to decide: {code} {text}", code=code, text=text),
    Sort.TASK: lambda _, text: N_("Due: {text}", text=text),
    Sort.APPROVE: lambda _, text: N_("To approve: {text}", text=text),
    Sort.MEND: lambda _, text: N_("Returned, to mend: {text}", text=text),
    Sort.MEETING: lambda _, text: N_("Meeting of the leading group: {text}", text=text),
}


def _path(entry: CalendarEntry) -> str:
    round_ = f"/rounds/{quote(entry.round, safe='')}"
    if entry.sort is Sort.MEETING:
        return f"{round_}/meetings/{quote(entry.code, safe='')}"
    if entry.sort is Sort.TASK:
        return f"{round_}/meetings/{quote(entry.code.partition('/')[0], safe='')}?show=tasks"
    if entry.sort in {Sort.APPROVE, Sort.MEND}:
        return f"{round_}/documents"
    return f"{round_}/measures/{quote(entry.code, safe='')}"

"""The calendar as a file: what other programs read in it, and that it says the same for the same entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from icalendar import Calendar

from documents.calendar_feed import write_calendar
from engine.reads.person_calendar import CalendarEntry, Sort

DUE = CalendarEntry(
    sort=Sort.DUE,
    id=7,
    round="2025 第一轮",
    title="中共某市水务局委员会关于巡视整改进展情况的通报",
    day=date(2025, 9, 30),
    code="1.2-03",
    text="修订考勤办法；" * 12,
    version=2,
    since=date(2025, 9, 1),
)
MEETING = replace(DUE, sort=Sort.MEETING, id=3, code="2025-09", text=DUE.title, version=1)


def written(*entries: CalendarEntry, language: str = "zh_CN") -> bytes:
    return write_calendar(entries, name="王经办", zone="Asia/Shanghai", language=language, base="https://duban.example")


def test_calendar_when_read_again_holds_whole_days_with_stable_names():
    calendar = Calendar.from_ical(written(DUE, MEETING, replace(DUE, id=8, is_off=True)))
    due, meeting, off = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["X-WR-TIMEZONE"] == "Asia/Shanghai"
    assert (due.decoded("dtstart"), due.decoded("dtend")) == (date(2025, 9, 30), date(2025, 10, 1))
    assert due["DTSTART"].params["VALUE"] == "DATE"
    assert (due["UID"], due["SEQUENCE"], due["STATUS"]) == (
        "due-7-2025%20%E7%AC%AC%E4%B8%80%E8%BD%AE@duban",
        2,
        "CONFIRMED",
    )
    assert due["SUMMARY"].startswith("整改时限：1.2-03 修订考勤办法")
    assert due["SUMMARY"].endswith("…")
    assert due["URL"] == "https://duban.example/rounds/2025%20%E7%AC%AC%E4%B8%80%E8%BD%AE/measures/1.2-03"
    assert meeting["SUMMARY"] == "领导小组会议：巡视整改"
    assert meeting["URL"].endswith("/meetings/2025-09")
    assert (off["STATUS"], off["SUMMARY"][:4]) == ("CANCELLED", "已结束：")
    assert "Due: 1.2-03" in Calendar.from_ical(written(DUE, language="en")).walk("VEVENT")[0]["SUMMARY"]


def test_calendar_when_nothing_changed_is_the_same_to_the_byte():
    assert written(DUE, MEETING) == written(DUE, MEETING)
    assert written(DUE) != written(replace(DUE, version=3))


def test_calendar_when_its_day_moves_stays_the_same_entry_with_a_higher_sequence():
    (before,), (after,) = (
        Calendar.from_ical(written(one)).walk("VEVENT")
        for one in (DUE, replace(DUE, day=date(2025, 10, 30), version=3))
    )
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"]


def test_calendar_when_a_text_could_break_a_line_is_still_one_calendar():
    odd = replace(DUE, text="第一行\r\nEND:VCALENDAR;,\\")
    (event,) = Calendar.from_ical(written(odd)).walk("VEVENT")
    assert event["UID"].startswith("due-7-")
    assert "END:VCALENDAR" in event["DESCRIPTION"]
    assert all(len(line) <= 75 for line in written(odd).split(b"\r\n"))

"""The private calendar in a browser and in a calendar program."""

from __future__ import annotations

from datetime import date, timedelta

from icalendar import Calendar
from sqlalchemy import event

from engine.actions.cancel_measure import cancel_measure
from tests.web.house import Premises

DUE = date(2025, 12, 31)


def address(premises: Premises, who: str = "wang") -> str:
    """Let somebody make the address; return its path."""
    page = premises.visitor(who).post("/account/calendar")
    value: str = page.tree.xpath("//input[@id='calendar-address']/@value")[0]
    assert value.startswith("http://testserver/calendar/")
    return value.removeprefix("http://testserver")


def test_calendar_when_subscribed_to_holds_what_the_person_has_to_do(either_premises: Premises):
    premises = either_premises
    premises.world.in_progress("1-01", due=DUE, text="修订考勤办法")
    premises.world.measure("1-02", owner="sun")
    path = address(premises)
    answer = premises.visitor().client.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (found,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (found["SUMMARY"], found.decoded("dtstart")) == ("整改时限：1-01 修订考勤办法", DUE)
    assert found["URL"] == f"http://testserver/rounds/{premises.round}/measures/1-01"
    premises.world.act("zhao", cancel_measure, "1-01", how="cancel", reason="并入")
    (found,) = Calendar.from_ical(premises.visitor().client.get(path).content).walk("VEVENT")
    assert found["STATUS"] == "CANCELLED"


def test_calendar_when_nothing_changed_is_not_sent_again_nor_written_down(premises: Premises):
    premises.world.in_progress("1-01", due=DUE)
    path, client = address(premises), premises.visitor().client
    first = client.get(path)
    etag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    written: list[str] = []
    listen = lambda *given: written.append(given[2])  # noqa: E731 - taken away again below
    event.listen(premises.world.engine, "before_cursor_execute", listen)
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": changed}):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    event.remove(premises.world.engine, "before_cursor_execute", listen)
    assert not [one for one in written if one.lstrip().upper().startswith(("UPDATE", "INSERT"))]
    assert client.get(path, headers={"If-Modified-Since": "nonsense"}).status_code == 200
    premises.world.at(premises.world.today + timedelta(days=1))
    premises.world.in_progress("1-02", due=DUE)
    news = client.get(path, headers={"If-None-Match": etag, "If-Modified-Since": changed})
    assert (news.status_code, news.headers["Last-Modified"] != changed) == (200, True)


def test_calendar_when_its_address_is_wrong_or_old_is_not_there(premises: Premises):
    path = address(premises)
    client = premises.visitor().client
    assert client.get("/calendar/wrong.ics").status_code == 404
    newer = address(premises)
    assert (client.get(path).status_code, client.get(newer).status_code) == (404, 200)
    wang = premises.visitor("wang")
    page = wang.get("/account/calendar")
    assert newer.split("/")[-1].removesuffix(".ics") not in page.text, "it is shown once"
    assert "2025-0" in page.words, "when it was made and read"
    assert "不再可用" in wang.post("/account/calendar/end").words
    assert client.get(newer).status_code == 404


def test_calendar_when_nobody_is_signed_in_cannot_be_made(premises: Premises):
    assert premises.visitor().post("/account/calendar").path == "/sign-in"
    assert "/account/calendar" in premises.visitor("wang").get("/account").text

"""Two people work on the same thing: the second hears what the first has done, and nothing is overwritten unseen."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from models import Decision, Minutes, Person, Unit, WorkingDay
from tests.group_meetings import draw_up
from tests.web.house import Premises, Visitor, plant_findings
from tests.web.test_import_page import ROW, book, upload

OTHER_OWNER = (*ROW[:5], "孙经办", ROW[6])


def two(premises: Premises) -> tuple[Visitor, Visitor]:
    """Return the browsers of one coordinator at two desks: which of them it is makes no difference."""
    return premises.visitor("lin"), premises.visitor("lin")


def test_import_when_the_record_changed_after_the_preview_is_shown_anew_with_what_is_new(either_premises: Premises):
    one, other = two(either_premises)
    first = upload(one, book(ROW))
    one.post(f"{first.path}/confirm", **first.form(f"{first.path}/confirm"))
    mine, theirs = upload(one, book((*ROW[:3], "重新修订规划", *ROW[4:]))), upload(other, book(OTHER_OWNER))
    assert other.post(f"{theirs.path}/confirm", **theirs.form(f"{theirs.path}/confirm")).status == 200
    confirm = f"{mine.path}/confirm"
    again = one.post(confirm, **mine.form(confirm))
    assert (again.status, "预览之后数据又有变动" in again.words) == (409, True)
    rows = [row.text_content() for row in again.tree.xpath("//tr[td/ins]")]
    assert ["预览后新增" in row for row in sorted(rows, key=lambda row: "孙经办" in row)] == [False, True]
    assert either_premises.world.get("1-1").text == "修订规划"
    done = one.post(confirm, **again.form(confirm))
    assert (done.status, either_premises.world.get("1-1").text) == (200, "重新修订规划")


def test_import_when_confirmed_without_a_preview_is_shown_first(premises: Premises):
    visitor = premises.visitor("lin")
    shown = upload(visitor, book(ROW))
    assert visitor.post(f"{shown.path}/confirm").status == 409
    assert "1新增措施" in visitor.post(f"{shown.path}/confirm").words


def test_calendar_when_it_changed_after_the_preview_shows_what_would_move_now(premises: Premises):
    one, other = two(premises)
    path, asked = "/policies/calendar", {"what": "own", "day": "2025-09-10", "working": "off"}
    mine, theirs = (visitor.post(path, **asked, note=note) for visitor, note in ((one, "停电"), (other, "校庆")))
    assert "停电" in mine.words
    assert other.post(path, confirmed="yes", **theirs.form(path)).status == 200
    again = one.post(path, confirmed="yes", **mine.form(path))
    assert (again.status, "预览之后工作日历又有变动" in again.words) == (409, True)

    def note() -> str | None:
        with premises.world.sessions() as session:
            return session.scalar(select(WorkingDay.note).where(WorkingDay.day == date(2025, 9, 10)))

    assert note() == "校庆"
    assert (one.post(path, confirmed="yes", **again.form(path)).status, note()) == (200, "停电")


def test_person_when_edited_by_two_keeps_what_the_first_has_written(premises: Premises):
    one, other = two(premises)
    path = "/people/wang"
    mine, theirs = one.get(path).form(path), other.get(path).form(path)
    assert other.post(path, **theirs | {"email": "wang@example.org"}).status == 200
    refused = one.post(path, **mine | {"name": "王主办"})
    assert (refused.status, "已有他人作了修改" in refused.words) == (409, True)
    assert refused.form(path)["email"] == "wang@example.org"
    assert one.post(path, **refused.form(path) | {"name": "王主办"}).status == 200
    with premises.world.sessions() as session:
        person = session.scalars(select(Person).where(Person.code == "wang")).one()
    assert (person.name, person.email) == ("王主办", "wang@example.org")


def test_unit_when_edited_by_two_keeps_what_the_first_has_written(premises: Premises):
    one, other = two(premises)
    path = "/people/units/edit"
    mine, theirs = (visitor.get("/people/units", unit="二处").form(path) for visitor in (one, other))
    assert other.post(path, **theirs | {"kind": "extended"}).status == 200
    refused = one.post(path, **mine | {"kind": "subordinate"})
    assert (refused.status, refused.form(path)["kind"]) == (409, "extended")
    with premises.world.sessions() as session:
        assert session.scalars(select(Unit).where(Unit.name == "二处")).one().kind == "extended"


def test_minutes_when_written_by_two_show_both_to_the_second(premises: Premises):
    draw_up(premises.world)
    there = f"/rounds/{premises.round}/meetings/{premises.world.today:%Y-%m}"
    one, other = two(premises)
    path = f"{there}/minutes"
    mine, theirs = (visitor.get(there, show="minutes").form(path) for visitor in (one, other))
    assert other.post(path, **theirs | {"text": "会议强调时限"}).status == 200
    refused = one.post(path, **mine | {"text": "会议强调质量"})
    assert refused.status == 409
    assert "会议强调时限" in refused.words
    assert refused.form(path)["text"] == "会议强调质量"
    assert one.post(path, **refused.form(path) | {"text": "会议强调时限和质量"}).status == 200
    with premises.world.sessions() as session:
        assert session.scalars(select(Minutes)).one().text == "会议强调时限和质量"


def test_line_of_the_agenda_when_decided_in_two_tabs_is_decided_once(either_premises: Premises):
    world = either_premises.world
    world.in_progress("1-01", finding_id=plant_findings(world)["1.1"], due=date(2025, 8, 21))
    world.at(date(2025, 9, 10))
    visitor = either_premises.visitor("lin")
    visitor.post(f"/rounds/{either_premises.round}/meetings", held_on="2025-09-10")
    there = f"/rounds/{either_premises.round}/meetings/2025-09"
    visitor.post(f"{there}/publish")
    path = f"{there}/decide"
    tabs = [visitor.get(there, show="live", at="1").form(path) for _ in range(2)]
    asked = {"kind": "extend", "due": "2025-10-31", "text": "同意延期至十月底"}
    assert visitor.post(path, **tabs[0] | asked).status == 200
    second = visitor.post(path, **tabs[1] | {"kind": "task", "text": "月底前报送方案", "owner": "wang"})
    assert second.status == 409
    assert "同意延期至十月底" in second.words
    assert "第1号议定事项的变更或补充" in second.words
    amended = visitor.post(path, **second.form(path) | {"amends": "1"})
    assert amended.status == 200
    with either_premises.world.sessions() as session:
        assert [one.kind.value for one in session.scalars(select(Decision).order_by(Decision.id))] == ["extend", "task"]

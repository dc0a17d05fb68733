"""Meetings from the pages: prepared, put in order, published, decided, written down; and what was printed for them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from engine.rules.vocabulary import State
from models import Agenda, AgendaItem, Document, Minutes
from tests.web.house import Page, Premises, plant_findings

DAY = date(2025, 9, 10)


def root(premises: Premises) -> str:
    return f"/rounds/{premises.round}/meetings/2025-09"


def lines(page: Page) -> list[str]:
    """Return the codes of the agenda's lines, in order; an item without one by its text."""
    found = page.tree.xpath("//article[contains(@class, 'agenda-line')]//p[@class='text']")
    return [one.xpath("string(.//b)") or one.text_content().strip() for one in found]


def key(page: Page, code: str) -> str:
    """Return the key with which the draft names a line."""
    place = lines(page).index(code)
    form = page.tree.xpath("//article[contains(@class, 'agenda-line')]")[place].xpath(".//form")[0]
    return str(dict(form.form_values())["key"])


@pytest.fixture
def prepared(either_premises: Premises) -> Premises:
    """Give a September meeting on both databases: one verified measure, and three that are late."""
    world = either_premises.world
    problem = plant_findings(world)["1.1"]
    world.verified("1-01", finding_id=problem)
    for number in (2, 3, 4):
        world.in_progress(f"1-0{number}", finding_id=problem, due=date(2025, 8, 20 + number))
    world.at(DAY)
    page = either_premises.visitor("lin").post(f"/rounds/{either_premises.round}/meetings", held_on="2025-09-10")
    assert page.path == root(either_premises)
    return either_premises


def test_draft_when_put_in_order_is_published_as_it_stands(prepared: Premises):
    visitor, there = prepared.visitor("lin"), root(prepared)
    page = visitor.get(there)
    assert lines(page) == ["1-02", "1-03", "1-04", "1-01"]
    page = visitor.post(f"{there}/move", key=key(page, "1-03"), way="up")
    page = visitor.post(f"{there}/add", text="通报 <b>暗访</b> 情况", presenter="简纪检", minutes="15")
    assert visitor.post(f"{there}/remove", key=key(page, "1-04"), reason=" ").status == 409
    page = visitor.post(f"{there}/remove", key=key(page, "1-04"), reason="已专题研究")
    assert lines(page) == ["1-03", "1-02", "1-01", "通报 <b>暗访</b> 情况"]
    assert "已专题研究" in page.words
    page = visitor.post(f"{there}/publish")
    assert lines(page) == ["1-03", "1-02", "1-01", "通报 <b>暗访</b> 情况"]
    assert "约15分钟" in page.words
    assert {line.to for line in prepared.world.said(kind="meeting")} == {"zhao"}
    with prepared.world.sessions() as session:
        agenda = session.scalars(select(Agenda)).one()
        assert agenda.overview["left_out"][0]["reason"] == "已专题研究"
        assert len(session.scalars(select(AgendaItem)).all()) == 4


def test_line_when_moved_by_buttons_or_dropped_stands_there_and_the_button_keeps_the_focus(prepared: Premises):
    visitor, there = prepared.visitor("lin"), root(prepared)
    third, first = (key(visitor.get(there), code) for code in ("1-04", "1-02"))
    page = visitor.post(f"{there}/move", key=third, way="top")
    assert lines(page) == ["1-04", "1-02", "1-03", "1-01"]
    assert page.answer.url.fragment == f"top-{third}"
    assert page.tree.get_element_by_id(f"top-{third}").get("aria-label") == "置顶：1-04"
    assert "已手动排序" in page.words
    assert lines(visitor.post(f"{there}/move", key=third, before="")) == ["1-02", "1-03", "1-04", "1-01"]
    assert lines(visitor.post(f"{there}/move", key=third, before=first)) == ["1-04", "1-02", "1-03", "1-01"]
    assert visitor.post(f"{there}/move", key="measure:999", way="up").status == 409


def test_measure_when_found_and_added_is_published_with_why_and_deferred_ones_are_named(prepared: Premises):
    world, visitor, there = prepared.world, prepared.visitor("lin"), root(prepared)
    world.in_progress(
        "2-07", finding_id=world.get("1-01").finding_id, due=date(2025, 12, 20), text="完善供水管网巡查制度"
    )
    page = visitor.get(there, show="draft", find="供水管网")
    assert page.form(f"{there}/add-measure")["code"] == "2-07"
    assert "没有符合条件的未办结措施" in visitor.get(there, show="draft", find="没有这样的").words
    assert visitor.post(f"{there}/add-measure", code="2-07", note="").status == 409
    page = visitor.post(f"{there}/add-measure", code="2-07", note="群众<b>反映</b>")
    visitor.post(f"{there}/remove", key=key(page, "1-04"), reason="材料不全", how="defer")
    page = visitor.post(f"{there}/publish")
    assert lines(page) == ["1-02", "1-03", "1-01", "2-07"]
    for told in ("林联络增列：群众<b>反映</b>", "延至下次会议", "材料不全"):
        assert told in page.words
    with world.sessions() as session:
        path = session.scalars(select(Document.path).where(Document.path.endswith(".html"))).one()
    printed = (prepared.house.home / path).read_text(encoding="utf-8")
    for told in ("林联络增列：群众&lt;b&gt;反映&lt;/b&gt;", "联络员调出议程的事项", "延至下次会议，材料不全（林联络）"):
        assert told in printed
    world.at(date(2025, 10, 10))
    visitor = prepared.visitor("lin")  # a month later, nobody is signed in any more
    visitor.post(f"/rounds/{prepared.round}/meetings", held_on="2025-10-10")
    october = visitor.get(there.replace("2025-09", "2025-10"))
    assert {"1-04", "2-07"} <= set(lines(october))
    assert "2025年9月10日会议转入：材料不全" in october.words


def test_agenda_when_published_again_is_a_new_version_and_the_old_files_stay(prepared: Premises):
    visitor, there = prepared.visitor("lin"), root(prepared)
    visitor.post(f"{there}/publish")
    with prepared.world.sessions() as session:
        first = {row.path: row.sha256 for row in session.scalars(select(Document))}
    visitor.post(f"{there}/add", text="追加议题")
    page = visitor.post(f"{there}/publish")
    assert "第2版" in page.words
    with prepared.world.sessions() as session:
        found = {row.path: row.sha256 for row in session.scalars(select(Document))}
    assert first.items() <= found.items()
    assert len(found) == 2 * len(first)
    assert "逐字节一致" in visitor.post(f"/rounds/{prepared.round}/documents/check").words


def test_decisions_when_recorded_are_carried_out_at_once(prepared: Premises):
    visitor, there = prepared.visitor("lin"), root(prepared)
    visitor.post(f"{there}/publish")
    page = visitor.post(f"{there}/decide", kind="close", measure="1-01", text="同意销号")
    assert "第1号议定事项" in page.words
    assert prepared.world.get("1-01").state is State.CLOSED
    visitor.post(f"{there}/decide", kind="extend", measure="1-02", text="同意延期", due="2025-10-31")
    assert prepared.world.get("1-02").due == date(2025, 10, 31)
    refused = visitor.post(f"{there}/decide", kind="close", measure="1-03", text="销号")
    assert refused.status == 409
    odd = visitor.post(f"{there}/decide", kind="extend", measure="1-03", text="延期", due="下周")
    assert odd.status == 409
    minutes = visitor.post(f"{there}/minutes", present="赵书记、钱副局长", text="会议强调……")
    for told in ("赵书记、钱副局长", "会议强调……", "同意销号", "同意延期"):
        assert told in minutes.words
    with prepared.world.sessions() as session:
        assert session.scalars(select(Minutes)).one().text == "会议强调……"


def test_decisions_when_taken_down_the_agenda_lead_to_the_next_line_and_refused_ones_keep_what_was_typed(
    prepared: Premises,
):
    visitor, there = prepared.visitor("lin"), root(prepared)
    visitor.post(f"{there}/add", text="通报暗访情况")
    visitor.post(f"{there}/publish")
    page = visitor.get(there, show="live")
    forms = page.tree.xpath("//article//form[contains(@class, 'decide')]")
    subjects = [dict(form.form_values())["subject"] for form in forms]
    opened = "//details[@open]//select/@id"
    assert page.tree.xpath(opened) == ["kind-1"]
    page = visitor.post(
        f"{there}/decide", kind="task", measure="1-02", text="限期办结", owner="wang", subject=subjects[0]
    )
    assert page.tree.xpath(opened) == ["kind-2"]
    assert page.answer.url.fragment == "kind-2"
    refused = visitor.post(f"{there}/decide", kind="extend", measure="1-03", text="同意延期", subject=subjects[1])
    assert refused.status == 409
    assert refused.tree.get_element_by_id("text-2").get("value") == "同意延期"
    assert refused.tree.xpath("//select[@autofocus]/@id") == ["kind-2"]
    for place in (5, 4, 3):
        visitor.post(f"{there}/decide", kind="task", text="知悉", subject=subjects[place - 1])
    page = visitor.get(there, show="live")
    assert "已议定4项，共5项" in page.words
    assert page.tree.xpath(opened) == ["kind-2"]
    page = visitor.post(f"{there}/decide", kind="task", measure="1-03", text="知悉", subject=subjects[1])
    assert (page.tree.xpath(opened), page.answer.url.fragment) == ([], "kind-0")


def test_task_when_done_is_open_no_longer(prepared: Premises):
    visitor, there = prepared.visitor("lin"), root(prepared)
    visitor.post(f"{there}/publish")
    visitor.post(f"{there}/decide", kind="task", text="上报专题报告", owner="wang", due="2025-09-20")
    assert lines(visitor.get(there, show="tasks")) == ["上报专题报告"]
    for code, marks in (("lin", 1), ("zhao", 1), ("jian", 0), ("li", 0)):
        tree = prepared.visitor(code).get(there, show="tasks").tree
        assert len(tree.xpath("//form[contains(@action, '/done')]")) == marks, code
    assert prepared.visitor("sun").post(f"{there}/tasks/1/done").status == 403
    prepared.visitor("wang").post(f"{there}/tasks/1/done", note="已上报")
    page = visitor.get(there, show="tasks")
    assert lines(page) == []
    assert "2025年9月10日办结 上报专题报告" in page.words
    assert "已上报" in visitor.get(there, show="minutes").words
    assert visitor.post(f"{there}/tasks/1/done").status == 409
    assert visitor.post(f"{there}/tasks/9/done").status == 404


@pytest.mark.parametrize("code", ["wang", "li", "jian", "zhou", "zhao"])
def test_meeting_is_prepared_and_published_by_coordinators_alone(prepared: Premises, code: str):
    visitor, there = prepared.visitor(code), root(prepared)
    for path, fields in (
        ("move", {"key": "x", "way": "up"}),
        ("add", {"text": "x"}),
        ("remove", {"key": "x", "reason": "x"}),
        ("restore", {"key": "x"}),
        ("publish", {}),
    ):
        assert visitor.post(f"{there}/{path}", **fields).status == 403, path
    assert visitor.post(f"/rounds/{prepared.round}/meetings", held_on="2025-10-10").status == 403
    assert visitor.post(f"/rounds/{prepared.round}/documents", held_on="2025-10-10").status == 403


def test_meetings_and_documents_are_closed_to_owners(prepared: Premises):
    visitor = prepared.visitor("wang")
    assert visitor.get(root(prepared)).status == 403
    assert visitor.get(f"/rounds/{prepared.round}/documents").status == 403


def test_document_is_handed_over_only_as_it_was_printed(prepared: Premises):
    visitor = prepared.visitor("zhao")
    prepared.visitor("lin").post(f"{root(prepared)}/publish")
    with prepared.world.sessions() as session:
        document = session.scalars(select(Document).where(Document.path.endswith("agenda.docx"))).one()
    address = f"/rounds/{prepared.round}/documents/{document.id}"
    file = prepared.house.home / document.path
    answer = visitor.client.get(address)
    assert answer.content == file.read_bytes()
    assert answer.headers["content-disposition"].startswith("attachment")
    file.write_bytes(file.read_bytes() + b" ")
    assert visitor.get(address).status == 409
    file.unlink()
    assert visitor.get(address).status == 409
    assert visitor.get(f"/rounds/{prepared.round}/documents/99999").status == 404


def test_meeting_when_called_off_then_announced_with_its_reason_and_taken_up_by_a_newer_agenda(prepared: Premises):
    lin, there = prepared.visitor("lin"), root(prepared)
    assert "取消会议" not in lin.get(there).words, "nobody was invited yet"
    lin.post(f"{there}/publish")
    assert "取消会议" in lin.get(there).words
    assert lin.post(f"{there}/call-off", held_on="2025-09-10", reason=" ").status == 409
    assert lin.post(f"{there}/call-off", held_on="2025-09-11", reason="冲突").status == 404, (
        "the page was of another day"
    )
    zhao = prepared.visitor("zhao")
    assert (
        "取消会议" in zhao.get(there).words,
        zhao.post(f"{there}/call-off", held_on="2025-09-10", reason="冲突").status,
    ) == (False, 403)
    off = lin.post(f"{there}/call-off", held_on="2025-09-10", reason="与上级会议冲突")
    assert "2025年9月10日的会议已取消" in off.words
    assert "与上级会议冲突" in zhao.get(there).words
    assert "与上级会议冲突" in zhao.get(there.rpartition("/")[0]).words
    assert prepared.world.said(to="zhao", kind="meeting_off")
    assert lin.post(f"{there}/call-off", held_on="2025-09-10", reason="再次").status == 409
    lin.post(f"{there}/publish")
    assert "与上级会议冲突" not in lin.get(there).words


def test_meeting_when_moved_then_within_its_month_and_until_something_is_decided(prepared: Premises):
    lin, there = prepared.visitor("lin"), root(prepared)
    moved = lin.post(f"{there}/day", held_on="2025-09-16")
    assert ("会议日期为2025年9月16日" in moved.words, "2025年9月16日" in moved.tree.findtext(".//h1")) == (True, True)
    other = lin.post(f"{there}/day", held_on="2025-10-10")
    assert (other.status, "2025-09" in other.words) == (409, True)
    lin.post(f"{there}/publish")
    lin.post(f"{there}/day", held_on="2025-09-17")
    assert "会议日期已调整" in lin.get(there).words
    early = lin.post(f"{there}/decide", kind="task", text="报送方案")
    assert (early.status, "会议定于2025年9月17日" in early.words) == (409, True)
    assert "会议定于2025年9月17日" in lin.get(f"{there}?show=live").words
    assert 'name="text"' not in lin.get(f"{there}?show=live").text
    prepared.world.at(date(2025, 9, 17))
    lin = prepared.visitor("lin")
    decided = lin.post(f"{there}/decide", kind="task", text="报送方案")
    assert "既未写明承办人" in decided.words, "nobody would be reminded"
    assert lin.post(f"{there}/day", held_on="2025-09-18").status == 409
    assert "改期" not in " ".join(lin.get(there).tree.xpath("//summary/text()"))
    told = lin.post(there.rpartition("/")[0], held_on="2025-09-19")
    assert (told.status, "2025年9月17日的会议已有议定事项" in told.words) == (409, True)

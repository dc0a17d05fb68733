"""My work and the measure's page: what owners, heads, leaders and coordinators do there, with how many presses."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from engine.actions.accept_measure import accept_measure
from engine.actions.reassign_measure import reassign_measure
from engine.actions.request_extension import request_extension
from engine.actions.set_absence import set_absence
from engine.rules.vocabulary import State
from models import Event, Evidence
from tests.group_meetings import decide, draw_up
from tests.web.house import Page, Premises, Visitor, english

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + b"\x00" * 40
PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n"


def root(premises: Premises, code: str = "1-01") -> str:
    return f"/rounds/{premises.round}/measures/{code}"


def press(visitor: Visitor, shown: Page, action: str, *, files: Any = None, **fields: str) -> Page:
    """Send the form of a page that leads to `action`, as it stands but for `fields`."""
    return visitor.post(action, files=files, **{**shown.form(action), **fields})


def test_owner_from_work_accepts_reports_attaches_and_submits_in_one_form_each(either_premises: Premises):
    premises = either_premises
    premises.world.measure()
    owner, there = premises.visitor("wang"), root(premises)
    shown = owner.get("/work")
    assert "待签收" in shown.words
    shown = press(owner, shown, f"{there}/accept")
    assert (shown.path, "已签收1-01" in shown.words) == ("/work", True)
    shown = press(owner, shown, f"{there}/report", percent="60", text="制度初稿已征求意见")
    assert "已填报1-01的进展：60%" in shown.words
    shown = press(owner, shown, f"{there}/evidence", files={"files": ("现场.png", io.BytesIO(PNG), "image/png")})
    assert "已为1-01上传1份佐证材料" in shown.words
    shown = press(owner, shown, f"{there}/submit")
    assert "1-01已申请核验" in shown.words
    assert premises.world.get("1-01").state is State.SUBMITTED
    assert "目前没有待办事项" in shown.words
    page = owner.get(there)
    for told in ("制度初稿已征求意见", "现场.png", "待核验", "上传佐证材料"):
        assert told in page.words


def test_told_when_a_page_has_shown_it_is_not_shown_again(premises: Premises):
    premises.world.measure()
    owner = premises.visitor("wang")
    press(owner, owner.get("/work"), f"{root(premises)}/accept")
    assert "已签收1-01" not in owner.get("/work").words


def test_work_when_somebody_is_away_waits_for_the_substitute_and_says_so(premises: Premises):
    premises.world.measure()
    premises.world.act(
        "lin", set_absence, person="wang", substitute="sun", first_day=date(2025, 3, 1), last_day=date(2025, 3, 31)
    )
    substitute = premises.visitor("sun")
    shown = substitute.get("/work")
    assert "代王经办办理" in shown.words
    press(substitute, shown, f"{root(premises)}/accept")
    assert premises.world.get("1-01").state is State.IN_PROGRESS


def test_piles_when_work_waits_for_others_are_theirs_alone(either_premises: Premises):
    premises, world = either_premises, either_premises.world
    world.submitted("2-01", verifier="wu")
    world.submitted("2-02", verifier=None)
    world.verified("2-03")
    world.measure("2-04", owner=None)
    world.in_progress("2-05", due=date(2025, 6, 30))
    world.act("wang", request_extension, "2-05", new_due=date(2025, 7, 31), reason="等待评审")
    seen = {
        code: {number for number in ("2-01", "2-02", "2-03", "2-04", "2-05") if number in page.words}
        for code in ("lin", "wu", "zhao", "qian", "wang", "tang", "zhou")
        for page in [premises.visitor(code).get("/work")]
    }
    assert seen == {
        "lin": {"2-02", "2-04"},
        "wu": {"2-01"},
        "zhao": {"2-03"},
        "qian": {"2-05"},
        "wang": {"2-05"},
        "tang": set(),
        "zhou": set(),
    }


def test_extension_when_decided_from_work_moves_the_date(premises: Premises):
    world = premises.world
    world.in_progress("1-01", due=date(2025, 6, 30))
    world.act("wang", request_extension, "1-01", new_due=date(2025, 7, 31), reason="等待评审")
    leader, there = premises.visitor("qian"), f"{root(premises)}/extension/decide"
    refused = press(leader, leader.get("/work"), there, ruling="refuse", reason="")
    assert (refused.status, world.get("1-01").due) == (409, date(2025, 6, 30))
    press(leader, leader.get("/work"), there, ruling="approve")
    assert world.get("1-01").due == date(2025, 7, 31)


def test_checklist_when_answered_is_shown_to_the_owner_after_the_verdict_only(either_premises: Premises):
    premises = either_premises
    premises.world.submitted()
    verifier, owner = premises.visitor("wu"), premises.visitor("wang")
    link = verifier.get("/work").tree.xpath(
        "string(//a[normalize-space()='核验' and contains(@class, 'button')]/@href)"
    )
    assert verifier.get(link).status == 200
    noted = {"answer-cause_removed": "no", "note-cause_removed": "仍缺巡查制度"}
    verifier.post(link, act="save", **noted)
    assert "仍缺巡查制度" not in owner.get(root(premises)).words
    verifier.post(link, act="return", reason="请补充", **noted)
    shown = owner.get(root(premises))
    assert "核验清单答复1项 问题产生的原因是否已经消除？ 否 仍缺巡查制度" in shown.words
    assert shown.tree.xpath(f"//a[@href='{link}']") == []  # it is not theirs to open
    assert verifier.get(root(premises)).tree.xpath(f"//a[@href='{link}']") != []


def test_task_when_done_from_work_is_gone_for_who_does_not_open_meetings(premises: Premises):
    draw_up(premises.world)
    decide(premises.world, "task", None, owner="tang", text="报送方案", due=date(2025, 3, 10))
    member, there = premises.visitor("tang"), f"/rounds/{premises.round}/meetings/2025-03/tasks/1/done"
    shown = member.get("/work")
    assert "报送方案" in shown.words
    shown = press(member, shown, there, note="已报送")
    assert (shown.path, shown.status, "报送方案" in shown.words) == ("/work", 200, False)


def test_change_when_somebody_was_quicker_is_a_conflict_that_keeps_what_was_typed(either_premises: Premises):
    premises = either_premises
    premises.world.in_progress()
    owner, there = premises.visitor("wang"), root(premises)
    shown = owner.get(there)
    premises.world.act("lin", reassign_measure, "1-01", owner="sun", reason="调岗")
    premises.world.act("sun", accept_measure, "1-01")
    premises.world.act("lin", reassign_measure, "1-01", owner="wang", reason="调回")
    premises.world.act("wang", accept_measure, "1-01")
    late = press(owner, shown, f"{there}/report", percent="40", text="写了很久的进展")
    assert late.status == 409
    assert "写了很久的进展" in late.text
    assert premises.world.get("1-01").percent == 0
    again = press(owner, late, f"{there}/report")
    assert (again.status, premises.world.get("1-01").percent) == (200, 40)


@pytest.mark.parametrize("code", ["tang", "he"])
def test_measure_of_another_unit_does_not_exist(premises: Premises, code: str):
    premises.world.in_progress()
    owner = premises.visitor("wang")
    shown = owner.get(root(premises))
    press(owner, shown, f"{root(premises)}/evidence", files={"files": ("a.pdf", io.BytesIO(PDF), "application/pdf")})
    with premises.world.sessions() as session:
        number = session.scalars(select(Evidence.id)).one()
    stranger = premises.visitor(code)
    assert stranger.get(root(premises)).status == 404
    assert stranger.get(f"{root(premises)}/evidence/{number}").status == 404
    assert stranger.post(f"{root(premises)}/opinion", text="看看").status == 404
    kept = stranger.post(f"{root(premises)}/evidence", files={"files": ("a.png", io.BytesIO(PNG), "image/png")})
    assert kept.status == 404
    assert len(list((premises.house.home / "evidence").rglob("*"))) == 2  # one folder, one file
    assert owner.get(f"{root(premises)}/evidence/{number}").status == 200


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("plan.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("tool.pdf", b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 60),
        ("note.txt", b"<html><body>x</body></html>"),
        ("empty.pdf", b""),
    ],
)
def test_upload_when_its_content_is_no_evidence_is_refused_and_nothing_is_kept(
    premises: Premises, name: str, content: bytes
):
    premises.world.in_progress()
    files = [
        ("files", ("纪要.pdf", io.BytesIO(PDF), "application/pdf")),
        ("files", (name, io.BytesIO(content), "image/jpeg")),
    ]
    page = premises.visitor("wang").post(f"{root(premises)}/evidence", files=files)
    assert (page.status, name in page.words) == (422, True)
    with premises.world.sessions() as session:
        assert session.scalars(select(Evidence)).all() == []


def test_upload_when_too_large_is_refused_before_it_is_read(premises: Premises):
    premises.world.in_progress()
    visitor = premises.visitor("wang")
    read = 0

    def endless() -> Any:
        nonlocal read
        while read < 3_000_000_000:
            read += 1 << 20
            yield b"x" * (1 << 20)

    answer = visitor.client.post(
        f"{root(premises)}/evidence",
        content=endless(),
        headers={"Origin": "http://testserver", "Content-Length": "3000000000", "Content-Type": "multipart/form-data"},
    )
    assert answer.status_code == 413
    large = io.BytesIO(PDF + b"\x00" * 51_000_000)
    page = visitor.post(f"{root(premises)}/evidence", files={"files": ("大.pdf", large, "application/pdf")})
    assert (page.status, "50MB" in page.words) == (422, True)


def test_evidence_when_fetched_is_saved_and_runs_nothing(premises: Premises):
    premises.world.in_progress()
    owner = premises.visitor("wang")
    files = {"files": ("../现场 <1>.png", io.BytesIO(PNG), "text/html")}
    owner.post(f"{root(premises)}/evidence", files=files)
    with premises.world.sessions() as session:
        piece = session.scalars(select(Evidence)).one()
    assert piece.name == "现场 <1>.png"
    answer = owner.client.get(f"{root(premises)}/evidence/{piece.id}")
    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    viewed = owner.client.get(f"{root(premises)}/evidence/{piece.id}?view=true")
    assert viewed.headers["content-disposition"].startswith("inline")


def test_opinion_when_written_is_on_record_and_told_to_whom_it_names(either_premises: Premises):
    premises = either_premises
    premises.world.in_progress()
    page = premises.visitor("jian").post(f"{root(premises)}/opinion", text="请@李处长 和 @he 关注 <b>进度</b>")
    assert "请@李处长 和 @he 关注 <b>进度</b>" in page.words
    assert "<b>进度</b>" not in page.text
    told = {line.to for line in premises.world.said(kind="opinion")}
    assert told == {"wang", "li"}  # he does not see it
    with premises.world.sessions() as session:
        event = session.scalars(select(Event).where(Event.kind == "measure:opinion:write")).one()
    assert event.data["text"].startswith("请@李处长")


def test_page_when_read_in_english_says_everything_in_english(premises: Premises):
    premises.world.in_progress(text="Rules", due=date(2025, 6, 30))
    visitor = premises.visitor("wang")
    with english(visitor):
        for path in ("/work", root(premises), "/account"):
            words = visitor.get(path).words
            for name in ("中文", "王经办", "一处", "钱副局长", "李处长", "赵书记", "林联络", "问题", "巡察整改", "、"):
                words = words.replace(name, "")
            assert [sign for sign in words if "\u4e00" <= sign <= "\u9fff"] == [], path


def test_told_when_a_change_tells_a_day_then_as_people_of_the_page_write_it(premises: Premises):
    premises.world.in_progress()
    wang, there = premises.visitor("wang"), f"{root(premises)}/extension"
    asked = wang.post(there, new_due="2025-12-31", reason="等待评审")
    assert "已申请将1-01延至2025年12月31日" in asked.words
    premises.world.in_progress("1-02")
    with english(wang):
        told = wang.post(there.replace("1-01", "1-02"), new_due="2025-12-31", reason="waits").words
    assert "the extension of 1-02 until 31 Dec 2025 is asked for" in told

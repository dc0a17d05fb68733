"""A notice is uploaded: what it declares is shown with its sentences, and what it does not tell is asked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Measure, Round
from tests.web.house import Page, Premises, Visitor

PLAN = """某市水务局党组关于巡察整改的方案
(一)关于“履职不到位”问题的整改
1.针对“巡查少”的问题。一是建立日志(6月底前完成);二是配备人员(立行立改)。
"""
REPORT = """关于2024年度预算执行审计查出问题整改情况的报告
一、部门预算执行问题的整改情况
(一)关于超范围列支公用经费的问题
整改情况:正在整改。3个单位将调整账务,6月底前完成。
"""


def upload(visitor: Visitor, text: str, **asked: str) -> Page:
    return visitor.post("/rounds/import", files=[("files", ("方案.txt", text.encode()))], new_code="方案", **asked)


@pytest.mark.parametrize("text", [PLAN, REPORT])
def test_notice_when_it_tells_no_day_of_feedback_asks_for_it_and_keeps_the_file(premises: Premises, text: str):
    lin = premises.visitor("lin")
    shown = upload(lin, text)
    form = f"{shown.path}/feedback"
    assert (shown.status, f"{shown.path}/confirm" in shown.text, "--" in shown.words) == (422, False, False)
    assert shown.tree.xpath(f"//form[@action='{form}']//input[@type='date'][@name='feedback_on'][@required]")
    told = lin.post(form, **{**shown.form(form), "feedback_on": "2025-03-10"})
    assert (told.status, told.path) == (200, shown.path)
    confirm = f"{told.path}/confirm"
    assert lin.post(confirm, **told.form(confirm)).status == 200
    with premises.world.sessions() as session:
        assert str(session.scalar(select(Round.feedback_on).where(Round.code == "方案"))) == "2025-03-10"


def test_day_of_feedback_when_it_is_none_or_the_file_is_gone_is_refused(premises: Premises):
    lin = premises.visitor("lin")
    shown = upload(lin, PLAN)
    form = f"{shown.path}/feedback"
    assert lin.post(form, **{**shown.form(form), "feedback_on": "昨天"}).status == 422
    assert (
        lin.post(f"/rounds/import/{'0' * 64}/feedback", **{**shown.form(form), "feedback_on": "2025-03-10"}).status
        == 404
    )


NOTICE = """某县水利局党组关于巡察整改情况的通报
2025年3月3日,县委巡察组反馈了意见。
(一)关于“履职不到位”问题的整改
1.针对“巡查少”的问题。
(1)建立日志。
今后继续加强学习
"""


def _said(page: Page, text: str) -> str:
    """Return the button by which a passage is said to be only text."""
    passages = page.tree.xpath("//details[contains(@class,'passage')]")
    (passage,) = [one for one in passages if one.xpath(".//*[@class='said']")[0].text_content() == text]
    return passage.xpath(".//button[contains(@value,'nothing')]/@value")[0]


def test_passage_when_its_reading_is_corrected_is_read_so_in_the_same_file_ever_after(either_premises: Premises):
    lin = either_premises.visitor("lin")
    shown = upload(lin, NOTICE)
    form = f"{shown.path}/answer"
    fields = {name: value for name, value in shown.form(form).items() if name != "said"}
    mended = lin.post(form, **fields, said=_said(shown, "今后继续加强学习"))
    assert (mended.status, mended.path) == (200, shown.path)
    assert [
        one.text_content() for one in mended.tree.xpath("//details[@class='passage is-nothing']//*[@class='became']")
    ][-1] == "一般文字 · 人工更正"
    lin.post(f"{shown.path}/discard")
    again = upload(lin, NOTICE + " ", year="2025")
    confirm = f"{again.path}/confirm"
    assert lin.post(confirm, **again.form(confirm)).status == 200
    with either_premises.world.sessions() as session:
        assert session.scalars(select(Measure.text).order_by(Measure.id.desc())).first() == "建立日志。"
    assert either_premises.visitor("wang").post(form, said="x nothing").status == 403


def test_passage_when_it_is_of_no_waiting_file_or_said_to_be_what_it_cannot_is_refused(premises: Premises):
    lin = premises.visitor("lin")
    shown = upload(lin, NOTICE)
    form = f"{shown.path}/answer"
    mark = _said(shown, "今后继续加强学习").partition(" ")[0]
    fields = {name: value for name, value in shown.form(form).items() if name != "said"}
    assert lin.post(form, **fields, said="0 nothing").status == 404
    assert lin.post(form, **fields, said=f"{mark} told").status == 404


def test_notice_when_nothing_is_recognised_in_it_shows_its_text_to_be_answered_for(premises: Premises):
    shown = upload(premises.visitor("lin"), "整改通报\n2025年3月3日反馈。\n学习抓得不紧\n制定学习计划\n")
    assert (shown.status, "学习抓得不紧" in shown.words) == (422, True)
    assert shown.tree.xpath("//button[contains(@value,' problem')]")

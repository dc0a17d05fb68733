"""A notice is uploaded: what it declares is shown with its sentences, and what it does not tell is asked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Round
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

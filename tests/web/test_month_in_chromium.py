"""One month of a round, played by five people in a real browser, through the pages alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.actions.invite_person import invite_person
from engine.rules.vocabulary import State
from models import Agenda, Document
from tests.web.chromium import browsing, needs_chromium
from tests.web.house import Premises, plant_findings
from tests.web.test_work import PDF, PNG

pytestmark = pytest.mark.e2e

PASSWORD = "一句容易记住的话很安全"  # noqa: S105 - of a person of the test


@needs_chromium
def test_month_when_played_in_the_browser_ends_with_a_measure_closed(  # noqa: PLR0915 - a month has many steps
    premises: Premises, tmp_path: Path
):
    world = premises.world
    problem = plant_findings(world)["1.1"]
    world.measure("1-01", owner=None, finding_id=problem, due=world.today.replace(month=4))
    (tmp_path / "纪要.pdf").write_bytes(PDF)
    (tmp_path / "现场.png").write_bytes(PNG)
    link = world.act("lin", invite_person, "wang", zone="Asia/Shanghai")
    with browsing(premises) as browsers:
        lin, wu, zhao = (browsers.of(code) for code in ("lin", "wu", "zhao"))
        wang, li = browsers.of(None, width=390, height=844), browsers.of("li")

        # The coordinator assigns.
        lin.goto(f"{browsers.address}/work")
        lin.get_by_text("分派", exact=True).first.click()
        lin.get_by_label("新的责任人").fill("wang")
        lin.get_by_role("button", name="分派").click()
        lin.get_by_text("已将").or_(lin.get_by_text("交由wang负责")).first.wait_for()

        # The owner sets a password on the phone, accepts, reports, attaches, submits.
        wang.goto(f"{browsers.address}/link/{link}")
        wang.get_by_label("新密码").fill(PASSWORD)
        wang.get_by_label("再输入一次").fill(PASSWORD)
        wang.get_by_role("button", name="设置密码并登录").click()
        wang.wait_for_url("**/work")
        wang.get_by_role("button", name="签收").click()
        wang.get_by_text("已签收1-01").wait_for()
        wang.get_by_text("填报进展", exact=True).click()
        wang.get_by_label("完成进度").fill("80")
        wang.get_by_label("已做工作和下一步打算").fill("制度已印发，正在执行")
        wang.get_by_role("button", name="提交填报").click()
        wang.get_by_text("已填报1-01的进展：80%").wait_for()
        wang.get_by_text("上传佐证材料", exact=True).click()
        wang.locator("input[type=file][multiple]").first.set_input_files([tmp_path / "纪要.pdf", tmp_path / "现场.png"])
        wang.get_by_role("button", name="上传", exact=True).click()
        wang.get_by_text("2份佐证材料").wait_for()
        wang.get_by_role("button", name="申请核验").click()
        wang.get_by_text("1-01已申请核验").wait_for()

        # The head of the unit looks at it and says something.
        li.goto(f"{browsers.address}/rounds/{premises.round}/ledger?q=制度")
        li.goto(f"{browsers.address}/rounds/{premises.round}/measures/1-01")
        li.get_by_label("发表意见").fill("请@吴核验 抓紧")
        li.get_by_role("button", name="发表").click()
        li.get_by_text("意见已记录").wait_for()

        # The coordinator triggers the verification; the verifier answers and passes.
        lin.goto(f"{browsers.address}/rounds/{premises.round}/verification")
        lin.get_by_label("选择1-01").check()
        lin.get_by_label("由谁核验所选措施").select_option("wu")
        lin.get_by_role("button", name="指定核验").click()
        lin.get_by_text("已请以下人员核验").wait_for()
        wu.goto(f"{browsers.address}/work")
        wu.get_by_role("main").get_by_role("link", name="核验", exact=True).click()
        for box in wu.locator("input[type=radio][value=yes]").all():
            box.check()
        wu.get_by_role("button", name="通过").click()
        wu.wait_for_url("**/verification")
        assert world.get("1-01").state is State.VERIFIED

        # The meeting is prepared, published and decides; the leader sees it on the board.
        lin.goto(f"{browsers.address}/rounds/{premises.round}/meetings")
        lin.get_by_label("筹备会议").fill(str(world.today))  # decisions are recorded on the very day
        lin.get_by_role("button", name="筹备").click()
        lin.get_by_role("button", name="定稿并发布").click()
        lin.get_by_text("议程已发布").wait_for()
        lin.get_by_role("link", name="记录议定事项").click()
        lin.get_by_role("button", name="登记", exact=True).first.click()
        lin.get_by_text("第1号议定事项已记录并执行").wait_for()
        assert world.get("1-01").state is State.CLOSED
        zhao.goto(f"{browsers.address}/rounds/{premises.round}/board")
        assert zhao.get_by_role("heading").first.is_visible()
        with lin.expect_download() as download:
            lin.goto(f"{browsers.address}/rounds/{premises.round}/documents")
            lin.get_by_role("link", name="议程.docx").click()
        assert Path(download.value.path()).read_bytes().startswith(b"PK")
        assert browsers.complaints == []
    with world.sessions() as session:
        assert session.query(Agenda).count() == 1
        assert session.query(Document).count() == 5

"""A working day by keyboard alone: whatever has the focus shows it, nothing holds it, everything is reached."""

from __future__ import annotations

from typing import Any

import pytest

from engine.actions.invite_person import ask_to_invite, invite_person
from engine.actions.start_verification import start_verification
from engine.rules.vocabulary import State
from tests.web.chromium import browsing, needs_chromium
from tests.web.house import Premises, plant_findings

pytestmark = pytest.mark.e2e

WORDS = "一句容易记住的话很安全"
MOST = 90  #: stops that a page may have before what is looked for
FOCUS = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const at = document.elementFromPoint(box.x + Math.min(box.width / 2, 8), box.y + Math.min(box.height / 2, 8));
  const label = one.labels?.[0]?.textContent ?? "";
  return {
    name: (one.getAttribute("aria-label") ?? (label || one.textContent || one.name || "")).trim().replace(/\\s+/g, " "),
    html: one.outerHTML.slice(0, 120),
    value: one.value ?? null,
    isShown: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isInSight: box.width > 0 && box.bottom > 0 && box.top < innerHeight && (at === one || one.contains(at)),
    isLink: one.matches("a[href], summary, button"),
  };
}"""
TAPPED = """() => [...document.querySelectorAll(
  "main button, main .button, main summary, .ways a, .top summary, .top button, .tabs a, input[type=file]")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40)
  .map((one) => `${one.getBoundingClientRect().height} ${one.outerHTML.slice(0, 100)}`)"""


def walk_to(page: Any, name: str, *, value: str | None = None) -> list[str]:
    """Press Tab until what is called `name` (and holds `value`) has the focus; return what was passed."""
    passed: list[str] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None:
            continue
        assert found["isShown"], f"the focus cannot be seen: {found}"
        assert found["isInSight"], f"the focus is out of sight: {found}"
        passed.append(found["name"])
        if name in found["name"] and value in {None, found["value"]}:
            return passed
    message = f"{name} is not reached by keyboard, only {passed}"
    raise AssertionError(message)


def press(page: Any, name: str, key: str = "Enter") -> None:
    walk_to(page, name)
    page.keyboard.press(key)


def come_in(page: Any, link: str) -> None:
    """Set the password with a link, and be at one's work."""
    page.goto(link)
    for _ in range(2):
        page.keyboard.type(WORDS)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/work")


def go_round(page: Any) -> list[str]:
    """Press Tab all the way round a page; return what was passed.  Fails where something holds the focus."""
    page.evaluate("document.activeElement.blur()")
    page.goto(page.url)
    passed = walk_to(page, "跳到正文")
    for _ in range(MOST):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None or found["name"] == passed[0]:
            return passed
        assert found["html"] != passed[-1], f"the focus is held: {found}"
        passed.append(found["html"])
    message = f"there is no end: {passed}"
    raise AssertionError(message)


def report_and_submit(page: Any) -> None:
    press(page, "填报进展")
    walk_to(page, "完成进度")
    page.keyboard.type("60")
    walk_to(page, "已做工作")
    page.keyboard.type("已完成调研，正在起草")
    press(page, "提交填报")
    page.get_by_role("status").wait_for()
    press(page, "1-01")
    page.wait_for_url("**/measures/1-01")
    press(page, "上传佐证材料", "Space")
    walk_to(page, "纸质")
    page.keyboard.type("考勤办法印发稿")
    press(page, "上传")
    page.get_by_role("status").wait_for()
    press(page, "申请核验")
    page.get_by_role("status").wait_for()


def narrow_the_ledger(page: Any) -> None:
    press(page, "台账")
    page.wait_for_url("**/ledger")
    assert any("English" in one for one in go_round(page))
    walk_to(page, "搜索")
    page.keyboard.type("清理")
    walk_to(page, "亮灯")
    page.keyboard.press("ArrowDown")  # steps through the choices, and the page stays
    page.keyboard.press("ArrowUp")
    press(page, "查找")
    page.wait_for_url("**/ledger?q=**")
    assert page.locator("table.ledger tbody tr").count() == 1


def open_and_leave_a_menu(page: Any, name: str) -> None:
    press(page, name)
    walk_to(page, "我的账户")
    page.keyboard.press("Escape")
    assert name in page.evaluate(FOCUS)["name"]
    assert not page.locator("details.who").evaluate("one => one.open")


def answer_and_pass(page: Any) -> None:
    walk_to(page, "修订考勤办法")
    press(page, "核验")
    page.wait_for_url("**/verification/*")
    for _ in range(page.locator("ol.questions > li").count()):
        walk_to(page, "是", value="yes")  # a group of answers is one stop
        page.keyboard.press("Space")
    press(page, "通过")
    page.wait_for_url("**/verification")


@needs_chromium
def test_work_when_done_by_keyboard_alone_is_done_in_sight_and_without_a_trap(premises: Premises):
    world = premises.world
    problem = plant_findings(world)["1.1"]
    world.in_progress("1-01", finding_id=problem, due=world.today.replace(month=9), text="修订考勤办法")
    world.in_progress("1-02", finding_id=problem, due=world.today.replace(month=10), text="清理闲置设备")
    with browsing(premises) as browsers:
        page = browsers.of(None, height=700)
        come_in(page, f"{browsers.address}/link/{world.act('lin', invite_person, 'wang', zone='Asia/Shanghai')}")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS)["name"] == "跳到正文"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        report_and_submit(page)
        assert world.get("1-01").state is State.SUBMITTED
        narrow_the_ledger(page)
        open_and_leave_a_menu(page, "王经办")

        world.act("lin", start_verification, ["1-01"], verifier="wu")
        page = browsers.of(None, height=700)
        world.act("lin", ask_to_invite, "wu")
        world.confirm_trust()
        come_in(page, f"{browsers.address}/link/{world.act('lin', invite_person, 'wu', zone='Asia/Shanghai')}")
        answer_and_pass(page)
        assert world.get("1-01").state is State.VERIFIED

        phone = browsers.of("wang", width=390, height=844)
        for path in ("/work", f"/rounds/{premises.round}/ledger", f"/rounds/{premises.round}/measures/1-02"):
            phone.goto(browsers.address + path)
            assert phone.evaluate(TAPPED) == []
        assert phone.locator("input[capture=environment][accept='image/*']").count() == 1
        assert browsers.complaints == []

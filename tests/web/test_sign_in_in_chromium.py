"""The way in as a real browser goes it: by a link, by keyboard alone, and out again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.actions.invite_person import invite_person
from models import SignIn
from tests.web.chromium import browsing, needs_chromium
from tests.web.house import Premises

pytestmark = pytest.mark.e2e

POOR, GOOD = "1234567890", "一句容易记住的话很安全"


@needs_chromium
def test_way_in_when_gone_by_keyboard_alone_leads_in_and_out(premises: Premises):
    link = premises.world.act("lin", invite_person, "wang", zone="Asia/Shanghai")
    with browsing(premises) as browsers:
        page = browsers.of(None)
        page.goto(f"{browsers.address}/link/{link}")
        for password, words in ((POOR, "此密码过于常见"), (GOOD, "王经办")):
            page.keyboard.type(password)  # the field has the focus
            page.keyboard.press("Tab")
            page.keyboard.type(password)
            page.keyboard.press("Enter")
            page.get_by_text(words).first.wait_for()
        assert page.url == f"{browsers.address}/work"
        (cookie,) = (one for one in page.context.cookies() if one["name"] == "duban_sign_in")
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
        page.goto(f"{browsers.address}/account")
        assert "Chrome · Linux" in page.locator(".browsers").inner_text()
        page.locator("details.who > summary").click()
        page.get_by_role("button", name="退出", exact=True).first.click()
        page.wait_for_url("**/sign-in")
        page.keyboard.type("wang")
        page.keyboard.press("Tab")
        page.keyboard.type(GOOD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/work")
        page.context.clear_cookies()
        page.goto(f"{browsers.address}/account")
        page.get_by_role("link", name="忘记密码").click()
        page.wait_for_url("**/forgotten")
        page.keyboard.type("wang")
        page.keyboard.press("Enter")
        page.get_by_role("status").wait_for()
        assert browsers.complaints == ["Failed to load resource: the server responded with a status of 409 (Conflict)"]
    with premises.world.sessions() as session:
        assert sorted(session.scalars(select(SignIn.how))) == ["password"]

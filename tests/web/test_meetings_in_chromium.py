"""The draft agenda put in order with the mouse, and decisions recorded with the keyboard alone, in a real browser."""

from __future__ import annotations

from datetime import date

import pytest

from tests.web.chromium import browsing, needs_chromium
from tests.web.house import Premises, plant_findings

pytestmark = pytest.mark.e2e

CODES = "[...document.querySelectorAll('.agenda-line .text b')].map((one) => one.textContent)"


@needs_chromium
def test_meeting_is_prepared_with_the_mouse_and_recorded_with_the_keyboard(premises: Premises):
    world = premises.world
    problem = plant_findings(world)["1.1"]
    for number in (1, 2, 3):
        world.in_progress(f"1-0{number}", finding_id=problem, due=date(2025, 8, 20 + number))
    world.at(date(2025, 9, 10))
    there = f"/rounds/{premises.round}/meetings/2025-09"
    premises.visitor("lin").post(f"/rounds/{premises.round}/meetings", held_on="2025-09-10")
    with browsing(premises) as browsers:
        page = browsers.of("lin")
        page.goto(browsers.address + there)
        page.locator(".handle").nth(2).drag_to(page.locator("article").nth(0), target_position={"x": 80, "y": 4})
        page.locator("#sorted", has_text="已保存：现为第1项，共3项。").wait_for()
        assert page.evaluate(CODES) == ["1-03", "1-01", "1-02"]
        page.reload()
        assert page.evaluate(CODES) == ["1-03", "1-01", "1-02"], "it was kept"
        page.get_by_label("下移：1-03").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**#down-*")
        assert page.evaluate("document.activeElement.ariaLabel") == "下移：1-03"
        assert page.evaluate(CODES) == ["1-01", "1-03", "1-02"]
        premises.visitor("lin").post(f"{there}/publish")
        page.goto(f"{browsers.address}{there}?show=live&at=1#kind-1")
        for place, text in ((1, "限期办结"), (2, "知悉")):
            assert page.evaluate("document.activeElement.id") == f"kind-{place}"
            page.keyboard.press("Tab")
            page.keyboard.type(text)
            page.keyboard.press("Enter")
            page.wait_for_url(f"**#kind-{place + 1}")
        assert page.locator("#line-1 .told").inner_text().endswith("限期办结")
        assert browsers.complaints == []

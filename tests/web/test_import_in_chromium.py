"""A wrong reading of a notice is corrected in a real browser, without a script of the page."""

from __future__ import annotations

import pytest

from tests.web.chromium import browsing, needs_chromium
from tests.web.house import Premises
from tests.web.test_import_notice_page import NOTICE

pytestmark = pytest.mark.e2e


@needs_chromium
def test_passage_that_was_read_wrongly_is_put_right_with_two_clicks_and_stays_right(premises: Premises):
    text = NOTICE.replace("今后继续加强学习", "内部管理松散\n一是完善制度。")
    file = {"name": "通报.txt", "mimeType": "text/plain", "buffer": text.encode()}
    with browsing(premises) as browsers:
        page = browsers.of("lin")

        def show() -> None:
            page.goto(f"{browsers.address}/rounds/import")
            page.set_input_files("#files", file)
            page.get_by_role("button", name="预览变化").click()
            page.locator(".passages").wait_for()

        show()
        wrong = page.locator(".passage", has_text="内部管理松散")
        assert wrong.locator(".became").inner_text() == "整改措施"
        assert page.locator(".figures li", has_text="问题").first.inner_text().startswith("1")
        wrong.locator("summary").click()
        wrong.get_by_role("button", name="问题", exact=True).click()
        page.locator(".passage.is-problem", has_text="内部管理松散").wait_for()
        assert page.locator(".figures li", has_text="问题").first.inner_text().startswith("2")
        show()
        right = page.locator(".passage.is-problem", has_text="内部管理松散")
        assert right.locator(".became").inner_text() == "问题 · 人工更正", "the same file needs no click again"
        right.locator("summary").click()
        right.get_by_role("button", name="恢复自动识别").click()
        page.locator(".passage.is-measure", has_text="内部管理松散").wait_for()
        assert browsers.complaints == []

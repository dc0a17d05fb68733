"""No more reminders by mail, as somebody goes the way: from the foot of a mail in a real browser, to their own page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notifications.test_smtp import Office
from tests.web.chromium import browsing, needs_chromium
from tests.web.house import Premises
from tests.web.test_unsubscribe import choices, mailing, mails, path_in, reminded
from tests.world import World

pytestmark = pytest.mark.e2e


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def premises(world: World, tmp_path: Path, office: Office) -> Iterator[Premises]:
    with mailing(world, tmp_path, office) as found:
        yield found


@needs_chromium
@pytest.mark.parametrize("width", [1280, 390])
def test_link_of_a_mail_when_followed_leads_to_a_button_and_the_choice_stands_on_one_s_own_page(
    premises: Premises, office: Office, width: int
):
    mail = reminded(premises, office)
    body = mail.get_body(("html",))
    assert body is not None
    with browsing(premises) as browsers:
        page = browsers.of(None, width=width)
        # The mail as its program shows it; the office's address is this machine's for the test.
        page.set_content(body.get_content().replace("https://duban.office.example", browsers.address))
        page.get_by_role("link", name="不再接收此类邮件提醒").click()
        page.wait_for_url(f"**{path_in(mail)}")
        assert choices(premises.world) == []
        page.get_by_role("button", name="不再接收邮件提醒").click()
        page.get_by_role("status").get_by_text("不再发送邮件").wait_for()
        assert [kind for kind, _ in choices(premises.world)] == ["account:reminders:off"]
        own = browsers.of("wang", width=width)
        own.goto(f"{browsers.address}/account")
        card = own.locator("#reminders")
        assert "督办单、逾期事项和升级到您的督办事项" in card.inner_text()
        card.get_by_role("button", name="恢复邮件提醒").click()
        own.locator("#reminders").get_by_text("汇总后以邮件发送").wait_for()
        assert browsers.complaints == []
    assert [kind for kind, _ in choices(premises.world)] == ["account:reminders:off", "account:reminders:on"]
    premises.world.fast_forward(premises.world.today.replace(day=20))
    assert len(mails(premises, office)) == 1  # the month's report, by mail again

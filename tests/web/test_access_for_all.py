"""Every page in a real browser under axe-core: nothing serious keeps anybody out, wide and narrow."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from engine.actions.mail_keys import keys_of
from engine.rules.mail_links import VALID_FOR, Deed, MailLink, sign_link
from engine.rules.reminder_mails import sign_unsubscribe
from tests.web.chromium import browsing, needs_chromium
from tests.web.house import Premises, plant_findings

pytestmark = pytest.mark.e2e

AXE = files("axe_playwright_python") / "axe.min.js"
R = "/rounds/{round}"
SEEN = {
    None: (
        "/sign-in",
        "{accept}",
        "{extend}",
        "/mail/nowhere",
        "{unsubscribe}",
        "/unsubscribe/nowhere",
    ),
    "wang": ("/work", "/account", "/inbox", f"{R}/measures/1-01", f"{R}/ledger", "/nowhere"),
    "wu": (f"{R}/verification?queue=mine", f"{R}/verification/1"),
    "zhao": (f"{R}/board", f"{R}/accountability"),
    "lin": (
        f"{R}/ledger?light=green",
        f"{R}/verification",
        f"{R}/meetings",
        f"{R}/meetings/2025-03",
        f"{R}/documents",
        "/rounds",
        "/rounds/import",
        "/people",
        "/people/wang",
        "/people/units",
        "/policies",
        "/policies/ladder.yaml",
        "/policies/round.yaml",
        "/policies/lifecycle.yaml",
        "/policies/calendar",
        "/delivery",
        "/audit",
    ),
}
#: Pressed on pages that change something: how they look then is a page of its own.
PRESSED = ("{accept}", "{unsubscribe}")
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def links_in_mails(premises: Premises) -> dict[str, str]:
    """Return the paths of links that wang has in mails, for a measure to accept and one in work."""
    world = premises.world
    world.measure("1-02")
    world.in_progress("1-03", due=world.today.replace(month=9))
    with world.sessions.begin() as session:
        wang = world.people["wang"]
        key = keys_of(session, [wang], world.moment)[wang]
    until = int((world.moment.at + VALID_FOR).timestamp())
    found = {
        deed.value: "/mail/"
        + sign_link(MailLink(person=wang, measure=world.get(code).id, deed=deed, message=1, until=until), key)
        for code, deed in (("1-02", Deed.ACCEPT), ("1-03", Deed.EXTEND))
    }
    return found | {"unsubscribe": f"/unsubscribe/{sign_unsubscribe(wang, key)}"}


@needs_chromium
@pytest.mark.parametrize(("width", "height"), [(1280, 860), (390, 844)])
def test_pages_when_looked_at_by_axe_keep_nobody_out(premises: Premises, width: int, height: int):
    world = premises.world
    problem = plant_findings(world)["1.1"]
    world.submitted("1-01", finding_id=problem, due=world.today.replace(month=9))
    premises.visitor("lin").post(f"/rounds/{premises.round}/meetings", held_on="2025-03-28")
    places = links_in_mails(premises) | {"round": premises.round}
    found = []

    def look(page: Any, path: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))  # past the policy that keeps scripts out
        found.extend(
            f"{path}: {one['id']} ({one['impact']}) {one['nodes'][0]['html'][:160]}"
            for one in page.evaluate(RUN)
            if one["impact"] in {"serious", "critical"}
        )
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found.extend([f"{path}: {wide} pixels stand out on the right"] if wide > 0 else [])

    with browsing(premises) as browsers:
        for code, paths in SEEN.items():
            page = browsers.of(code, width=width, height=height)
            for path in paths:
                page.goto(browsers.address + path.format(**places))
                look(page, path)
                if path in PRESSED:
                    page.locator("form button").click()
                    look(page, f"{path}, pressed")
    assert found == []

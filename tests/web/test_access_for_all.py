"""Every page in a real browser under axe-core: nothing serious keeps anybody out, wide and narrow."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import select

from engine.actions.mail_keys import keys_of
from engine.rules.mail_links import VALID_FOR, Deed, MailLink, sign_link
from engine.rules.reminder_mails import sign_unsubscribe
from models import Document
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
        f"{R}/documents/{{document}}/figures",
        f"{R}/documents/{{document}}/figures/1",
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
    premises.visitor("lin").post(f"/rounds/{premises.round}/documents/papers", kind="notice", until="2025-03-03")
    with world.sessions() as session:
        document = session.scalars(select(Document.id).where(Document.kind == "notice")).one()
    places = links_in_mails(premises) | {"round": premises.round, "document": str(document)}
    found = []
    with browsing(premises) as browsers:
        for code, paths in SEEN.items():
            page = browsers.of(code, width=width, height=height)
            for path in paths:
                page.goto(browsers.address + path.format(**places))
                found += faults(page, path)
                if path in PRESSED:
                    page.locator("form button").click()
                    found += faults(page, f"{path}, pressed")
    assert found == []


def faults(page: Any, name: str) -> list[str]:
    """Return what axe finds serious on a page as it stands, with everything on it opened."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
    page.evaluate(AXE.read_text(encoding="utf-8"))  # past the policy that keeps scripts out
    found = [
        f"{name}: {one['id']} ({one['impact']}) {one['nodes'][0]['html'][:160]}"
        for one in page.evaluate(RUN)
        if one["impact"] in {"serious", "critical"}
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{name}: {wide} pixels stand out on the right"] if wide > 0 else [])


@needs_chromium
@pytest.mark.parametrize(("width", "height"), [(1280, 860), (390, 844)])
def test_meetings_when_looked_at_by_axe_in_every_state_keep_nobody_out(premises: Premises, width: int, height: int):
    world, root = premises.world, f"/rounds/{premises.round}/meetings"
    problem = plant_findings(world)["1.1"]
    world.verified("1-01", finding_id=problem)
    for number in (2, 3, 4):
        world.in_progress(f"1-0{number}", finding_id=problem, due=date(2025, 3, 20 + number))
    world.at(date(2025, 4, 8))
    lin, found = premises.visitor("lin"), []
    lin.post(root, held_on="2025-04-10")
    with browsing(premises) as browsers:
        pages = {code: browsers.of(code, width=width, height=height) for code in ("lin", "zhao")}

        def look(state: str, *tabs: str) -> None:
            for code, page in pages.items():
                for tab in tabs:
                    page.goto(f"{browsers.address}{root}/2025-04?show={tab}")
                    found.extend(faults(page, f"{code}, {state}, {tab}"))

        draft = lin.get(f"{root}/2025-04")
        keys = draft.tree.xpath("//article/@data-key")
        lin.post(f"{root}/2025-04/remove", key=keys[0], reason="材料不齐", how="defer")
        lin.post(f"{root}/2025-04/add", text="通报暗访情况", presenter="简纪检", minutes="15")
        look("draft", "draft", "minutes", "tasks")
        pages["lin"].goto(f"{browsers.address}{root}/2025-04?show=draft&find=1-0")
        found += faults(pages["lin"], "draft, searched")
        lin.post(f"{root}/2025-04/publish")
        look("published", "agenda", "live", "minutes", "tasks", "draft")
        lin.post(f"{root}/2025-04/call-off", reason="与上级会议冲突")
        look("called off", "agenda", "draft")
        lin.post(f"{root}/2025-04/publish")
        world.at(date(2025, 4, 10))  # everybody signs in anew
        lin = premises.visitor("lin")
        pages.update({code: browsers.of(code, width=width, height=height) for code in ("lin", "zhao")})
        lin.post(f"{root}/2025-04/decide", kind="task", text="一周内报送方案", owner="wang", due="2025-04-17")
        lin.post(f"{root}/2025-04/decide", kind="task", text="完善制度", owner="wang", due="2025-04-30")
        lin.post(f"{root}/2025-04/decide", kind="close", text="同意销号", measure="1-01")
        lin.post(f"{root}/2025-04/minutes", present="赵组长、钱副局长", text="逐项研究。")
        lin.post(f"{root}/2025-04/tasks/1/done", note="已报送")
        look("held", "agenda", "live", "minutes", "tasks")
        refused = pages["lin"]
        refused.goto(f"{browsers.address}{root}/2025-04?show=live&at=0")
        refused.locator("#text-0").fill("同意延期")
        refused.locator("#kind-0").select_option("extend")
        refused.locator("form:has(#text-0) button").click()
        refused.wait_for_load_state()
        assert refused.locator("[role=alert]").count() == 1
        found += faults(refused, "live, refused")
        pages["zhao"].goto(f"{browsers.address}{root}")
        found += faults(pages["zhao"], "the list")
    assert found == []


@needs_chromium
@pytest.mark.parametrize(("width", "height"), [(1280, 860), (390, 844)])
def test_policy_files_when_looked_at_by_axe_with_their_effect_keep_nobody_out(
    premises: Premises, width: int, height: int
):
    premises.world.measure("1-01")
    found, tries = [], (("ladder", "T-1,", "T-3,"), ("round", "20:00", "21:00"), ("lifecycle", "unit_head", "leader"))
    with browsing(premises) as browsers:
        page = browsers.of("lin", width=width, height=height)
        for name, old, new in tries:
            for text in (new, "] nonsense ["):
                page.goto(f"{browsers.address}/policies/{name}.yaml")
                area = page.locator("#text")
                area.fill(area.input_value().replace(old, text))
                page.locator("button[value=try]").click()
                page.wait_for_load_state()
                found += faults(page, f"{name}, {text}")
            assert page.locator("[role=alert]").count() == 1
    assert found == []

"""Every page in a real browser under axe-core: nothing serious keeps anybody out, wide and narrow."""

from __future__ import annotations

from importlib.resources import files

import pytest

from tests.web.chromium import browsing, needs_chromium
from tests.web.house import Premises, plant_findings

pytestmark = pytest.mark.e2e

AXE = files("axe_playwright_python") / "axe.min.js"
R = "/rounds/{round}"
SEEN = {
    None: ("/sign-in",),
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
        "/policies/ladder",
        "/policies/calendar",
        "/delivery",
        "/audit",
    ),
}
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


@needs_chromium
@pytest.mark.parametrize(("width", "height"), [(1280, 860), (390, 844)])
def test_pages_when_looked_at_by_axe_keep_nobody_out(premises: Premises, width: int, height: int):
    world = premises.world
    problem = plant_findings(world)["1.1"]
    world.submitted("1-01", finding_id=problem, due=world.today.replace(month=9))
    premises.visitor("lin").post(f"/rounds/{premises.round}/meetings", held_on="2025-03-28")
    found = []
    with browsing(premises) as browsers:
        for code, paths in SEEN.items():
            page = browsers.of(code, width=width, height=height)
            for path in paths:
                page.goto(browsers.address + path.format(round=premises.round))
                page.evaluate(AXE.read_text(encoding="utf-8"))  # past the policy that keeps scripts out
                found += [
                    f"{path}: {one['id']} ({one['impact']}) {one['nodes'][0]['html'][:160]}"
                    for one in page.evaluate(RUN)
                    if one["impact"] in {"serious", "critical"}
                ]
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                found += [f"{path}: {wide} pixels stand out on the right"] if wide > 0 else []
    assert found == []
